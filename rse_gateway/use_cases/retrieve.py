"""A CPAS picks up the answer to its consultation as it stands now: all of it, or one holding CPAS's part.

Only for the CPAS that asked (and its successor), and only while it has a right on the person. Rules: contract
page, `retrieveSocialReport`; the same transaction rule as `consult`: first the row, then the answer.
"""

from dataclasses import dataclass, replace

from rse_gateway.domain.access import stop_dry_run
from rse_gateway.domain.consultation import (
    AcceptedConsultation,
    DisclosedPerson,
    OverallStatus,
    RetrieveAnswer,
    RetrieveRequest,
    Status,
    SupplierResult,
)
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Answers, BoundConsultation, Clock, UnitOfWork, Writer
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.kinds import Kind
from rse_gateway.use_cases.admission import RETRIEVE_ORDER, AccessRules, RetrieveAdmission, Sources, admit
from rse_gateway.use_cases.results import (
    AGGREGATE_BYTES,
    DecisionCap,
    disclosed_by,
    status_of,
    supplier_results,
)
from rse_gateway.use_cases.rows import Rows


@dataclass(frozen=True, slots=True)
class Retrieve:
    """The use case `retrieveSocialReport`."""

    clock: Clock
    sources: Sources
    writer: Writer
    answers: Answers
    rows: Rows
    rules: AccessRules
    cap: DecisionCap

    def __call__(self, request: RetrieveRequest, context: MessageContext) -> SealedMessage:
        """Return the signed answer, whose log row is durable.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: store or log cannot be written; nothing was disclosed.
            GatewayFault: our own answer is invalid or cannot be signed.
        """
        admission = RetrieveAdmission(
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
            admit(RETRIEVE_ORDER, admission)
            stored = _wanted(admission)
            stop_dry_run(request.options)
        except RequestRefused as refusal:
            return self._refuse(request, context, refusal)
        return self._pick_up(admission, stored)

    def _refuse(
        self, request: RetrieveRequest, context: MessageContext, refusal: RequestRefused
    ) -> SealedMessage:
        status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
        answer = RetrieveAnswer(
            request, context.gateway_ticket, context.received_at, self.clock.now(), status
        )
        sealed = self.answers.retrieve(answer, context)
        refused = self.rows.refused(request.customer, context, refusal)
        sent = self.rows.answered(request.customer, context, status.code, proof=sealed.proof)
        self.writer.commit(_unit(context, refused, sent))
        return sealed

    def _pick_up(self, admission: RetrieveAdmission, stored: tuple[StoredLeg, ...]) -> SealedMessage:
        request, context, bound = admission.request, admission.context, admission.bound
        now = self.clock.now()
        room = AGGREGATE_BYTES if request.supplier is None else 2 * AGGREGATE_BYTES
        telling = self.cap.telling(bound.accepted_at, bound.period)
        results = supplier_results(stored, now, self.sources.registry, telling=telling, room=room)
        status = status_of(results, telling)
        answer = RetrieveAnswer(
            request, context.gateway_ticket, context.received_at, now, status, _accepted(bound), results
        )
        sealed = self.answers.retrieve(answer, context)
        story = replace(context, gateway_ticket=bound.gateway_ticket)
        received = self.rows.person_request(
            Kind.REQUEST_RECEIVED, request.customer, story, bound.niss.value, fields=_story_fields(admission)
        )
        picked_up = self.rows.answered(
            request.customer,
            story,
            status.code,
            proof=sealed.proof,
            kind=Kind.ANSWER_PICKED_UP,
            persons=_persons(bound, results),
        )
        disclosed = (bound.gateway_ticket, now, disclosed_by(results))
        self.writer.commit(replace(_unit(context, received, picked_up), disclosed=disclosed))
        return sealed


def _wanted(admission: RetrieveAdmission) -> tuple[StoredLeg, ...]:
    stored = admission.sources.consultations.legs_of(admission.bound.gateway_ticket)
    supplier = admission.request.supplier
    if supplier is None:
        return stored
    wanted = tuple(leg for leg in stored if leg.leg.holding_cpas.value == supplier)
    if not wanted:
        raise RequestRefused("MSG00008", "supplier", information=(("supplier", supplier),))
    return wanted


def _accepted(bound: BoundConsultation) -> AcceptedConsultation:
    return AcceptedConsultation(
        bound.gateway_ticket, bound.ticket, bound.niss, bound.period, bound.accepted_at
    )


def _story_fields(admission: RetrieveAdmission) -> dict[str, str]:
    period = admission.bound.period
    return {
        "legalContext": admission.legal_context,
        "qualityCode": str(admission.right.quality_code),
        "periodBegin": period.begin.isoformat(),
        "periodEnd": period.end.isoformat(),
    }


def _persons(bound: BoundConsultation, results: tuple[SupplierResult, ...]) -> list[DisclosedPerson]:
    disclosed = [person for result in results for person in result.persons]
    return [DisclosedPerson(bound.niss.value, "BENEFICIARY"), *disclosed]


def _unit(context: MessageContext, *log: LogEntry) -> UnitOfWork:
    return UnitOfWork(replay_key=(context.replay_key, context.received_at), log=log)
