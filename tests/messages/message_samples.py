"""Messages, decisions and contexts of invented persons, shared by the tests of this folder."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import strategies as st
from lxml import etree

from rse_gateway.domain.access import Institution
from rse_gateway.domain.consultation import (
    AcceptedConsultation,
    ConsultAnswer,
    ConsultRequest,
    CustomerInformation,
    ListAnswer,
    ListedConsultation,
    ListedSupplier,
    ListRequest,
    Outcome,
    OverallStatus,
    Period,
    RequestOptions,
    RetrieveAnswer,
    RetrieveRequest,
    Status,
    Supplier,
    SupplierQuestion,
    SupplierResult,
    overall_status,
)
from rse_gateway.domain.directory import AccessAction, AccessAnswer, AccessRequest, DirectoryLine, OwnLine
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.message import MessageContext, MessageProof

NISS = "85073003328"
PARTNER = "17073003384"
COHABITANT = "80010100107"
ASKING = CbeNumber("0299990019")
HOLDING = CbeNumber("0299990118")
TICKET = GatewayTicket(UUID("0192f0c1-7a3b-7def-8123-456789abcdef"))
RECEIVED = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
REPLIED = RECEIVED + timedelta(seconds=2)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 100 * 365 * 86_400 * 1_000_000).map(lambda n: EPOCH + timedelta(microseconds=n))
PERIOD = Period(date(2022, 1, 1), date(2026, 5, 31))
REPORT_NS = "urn:rse-gateway:types:ElectronicSocialReport:v1"

CUSTOMER = """<informationCustomer><ticket>T-1</ticket><timestampSent>2026-06-01T11:59:59.5Z</timestampSent>
<customerIdentification><cbeNumber>0299990019</cbeNumber></customerIdentification>
<userReference>user-7</userReference><userRole>SOCIAL_WORKER</userRole>
<fileReference>Dossier 7</fileReference>
<environment>test</environment></informationCustomer>"""
FORWARDED = """<informationCustomer><ticket>T-1</ticket><timestampSent>2026-06-01T12:00:00Z</timestampSent>
<customerIdentification><cbeNumber>0299990019</cbeNumber></customerIdentification>
<environment>test</environment></informationCustomer>"""
CONTEXT = "<legalContext>PCSA:SOCIAL_INQUIRY</legalContext>"
CRITERIA = f"""<criteria><ssin>{NISS}</ssin><period><beginDate>2022-01-01</beginDate>
<endDate>2026-05-31</endDate></period></criteria>"""
SUPPLIER_ID = "<supplierIdentification><cbeNumber>0299990118</cbeNumber></supplierIdentification>"

REQUESTS = {
    "consultSocialReportRequest": ("ElectronicSocialReport", CRITERIA),
    "retrieveSocialReportRequest": (
        "ElectronicSocialReport",
        f"<criteria><ticketCBSS>{TICKET}</ticketCBSS><supplier>0299990118</supplier></criteria>",
    ),
    "listSocialReportsRequest": (
        "ElectronicSocialReport",
        "<criteria><since>2026-05-01T00:00:00Z</since></criteria>",
    ),
    "deliverSocialReportRequest": (
        "ElectronicSocialReport",
        f"""<criteria><ticketCBSS>{TICKET}</ticketCBSS><ssin>{NISS}</ssin></criteria><supplierStatus>
        <value>NO_DATA_FOUND</value><code>MSG00100</code><description>Rien</description></supplierStatus>""",
    ),
    "manageAccessRequest": (
        "ManageAccess",
        f"""<criteria><register><ssin>{NISS}</ssin><qualityCode>2</qualityCode>
        <beginDate>2026-01-01</beginDate><fileReference>D-1</fileReference></register></criteria>""",
    ),
    "sendTestMessageRequest": ("TestConnection", "<criteria><message>Bonjour</message></criteria>"),
    "listRightsRequest": ("TestConnection", "<criteria/>"),
}


def request(name: str = "consultSocialReportRequest", *, body: str | None = None, options: str = ""):
    """Return a request of any operation, as a tree parsed from bytes."""
    types, criteria = REQUESTS[name]
    inner = f"{CUSTOMER}{CONTEXT}{options}{criteria}" if body is None else body
    text = f'<r:{name} xmlns:r="urn:rse-gateway:types:{types}:v1">{inner}</r:{name}>'
    return etree.fromstring(text.encode())


def decision(
    ratified: date = date(2024, 1, 15),
    *,
    kind: str = "GRANT",
    entry: date | None = None,
    duration: tuple[int, str] | None = None,
    aid: str = "",
) -> str:
    """Return one decision as text."""
    parts = [f"<decisionType>{kind}</decisionType><ratificationDate>{ratified}</ratificationDate>"]
    if duration is not None:
        parts.append(f"<duration><value>{duration[0]}</value><unit>{duration[1]}</unit></duration>")
    if entry is not None:
        parts.append(f"<entryIntoForceDate>{entry}</entryIntoForceDate>")
    return f"<decision>{''.join(parts)}{aid}</decision>\n"


def aid(*, cohabitant: str | None = None, begin: str = "2024-01-01", end: str = "2024-12-31") -> str:
    """Return one aid as text, with a cohabitant's income where one is named."""
    income = f"""<cohabitantIncome><ssin>{cohabitant}</ssin><amount>10.00</amount><unit>MONTH</unit>
    </cohabitantIncome>"""
    element = f"""<calculationElement><elementType><code>PENSION</code></elementType><amount>850.00</amount>
    <unit>MONTH</unit>{income if cohabitant else ""}</calculationElement>"""
    return f"""<aid><legislation>DRI</legislation><aidType><code>RIS</code></aidType><amount>1288.46</amount>
    <paymentFrequency><code>MONTHLY</code></paymentFrequency><period><beginDate>{begin}</beginDate>
    <endDate>{end}</endDate></period>{element}</aid>"""


