"""The only way a message is written: one writer thread per process, one COMMIT for many messages.

Guards: `GroupWriter.commit` returns after the COMMIT that holds the unit, or raises; one message's failure
never fails another's; what the database gave up on for another's sake (deadlock, serialization) is written
again; a process whose writer thread died does not live on. Build it after the fork. Rules: reliability page
(transactions, group commit).
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import UnitOfWork
from rse_gateway.store.conflicts import ATTEMPTS, is_lost, is_worth_another_try, pause
from rse_gateway.store.engine import StoreUnreachable, write_transaction
from rse_gateway.store.units import Lost, PreparedUnit, prepare, write_batch
from rse_gateway.trail.errors import TrailError

logger = logging.getLogger(__name__)

EXIT_WRITER_DIED = 70
_REFUSED_BY_DATABASE = (SQLAlchemyError, ValueError, TypeError, ArithmeticError)


def _exit_process() -> None:
    os._exit(EXIT_WRITER_DIED)


@dataclass(frozen=True, slots=True, repr=False)
class _Waiting:
    """A unit and the caller that waits for it."""

    unit: PreparedUnit
    written: Future[None] = field(default_factory=Future)


class GroupWriter:
    """Writes units of work, many callers' in one transaction; safe between threads."""

    def __init__(
        self,
        engine: Engine,
        keys: DataKeys,
        *,
        batch: int = 64,
        patience: float = 10.0,
        on_death: Callable[[], None] = _exit_process,
    ) -> None:
        """Start the writer thread.

        ``batch`` bounds the units of one transaction, ``patience`` the seconds that a caller waits;
        ``on_death`` is called when the writer thread ends by a defect (default: the process exits, 70).
        """
        self._engine = engine
        self._keys = keys
        self._batch = batch
        self._patience = patience
        self._on_death = on_death
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = Lock()
        self._closed = False
        self._last_taken = False
        self.units = 0
        self.transactions = 0
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def commit(self, unit: UnitOfWork) -> None:
        """Write the unit, or nothing of it; durable when this returns.

        Raises:
            ReplayRefused: the replay key is already there.
            TicketTaken: the ticket is already bound; the replay key was not written either.
            QuotaUsedUp: nothing is left of the institution's hour; the replay key was not written either.
            FenceLost: the leg was changed by somebody else; only the replay key was written.
            GatewayUnavailable: the store cannot be written, or the outcome of the COMMIT is unknown.
        """
        try:
            waiting = _Waiting(prepare(unit, self._keys))
        except TrailError as error:
            raise GatewayUnavailable("a log row cannot be made") from error
        with self._lock:
            if self._closed:
                raise GatewayUnavailable("the writer is closed")
            self._queue.put(waiting)
        try:
            waiting.written.result(self._patience)
        except TimeoutError as error:
            if waiting.written.cancel():
                raise GatewayUnavailable("the writer is too far behind; nothing was written") from error
            raise GatewayUnavailable("the outcome of the COMMIT is unknown") from error

    def close(self) -> None:
        """Finish what waits, then stop; later units are refused."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        logger.info("%d units were written in %d transactions", self.units, self.transactions)

    def _run(self) -> None:
        stopped = False
        try:
            while not self._last_taken and (first := self._queue.get()) is not None:
                if first.written.set_running_or_notify_cancel():
                    self._write([first], gather=True)
            stopped = True
        finally:
            if not stopped:
                logger.critical("the writer thread died", exc_info=sys.exc_info())
                self._closed = True
                self._on_death()

    def _gather(self, batch: list[_Waiting]) -> None:
        """Add what waits by now and is still wanted, up to the bound; wait for nothing."""
        while len(batch) < self._batch:
            try:
                following = self._queue.get_nowait()
            except Empty:
                return
            if following is None:
                self._last_taken = True
                return
            if following.written.set_running_or_notify_cancel():
                batch.append(following)

    def _write(self, batch: list[_Waiting], *, gather: bool = False) -> bool:
        """Write the batch and tell its callers; return False when the store cannot be reached.

        With ``gather``, who came while the store's lock was awaited joins the batch.
        """
        attempt = 1
        while True:
            self.transactions += 1
            try:
                with write_transaction(self._engine) as connection:
                    if gather and attempt == 1:
                        self._gather(batch)
                    verdicts = write_batch(connection, [one.unit for one in batch])
            except GatewayUnavailable as error:
                logger.error("a batch of %d was not confirmed: %s", len(batch), error)  # noqa: TRY400
                _fail(batch, error)
                return not isinstance(error, StoreUnreachable)
            except _REFUSED_BY_DATABASE as error:
                logger.warning("a batch of %d was undone: %s", len(batch), type(error).__name__)
                if attempt < ATTEMPTS and is_worth_another_try(error):
                    pause(attempt)
                    attempt += 1
                    continue
                if is_lost(error):
                    _fail(batch, error)
                    return False
                return self._write_one_by_one(batch, error)
            self._tell(batch, verdicts)
            return True

    def _tell(self, batch: Sequence[_Waiting], verdicts: Sequence[Lost | None]) -> None:
        self.units += len(batch)
        for one, lost in zip(batch, verdicts, strict=True):
            if lost is None:
                one.written.set_result(None)
            else:
                one.written.set_exception(lost)

    def _write_one_by_one(self, batch: Sequence[_Waiting], error: Exception) -> bool:
        if len(batch) == 1:
            _fail(batch, error)
            return True
        for number, one in enumerate(batch):
            if not self._write([one]):
                _fail(batch[number + 1 :], error)
                return False
        return True


def _fail(batch: Sequence[_Waiting], cause: Exception) -> None:
    for one in batch:
        failure = GatewayUnavailable("the store cannot be written, or did not confirm")
        failure.__cause__ = cause
        one.written.set_exception(failure)
