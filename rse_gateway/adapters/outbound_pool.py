"""Outbound calls run here, in a pool of their own: a slow partner takes neither web threads nor all places.

While more than half of the places are taken, no partner gets more than an eighth of them (8 of 64): a holder
that hangs leaves every other holder's question a place. Work without a place waits for one as long as its
caller waits, in the order of arrival; work of a partner at its bound is passed over, not waited for.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.ports import Work

MAX_WAIT_FOR_A_PLACE = 25.0
"""Seconds: a lease (45 s) outlives the wait for a place and the call (15 s) that follows it."""
_SHARE = 8
_log = logging.getLogger("rse_gateway.outbound")


class _Call:
    """One work and whether it is done."""

    __slots__ = ("done", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.done: Future[None] = Future()


class OutboundPool:
    """Implements `ports.FirstAttempts`: at most ``places`` calls at once; safe between threads."""

    def __init__(self, places: int) -> None:
        """Open a pool with that many places."""
        self._executor = ThreadPoolExecutor(places, thread_name_prefix="outbound")
        self._places = places
        self._most_of_one = max(1, places // _SHARE)
        self._lock = threading.Lock()
        self._taken = 0
        self._taken_by: Counter[CbeNumber] = Counter()
        self._waiting: list[_Call] = []

    def start(self, work: Sequence[Work]) -> "RunningCalls":
        """Start what finds a place; the rest waits for one while the caller waits on what is returned."""
        calls = [_Call(one) for one in work]
        with self._lock:
            self._waiting.extend(calls)
            admitted = self._admit()
        self._submit(admitted)
        return RunningCalls(self, calls)

    def withdraw(self, calls: Sequence[_Call]) -> None:
        """Release those calls that still wait for a place."""
        with self._lock:
            still = [call for call in calls if call in self._waiting]
            self._waiting = [call for call in self._waiting if call not in still]
        for call in still:
            call.work.release()
            call.done.set_result(None)

    def close(self) -> None:
        """Wait for the calls under way (each has its own deadline), release what waits, then close."""
        with self._lock:
            waiting = list(self._waiting)
        self.withdraw(waiting)
        self._executor.shutdown(wait=True)

    def _admit(self) -> list[_Call]:
        """Give free places to those who wait, the first first, and return them; the lock is held."""
        admitted, passed_over = [], []
        for call in self._waiting:
            if self._has_place(call.work.partner):
                self._taken += 1
                self._taken_by[call.work.partner] += 1
                admitted.append(call)
            else:
                passed_over.append(call)
        self._waiting = passed_over
        return admitted

    def _has_place(self, partner: CbeNumber) -> bool:
        if self._taken >= self._places:
            return False
        crowded = 2 * self._taken > self._places
        return not crowded or self._taken_by[partner] < self._most_of_one

    def _submit(self, calls: Sequence[_Call]) -> None:
        for call in calls:
            self._executor.submit(call.work).add_done_callback(partial(self._finished, call))

    def _finished(self, call: _Call, future: Future[None]) -> None:
        error = future.exception()
        if error is not None:  # work never raises on purpose: a defect, told without its text
            _log.error("outbound work ended with %s", type(error).__name__)
        partner = call.work.partner
        with self._lock:
            self._taken -= 1
            self._taken_by[partner] -= 1
            if not self._taken_by[partner]:
                del self._taken_by[partner]
            admitted = self._admit()
        self._submit(admitted)
        call.done.set_result(None)


class RunningCalls:
    """Implements `ports.WaitHandle`."""

    def __init__(self, pool: OutboundPool, calls: Sequence[_Call]) -> None:
        """Keep what was started, or waits for a place."""
        self._pool = pool
        self._calls = calls

    def wait(self, seconds: float) -> None:
        """Return when all calls are done, or after ``seconds``.

        Calls not done go on; those without a place until then (at most 25 s) are released.
        """
        until = time.monotonic() + seconds
        done = [call.done for call in self._calls]
        wait(done, timeout=min(seconds, MAX_WAIT_FOR_A_PLACE))
        self._pool.withdraw(self._calls)
        wait(done, timeout=max(0.0, until - time.monotonic()))
