"""The contract's messages as the stub writes and reads them, over plain lxml."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from rse_cpas_stub.names import REPORT, SOAP, TEST, TRAIL, tag
from rse_cpas_stub.period import Period
from rse_cpas_stub.report import add
from rse_cpas_stub.signature import instant_text


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks, as every request says it."""

    ticket: str
    cbe_number: str
    user_reference: str
    user_role: str
    environment: str
    file_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a request may wish for; None leaves it to the gateway."""

    language: str | None = None
    collect_window: int | None = None
    dry_run: bool | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """An answer's status: value, code, description, information (field name, value)."""

    value: str
    code: str
    description: str
    information: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class SupplierResult:
    """What one holding CPAS answered; ``report`` is the verified ``socialReport`` where there is one."""

    cbe_number: str
    name_fr: str
    name_nl: str
    telephone: str | None
    outcome: str
    code: str
    late: bool
    information: tuple[tuple[str, str], ...]
    report: etree._Element | None


def message(namespace: str, name: str) -> etree._Element:
    """Return the empty root element of a message."""
    return etree.Element(tag(namespace, name), nsmap={"v1": namespace})


def add_customer(root: etree._Element, customer: Customer, now: datetime) -> None:
    """Append ``informationCustomer``: who asks."""
    block = etree.SubElement(root, "informationCustomer")
    add(block, "ticket", customer.ticket)
    add(block, "timestampSent", instant_text(now))
    add(etree.SubElement(block, "customerIdentification"), "cbeNumber", customer.cbe_number)
    add(block, "userReference", customer.user_reference)
    add(block, "userRole", customer.user_role)
    add(block, "fileReference", customer.file_reference)
    add(block, "environment", customer.environment)


def _options(root: etree._Element, options: Options) -> None:
    if options == Options():
        return
    block = etree.SubElement(root, "requestOptions")
    add(block, "language", options.language)
    add(block, "collectWindow", options.collect_window)
    add(block, "dryRun", options.dry_run)


def consult_request(
    customer: Customer, now: datetime, *, legal_context: str, ssin: str, period: Period, options: Options
) -> etree._Element:
    """Return a ``consultSocialReportRequest``."""
    root = message(REPORT, "consultSocialReportRequest")
    add_customer(root, customer, now)
    add(root, "legalContext", legal_context)
    _options(root, options)
    criteria = etree.SubElement(root, "criteria")
    add(criteria, "ssin", ssin)
    asked = {"beginDate": period.begin.isoformat(), "endDate": period.end.isoformat()}
    add(criteria, "period", asked)
    return root


def test_request(customer: Customer, now: datetime, *, legal_context: str, said: str) -> etree._Element:
    """Return a ``sendTestMessageRequest``."""
    root = message(TEST, "sendTestMessageRequest")
    add_customer(root, customer, now)
    add(root, "legalContext", legal_context)
    add(etree.SubElement(root, "criteria"), "message", said)
    return root


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """A verified and valid ``provideSocialReportRequest``."""

    root: etree._Element
    ticket: str
    ticket_cbss: str
    asking: str
    environment: str
    addressee: str
    legal_context: str
    ssin: str
    period: Period
    reminder_number: int


def text(root: etree._Element, path: str) -> str:
    """Return the text at ``path``, empty where there is none."""
    return root.findtext(path) or ""


def read_question(root: etree._Element) -> Question:
    """Return the question in a valid ``provideSocialReportRequest``."""
    period = Period(
        date.fromisoformat(text(root, "criteria/period/beginDate")),
        date.fromisoformat(text(root, "criteria/period/endDate")),
    )
    return Question(
        root=root,
        ticket=text(root, "informationCustomer/ticket"),
        ticket_cbss=text(root, "informationCBSS/ticketCBSS"),
        asking=text(root, "informationCustomer/customerIdentification/cbeNumber"),
        environment=text(root, "informationCustomer/environment"),
        addressee=text(root, "supplierIdentification/cbeNumber"),
        legal_context=text(root, "legalContext"),
        ssin=text(root, "criteria/ssin"),
        period=period,
        reminder_number=int(text(root, "reminderNumber")),
    )