def report(*decisions: str, niss: str = NISS, partner: str | None = PARTNER) -> str:
    """Return a socialReport as text."""
    partner_text = f"<partner><ssin>{partner}</ssin></partner>" if partner else ""
    return f"""<socialReport><beneficiary><ssin>{niss}</ssin><lastName>Dupont &amp; Fils</lastName>
    <firstName>Zoé</firstName></beneficiary>{partner_text}{"".join(decisions)}</socialReport>"""


def supplier_answer_payload(
    social_report: str = "", *, value: str = "DATA_FOUND", code: str = "MSG00000"
) -> etree._Element:
    """Return the answer of a holding CPAS; the report is found in it as ``payload[-1]``."""
    name = "provideSocialReportResponse"
    text = f"""<r:{name} xmlns:r="{REPORT_NS}">{FORWARDED}<informationCBSS><ticketCBSS>{TICKET}</ticketCBSS>
    <timestampReceive>2026-06-01T12:00:00Z</timestampReceive></informationCBSS>
    <informationSupplier>{SUPPLIER_ID}</informationSupplier>{CONTEXT}{CRITERIA}
    <status><value>{value}</value><code>{code}</code><description>Voilà</description></status>
    {social_report}</r:{name}>"""
    return etree.fromstring(text.encode())


def report_of(social_report: str) -> etree._Element:
    """Return the received report element of an answer that holds it."""
    return supplier_answer_payload(social_report).find("socialReport")


