"""Checks 4 to 6 for one message in a world: what the gateway would answer, and at which check it stops.

The checks are the gateway's own lists (`use_cases.admission`, `LEG_ORDER`). What a pick-up, a line that ends
and a delivery meet after these lists is asked of the same values as their use cases ask it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from lxml import etree

from rse_gateway.contract.envelope import payload_values, period_of
from rse_gateway.contract.messages import (
    ParsedDeliveredContent,
    access_request,
    consult_request,
    customer_of,
    delivery_request,
    legal_context_of,
    list_request,
    retrieve_request,
    supplier_reply,
)
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.diagnosis.world import World
from rse_gateway.domain.consultation import SupplierQuestion
from rse_gateway.domain.directory import AccessAction
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import FINISHABLE_STATES
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import RequestRefused, SupplierFailed, SupplierUnusable
from rse_gateway.security.gate import SignedMessage
from rse_gateway.use_cases.admission import (
    ACCESS_ORDER,
    CONSULT_ORDER,
    DELIVERY_ORDER,
    LIST_ORDER,
    RETRIEVE_ORDER,
    TEST_ORDER,
    AccessAdmission,
    AccessRules,
    Admission,
    ConsultAdmission,
    DeliveryAdmission,
    ListAdmission,
    RetrieveAdmission,
    Sources,
    Step,
    admit,
)
from rse_gateway.use_cases.deliver import CONFLICTING
from rse_gateway.use_cases.delivered import check_delivered
from rse_gateway.use_cases.manage_access import NO_SUCH_LINE
from rse_gateway.use_cases.results import status_of, supplier_results

_NO_TICKET: Final = GatewayTicket(UUID(int=0))
_MANY_LINES: Final = 10_000
NO_LONGER_KEPT: Final = "RSE00010"
_PLANS: Final[dict[str, tuple[tuple[Step, ...], Callable[..., Admission], Callable[[Any], Any]]]] = {
    "consultSocialReport": (CONSULT_ORDER, ConsultAdmission, consult_request),
    "retrieveSocialReport": (RETRIEVE_ORDER, RetrieveAdmission, retrieve_request),
    "listSocialReports": (LIST_ORDER, ListAdmission, list_request),
    "manageAccess": (ACCESS_ORDER, AccessAdmission, access_request),
    "deliverSocialReport": (DELIVERY_ORDER, DeliveryAdmission, delivery_request),
}
SERVED: Final = frozenset({*_PLANS, "sendTestMessage", "listRights"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs, by which roles of the key."""

    signing: CbeNumber
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way through the checks."""

    payload: etree._Element
    operation: str
    sender: Sender
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the checks said.

    Attributes:
        code, check: of the refusal; empty when nothing refuses it.
        repeat: its ticket is bound to the same content, so check 5 was not made.
    """

    code: str = ""
    check: str = ""
    repeat: bool = False


def admission_of(asked: Asked, world: World) -> Admitted:
    """Return what checks 4 to 6 say of a request that follows the XSD, and what its operation adds."""
    order, admission = _plan(asked, world)
    for name, check in order:
        try:
            admit(((name, check),), admission)
        except RequestRefused as refusal:
            return Admitted(refusal.code, name)
    if isinstance(admission, RetrieveAdmission):
        return _picked_up(admission)
    if isinstance(admission, AccessAdmission):
        return _line_changed(admission)
    if isinstance(admission, DeliveryAdmission):
        return _delivered(admission)
    return Admitted(repeat=isinstance(admission, ConsultAdmission) and admission.bound is not None)


def _plan(asked: Asked, world: World) -> tuple[tuple[Step, ...], Admission]:
    payload = asked.payload
    common: dict[str, Any] = {
        "customer": customer_of(payload),
        "legal_context": legal_context_of(payload),
        "context": _context(asked),
        "now": asked.now,
        "today": asked.today,
        "rules": AccessRules(world.environment, world.period_years),
        "sources": Sources(registry=world, directory=world, consultations=world),
    }
    if asked.operation not in _PLANS:
        return TEST_ORDER, Admission(**common)
    order, kind, read = _PLANS[asked.operation]
    return order, kind(**common, request=read(payload))


