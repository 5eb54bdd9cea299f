"""`deliverSocialReport` between tree and domain: a late answer that a holding CPAS pushes."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from rse_gateway.contract.envelope import (
    Information,
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    request_options,
    status_values,
)
from rse_gateway.contract.mapper import mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.domain.consultation import CustomerInformation, RequestOptions
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.errors import GatewayFault


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryRequest:
    """A valid ``deliverSocialReportRequest``.

    Attributes:
        customer: here the holding CPAS, which calls.
        delivered_ticket: the ``ticketCBSS`` of the consultation that the delivery answers.
        report: the ``socialReport`` element as received, to be given to `check_report`.
    """

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    delivered_ticket: GatewayTicket
    ssin: str
    status_value: str
    code: str
    report: etree._Element | None


@dataclass(frozen=True, slots=True)
class DeliveryAnswer:
    """What the gateway answers to a delivery: accepted (OK) or not (NOK, with the code that says why)."""

    accepted: bool
    code: str
    gateway_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    information: Information = ()


def delivery_request(payload: etree._Element) -> DeliveryRequest:
    """Return the delivery that a valid ``deliverSocialReportRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return DeliveryRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        delivered_ticket=GatewayTicket.parse(values["criteria"]["ticketCBSS"]),
        ssin=values["criteria"]["ssin"],
        status_value=values["supplierStatus"]["value"],
        code=values["supplierStatus"]["code"],
        report=values.get("socialReport"),
    )


def delivery_response(
    delivery: DeliveryRequest, answer: DeliveryAnswer, language: str | None
) -> etree._Element:
    """Return the ``deliverSocialReportResponse``.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    value = "OK" if answer.accepted else "NOK"
    try:
        status = status_values(value, answer.code, answer.information, language)
    except KeyError as error:
        raise GatewayFault("a code of our own answer is not in the catalogue") from error
    values = {
        "informationCustomer": customer_values(delivery.customer),
        "informationCBSS": gateway_values(answer.gateway_ticket, answer.received_at, answer.replied_at),
        "legalContext": delivery.legal_context,
        "criteria": {"ticketCBSS": str(delivery.delivered_ticket), "ssin": delivery.ssin},
        "status": status,
    }
    return mapper_for(REPORT).write("deliverSocialReportResponse", values)