def provide_response(
    question: Question, status: Status, *, report: object | None, received: datetime, now: datetime
) -> etree._Element:
    """Return a ``provideSocialReportResponse``: the question's blocks copied, ours added."""
    root = message(REPORT, "provideSocialReportResponse")
    for name in ("informationCustomer", "informationCBSS"):
        root.append(copied(question.root, name))
    supplier = etree.SubElement(root, "informationSupplier")
    add(supplier, "timestampReceive", instant_text(received))
    add(supplier, "timestampReply", instant_text(now))
    add(etree.SubElement(supplier, "supplierIdentification"), "cbeNumber", question.addressee)
    for name in ("legalContext", "criteria"):
        root.append(copied(question.root, name))
    add_status(root, "status", status)
    add(root, "socialReport", report)
    etree.cleanup_namespaces(root)
    return root


def add_status(root: etree._Element, name: str, status: Status) -> None:
    """Append a status as element ``name``."""
    block = etree.SubElement(root, name)
    add(block, "value", status.value)
    add(block, "code", status.code)
    add(block, "description", status.description)
    for field, value in status.information:
        entry = etree.SubElement(block, "information")
        add(entry, "fieldName", field)
        add(entry, "fieldValue", value)


def copied(source: etree._Element, name: str) -> etree._Element:
    """Return a copy of a mandatory child of a valid message."""
    found = source.find(name)
    if found is None:
        raise ValueError(f"a valid message has {name}")
    return deepcopy(found)


def service_fault(
    element: str, code: str, diagnostic: str, *, by_caller: bool, ticket_cbss: str, now: datetime
) -> etree._Element:
    """Return a SOAP 1.1 fault with the service's fault ``element`` in its detail."""
    root = etree.Element(tag(SOAP, "Fault"), nsmap={"soap": SOAP, "v1": REPORT})
    add(root, "faultcode", "soap:Client" if by_caller else "soap:Server")
    add(root, "faultstring", diagnostic)
    block = etree.SubElement(etree.SubElement(root, "detail"), tag(REPORT, element))
    cbss = etree.SubElement(block, "informationCBSS")
    add(cbss, "ticketCBSS", ticket_cbss)
    add(cbss, "timestampReceive", instant_text(now))
    detail = etree.SubElement(block, "detail")
    add(detail, "severity", "FATAL")
    add(detail, "reasonCode", code)
    add(detail, "diagnostic", diagnostic)
    add(detail, "authorCode", "rse-cpas-stub")
    return root


def answering_trail(request_digest: str) -> etree._Element:
    """Return a trail header that names the question (Base64 digest of its Body)."""
    root = etree.Element(tag(TRAIL, "trail"), nsmap={"trail": TRAIL})
    add(root, "requestDigest", request_digest)
    return root


def information_of(parent: etree._Element) -> tuple[tuple[str, str], ...]:
    """Return the pairs of name and value of a status or result."""
    found = parent.findall("information")
    return tuple((text(entry, "fieldName"), text(entry, "fieldValue")) for entry in found)


def read_status(root: etree._Element) -> Status:
    """Return the status of a valid answer."""
    block = root.find("status")
    if block is None:
        raise ValueError("a valid answer has a status")
    return Status(
        text(block, "value"), text(block, "code"), text(block, "description"), information_of(block)
    )


def read_results(root: etree._Element) -> Sequence[SupplierResult]:
    """Return what each holding CPAS answered, from a valid answer that holds ``supplierResult``."""
    return tuple(
        SupplierResult(
            cbe_number=text(result, "supplier/cbeNumber"),
            name_fr=text(result, "supplier/nameFr"),
            name_nl=text(result, "supplier/nameNl"),
            telephone=result.findtext("supplier/telephone"),
            outcome=text(result, "outcome"),
            code=text(result, "code"),
            late=text(result, "late") in {"true", "1"},
            information=information_of(result),
            report=result.find("socialReport"),
        )
        for result in root.findall("supplierResult")
    )
