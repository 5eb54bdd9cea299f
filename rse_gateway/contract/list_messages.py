"""`listSocialReports` between tree and domain: how one's own consultations stand; names no person."""

from datetime import UTC, datetime

from lxml import etree

from rse_gateway.contract.envelope import (
    boolean,
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    request_options,
    status_values,
    timestamp,
)
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.domain.consultation import ListAnswer, ListedConsultation, ListedSupplier, ListRequest
from rse_gateway.domain.identifiers import GatewayTicket


def list_request(payload: etree._Element) -> ListRequest:
    """Return the request that a valid ``listSocialReportsRequest`` makes.

    ``since`` keeps microseconds; finer decimals are dropped, so that the list can only hold more.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    criteria = values["criteria"]
    since = criteria.get("since")
    return ListRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        since=None if since is None else datetime.fromisoformat(since),
        confirmed=tuple(GatewayTicket.parse(ticket) for ticket in criteria.get("confirmed", ())),
        since_text=since,
    )


def list_response(answer: ListAnswer, language: str | None) -> etree._Element:
    """Return the ``listSocialReportsResponse``; ``language`` None gives French and Dutch.

    A refused request has neither ``asOf`` nor ``more``.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    request, status = answer.request, answer.status
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.message_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": _criteria_values(request),
        "status": status_values(status.value.value, status.code, status.information, language),
        "consultation": [_consultation_values(listed) for listed in answer.consultations],
    }
    if answer.as_of is not None:
        values |= {"asOf": timestamp(answer.as_of), "more": boolean(answer.more)}
    return mapper_for(REPORT).write("listSocialReportsResponse", values)


def _criteria_values(request: ListRequest) -> Values:
    values: Values = {"confirmed": [str(ticket) for ticket in request.confirmed]}
    if request.since_text is not None:
        values["since"] = request.since_text
    elif request.since is not None:
        values["since"] = request.since.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    return values


def _consultation_values(listed: ListedConsultation) -> Values:
    return {
        "ticket": listed.ticket.value,
        "ticketCBSS": str(listed.gateway_ticket),
        "acceptedAt": timestamp(listed.accepted_at),
        "statusValue": listed.status.value,
        "supplierState": [_supplier_values(supplier) for supplier in listed.suppliers],
    }


def _supplier_values(supplier: ListedSupplier) -> Values:
    values = {
        "cbeNumber": supplier.cbe_number.value,
        "outcome": supplier.outcome.value,
        "outcomeSince": timestamp(supplier.since),
        "code": supplier.code,
    }
    return values | {"late": boolean(True)} if supplier.late else values
