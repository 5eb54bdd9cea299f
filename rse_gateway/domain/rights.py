"""What an institution may call, as it is told: its registered rights and mandates, grouped for an answer.

Pure functions over what is registered; past rights and mandates are left out, future ones stand with their
dates. Rules: contract page, `listRights`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.consultation import CustomerInformation, RequestOptions, Status
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket


@dataclass(frozen=True, slots=True)
class ServedOperation:
    """Where an operation is served: service and version as the contract names them."""

    service: str
    version: str


Served = Mapping[str, ServedOperation]
"""Every operation that the gateway serves, in the contract's order."""


@dataclass(frozen=True, slots=True)
class GrantedRight:
    """One operation that an institution may call, on which grounds and when (None = open)."""

    service: str
    version: str
    operation: str
    legal_contexts: tuple[str, ...]
    begin: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class GrantedMandate:
    """What ``mandatary`` may sign for ``cpas``, and when (None = open)."""

    mandatary: CbeNumber
    cpas: CbeNumber
    operations: tuple[str, ...]
    begin: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """A `listRights` request; ``service`` None = all."""

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    service: str | None


@dataclass(frozen=True, slots=True)
class RightsAnswer:
    """Everything a `listRights` response says; ``mandates`` are those that the caller holds."""

    request: RightsRequest
    message_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    status: Status
    rights: tuple[GrantedRight, ...] = ()
    mandates: tuple[GrantedMandate, ...] = ()


def granted_rights(
    institution: Institution, served: Served, day: date, *, service: str | None = None
) -> tuple[GrantedRight, ...]:
    """Return its rights of ``day`` and later on what is served, in the contract's order of operations.

    Grounds of one operation with the same dates stand together.
    """
    found: dict[tuple[str, date | None, date | None], list[str]] = {}
    for right in institution.rights:
        if right.operation in served and _not_over(right.valid_until, day):
            key = (right.operation, right.valid_from, right.valid_until)
            found.setdefault(key, []).append(right.legal_context)
    order = {operation: place for place, operation in enumerate(served)}
    rights = [
        GrantedRight(where.service, where.version, operation, tuple(contexts), begin, end)
        for (operation, begin, end), contexts in found.items()
        if service in (None, (where := served[operation]).service)
    ]
    return tuple(sorted(rights, key=lambda one: (order[one.operation], _dates(one.begin, one.end))))


def granted_mandates(
    mandates: Iterable[HeldMandate], served: Served, day: date, *, service: str | None = None
) -> tuple[GrantedMandate, ...]:
    """Return the mandates of ``day`` and later, operations with the same parties and dates together.

    With ``service`` only what is signed for that service counts.
    """
    found: dict[tuple[CbeNumber, CbeNumber, date | None, date | None], set[str]] = {}
    for one in mandates:
        where = served.get(one.operation)
        wanted = service is None or (where is not None and where.service == service)
        if wanted and _not_over(one.valid_until, day):
            key = (one.mandatary, one.cpas, one.valid_from, one.valid_until)
            found.setdefault(key, set()).add(one.operation)
    granted = [
        GrantedMandate(mandatary, cpas, tuple(sorted(operations)), begin, end)
        for (mandatary, cpas, begin, end), operations in found.items()
    ]
    return tuple(sorted(granted, key=lambda one: (one.mandatary, one.cpas, _dates(one.begin, one.end))))


def _not_over(last: date | None, day: date) -> bool:
    return last is None or day <= last


def _dates(begin: date | None, end: date | None) -> tuple[date, date]:
    return begin or date.min, end or date.max
