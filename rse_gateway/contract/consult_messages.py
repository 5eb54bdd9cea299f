"""`consultSocialReport` between tree and domain: the request as it came, the answer as decided."""

from lxml import etree

from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    period_of,
    period_values,
    request_options,
    status_values,
)
from rse_gateway.contract.mapper import mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.supplier_result import supplier_result_values
from rse_gateway.domain.consultation import ConsultAnswer, ConsultRequest


def consult_request(payload: etree._Element) -> ConsultRequest:
    """Return the request that a valid ``consultSocialReportRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return ConsultRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        ssin=values["criteria"]["ssin"],
        period=period_of(values["criteria"]["period"]),
    )


def consult_response(answer: ConsultAnswer, language: str | None) -> etree._Element:
    """Return the ``consultSocialReportResponse``; ``language`` None gives French and Dutch.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    request, status = answer.request, answer.status
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.gateway_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": {"ssin": request.ssin, "period": period_values(request.period)},
        "status": status_values(status.value.value, status.code, status.information, language),
        "supplierResult": [supplier_result_values(result, language) for result in answer.results],
    }
    return mapper_for(REPORT).write("consultSocialReportResponse", values)
