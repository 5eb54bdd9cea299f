"""The blocks that messages share: who asks, the gateway's numbers, criteria, status."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from golden_pack.ground import (
    CENTRE,
    CONSULTATION,
    JEANNE,
    LANGUAGES,
    NORTH,
    OWN_TICKET,
    RECEIVED,
    REPLIED,
    REQUEST_TICKET,
    SENT,
    SOCIAL_INQUIRY,
)
from rse_gateway.contract.catalogue import load_catalogue

Values = dict[str, Any]
NAMES: Final = {
    "0299990019": ("Passerelle d'Exemple", "Voorbeeldgateway"),
    "0299990118": ("CPAS d'Exemple-Nord", "OCMW Voorbeeld-Noord"),
    "0299990217": ("CPAS d'Exemple-Centre", "OCMW Voorbeeld-Centrum"),
    "0299990316": ("CPAS d'Exemple-Sud", "OCMW Voorbeeld-Zuid"),
    "0200000043": ("CPAS d'Exemple-Est", "OCMW Voorbeeld-Oost"),
    "0200000142": ("CPAS d'Exemple-Ouest", "OCMW Voorbeeld-West"),
    "0200000241": ("CPAS d'Exemple-les-Bains", "OCMW Voorbeeldbad"),
    "0200000340": ("CPAS d'Exemple-sur-Meuse", "OCMW Voorbeeld-aan-de-Maas"),
}
TELEPHONES: Final = {
    "0299990118": "02 555 01 18",
    "0299990217": "+32 2 555 02 17",
    "0299990316": "071/55.03.16",
    "0200000043": "087/55.00-43",
}
PERIOD: Final = {"beginDate": "2022-01-01", "endDate": "2026-11-20"}


def customer(
    number: str = NORTH,
    *,
    ticket: str = REQUEST_TICKET,
    role: str = "SOCIAL_WORKER",
    environment: str = "test",
    user: str = "as-0042",
    file_reference: str = "N-2026-118",
) -> Values:
    """Return ``informationCustomer`` of an institution that asks."""
    return {
        "ticket": ticket,
        "timestampSent": SENT,
        "customerIdentification": {"cbeNumber": number},
        "userReference": user,
        "userRole": role,
        "fileReference": file_reference,
        "environment": environment,
    }


def forwarded(number: str = NORTH, *, ticket: str = REQUEST_TICKET, environment: str = "test") -> Values:
    """Return ``informationCustomer`` as the gateway passes it on: no user, no file."""
    return {
        "ticket": ticket,
        "timestampSent": RECEIVED,
        "customerIdentification": {"cbeNumber": number},
        "environment": environment,
    }


def gateway_block(ticket: str = OWN_TICKET, *, replied: bool = True) -> Values:
    """Return ``informationCBSS``."""
    values = {"ticketCBSS": ticket, "timestampReceive": RECEIVED}
    return values | {"timestampReply": REPLIED} if replied else values


def person_criteria(ssin: str = JEANNE, begin: str = "", end: str = "") -> Values:
    """Return criteria of a person and a period."""
    return {
        "ssin": ssin,
        "period": {"beginDate": begin or PERIOD["beginDate"], "endDate": end or PERIOD["endDate"]},
    }


def request(
    criteria: Mapping[str, Any],
    *,
    who: Values | None = None,
    legal_context: str = SOCIAL_INQUIRY,
    options: Values | None = None,
) -> Values:
    """Return the children of a request of any operation that institutions call."""
    values: Values = {"informationCustomer": who or customer(), "legalContext": legal_context}
    if options is not None:
        values["requestOptions"] = options
    return values | {"criteria": criteria}


def answer(asked: Values, status: Values, *, ticket: str = OWN_TICKET, **results: Any) -> Values:
    """Return the children of the answer to a request: customer, legal context and criteria are copied."""
    return {
        "informationCustomer": asked["informationCustomer"],
        "informationCBSS": gateway_block(ticket),
        "legalContext": asked["legalContext"],
        "criteria": asked["criteria"],
        "status": status,
        **results,
    }


def reply(
    asked: Values, value: str, code: str, *, information: Sequence[tuple[str, str]] = (), **results: Any
) -> Values:
    """Return the children of the answer that the gateway gives to a request, in its sender's language."""
    state = status(value, code, language=language_of(asked), information=information)
    return answer(asked, state, **results)


def language_of(asked: Values) -> str:
    """Return the language in which the gateway answers: the one asked for, or the institution's."""
    number = asked["informationCustomer"]["customerIdentification"]["cbeNumber"]
    return str(asked.get("requestOptions", {}).get("language", LANGUAGES[number]))


def status(
    value: str, code: str, *, language: str | None = None, information: Sequence[tuple[str, str]] = ()
) -> Values:
    """Return a status with the catalogue's text (French and Dutch when no language is named)."""
    values: Values = {"value": value, "code": code, "description": load_catalogue().text(code, language)}
    if information:
        values["information"] = [{"fieldName": name, "fieldValue": text} for name, text in information]
    return values


def ratified_from(accepted: str = "2026-11-21") -> tuple[tuple[str, str], ...]:
    """Return what every answer to an accepted consultation says: how far back decisions are passed on."""
    year, rest = int(accepted[:4]), accepted[4:10]
    return (("decisionsRatifiedFrom", f"{year - 5}{rest}"),)


def supplier(number: str) -> Values:
    """Return the public identity of a holding CPAS."""
    name_fr, name_nl = NAMES[number]
    values = {"cbeNumber": number, "nameFr": name_fr, "nameNl": name_nl}
    return values | {"telephone": TELEPHONES[number]} if number in TELEPHONES else values


def question(
    *,
    holder: str = CENTRE,
    ssin: str = JEANNE,
    ticket: str = CONSULTATION,
    requested: str = REQUEST_TICKET,
    reminder: int = 0,
) -> Values:
    """Return the children of the gateway's question to a holding CPAS."""
    return {
        "informationCustomer": forwarded(ticket=requested),
        "informationCBSS": gateway_block(ticket, replied=False),
        "supplierIdentification": {"cbeNumber": holder},
        "legalContext": SOCIAL_INQUIRY,
        "criteria": person_criteria(ssin),
        "reminderNumber": str(reminder),
    }


def holder_answer(
    state: Values, report: Values | None = None, *, holder: str = CENTRE, asked: Values | None = None
) -> Values:
    """Return the children of a holding CPAS's answer to the gateway's question."""
    asked = asked or question(holder=holder)
    values = {
        "informationCustomer": asked["informationCustomer"],
        "informationCBSS": asked["informationCBSS"],
        "informationSupplier": {
            "ticket": "C-2026-0099",
            "timestampReceive": "2026-11-21T10:00:00.310Z",
            "timestampReply": "2026-11-21T10:00:00.940Z",
            "supplierIdentification": {"cbeNumber": holder},
        },
        "legalContext": asked["legalContext"],
        "criteria": asked["criteria"],
        "status": state,
    }
    return values | {"socialReport": report} if report is not None else values
