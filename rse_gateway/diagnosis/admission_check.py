"""Checks 4 to 6 for one message in a world: what the gateway would answer, and at which check it stops.

The checks are the gateway's own lists (`use_cases.admission`, `LEG_ORDER`); nothing is decided here. A check
that needs a ticket which the world does not list is left out, and said so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from lxml import etree

from rse_gateway.contract.envelope import payload_values, period_of
from rse_gateway.contract.messages import (
    access_request,
    consult_request,
    customer_of,
    delivery_request,
    legal_context_of,
    list_request,
    retrieve_request,
    supplier_answer,
)
from rse_gateway.diagnosis.world import World
from rse_gateway.domain.consultation import SupplierQuestion
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import RequestRefused
from rse_gateway.security.gate import SignedMessage
from rse_gateway.use_cases.admission import (
    ACCESS_ORDER,
    COMMON_ORDER,
    CONSULT_ORDER,
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

_NO_TICKET: Final = GatewayTicket(UUID(int=0))
SERVED: Final = frozenset({
    "consultSocialReport", "retrieveSocialReport", "listSocialReports", "manageAccess",
    "deliverSocialReport", "sendTestMessage", "listRights",
})  # fmt: skip


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
        information: names of fields that help to mend it, never their values.
        repeat: its ticket is bound to the same content, so check 5 was not made.
        unchecked: a ticket is not known here, so what depends on it was not checked.
    """

    code: str = ""
    check: str = ""
    information: tuple[str, ...] = ()
    repeat: bool = False
    unchecked: bool = False


def admission_of(asked: Asked, world: World) -> Admitted:
    """Return what checks 4 to 6 say of a request that follows the XSD."""
    order, admission, unchecked = _plan(asked, world)
    for name, check in order:
        try:
            admit(((name, check),), admission)
        except RequestRefused as refusal:
            fields = tuple(field for field, _ in refusal.information)
            return Admitted(refusal.code, name, fields, unchecked=unchecked)
    repeat = isinstance(admission, ConsultAdmission) and admission.bound is not None
    return Admitted(repeat=repeat, unchecked=unchecked)


def _plan(asked: Asked, world: World) -> tuple[tuple[Step, ...], Admission, bool]:
    """Return the checks, what they look at, and whether some had to be left out."""
    payload, operation = asked.payload, asked.operation
    sources = Sources(registry=world, directory=world, consultations=world)
    rules = AccessRules(world.environment, world.period_years)
    context = _context(asked)

    def of(kind: Callable[..., Admission], **more: object) -> Admission:
        return kind(
            customer=customer_of(payload),
            legal_context=legal_context_of(payload),
            context=context,
            now=asked.now,
            today=asked.today,
            rules=rules,
            sources=sources,
            **more,
        )

    if operation == "consultSocialReport":
        return CONSULT_ORDER, of(ConsultAdmission, request=consult_request(payload)), False
    if operation == "retrieveSocialReport":
        request = retrieve_request(payload)
        known = world.knows_ticket(request.gateway_ticket)
        return RETRIEVE_ORDER if known else COMMON_ORDER, of(RetrieveAdmission, request=request), not known
    if operation == "listSocialReports":
        listed = list_request(payload)
        known = all(world.knows_ticket(ticket) for ticket in listed.confirmed)
        return LIST_ORDER if known else COMMON_ORDER, of(ListAdmission, request=listed), not known
    if operation == "manageAccess":
        return ACCESS_ORDER, of(AccessAdmission, request=access_request(payload)), False
    if operation == "deliverSocialReport":
        return COMMON_ORDER, of(DeliveryAdmission, request=delivery_request(payload)), True
    return TEST_ORDER, of(Admission), False


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


def leg_breach(answer: SignedMessage, question: SignedMessage) -> tuple[str, str]:
    """Return the check of the leg that a holder's answer to ``question`` fails, and why; else empty."""
    from rse_gateway.adapters.holding_cpas import LEG_ORDER, LegAnswer  # brings zeep: only where needed

    sent = MessageProof(question.body_digest, question.signed_info, question.signature_value, "")
    leg = LegAnswer(_question(question), sent, answer, supplier_answer(answer.payload), mandated=False)
    for name, check in LEG_ORDER:
        if (reason := check(leg)) is not None:
            return f"leg.{name}", reason
    return "", ""


def _question(message: SignedMessage) -> SupplierQuestion:
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
    )
