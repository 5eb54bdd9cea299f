"""One attempt to get a holding CPAS's answer, and the transaction that ends it (T2).

An attempt never raises: whatever happens becomes an event of the leg, a row of the log, and, when nothing
can be written, a lease that runs out so that the leg is found again.
"""

import logging
from dataclasses import dataclass

from rse_gateway.domain.consultation import SupplierReply
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import Event, Happening, Leg, ReminderPlan, step
from rse_gateway.errors import (
    GatewayFault,
    GatewayUnavailable,
    ReplayRefused,
    SupplierFailed,
    SupplierUnusable,
)
from rse_gateway.ports import (
    Clock,
    FenceLost,
    HolderAnswer,
    HoldingCpas,
    LegChange,
    PreparedQuestion,
    UnitOfWork,
    Work,
    Writer,
)
from rse_gateway.use_cases.results import note_too_old
from rse_gateway.use_cases.rows import Rows

_log = logging.getLogger("rse_gateway.legs")

EVENT_OF = {
    SupplierReply.REPORT: Event.REPORT,
    SupplierReply.NO_DATA: Event.NO_DATA,
    SupplierReply.REFUSED: Event.REFUSAL,
    SupplierReply.PROMISED: Event.PROMISE,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Asks one holding CPAS once and writes what came of it."""

    clock: Clock
    writer: Writer
    holders: HoldingCpas
    rows: Rows
    plan: ReminderPlan

    def work(self, leg: Leg, prepared: PreparedQuestion) -> Work:
        """Return the attempt as work for the outbound pool."""
        return _LegWork(self, leg, prepared)

    def run(self, leg: Leg, prepared: PreparedQuestion) -> None:
        """Ask, then write the answer, or the failure, in one transaction; never raises on purpose."""
        try:
            unit = self._answered(leg, prepared, self.holders.ask(prepared))
        except SupplierFailed as failure:
            unit = self._failed(leg, prepared, failure)
        except (GatewayUnavailable, GatewayFault) as error:
            # Ours, not the holder's: its lease runs out, and the leg is found again.
            _log.error("leg %s/%s: not read (%s)", leg.gateway_ticket, leg.holding_cpas, error)
            return
        self._write(leg, prepared, unit)

    def release(self, leg: Leg) -> None:
        """Give a leg back that found no place in time: it is due at once, its outcome PENDING."""
        happening = Happening(Event.RELEASED, self.clock.now())
        self._commit(leg, UnitOfWork(leg_change=LegChange(step(leg, happening, self.plan), leg.fence)))

    def _write(self, leg: Leg, prepared: PreparedQuestion, unit: UnitOfWork) -> None:
        try:
            self._commit(leg, unit)
        except ReplayRefused:
            failure = SupplierUnusable("an answer that was received before")
            self._commit(leg, self._failed(leg, prepared, failure))

    def _commit(self, leg: Leg, unit: UnitOfWork) -> None:
        try:
            self.writer.commit(unit)
        except FenceLost:
            _log.info("leg %s/%s: finished by somebody else", leg.gateway_ticket, leg.holding_cpas)
        except GatewayUnavailable as error:
            _log.error("leg %s/%s: not written (%s)", leg.gateway_ticket, leg.holding_cpas, error)

    def _answered(self, leg: Leg, prepared: PreparedQuestion, answer: HolderAnswer) -> UnitOfWork:
        note_too_old(answer.report, leg.holding_cpas)
        happening = Happening(
            EVENT_OF[answer.reply],
            answer.context.received_at,
            code=answer.code,
            content_digest=answer.content_digest,
        )
        return UnitOfWork(
            replay_key=(answer.context.replay_key, answer.context.received_at),
            leg_change=LegChange(step(leg, happening, self.plan), leg.fence, answer.report),
            log=(self.rows.supplier_answered(prepared.question, answer),),
        )

    def _failed(self, leg: Leg, prepared: PreparedQuestion, failure: SupplierFailed) -> UnitOfWork:
        at = self.clock.now()
        _log.warning("leg %s/%s: %s", leg.gateway_ticket, leg.holding_cpas, failure.reason)
        if isinstance(failure, SupplierUnusable):
            happening = Happening(Event.UNUSABLE, at, content_digest=failure.content_digest)
        else:
            happening = Happening(Event.UNREACHABLE, at)
        return UnitOfWork(
            leg_change=LegChange(step(leg, happening, self.plan), leg.fence),
            log=(self.rows.supplier_failed(prepared.question, failure.code, at),),
        )


@dataclass(frozen=True, slots=True)
class _LegWork:
    attempt: Attempt
    leg: Leg
    prepared: PreparedQuestion

    @property
    def partner(self) -> CbeNumber:
        return self.leg.holding_cpas

    def __call__(self) -> None:
        self.attempt.run(self.leg, self.prepared)

    def release(self) -> None:
        self.attempt.release(self.leg)
