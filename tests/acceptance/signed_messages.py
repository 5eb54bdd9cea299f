"""Messages written, signed, spoiled, posted and read outside the gateway: lxml, signxml and http.client."""

import http.client
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from invented_world import ASKING, LEGAL_CONTEXT, InventedWorld
from lxml import etree
from running_world import Gateway, utc_now

from rse_cpas_stub import signature
from rse_cpas_stub.messages import Customer, Options, consult_request, text
from rse_cpas_stub.names import REPORT, REPORT_SERVICE, SOAP, TEST, tag
from rse_cpas_stub.period import Period
from rse_cpas_stub.signature import VerifiedMessage

ROOT = Path(__file__).resolve().parents[2]
ACCESS = "urn:rse-gateway:types:ManageAccess:v1"
SCHEMAS = {
    REPORT: "report/ElectronicSocialReport-v1.xsd",
    ACCESS: "access/ManageAccess-v1.xsd",
    TEST: "access/TestConnection-v1.xsd",
}
FAULT_ELEMENTS = {
    REPORT_SERVICE: (REPORT, "electronicSocialReportFault"),
    "SocialReportDeliveryService": (REPORT, "socialReportDeliveryFault"),
    "ManageAccessService": (ACCESS, "manageAccessFault"),
    "TestConnectionService": (TEST, "testConnectionFault"),
}
XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True)
class HttpReply:
    """Status, headers and body as they came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Fault:
    """A fault whose signature and form were checked."""

    http_status: int
    faultcode: str
    codes: tuple[str, ...]
    ticket_cbss: str
    information: tuple[dict[str, str], ...]


def new_ticket(about: str) -> str:
    """Return a ticket that no other test uses."""
    return f"{about}-{uuid4().hex[:12]}"


def question(
    world: InventedWorld,
    ssin: str,
    *,
    ticket: str,
    asking: str = ASKING,
    environment: str = "test",
    legal_context: str = LEGAL_CONTEXT,
    role: str = "SOCIAL_WORKER",
    period: Period | None = None,
) -> etree._Element:
    """Return a `consultSocialReportRequest`."""
    return consult_request(
        Customer(ticket, asking, "u-4711", role, environment, "2026/0815"),
        utc_now(),
        legal_context=legal_context,
        ssin=ssin,
        period=period or world.period,
        options=Options(),
    )


def signed(
    world: InventedWorld, payload: etree._Element, *, by: str = ASKING, at: datetime | None = None
) -> bytes:
    """Return the message signed by a CPAS."""
    return signature.sign(deepcopy(payload), world.identity(by), at or utc_now()).raw


def post(
    gateway: Gateway,
    raw: bytes,
    *,
    service: str = REPORT_SERVICE,
    headers: Mapping[str, str] = XML,
    method: str = "POST",
) -> HttpReply:
    """Send bytes to a service of the gateway over a connection of their own."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    try:
        connection.request(method, f"/{service}/v1", raw, dict(headers))
        reply = connection.getresponse()
        return HttpReply(reply.status, dict(reply.getheaders()), reply.read())
    finally:
        connection.close()


def verified(world: InventedWorld, reply: HttpReply) -> VerifiedMessage:
    """Return what the gateway signed: the answer must be signed and come as text/xml."""
    assert reply.headers.get("Content-Type", "").replace(" ", "").lower() == "text/xml;charset=utf-8"
    return signature.verify(reply.body, world.gateway_trust, utc_now())


def answer_in(world: InventedWorld, reply: HttpReply) -> etree._Element:
    """Return the answer to a consultation, verified and valid."""
    assert reply.status == 200
    payload = verified(world, reply).payload
    assert payload.tag == tag(REPORT, "consultSocialReportResponse")
    schema_of(REPORT).assertValid(payload)
    return payload


def fault_in(world: InventedWorld, reply: HttpReply, service: str = REPORT_SERVICE) -> Fault:
    """Return the fault: signed by the gateway, of SOAP 1.1, holding the service's own fault element."""
    payload = verified(world, reply).payload
    _soap_schema().assertValid(payload)
    assert payload.tag == tag(SOAP, "Fault")
    assert [child.tag for child in payload] == ["faultcode", "faultstring", "detail"]
    (element,) = payload.find("detail")
    namespace, name = FAULT_ELEMENTS[service]
    assert element.tag == tag(namespace, name)
    schema_of(namespace).assertValid(element)
    details = element.findall("detail")
    return Fault(
        http_status=reply.status,
        faultcode=text(payload, "faultcode").rpartition(":")[2],
        codes=tuple(text(detail, "reasonCode") for detail in details),
        ticket_cbss=text(element, "informationCBSS/ticketCBSS"),
        information=tuple(
            {text(one, "fieldName"): text(one, "fieldValue") for one in detail.findall("information")}
            for detail in details
        ),
    )


def as_plain(element: etree._Element) -> object:
    """Return an element as the persons files write it: lists where the contract has lists, all else text."""
    if not len(element):
        return element.text
    plain: dict[str, object] = {}
    for child in element:
        name = etree.QName(child).localname
        if name in ("decision", "aid", "calculationElement", "cohabitantIncome"):
            plain.setdefault(name, [])
            plain[name].append(as_plain(child))
        else:
            plain[name] = as_plain(child)
    return plain


def as_text(value: object) -> object:
    """Return a value of a persons file with every number and truth value as the contract spells it."""
    if isinstance(value, dict):
        return {name: as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def schema_of(namespace: str) -> etree.XMLSchema:
    """Return the schema of a namespace of the contract."""
    return etree.XMLSchema(etree.parse(ROOT / "xsd" / SCHEMAS[namespace]))


@cache
def _soap_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(ROOT / "xsd" / "external" / "soap-envelope-1.1.xsd"))
