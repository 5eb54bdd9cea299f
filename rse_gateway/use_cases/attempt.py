"""One attempt to get a holding CPAS's answer, and the transaction that ends it (T2).

An attempt never raises: whatever happens becomes an event of the leg and a row of the log. When that cannot
be written the leg is left due; when not even that can, its lease runs out and it is found again.
"""

import logging
from dataclasses import dataclass, field, replace

from rse_gateway.domain.consultation import SupplierQuestion, SupplierReply
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import Event, Happening, Leg, ReminderPlan, step
from rse_gateway.errors import (
    GatewayFault,
    GatewayUnavailable,
    KeptConnectionLost,
    ReplayRefused,
    SupplierFailed,
    SupplierUnreachable,
    SupplierUnusable,
    Unheard,
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
from rse_gateway.use_cases.repeated_failures import RepeatedFailures
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
    repeated: RepeatedFailures = field(default_factory=RepeatedFailures)

    def work(self, leg: Leg, prepared: PreparedQuestion) -> Work:
        """Return the attempt as work for the outbound pool."""
        return _LegWork(self, leg, prepared)

    def run(self, leg: Leg, prepared: PreparedQuestion) -> None:
        """Ask, then write the answer, or the failure, in one transaction; never raises on purpose."""
        try:
            unit = self._asked(leg, prepared)
            self.writer.commit(unit)
        except ReplayRefused:
            before = SupplierUnreachable("an answer that was received before", why=Unheard.RECEIVED_BEFORE)
            self._commit(leg, self._failed(leg, prepared.question, before))
        except FenceLost:
            self._overtaken(leg)
        except (GatewayUnavailable, GatewayFault) as error:
            _log.error("leg %s/%s: not written (%s)", leg.gateway_ticket, leg.holding_cpas, error)
            self._leave_due(leg)

    def release(self, leg: Leg) -> None:
        """Give a leg back that found no place in time: it is due at once, its outcome PENDING."""
        happening = Happening(Event.RELEASED, self.clock.now())
        self._commit(leg, UnitOfWork(leg_change=LegChange(step(leg, happening, self.plan), leg.fence)))

    def _asked(self, leg: Leg, prepared: PreparedQuestion) -> UnitOfWork:
        """Ask, once more where a kept connection died, and return what has to be written."""
        try:
            try:
                answer = self.holders.ask(prepared)
            except KeptConnectionLost as lost:
                prepared = self._prepared_anew(leg, prepared)
                answer = self.holders.ask(prepared, after=lost)
        except SupplierFailed as failure:
            return self._failed(leg, prepared.question, failure)
        return self._answered(leg, prepared.question, answer)

    def _prepared_anew(self, leg: Leg, prepared: PreparedQuestion) -> PreparedQuestion:
        """Return the question signed anew; that it may leave is durable when this returns."""
        question = replace(prepared.question, sent_at=self.clock.now())
        again = self.holders.prepare(question, prepared.endpoint)
        self.writer.commit(UnitOfWork(log=(self.rows.forwarded(question, again.sealed.proof),)))
        _log.info("leg %s/%s: a kept connection was lost, sent anew", leg.gateway_ticket, leg.holding_cpas)
        return again

    def _commit(self, leg: Leg, unit: UnitOfWork) -> None:
        try:
            self.writer.commit(unit)
        except FenceLost:
            self._overtaken(leg)
        except GatewayUnavailable as error:  # its lease runs out, and the leg is found again
            _log.error("leg %s/%s: not written (%s)", leg.gateway_ticket, leg.holding_cpas, error)

    def _leave_due(self, leg: Leg) -> None:
        """Leave the leg due by its plan: what came is lost, so the holder is asked again.

        Where what could not be written was written all the same, or still is, that stands: the fence is
        not raised, and a leg that is finished is not touched.
        """
        happening = Happening(Event.UNREACHABLE, self.clock.now())
        self._commit(leg, UnitOfWork(leg_change=LegChange(step(leg, happening, self.plan), leg.fence)))

    def _overtaken(self, leg: Leg) -> None:
        _log.info("leg %s/%s: finished by somebody else", leg.gateway_ticket, leg.holding_cpas)

    def _answered(self, leg: Leg, question: SupplierQuestion, answer: HolderAnswer) -> UnitOfWork:
        note_too_old(answer.report, leg.holding_cpas)
        happening = Happening(
            EVENT_OF[answer.reply],
            answer.context.received_at,
            code=answer.code,
            content_digest=answer.content_digest,
        )
        self.repeated.heard(leg.holding_cpas)
        return UnitOfWork(
            replay_key=(answer.context.replay_key, answer.context.received_at),
            leg_change=LegChange(step(leg, happening, self.plan), leg.fence, answer.report),
            log=(self.rows.supplier_answered(question, answer),),
        )

    def _failed(self, leg: Leg, question: SupplierQuestion, failure: SupplierFailed) -> UnitOfWork:
        at, holder = self.clock.now(), leg.holding_cpas
        if isinstance(failure, SupplierUnusable):
            kind, check = "unusable", failure.check
            happening = Happening(Event.UNUSABLE, at, reason=check)
            self.repeated.heard(holder)
        else:
            kind = failure.why.value if isinstance(failure, SupplierUnreachable) else "unreachable"
            check, happening = None, Happening(Event.UNREACHABLE, at)
            self.repeated.unheard(holder, kind)
        _log.warning("leg %s/%s: %s (%s)", leg.gateway_ticket, holder, kind, failure.reason)
        reason = kind if check is None else failure.reason
        row = self.rows.supplier_failed(question, failure.code, at, reason=reason, check=check)
        return UnitOfWork(
            leg_change=LegChange(step(leg, happening, self.plan), leg.fence),
            log=(row,),
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
