"""A thread that calls one function at a fixed period and once more at the end."""

import logging
import threading
from collections.abc import Callable

from rse_gateway.errors import RseError

_log = logging.getLogger("rse_gateway.flushing")


class Flushing:
    """Calls ``flush`` every ``seconds``; an error of the gateway is logged, and the next call tries again."""

    def __init__(self, flush: Callable[[], None], *, seconds: float) -> None:
        """Start the thread."""
        self._flush = flush
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flushing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Flush once more, then end the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        stopped = False
        while not stopped:
            stopped = self._stop.wait(self._seconds)
            try:
                self._flush()
            except RseError as error:
                _log.warning("not flushed (%s); tried again", error)
