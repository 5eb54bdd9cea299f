"""Everyone who is registered, in one reading: for operators, not for messages (those ask `registry`)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, func, select

from rse_gateway.store.engine import read_transaction
from rse_gateway.store.tables import institution_keys, institutions


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
    keys: int


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
            keys=keys[row.cbe_number],
        )
        for row in rows
    )
