"""`sendTestMessage` between tree and domain: an echo that shows the caller what the gateway saw."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    request_options,
    status_values,
    timestamp,
)
from rse_gateway.contract.mapper import mapper_for
from rse_gateway.contract.namespaces import TEST_CONNECTION
from rse_gateway.domain.consultation import CustomerInformation, RequestOptions, Status
from rse_gateway.domain.message import MessageContext


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """A valid ``sendTestMessageRequest``."""

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    message: str


@dataclass(frozen=True, slots=True)
class ConnectionSeen:
    """What the gateway knows of itself and of the caller: the facts that the answer shows."""

    environment: str
    replied_at: datetime


def message_request(payload: etree._Element) -> MessageRequest:
    """Return the request that a valid ``sendTestMessageRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return MessageRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        message=values["criteria"]["message"],
    )


def message_response(
    request: MessageRequest,
    status: Status,
    context: MessageContext,
    *,
    seen: ConnectionSeen,
    language: str | None,
) -> etree._Element:
    """Return the ``sendTestMessageResponse``, for an echo (DATA_FOUND) and for a refusal (NO_RESULT).

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    certificate = {"sha256": context.proof.certificate_digest}
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(context.gateway_ticket, context.received_at, seen.replied_at),
        "legalContext": request.legal_context,
        "criteria": {"message": request.message},
        "status": status_values(status.value.value, status.code, status.information, language),
        "message": request.message,
        "gatewayTime": timestamp(seen.replied_at),
        "environment": seen.environment,
        "certificateSeen": certificate,
        "institutionSeen": {"cbeNumber": context.signing.value},
    }
    return mapper_for(TEST_CONNECTION).write("sendTestMessageResponse", values)
