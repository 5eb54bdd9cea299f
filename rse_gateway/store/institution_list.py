"""Everyone who is registered, in one reading: for operators, not for messages (those ask `registry`)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, func, select

from rse_gateway.domain.quota import RegisteredQuota
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.quotas import quota_of_column
from rse_gateway.store.tables import institution_keys, institutions, mandates


@dataclass(frozen=True, slots=True)
class ListedMandate:
    """For whom an institution may sign what, and on which days (both included, None = open)."""

    cpas: str
    operation: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ListedInstitution:
    """One registered institution as an operator sees it; ``keys`` counts its registered keys."""

    cbe_number: str
    name_fr: str
    name_nl: str
    endpoint: str | None
    exempt_until: date | None
    profile: str
    successor: str | None
    successor_since: date | None
    quota: RegisteredQuota
    register_quota: RegisteredQuota
    register_quota_until: date | None
    maintenance_until: datetime | None
    suspended_at: datetime | None
    keys: int
    mandates: tuple[ListedMandate, ...]


def list_institutions(engine: Engine) -> tuple[ListedInstitution, ...]:
    """Return all registered institutions, sorted by number.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    count = select(institution_keys.c.cbe_number, func.count()).group_by(institution_keys.c.cbe_number)
    with read_transaction(engine) as connection:
        keys = Counter[str]()
        for number, many in connection.execute(count):
            keys[number] = many
        held = defaultdict[str, list[ListedMandate]](list)
        for row in connection.execute(select(mandates).order_by(mandates.c.cpas, mandates.c.id)):
            one = ListedMandate(row.cpas, row.operation, row.valid_from, row.valid_until)
            held[row.mandatary].append(one)
        rows = connection.execute(select(institutions).order_by(institutions.c.cbe_number)).all()
    return tuple(
        ListedInstitution(
            cbe_number=row.cbe_number,
            name_fr=row.name_fr,
            name_nl=row.name_nl,
            endpoint=row.endpoint,
            exempt_until=row.exempt_until,
            profile=row.profile,
            successor=row.successor,
            successor_since=row.successor_since,
            quota=quota_of_column(row.quota),
            register_quota=quota_of_column(row.register_quota),
            register_quota_until=row.register_quota_until,
            maintenance_until=row.maintenance_until,
            suspended_at=row.suspended_at,
            keys=keys[row.cbe_number],
            mandates=tuple(held[row.cbe_number]),
        )
        for row in rows
    )