CONSULT_REQUEST = ConsultRequest(
    customer=CustomerInformation(
        ticket=Ticket("T-1"),
        cbe_number=ASKING.value,
        user_reference="user-7",
        user_role="SOCIAL_WORKER",
        environment="test",
        timestamp_sent="2026-06-01T11:59:59.5Z",
        file_reference="Dossier 7",
    ),
    legal_context="PCSA:SOCIAL_INQUIRY",
    options=RequestOptions(),
    ssin=NISS,
    period=PERIOD,
)
CONSULTATION = AcceptedConsultation(TICKET, Ticket("T-1"), Niss(NISS), PERIOD, RECEIVED)
SUPPLIER = Supplier(HOLDING, "CPAS d'Exemple", "OCMW Voorbeeld", "+32 2 123 45 67")
QUESTION = SupplierQuestion(
    gateway_ticket=TICKET,
    ticket=Ticket("T-1"),
    requesting_cpas=ASKING,
    holding_cpas=HOLDING,
    legal_context="PCSA:SOCIAL_INQUIRY",
    niss=Niss(NISS),
    period=PERIOD,
    reminder_number=0,
    environment="test",
    received_at=RECEIVED,
    sent_at=RECEIVED,
)
ASKED = {
    "customer": CONSULT_REQUEST.customer,
    "legal_context": CONSULT_REQUEST.legal_context,
    "options": RequestOptions(),
}
OWN_MESSAGE = GatewayTicket(UUID("0192f0c1-7a3b-7def-8123-000000000001"))
FRAME = {"message_ticket": OWN_MESSAGE, "received_at": RECEIVED, "replied_at": REPLIED}
FOUND = Status(OverallStatus.DATA_FOUND, "MSG00000")
RETRIEVED = RetrieveAnswer(
    RetrieveRequest(**ASKED, gateway_ticket=TICKET, supplier=HOLDING.value),
    **FRAME,
    status=Status(OverallStatus.INCOMPLETE_DATA, "RSE00020"),
    consultation=CONSULTATION,
    results=(SupplierResult(SUPPLIER, Outcome.PENDING, RECEIVED, "MSG00020"),),
)
LISTED = ListAnswer(
    ListRequest(**ASKED, since=RECEIVED - timedelta(hours=1), confirmed=(TICKET,)),
    **FRAME,
    status=FOUND,
    as_of=RECEIVED - timedelta(seconds=30),
    consultations=(
        ListedConsultation(
            TICKET,
            Ticket("T-1"),
            RECEIVED,
            OverallStatus.INCOMPLETE_DATA,
            (
                ListedSupplier(HOLDING, Outcome.ANSWERED, REPLIED, "MSG00000", late=True),
                ListedSupplier(ASKING, Outcome.PENDING, RECEIVED, "MSG00020"),
            ),
        ),
    ),
    more=True,
)
LINES = AccessAnswer(
    AccessRequest(**ASKED, action=AccessAction.LIST, ssin=NISS, offset=500),
    **FRAME,
    value="DATA_FOUND",
    code="MSG00000",
    lines=(
        OwnLine(
            line_id="1",
            line=DirectoryLine(Niss(NISS), ASKING, 2, date(2024, 1, 1), None),
            changed_at=RECEIVED,
        ),
        OwnLine(
            line_id="2",
            line=DirectoryLine(Niss(NISS), ASKING, 902, date(2023, 1, 1), date(2023, 12, 31)),
            changed_at=REPLIED,
        ),
    ),
)
MESSAGE_CONTEXT = MessageContext(
    gateway_ticket=TICKET,
    received_at=RECEIVED,
    service="ElectronicSocialReportService",
    operation="consultSocialReport",
    signing=ASKING,
    roles=frozenset({"cpas"}),
    proof=MessageProof(hashlib.sha256(b"question").digest(), b"info", b"value", "ab" * 32),
    replay_key=b"k" * 32,
)


def consult_answer(*results: SupplierResult, language: str | None = None) -> ConsultAnswer:
    """Return an answer with those results and the status that follows from them."""
    asked = replace(CONSULT_REQUEST, options=RequestOptions(language=language))
    status = overall_status(result.outcome for result in results)
    return ConsultAnswer(asked, TICKET, RECEIVED, REPLIED, status, results)


def result(outcome: Outcome, code: str, **fields) -> SupplierResult:
    """Return one holding CPAS's part of an answer."""
    return SupplierResult(SUPPLIER, outcome, RECEIVED, code, **fields)


class FakeRegistry:
    """Knows one institution, which prefers Dutch."""

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        return Institution(ASKING, "CPAS", "OCMW", language="NL") if cbe_number == ASKING else None


class FixedClock:
    """Stands still."""

    def now(self) -> datetime:
        return REPLIED

    def today(self) -> date:
        return REPLIED.date()


def key_pair() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Return a P-256 key and a certificate of its own, for signing only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway of the tests")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(RECEIVED).not_valid_after(RECEIVED + timedelta(days=1))
    )
    certificate = builder.sign(key, hashes.SHA256())
    return key, certificate.public_bytes(serialization.Encoding.DER)
