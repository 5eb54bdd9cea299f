"""The keeper: one process that does what comes round again and again, whatever the web processes do.

A job that finds the store unavailable is tried again at its next moment; any other failure ends the process,
and the supervisor starts a new one. Rules: reliability page, "Who runs what".
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rse_gateway.errors import RseError

_logger = logging.getLogger(__name__)


def _do_nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """One thing to do every so many seconds; ``run`` takes no longer than its period as a rule."""

    name: str
    every_seconds: float
    run: Callable[[], None]


class Keeper:
    """Runs periodic jobs one after the other, each at its own period, in the thread that calls `run`."""

    def __init__(self, jobs: Sequence[PeriodicJob], *, on_close: Callable[[], None] = _do_nothing) -> None:
        """Keep the jobs; ``on_close`` is called by `close`."""
        self._jobs = tuple(jobs)
        self._on_close = on_close

    def run(self, stop: threading.Event) -> None:
        """Run every job at once and then at its period, until ``stop`` is set.

        Raises:
            Exception: what a job raised beside RseError.
        """
        due = {job.name: time.monotonic() for job in self._jobs}
        while not stop.is_set():
            for job in self._jobs:
                if due[job.name] <= time.monotonic() and not stop.is_set():
                    self._run_one(job)
                    due[job.name] = time.monotonic() + job.every_seconds
            wait = min(due.values(), default=time.monotonic() + 60.0) - time.monotonic()
            stop.wait(max(0.0, wait))

    def close(self) -> None:
        """Give back what the jobs held."""
        self._on_close()

    @staticmethod
    def _run_one(job: PeriodicJob) -> None:
        try:
            job.run()
        except RseError as error:
            _logger.warning("job %s failed (%s); tried again at its next moment", job.name, error)
