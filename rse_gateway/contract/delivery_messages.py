"""`deliverSocialReport` between tree and domain: a late answer that a holding CPAS pushes."""

from dataclasses import dataclass
from datetime import date

from lxml import etree

from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    request_options,
    status_values,
)
from rse_gateway.contract.mapper import mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.report import check_report, reply_of
from rse_gateway.contract.supplier_messages import answer_digest, supplier_reply
from rse_gateway.domain.consultation import (
    DeliveryAnswer,
    DeliveryRequest,
    Period,
    SocialReport,
    SupplierReply,
)
from rse_gateway.domain.identifiers import GatewayTicket


@dataclass(frozen=True, slots=True, repr=False)
class ParsedDeliveredContent:
    """What a valid delivery says, still to be checked; the core uses it without seeing the XML in it.

    Attributes:
        status_value, code: of ``supplierStatus``.
        report: the ``socialReport`` element as received.
    """

    status_value: str
    code: str
    report: etree._Element | None

    @property
    def digest(self) -> bytes:
        """Return SHA-256 of the canonical `socialReport`, or of the status where there is none."""
        return answer_digest(self.status_value, self.code, self.report)

    def checked(
        self, expected: frozenset[str], period: Period, oldest: date
    ) -> tuple[SupplierReply, str, SocialReport | None]:
        """Return what it says, its code, and the report without what is not passed on.

        A report of which nothing may be passed on says NO_DATA.

        Args:
            expected: the numbers (chain of replacements) under which the beneficiary may stand.
            period: the period asked.
            oldest: the first day of ratification that may be told.

        Raises:
            SupplierUnusable: status and report contradict each other, a refusal with a code that is none,
                another person, or a breach that the XSD cannot express.
        """
        reply = supplier_reply(self.status_value, self.code, self.report)
        if self.report is None:
            return reply, self.code, None
        report = check_report(self.report, expected=expected, period=period, oldest=oldest)
        return *reply_of(report, self.code), report


def delivery_request(payload: etree._Element) -> DeliveryRequest:
    """Return the delivery that a valid ``deliverSocialReportRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    status = values["supplierStatus"]
    return DeliveryRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        delivered_ticket=GatewayTicket.parse(values["criteria"]["ticketCBSS"]),
        ssin=values["criteria"]["ssin"],
        content=ParsedDeliveredContent(status["value"], status["code"], values.get("socialReport")),
    )


def delivery_response(answer: DeliveryAnswer, language: str | None) -> etree._Element:
    """Return the ``deliverSocialReportResponse``; ``language`` None gives French and Dutch.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    request, value = answer.request, "OK" if answer.accepted else "NOK"
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.message_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": {"ticketCBSS": str(request.delivered_ticket), "ssin": request.ssin},
        "status": status_values(value, answer.code, answer.information, language),
    }
    return mapper_for(REPORT).write("deliverSocialReportResponse", values)
