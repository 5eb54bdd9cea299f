"""Outbound calls run here, in a pool of their own: a slow holding CPAS never takes a web thread's place."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore

from rse_gateway.ports import Work

_log = logging.getLogger("rse_gateway.outbound")


class OutboundPool:
    """Implements `ports.FirstAttempts`: at most ``places`` calls at once; nothing ever queues for a place."""

    def __init__(self, places: int) -> None:
        """Open a pool with that many places."""
        self._executor = ThreadPoolExecutor(places, thread_name_prefix="outbound")
        self._places = BoundedSemaphore(places)

    def start(self, work: Sequence[Work]) -> "RunningCalls":
        """Start all work at once; what finds no place is released."""
        return RunningCalls([future for one in work if (future := self._start(one)) is not None])

    def _start(self, work: Work) -> Future[None] | None:
        if not self._places.acquire(blocking=False):
            work.release()
            return None
        future = self._executor.submit(work)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[None]) -> None:
        self._places.release()
        error = future.exception()
        if error is not None:  # work never raises on purpose: a defect, told without its text
            _log.error("outbound work ended with %s", type(error).__name__)

    def close(self) -> None:
        """Wait for the calls under way (each has its own deadline), then close."""
        self._executor.shutdown(wait=True)


class RunningCalls:
    """Implements `ports.WaitHandle`."""

    def __init__(self, futures: Sequence[Future[None]]) -> None:
        """Keep what was started."""
        self._futures = futures

    def wait(self, seconds: float) -> None:
        """Return when all calls are done, or after ``seconds``; calls not done go on."""
        if self._futures and seconds > 0:
            wait(self._futures, timeout=seconds)
