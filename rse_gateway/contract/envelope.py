"""The blocks that every message has: who asks, the gateway's number, legal context, options, status.

Names and order follow the conventions of BCSS services (domain page §4). Values come from payloads that
passed `Schemas.check`.
"""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Final

from lxml import etree

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.domain.consultation import CustomerInformation, Period, RequestOptions
from rse_gateway.domain.identifiers import GatewayTicket, Ticket
from rse_gateway.errors import GatewayFault

Information = Iterable[tuple[str, str]]
MAX_INFORMATION: Final = 15
_WITHHELD: Final = "-"
_NOT_IN_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff\ufffe\uffff]")


def payload_values(payload: etree._Element) -> Values:
    """Return the values of a valid payload of any types namespace.

    Raises:
        GatewayFault: the payload was not validated.
        SetupError: the contract has no schema for its namespace.
    """
    return mapper_for(etree.QName(payload).namespace or "").read(payload)


def customer_of(payload: etree._Element) -> CustomerInformation:
    """Return who asks, from any valid request."""
    return customer_information(payload_values(payload)["informationCustomer"])


def legal_context_of(payload: etree._Element) -> str:
    """Return the legal context of any valid request."""
    return str(payload_values(payload)["legalContext"])


def options_of(payload: etree._Element) -> RequestOptions:
    """Return the options of any valid request; the defaults where it has none."""
    return request_options(payload_values(payload))


def customer_information(values: Values) -> CustomerInformation:
    """Return ``informationCustomer`` as a value of the domain."""
    identification = values["customerIdentification"]
    return CustomerInformation(
        ticket=Ticket(values["ticket"]),
        cbe_number=identification.get("cbeNumber"),
        user_reference=values["userReference"],
        user_role=values["userRole"],
        environment=values["environment"],
        timestamp_sent=values.get("timestampSent"),
        sector=identification.get("sector"),
        institution=identification.get("institution"),
        file_reference=values.get("fileReference"),
    )


def customer_values(customer: CustomerInformation) -> Values:
    """Return ``informationCustomer`` for an answer: the same values that were received."""
    identification = {
        "cbeNumber": customer.cbe_number,
        "sector": customer.sector,
        "institution": customer.institution,
    }
    values = {
        "ticket": customer.ticket.value,
        "timestampSent": customer.timestamp_sent,
        "customerIdentification": present(identification),
        "userReference": customer.user_reference,
        "userRole": customer.user_role,
        "fileReference": customer.file_reference,
        "environment": customer.environment,
    }
    return present(values)


def request_options(values: Values) -> RequestOptions:
    """Return ``requestOptions`` from the values of a request."""
    options = values.get("requestOptions", {})
    window = options.get("collectWindow")
    return RequestOptions(
        language=options.get("language"),
        collect_window=None if window is None else int(window),
        dry_run=is_true(options.get("dryRun")),
    )


def gateway_values(
    ticket: GatewayTicket, received_at: datetime, replied_at: datetime | None = None
) -> Values:
    """Return ``informationCBSS``."""
    values = {"ticketCBSS": str(ticket), "timestampReceive": timestamp(received_at)}
    if replied_at is not None:
        values["timestampReply"] = timestamp(replied_at)
    return values


def status_values(value: str, code: str, information: Information, language: str | None) -> Values:
    """Return a ``status`` block with the catalogue's text.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    values = {"value": value, "code": code, "description": description(code, language)}
    return values | information_values(information)


def description(code: str, language: str | None) -> str:
    """Return the catalogue's text of a code that stands in an answer of ours.

    Raises:
        GatewayFault: the code is not in the catalogue.
    """
    try:
        return load_catalogue().text(code, language)
    except KeyError as error:
        raise GatewayFault("a code of our own answer is not in the catalogue") from error


def information_values(information: Information) -> Values:
    """Return ``information`` (at most 15), or nothing when there is none."""
    pairs = [{"fieldName": text(name, 64), "fieldValue": text(value, 256)} for name, value in information]
    return {"information": pairs[:MAX_INFORMATION]} if pairs else {}


def text(value: str, length: int) -> str:
    """Return ``value`` as a text of the contract: no control characters, cut, ``-`` when nothing is left."""
    clean = _NOT_IN_TEXT.sub(" ", value)[:length]
    return clean if clean.strip(" ") else _WITHHELD


def period_of(values: Values) -> Period:
    """Return a period of the contract."""
    return Period(date.fromisoformat(values["beginDate"]), date.fromisoformat(values["endDate"]))


def period_values(period: Period) -> Values:
    """Return a period for the wire."""
    return {"beginDate": period.begin.isoformat(), "endDate": period.end.isoformat()}


def timestamp(moment: datetime) -> str:
    """Return the moment in UTC, with Z and milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def boolean(value: bool) -> str:
    """Return an xs:boolean for the wire."""
    return "true" if value else "false"


def is_true(value: str | None) -> bool:
    """Tell whether an xs:boolean is true; absent is false."""
    return value in ("true", "1")


def copied(element: etree._Element) -> etree._Element:
    """Return an unattached copy without text around it."""
    copy = deepcopy(element)
    copy.tail = None
    return copy


def present(values: Mapping[str, str | Values | None]) -> Values:
    """Return the values that are there."""
    return {name: value for name, value in values.items() if value is not None}
