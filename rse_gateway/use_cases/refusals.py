"""What is written when a message is refused by a fault: a row when the sender is known, else a summary.

Rules: contract page, "Checks and their answers": from check 3 on the signer is known, so each refusal is a
row of the trail with the check that failed; refusals of checks 1 and 2 are counted per reason and minute, and
one row per reason and minute enters the trail, so that nobody can fill it with junk.
"""

import logging
import re
from collections import Counter
from dataclasses import dataclass
from threading import Lock

from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import GatewayUnavailable, MessageRefused, ReplayRefused, RseError
from rse_gateway.ports import Clock, UnitOfWork, Writer
from rse_gateway.use_cases.rows import Rows

_log = logging.getLogger("rse_gateway.refusals")
_NO_WORD = re.compile(r"[^A-Za-z0-9._]+")
MAX_REASONS = 200
_OTHER = "other"


def check_of(error: RseError) -> str:
    """Return the name of the failed check as a row holds it: step and reason, at most 64 characters."""
    if not isinstance(error, MessageRefused):
        return type(error).__name__
    return _NO_WORD.sub("-", f"{error.step}-{error.reason}")[:64].strip("-")


class RefusalSummary:
    """Counts refusals of unknown senders; `flush` turns them into rows. Safe between threads."""

    def __init__(self, rows: Rows, writer: Writer, clock: Clock) -> None:
        """Begin to count now."""
        self._rows = rows
        self._writer = writer
        self._clock = clock
        self._lock = Lock()
        self._since = clock.now()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, error: MessageRefused) -> None:
        """Count one refusal; above `MAX_REASONS` different reasons the rest counts as one."""
        key = (check_of(error), error.code)
        with self._lock:
            if key not in self._counts and len(self._counts) >= MAX_REASONS:
                key = (_OTHER, error.code)
            self._counts[key] += 1

    def flush(self) -> None:
        """Write one row per reason since the last flush; what cannot be written is counted on.

        Raises:
            GatewayUnavailable: the log cannot be written; nothing of the count is lost.
        """
        with self._lock:
            counts, self._counts = self._counts, Counter()
            since, self._since = self._since, self._clock.now()
            until = self._since
        if not counts:
            return
        rows = tuple(
            self._rows.refused_unauthenticated(reason, code, count, since=since, until=until)
            for (reason, code), count in sorted(counts.items())
        )
        try:
            self._writer.commit(UnitOfWork(log=rows))
        except GatewayUnavailable:
            with self._lock:
                self._counts.update(counts)
                self._since = since
            raise


@dataclass(frozen=True, slots=True)
class Refusals:
    """Writes what a refusal leaves behind, before its fault is sent."""

    rows: Rows
    writer: Writer
    summary: RefusalSummary

    def unknown_sender(self, error: MessageRefused) -> None:
        """Count the refusal of a message whose sender is not known (checks 1 and 2)."""
        self.summary.count(error)

    def known_sender(self, error: RseError, code: str, context: MessageContext) -> RseError:
        """Write the row (or the replay counter) and return the error that the caller is told.

        That is ``error`` itself; ReplayRefused when the message was received before, so that copies of one
        message leave one row; or GatewayUnavailable when nothing can be written.
        """
        try:
            if isinstance(error, ReplayRefused):
                return self._count_again(error, context)
            return self._write(error, code, context)
        except GatewayUnavailable as unavailable:
            _log.error("%s: the refusal is not in the log (%s)", context.gateway_ticket, unavailable)
            return unavailable

    def _count_again(self, replay: ReplayRefused, context: MessageContext) -> ReplayRefused:
        self.summary.count(replay)
        self.writer.commit(UnitOfWork(replayed_again=context.replay_key))
        return replay

    def _write(self, error: RseError, code: str, context: MessageContext) -> RseError:
        row = self.rows.refused_fault(context, code, check_of(error))
        try:
            key = (context.replay_key, context.received_at)
            self.writer.commit(UnitOfWork(replay_key=key, log=(row,)))
        except ReplayRefused as replay:
            if isinstance(error, MessageRefused):
                return self._count_again(replay, context)
            self.writer.commit(UnitOfWork(log=(row,)))  # its key was written when it was accepted
        return error
