"""`listRights` between tree and domain: what the caller may call, and for whom it may sign.

The XSD bounds what one answer holds; what does not fit is counted in ``status``. Its dates reach from 1900 to
2099 and a mandate must have a first day: an open beginning stands as the earliest date there is, an end after
the latest as open.
"""

from datetime import date
from typing import Final

from lxml import etree

from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    present,
    request_options,
    status_values,
)
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import TEST_CONNECTION
from rse_gateway.domain.rights import GrantedMandate, GrantedRight, RightsAnswer, RightsRequest

MAX_RIGHTS: Final = 200
MAX_MANDATES: Final = 700
EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2099, 12, 31)
_MAX_CONTEXTS: Final = 20


def rights_request(payload: etree._Element) -> RightsRequest:
    """Return the request that a valid ``listRightsRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return RightsRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        service=values["criteria"].get("service"),
    )


def rights_response(answer: RightsAnswer, language: str | None) -> etree._Element:
    """Return the ``listRightsResponse``; ``language`` None gives French and Dutch.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    request, status = answer.request, answer.status
    rights = [values for right in answer.rights for values in _right_values(right)]
    mandates = [_mandate_values(mandate) for mandate in answer.mandates]
    left_out = {"right": len(rights) - MAX_RIGHTS, "mandate": len(mandates) - MAX_MANDATES}
    information = [(f"{name}sNotShown", str(count)) for name, count in left_out.items() if count > 0]
    values: Values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.message_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": present({"service": request.service}),
        "status": status_values(
            status.value.value, status.code, (*status.information, *information), language
        ),
        "right": rights[:MAX_RIGHTS],
        "mandate": mandates[:MAX_MANDATES],
    }
    return mapper_for(TEST_CONNECTION).write("listRightsResponse", values)


def _right_values(right: GrantedRight) -> list[Values]:
    """Return one element for each twenty grounds."""
    contexts = right.legal_contexts
    return [
        {
            "service": right.service,
            "version": right.version,
            "operation": right.operation,
            "legalContext": list(contexts[first : first + _MAX_CONTEXTS]),
            **_dates(right.begin, right.end),
        }
        for first in range(0, len(contexts), _MAX_CONTEXTS)
    ]


def _mandate_values(mandate: GrantedMandate) -> Values:
    values = {"cbeNumber": mandate.cpas.value, "operation": list(mandate.operations)}
    return values | _dates(mandate.begin or EARLIEST, mandate.end)


def _dates(begin: date | None, end: date | None) -> Values:
    return present(
        {
            "beginDate": None if begin is None else min(max(begin, EARLIEST), _LATEST).isoformat(),
            "endDate": None if end is None or end > _LATEST else end.isoformat(),
        }
    )
