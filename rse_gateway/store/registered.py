"""Whole registrations, read back as they were given: for `institutions show` and what an import changes."""

from collections import defaultdict

from sqlalchemy import Connection, Engine, select

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.institution_rows import institution_of_row, quotas_of_row, rights_by_institution
from rse_gateway.store.registration import InstitutionRecord, KeyRecord, Mandate
from rse_gateway.store.tables import institution_keys, institutions, mandates


def registered(engine: Engine) -> dict[CbeNumber, InstitutionRecord]:
    """Return everyone who is registered, with everything that is.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    with read_transaction(engine) as connection:
        keys, held, granted = _keys(connection), _mandates(connection), rights_by_institution(connection)
        rows = connection.execute(select(institutions).order_by(institutions.c.cbe_number)).all()
    found: dict[CbeNumber, InstitutionRecord] = {}
    for row in rows:
        number = CbeNumber(row.cbe_number)
        found[number] = InstitutionRecord(
            institution_of_row(row, granted[row.cbe_number]),
            keys=tuple(keys[row.cbe_number]),
            mandates=tuple(held[row.cbe_number]),
            profile=row.profile,
            quotas=quotas_of_row(row),
            maintenance_until=row.maintenance_until,
            successor=None if row.successor is None else CbeNumber(row.successor),
            successor_since=row.successor_since,
        )
    return found


def _keys(connection: Connection) -> dict[str, list[KeyRecord]]:
    found: dict[str, list[KeyRecord]] = defaultdict(list)
    for row in connection.execute(select(institution_keys).order_by(institution_keys.c.key_id)):
        found[row.cbe_number].append(
            KeyRecord(
                row.key_id,
                frozenset(row.roles.split(",")),
                row.active_from,
                row.active_until,
                row.profile,
                row.certificate,
            )
        )
    return found


def _mandates(connection: Connection) -> dict[str, list[Mandate]]:
    found: dict[str, list[Mandate]] = defaultdict(list)
    for row in connection.execute(select(mandates).order_by(mandates.c.id)):
        one = Mandate(CbeNumber(row.cpas), row.operation, row.valid_from, row.valid_until)
        found[row.mandatary].append(one)
    return found
