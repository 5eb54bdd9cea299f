"""`receiveSocialReport` between tree and domain: a late answer that goes to the CPAS that asked.

The gateway is the caller here; what the receiver answers says only whether the late answer arrived.
"""

from dataclasses import dataclass

from lxml import etree

from rse_gateway.contract.envelope import gateway_values, payload_values, period_values, timestamp
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.supplier_result import supplier_result_values
from rse_gateway.domain.consultation import PushedAnswer


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """A valid ``receiveSocialReportResponse``: structure right, nothing compared with what was sent yet.

    Attributes:
        requesting_cpas: enterprise number of the copied ``customerIdentification``, None for another form.
        status_value: ``OK`` or ``NOK``.
    """

    ticket_cbss: str
    ticket: str
    status_value: str
    code: str
    environment: str
    requesting_cpas: str | None


def receiver_request(pushed: PushedAnswer, language: str | None) -> etree._Element:
    """Return the ``receiveSocialReportRequest`` to sign: the report stands in it as its verified subtree.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    values = receiver_request_values(pushed, language)
    return mapper_for(REPORT).write("receiveSocialReportRequest", values)


def receiver_request_values(pushed: PushedAnswer, language: str | None) -> Values:
    """Return the late answer as named values in the order of the contract.

    A report among them is an element of lxml, which zeep does not take: `receiver_request` builds the
    message itself.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    consultation = pushed.consultation
    return {
        "informationCustomer": {
            "ticket": consultation.ticket.value,
            "timestampSent": timestamp(pushed.sent_at),
            "customerIdentification": {"cbeNumber": pushed.requesting_cpas.value},
            "environment": pushed.environment,
        },
        "informationCBSS": gateway_values(consultation.gateway_ticket, consultation.accepted_at),
        "legalContext": pushed.legal_context,
        "criteria": {"ssin": consultation.niss.value, "period": period_values(consultation.period)},
        "supplierResult": supplier_result_values(pushed.result, language),
    }


def receiver_answer(payload: etree._Element) -> ReceiverAnswer:
    """Return what a valid ``receiveSocialReportResponse`` says.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    customer, status = values["informationCustomer"], values["status"]
    return ReceiverAnswer(
        ticket_cbss=values["informationCBSS"]["ticketCBSS"],
        ticket=customer["ticket"],
        status_value=status["value"],
        code=status["code"],
        environment=customer["environment"],
        requesting_cpas=customer["customerIdentification"].get("cbeNumber"),
    )
