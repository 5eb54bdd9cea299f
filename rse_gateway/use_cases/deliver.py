"""A holding CPAS delivers later what it promised, or what it could not answer when it was asked.

Accepted only from a CPAS that was asked, for that ticket, before the horizon. About another person, or
otherwise against the contract, it is unusable: the leg counts it, the answer says which field and why. The
same content twice is one delivery; other content is refused and is a row CONFLICT. A leg that unusable
answers ended is final for reminders only. A delivery finishes any open leg without a lease and raises its
fence, so that an attempt under way loses. Rules: contract page,
`deliverSocialReport`; reliability page, "A leg".
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from rse_gateway.domain.access import stop_dry_run
from rse_gateway.domain.consultation import DeliveryAnswer, DeliveryRequest, SocialReport, SupplierReply
from rse_gateway.domain.decisions import oldest_told
from rse_gateway.domain.leg import FINISHABLE_STATES, Event, Happening, Leg, LegState, ReminderPlan, step
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.errors import GatewayUnavailable, RequestRefused, SupplierUnusable
from rse_gateway.ports import Answers, Clock, FenceLost, LegChange, UnitOfWork, Writer
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.kinds import Kind
from rse_gateway.use_cases.admission import (
    DELIVERY_ORDER,
    AccessRules,
    DeliveryAdmission,
    Sources,
    admit,
)
from rse_gateway.use_cases.attempt import EVENT_OF
from rse_gateway.use_cases.delivered import check_delivered
from rse_gateway.use_cases.push import Push
from rse_gateway.use_cases.results import note_too_old
from rse_gateway.use_cases.rows import Rows

CONFLICTING = "RSE00006"
_log = logging.getLogger("rse_gateway.legs")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Deliver:
    """The use case `deliverSocialReport`."""

    clock: Clock
    sources: Sources
    writer: Writer
    answers: Answers
    rows: Rows
    rules: AccessRules
    plan: ReminderPlan
    push: Push
    decision_years: int = 5

    def __call__(self, request: DeliveryRequest, context: MessageContext) -> SealedMessage:
        """Return the signed OK or NOK, whose log row is durable; then a late answer is pushed on.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: store or log cannot be written; nothing was accepted.
            GatewayFault: our own answer is invalid or cannot be signed.
        """
        key: tuple[bytes, datetime] | None = (context.replay_key, context.received_at)
        for _ in range(_TRIES):
            try:
                return self._once(request, context, key)
            except FenceLost:
                key = None  # it was written; somebody finished the leg in between: look again
        raise GatewayUnavailable("a leg changes faster than it can be read")

    def _once(
        self, request: DeliveryRequest, context: MessageContext, key: tuple[bytes, datetime] | None
    ) -> SealedMessage:
        admission = DeliveryAdmission(
            replay_key=key,
            customer=request.customer,
            legal_context=request.legal_context,
            request=request,
            context=context,
            now=self.clock.now(),
            today=self.clock.today(),
            rules=self.rules,
            sources=self.sources,
        )
        try:
            admit(DELIVERY_ORDER, admission)
            stop_dry_run(request.options)
        except RequestRefused as refusal:
            row = self.rows.refused(
                request.customer, context, refusal, asking=admission.asking, about=request.ssin
            )
            return self._answer(admission, refusal.code, UnitOfWork(log=(row,)), refusal.information)
        leg = admission.stored.leg
        if leg.state not in FINISHABLE_STATES:
            return self._again(admission, leg)
        try:
            reply, code, report = self._checked(admission)
        except SupplierUnusable as unusable:
            return self._unusable(admission, leg, unusable)
        return self._finish(admission, leg, reply=reply, code=code, report=report)

    def _checked(self, admission: DeliveryAdmission) -> tuple[SupplierReply, str, SocialReport | None]:
        """Return what the delivery says, after the checks that an answer passes too, in the same order.

        Raises:
            SupplierUnusable: the first check that it fails.
        """
        check_delivered(admission)
        oldest = oldest_told(admission.bound.accepted_at, self.decision_years)
        said = admission.request.content.checked(admission.numbers, admission.bound.period, oldest)
        if said[0] is SupplierReply.PROMISED and admission.stored.leg.state is LegState.UNUSABLE:
            raise SupplierUnusable("promises an answer instead of giving it", check="reply", field="value")
        note_too_old(said[2], admission.stored.leg.holding_cpas)
        return said

    def _again(self, admission: DeliveryAdmission, leg: Leg) -> SealedMessage:
        """The leg is final: the same content is the same delivery, other content is a conflict."""
        if leg.content_digest == admission.request.content.digest:
            row = self._row(admission, Kind.SUPPLIER_ANSWERED, leg.code)
            return self._answer(admission, None, UnitOfWork(log=(row,)))
        row = self._row(admission, Kind.CONFLICT, CONFLICTING)
        return self._answer(admission, CONFLICTING, UnitOfWork(log=(row,)))

    def _unusable(self, admission: DeliveryAdmission, leg: Leg, unusable: SupplierUnusable) -> SealedMessage:
        """Refuse; the leg counts it, unless an attempt is under way, whose answer may yet be good."""
        _log.warning("%s/%s: delivered, unusable (%s)", leg.gateway_ticket, leg.holding_cpas, unusable.reason)
        happening = Happening(Event.UNUSABLE, admission.now, reason=unusable.check)
        change = None if leg.state is LegState.SENDING else self._change(leg, happening)
        row = self._row(admission, Kind.SUPPLIER_FAILED, unusable.code, failed=unusable)
        why = ((unusable.field, unusable.reason),)
        return self._answer(admission, unusable.code, UnitOfWork(leg_change=change, log=(row,)), why)

    def _finish(
        self,
        admission: DeliveryAdmission,
        leg: Leg,
        *,
        reply: SupplierReply,
        code: str,
        report: SocialReport | None,
    ) -> SealedMessage:
        digest = admission.request.content.digest
        happening = Happening(EVENT_OF[reply], admission.now, code=code, content_digest=digest)
        change = replace(self._change(leg, happening), report=report)
        row = self._row(admission, Kind.SUPPLIER_ANSWERED, code, report)
        sealed = self._answer(admission, None, UnitOfWork(leg_change=change, log=(row,)))
        self.push.later(admission.bound, change.leg.holding_cpas)
        return sealed

    def _change(self, leg: Leg, happening: Happening) -> LegChange:
        after = replace(step(leg, happening, self.plan), fence=leg.fence + 1)
        return LegChange(after, leg.fence)

    def _row(
        self,
        admission: DeliveryAdmission,
        kind: Kind,
        code: str,
        report: SocialReport | None = None,
        *,
        failed: SupplierUnusable | None = None,
    ) -> LogEntry:
        return self.rows.delivered(
            kind,
            admission.request,
            admission.context,
            bound=admission.bound,
            code=code,
            report=report,
            failed=failed,
        )

    def _answer(
        self,
        admission: DeliveryAdmission,
        refused: str | None,
        unit: UnitOfWork,
        information: tuple[tuple[str, str], ...] = (),
    ) -> SealedMessage:
        request, context = admission.request, admission.context
        code = refused or "MSG00000"
        answer = DeliveryAnswer(
            request=request,
            message_ticket=context.gateway_ticket,
            received_at=context.received_at,
            replied_at=self.clock.now(),
            accepted=refused is None,
            code=code,
            information=information,
        )
        sealed = self.answers.delivery(answer, context)
        story = replace(context, gateway_ticket=request.delivered_ticket)
        sent = self.rows.answered(
            request.customer,
            story,
            code,
            proof=sealed.proof,
            asking=admission.asking,
            about=request.ssin,
        )
        self.writer.commit(replace(unit, replay_key=admission.replay_key, log=(*unit.log, sent)))
        return sealed
