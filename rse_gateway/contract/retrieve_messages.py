"""`retrieveSocialReport` between tree and domain: the answer to an earlier question as it stands now."""

from lxml import etree

from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    period_values,
    present,
    request_options,
    status_values,
    timestamp,
)
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.supplier_result import supplier_result_values
from rse_gateway.domain.consultation import AcceptedConsultation, RetrieveAnswer, RetrieveRequest
from rse_gateway.domain.identifiers import GatewayTicket


def retrieve_request(payload: etree._Element) -> RetrieveRequest:
    """Return the request that a valid ``retrieveSocialReportRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return RetrieveRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        gateway_ticket=GatewayTicket.parse(values["criteria"]["ticketCBSS"]),
        supplier=values["criteria"].get("supplier"),
    )


def retrieve_response(answer: RetrieveAnswer, language: str | None) -> etree._Element:
    """Return the ``retrieveSocialReportResponse``; ``language`` None gives French and Dutch.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    request, status = answer.request, answer.status
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.message_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": present({"ticketCBSS": str(request.gateway_ticket), "supplier": request.supplier}),
        "status": status_values(status.value.value, status.code, status.information, language),
        "supplierResult": [supplier_result_values(result, language) for result in answer.results],
    }
    if answer.consultation is not None:
        values["consultation"] = _consultation_values(answer.consultation)
    return mapper_for(REPORT).write("retrieveSocialReportResponse", values)


def _consultation_values(consultation: AcceptedConsultation) -> Values:
    return {
        "ticket": consultation.ticket.value,
        "ticketCBSS": str(consultation.gateway_ticket),
        "acceptedAt": timestamp(consultation.accepted_at),
        "ssin": consultation.niss.value,
        "period": period_values(consultation.period),
    }
