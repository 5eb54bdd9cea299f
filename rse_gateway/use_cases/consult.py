"""A CPAS asks what other CPAS decided for a person: accept, ask the holding CPAS, answer, log both.

Transactions (reliability page): T1 accepts (replay key, consultation, legs, REQUEST_RECEIVED, FORWARDED);
T2 per holding CPAS (see `attempt`); T3 writes ANSWER_SENT. When nobody holds the person, and when the
request is refused, there is one transaction. Nothing leaves before the row that records it is durable.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from rse_gateway.domain.access import DRY_RUN_PASSED
from rse_gateway.domain.consultation import (
    ConsultAnswer,
    ConsultRequest,
    DisclosedPerson,
    OverallStatus,
    Status,
    SupplierResult,
)
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.errors import GatewayUnavailable, RequestRefused
from rse_gateway.ports import (
    Answers,
    BoundConsultation,
    Clock,
    FirstAttempts,
    NewConsultation,
    QuotaUsedUp,
    TicketTaken,
    UnitOfWork,
    Writer,
)
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.kinds import Kind
from rse_gateway.use_cases.admission import CONSULT_ORDER, AccessRules, ConsultAdmission, Sources, admit
from rse_gateway.use_cases.fan_out import FanOut
from rse_gateway.use_cases.results import DecisionCap, disclosed_by, status_of, supplier_results
from rse_gateway.use_cases.rows import Rows


@dataclass(frozen=True, slots=True)
class ConsultRules:
    """The settings of a consultation; the window is in seconds."""

    access: AccessRules
    collect_window: int


@dataclass(frozen=True, slots=True)
class Consult:
    """The use case `consultSocialReport`."""

    clock: Clock
    sources: Sources
    writer: Writer
    fan_out: FanOut
    pool: FirstAttempts
    answers: Answers
    rows: Rows
    rules: ConsultRules
    cap: DecisionCap

    def __call__(self, request: ConsultRequest, context: MessageContext) -> SealedMessage:
        """Return the signed answer, whose log row is durable.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: store or log cannot be written; nothing was disclosed.
            GatewayFault: our own answer or question is invalid or cannot be signed.
        """
        try:
            return self._accept_or_repeat(request, context)
        except TicketTaken:
            pass  # another message with this ticket was accepted in between: now it is a repeat
        try:
            return self._accept_or_repeat(request, context)
        except TicketTaken:
            raise GatewayUnavailable("a ticket is taken, and no consultation has it") from None

    def _accept_or_repeat(self, request: ConsultRequest, context: MessageContext) -> SealedMessage:
        admission = ConsultAdmission(
            customer=request.customer,
            legal_context=request.legal_context,
            request=request,
            context=context,
            now=self.clock.now(),
            today=self.clock.today(),
            rules=self.rules.access,
            sources=self.sources,
        )
        try:
            admit(CONSULT_ORDER, admission)
        except RequestRefused as refusal:
            return self._refuse(request, context, refusal)
        if request.options.dry_run:
            return self._dry_run(request, context, admission)
        if admission.bound is not None:
            return self._repeat(admission, admission.bound)
        try:
            return self._accept(admission)
        except QuotaUsedUp:  # others that arrived together took the last places
            return self._refuse(request, context, RequestRefused("RSE00003", "quota"))

    def _refuse(
        self, request: ConsultRequest, context: MessageContext, refusal: RequestRefused
    ) -> SealedMessage:
        row = self.rows.request(
            Kind.REFUSED, request, context, outcome={"outcome": refusal.code, "check": refusal.check}
        )
        status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
        return self._answer(request, context, status, unit=_unit(context, row))

    def _dry_run(
        self, request: ConsultRequest, context: MessageContext, admission: ConsultAdmission
    ) -> SealedMessage:
        """Every check passed; the answer is the same whether or not anybody holds the person."""
        outcome = {"outcome": DRY_RUN_PASSED, **_quality(admission)}
        row = self.rows.request(Kind.DRY_RUN, request, context, outcome=outcome)
        status = Status(OverallStatus.NO_RESULT, DRY_RUN_PASSED)
        return self._answer(request, context, status, unit=_unit(context, row))

    def _accept(self, admission: ConsultAdmission) -> SealedMessage:
        request, context = admission.request, admission.context
        # Rows of one millisecond stand in the order in which they were made: what was received comes first.
        received = self.rows.request(Kind.REQUEST_RECEIVED, request, context, outcome=_quality(admission))
        fanned = self.fan_out.prepare(admission)
        unit = replace(
            _unit(context, received, *fanned.forwarded),
            consultation=_consultation(admission),
            legs=tuple(fanned.legs),
            not_connected=tuple(fanned.not_connected),
            quota=admission.quota,
        )
        if not fanned.legs and not fanned.not_connected:
            telling = self.cap.telling(context.received_at, request.period)
            return self._answer(request, context, status_of((), telling), unit=unit)
        self.writer.commit(unit)
        self.pool.start(fanned.work).wait(self._window(request))
        return self._answer_as_it_stands(request, context, UnitOfWork(), accepted_at=context.received_at)

    def _repeat(self, admission: ConsultAdmission, first: BoundConsultation) -> SealedMessage:
        request, context = admission.request, replace(admission.context, gateway_ticket=first.gateway_ticket)
        row = self.rows.request(Kind.REQUEST_REPEATED, request, context, outcome=_quality(admission))
        unit = _unit(context, row)
        return self._answer_as_it_stands(request, context, unit, accepted_at=first.accepted_at)

    def _window(self, request: ConsultRequest) -> float:
        asked = request.options.collect_window
        return self.rules.collect_window if asked is None else min(asked, self.rules.collect_window)

    def _answer_as_it_stands(
        self, request: ConsultRequest, context: MessageContext, unit: UnitOfWork, *, accepted_at: datetime
    ) -> SealedMessage:
        telling = self.cap.telling(accepted_at, request.period)
        stored = self.sources.consultations.legs_of(context.gateway_ticket)
        now = self.clock.now()
        results = supplier_results(stored, now, self.sources.registry, telling=telling)
        disclosing = replace(unit, disclosed=(context.gateway_ticket, now, disclosed_by(results)))
        return self._answer(request, context, status_of(results, telling), results, unit=disclosing)

    def _answer(
        self,
        request: ConsultRequest,
        context: MessageContext,
        status: Status,
        results: tuple[SupplierResult, ...] = (),
        *,
        unit: UnitOfWork,
    ) -> SealedMessage:
        """Compose, sign, write the row ANSWER_SENT with ``unit``, and only then give the answer out."""
        replied_at = self.clock.now()
        answer = ConsultAnswer(
            request, context.gateway_ticket, context.received_at, replied_at, status, results
        )
        sealed = self.answers.consult(answer, context)
        row = self.rows.answer_sent(answer, context, proof=sealed.proof, persons=_persons(request, results))
        self.writer.commit(replace(unit, log=(*unit.log, row)))
        return sealed


def _unit(context: MessageContext, *log: LogEntry) -> UnitOfWork:
    return UnitOfWork(replay_key=(context.replay_key, context.received_at), log=log)


def _quality(admission: ConsultAdmission) -> dict[str, str]:
    return {"qualityCode": str(admission.right.quality_code)}


def _persons(request: ConsultRequest, results: tuple[SupplierResult, ...]) -> list[DisclosedPerson]:
    disclosed = [person for result in results for person in result.persons]
    return [DisclosedPerson(request.ssin, "BENEFICIARY"), *disclosed]


def _consultation(admission: ConsultAdmission) -> NewConsultation:
    request, context = admission.request, admission.context
    return NewConsultation(
        gateway_ticket=context.gateway_ticket,
        requesting_cpas=admission.caller,
        signing=context.signing,
        ticket=request.customer.ticket,
        niss=admission.niss,
        period=request.period,
        legal_context=request.legal_context,
        quality_code=admission.right.quality_code,
        accepted_at=context.received_at,
    )
