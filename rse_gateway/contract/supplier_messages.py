"""`provideSocialReport` between tree and domain: our question to a holding CPAS, and what it answered."""

import hashlib
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.envelope import gateway_values, payload_values, period_of, period_values, timestamp
from rse_gateway.contract.mapper import Values
from rse_gateway.domain.consultation import Period, SupplierQuestion, SupplierReply
from rse_gateway.errors import SupplierUnusable

_WHITE_SPACE = " \t\r\n"
_REPLIES = {
    "DATA_FOUND": SupplierReply.REPORT,
    "NO_DATA_FOUND": SupplierReply.NO_DATA,
    "NO_RESULT": SupplierReply.REFUSED,
    "ACCEPTED": SupplierReply.PROMISED,
}


@dataclass(frozen=True, slots=True, repr=False)
class ParsedSupplierAnswer:
    """A valid ``provideSocialReportResponse``: structure right, nothing compared with the question yet.

    Attributes:
        requesting_cpas: enterprise number of the copied ``customerIdentification``, None for another form.
        report: the ``socialReport`` element as received, to be given to `check_report`.
    """

    ticket: str
    requesting_cpas: str | None
    environment: str
    ticket_cbss: str
    holding_cpas: str
    holder_ticket: str | None
    legal_context: str
    ssin: str
    period: Period
    status_value: str
    code: str
    information: tuple[tuple[str, str], ...]
    report: etree._Element | None


def supplier_question_values(question: SupplierQuestion) -> Values:
    """Return the ``provideSocialReportRequest`` as named values, from which zeep builds the message."""
    return {
        "informationCustomer": {
            "ticket": question.ticket.value,
            "timestampSent": timestamp(question.sent_at),
            "customerIdentification": {"cbeNumber": question.requesting_cpas.value},
            "environment": question.environment,
        },
        "informationCBSS": gateway_values(question.gateway_ticket, question.received_at),
        "supplierIdentification": {"cbeNumber": question.holding_cpas.value},
        "legalContext": question.legal_context,
        "criteria": {"ssin": question.niss.value, "period": period_values(question.period)},
        "reminderNumber": str(question.reminder_number),
    }


def supplier_answer(payload: etree._Element) -> ParsedSupplierAnswer:
    """Return what a valid ``provideSocialReportResponse`` says.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    customer, supplier, status = (
        values[name] for name in ("informationCustomer", "informationSupplier", "status")
    )
    return ParsedSupplierAnswer(
        ticket=customer["ticket"],
        requesting_cpas=customer["customerIdentification"].get("cbeNumber"),
        environment=customer["environment"],
        ticket_cbss=values["informationCBSS"]["ticketCBSS"],
        holding_cpas=supplier["supplierIdentification"]["cbeNumber"],
        holder_ticket=supplier.get("ticket"),
        legal_context=values["legalContext"],
        ssin=values["criteria"]["ssin"],
        period=period_of(values["criteria"]["period"]),
        status_value=status["value"],
        code=status["code"],
        information=tuple((i["fieldName"], i["fieldValue"]) for i in status.get("information", ())),
        report=values.get("socialReport"),
    )


def supplier_reply(status_value: str, code: str, report: etree._Element | None) -> SupplierReply:
    """Return what the status of a holding CPAS means; holds for answers and deliveries.

    Raises:
        SupplierUnusable: data found without a report, a report with another status, or a refusal whose code
            is not in the catalogue or is no refusal.
    """
    reply = _REPLIES[status_value]
    if (report is not None) != (reply is SupplierReply.REPORT):
        raise SupplierUnusable("socialReport and status contradict each other", check="reply", field="status")
    if reply is SupplierReply.REFUSED:
        catalogue = load_catalogue()
        if code not in catalogue:
            raise SupplierUnusable("refused with a code outside the catalogue", check="reply", field="code")
        if catalogue.severity(code) == "INFORMATION":
            raise SupplierUnusable("refused with a code that is no refusal", check="reply", field="code")
    return reply


def answer_digest(status_value: str, code: str, report: etree._Element | None) -> bytes:
    """Return SHA-256 of the canonical `socialReport` as received, or of the status where there is none.

    White space between elements is no content: the same report indented has the same digest.
    """
    if report is None:
        return hashlib.sha256(f"{status_value} {code}".encode()).digest()
    return report_digest(report)


def report_digest(report: etree._Element) -> bytes:
    """Return SHA-256 of the canonical `socialReport` without white space between its elements."""
    compact = deepcopy(report)
    for element in compact.iter():
        if len(element) and not (element.text or "").strip(_WHITE_SPACE):
            element.text = None
        if not (element.tail or "").strip(_WHITE_SPACE):
            element.tail = None
    return hashlib.sha256(canonical_report(compact)).digest()


def canonical_report(report: etree._Element) -> bytes:
    """Return the exclusive C14N of a ``socialReport`` element, without the text around it."""
    return etree.tostring(report, method="c14n", exclusive=True, with_comments=False, with_tail=False)