def _picked_up(admission: RetrieveAdmission) -> Admitted:
    """Return what stands of a pick-up: a CPAS that was asked, and an answer that is still stored."""
    sources, supplier = admission.sources, admission.request.supplier
    stored = sources.consultations.legs_of(admission.bound.gateway_ticket)
    wanted = tuple(one for one in stored if supplier in (None, one.leg.holding_cpas.value))
    if supplier is not None and not wanted:
        return Admitted("MSG00008", "supplier")
    status = status_of(supplier_results(wanted, admission.now, sources.registry, telling=None))
    return Admitted(status.code, "noLongerKept") if status.code == NO_LONGER_KEPT else Admitted()


def _line_changed(admission: AccessAdmission) -> Admitted:
    """Return whether the line that has to end is there."""
    request = admission.request
    if request.action is not AccessAction.UNREGISTER:
        return Admitted()
    own = admission.sources.directory.own_lines(
        admission.own_numbers, admission.niss, offset=0, limit=_MANY_LINES
    )
    wanted = (request.quality_code, request.begin)
    found = any((one.line.quality_code, one.line.begin) == wanted for one in own)
    return Admitted() if found else Admitted("MSG00100", NO_SUCH_LINE)


def _delivered(admission: DeliveryAdmission) -> Admitted:
    """Return whether a delivery is possible, and not other than before."""
    content, leg = admission.request.content, admission.stored.leg
    if leg.state not in FINISHABLE_STATES:
        return Admitted() if leg.content_digest == content.digest else Admitted(CONFLICTING, "conflict")
    try:
        check_delivered(admission)
    except SupplierUnusable as unusable:
        return Admitted(unusable.code, f"leg.{unusable.check}")
    try:
        content.checked(admission.numbers, admission.bound.period, date.min)
    except SupplierUnusable as unusable:
        return Admitted(unusable.code, "leg.report" if _is_possible(content) else "leg.reply")
    return Admitted()


def _is_possible(content: object) -> bool:
    """Tell whether status and report of a delivery fit together, so that the report is what is wrong."""
    if not isinstance(content, ParsedDeliveredContent):
        return False
    try:
        supplier_reply(content.status_value, content.code, content.report)
    except SupplierUnusable:
        return False
    return True


def _context(asked: Asked) -> MessageContext:
    return MessageContext(
        gateway_ticket=_NO_TICKET,
        received_at=asked.now,
        service="",
        operation=asked.operation,
        signing=asked.sender.signing,
        roles=asked.sender.roles,
        proof=MessageProof(b"", b"", b"", ""),
        replay_key=b"",
    )


def leg_breach(
    answer: SignedMessage, question: SignedMessage, world: World, today: date
) -> tuple[str, str, SupplierFailed | None]:
    """Return the check of the leg that a holder's answer to ``question`` fails, and why; else empty."""
    # brings zeep: only where needed
    from rse_gateway.adapters.holding_cpas import LegAnswer, check_leg, may_answer

    sent = MessageProof(question.body_digest, question.signed_info, question.signature_value, "")
    asked = _question(question, world)
    mandated = may_answer(world, answer.signer.cbe_number, asked.holding_cpas, today)
    try:
        check_leg(LegAnswer(asked, sent, answer, mandated, load_schemas()))
    except SupplierFailed as failure:
        check, _, reason = failure.reason.partition(": ")
        return f"leg.{check}", reason, failure
    return "", "", None


def _question(message: SignedMessage, world: World) -> SupplierQuestion:
    values = payload_values(message.payload)
    customer, ours = values["informationCustomer"], values["informationCBSS"]
    return SupplierQuestion(
        gateway_ticket=GatewayTicket.parse(ours["ticketCBSS"]),
        ticket=Ticket(customer["ticket"]),
        requesting_cpas=CbeNumber(customer["customerIdentification"]["cbeNumber"]),
        holding_cpas=CbeNumber(values["supplierIdentification"]["cbeNumber"]),
        legal_context=cast("str", values["legalContext"]),
        niss=Niss(values["criteria"]["ssin"]),
        period=period_of(values["criteria"]["period"]),
        reminder_number=int(values["reminderNumber"]),
        environment=customer["environment"],
        received_at=message.created,
        sent_at=message.created,
        known_numbers=world.numbers_of(Niss(values["criteria"]["ssin"])).all,
    )
