"""`manageAccess` between tree and domain: a CPAS keeps its own lines of the sectoral directory."""

from datetime import date
from typing import Final

from lxml import etree

from rse_gateway.contract.envelope import (
    boolean,
    customer_information,
    customer_values,
    gateway_values,
    payload_values,
    present,
    request_options,
    status_values,
    timestamp,
)
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import MANAGE_ACCESS
from rse_gateway.domain.directory import AccessAction, AccessAnswer, AccessRequest, OwnLine

_CHOICES: Final = {
    "register": AccessAction.REGISTER,
    "unregister": AccessAction.UNREGISTER,
    "list": AccessAction.LIST,
}
_SECTOR: Final = "17"


def access_request(payload: etree._Element) -> AccessRequest:
    """Return the request that a valid ``manageAccessRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    ((choice, criteria),) = values["criteria"].items()
    quality_code = criteria.get("qualityCode")
    return AccessRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        action=_CHOICES[choice],
        ssin=criteria.get("ssin"),
        quality_code=None if quality_code is None else int(quality_code),
        begin=_date(criteria, "beginDate"),
        end=_date(criteria, "endDate"),
        file_reference=criteria.get("fileReference"),
        offset=int(criteria.get("offset", "0")),
    )


def access_response(answer: AccessAnswer, language: str | None) -> etree._Element:
    """Return the ``manageAccessResponse``; ``language`` None gives French and Dutch.

    ``more`` stands in answers to LIST that found lines.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    request = answer.request
    values = {
        "informationCustomer": customer_values(request.customer),
        "informationCBSS": gateway_values(answer.message_ticket, answer.received_at, answer.replied_at),
        "legalContext": request.legal_context,
        "criteria": _criteria_values(request),
        "status": status_values(answer.value, answer.code, answer.information, language),
        "accessLine": [_line_values(line) for line in answer.lines],
    }
    if answer.lines:
        values["more"] = boolean(answer.more)
    return mapper_for(MANAGE_ACCESS).write("manageAccessResponse", values)


def _criteria_values(request: AccessRequest) -> Values:
    choice = next(name for name, action in _CHOICES.items() if action is request.action)
    criteria = {
        "ssin": request.ssin,
        "qualityCode": None if request.quality_code is None else str(request.quality_code),
        "beginDate": None if request.begin is None else request.begin.isoformat(),
        "endDate": None if request.end is None else request.end.isoformat(),
        "fileReference": request.file_reference,
        "offset": str(request.offset) if request.offset else None,
    }
    return {choice: present(criteria)}


def _line_values(own: OwnLine) -> Values:
    line = own.line
    values = {
        "ssin": line.niss.value,
        "sector": _SECTOR,
        "cbeNumber": line.cbe_number.value,
        "qualityCode": str(line.quality_code),
        "beginDate": line.begin.isoformat(),
        "endDate": None if line.end is None else line.end.isoformat(),
        "changedAt": timestamp(own.changed_at),
    }
    return present(values)


def _date(criteria: Values, name: str) -> date | None:
    value = criteria.get(name)
    return None if value is None else date.fromisoformat(value)
