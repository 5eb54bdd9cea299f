"""Changing who is registered: institutions with their keys, rights and mandates, all or nothing.

Every change raises ``config_generation``, which the caches of all processes follow within 2 s. A public key
belongs to exactly one institution. Rules: security page, "Trust".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.quota import Quotas
from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.security.trust import Profile
from rse_gateway.store.conflicts import written
from rse_gateway.store.log_rows import insert_log
from rse_gateway.store.quotas import column_of_quota
from rse_gateway.store.tables import config_generation, institution_keys, institutions, mandates, rights
from rse_gateway.trail.entry import LogEntry


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One public key: ``key_id`` is the SHA-256 of its SPKI (hex); ``profile`` None = the institution's."""

    key_id: str
    roles: frozenset[str]
    active_from: datetime
    active_until: datetime | None = None
    profile: Profile | None = None
    certificate: bytes | None = None


@dataclass(frozen=True, slots=True)
class Mandate:
    """The recorded institution may sign for ``cpas``, for this operation, within optional dates."""

    cpas: CbeNumber
    operation: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class InstitutionRecord:
    """Everything that is registered about one institution.

    Attributes:
        quotas: consultations, and new lines by message, per hour.
        successor, successor_since: who stands for it after a merger, and from which day.
    """

    institution: Institution
    keys: tuple[KeyRecord, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    profile: Profile = "strict"
    quotas: Quotas = field(default_factory=Quotas)
    maintenance_until: datetime | None = None
    successor: CbeNumber | None = None
    successor_since: date | None = None


def import_institutions(
    engine: Engine, records: Iterable[InstitutionRecord], *, log: Sequence[LogEntry] = ()
) -> int:
    """Register the institutions, or none of them; what was registered about each before is replaced.

    Institutions that are not named stay as they are. ``log`` is written in the same transaction.

    Raises:
        SetupError: an institution or a key stands twice, or the key belongs to another institution.
        GatewayUnavailable: the store cannot be written, nothing changed; or the outcome is unknown.
    """
    # by number: messages with a quota hold the rows of institutions in the same order
    given = sorted(records, key=lambda record: record.institution.cbe_number)
    _check_once(given)

    def replace(connection: Connection) -> None:
        raised = update(config_generation).values(generation=config_generation.c.generation + 1)
        connection.execute(raised)
        for record in given:
            _forget_details(connection, record.institution.cbe_number)
        _check_keys_free(connection, given)
        for record in given:
            _put_institution(connection, record)
        for record in given:
            _put_details(connection, record)
        insert_log(connection, log)

    try:
        written(engine, replace)
    except SQLAlchemyError as error:
        raise GatewayUnavailable("the registry cannot be written; nothing changed") from error
    return len(given)


def _check_once(records: Sequence[InstitutionRecord]) -> None:
    numbers: set[CbeNumber] = set()
    keys: set[str] = set()
    for record in records:
        number = record.institution.cbe_number
        if number in numbers:
            raise SetupError(f"institution {number} stands twice; give it once, with all its keys")
        numbers.add(number)
        if (record.successor is None) != (record.successor_since is None):
            raise SetupError(f"institution {number}: a successor and its first day are given together")
        for key in record.keys:
            if key.key_id in keys:
                raise SetupError(f"key {key.key_id} of {number} stands twice; a key has one institution")
            keys.add(key.key_id)


def _check_keys_free(connection: Connection, records: Sequence[InstitutionRecord]) -> None:
    query = select(institution_keys.c.key_id, institution_keys.c.cbe_number)
    owner_of = {row.key_id: row.cbe_number for row in connection.execute(query)}
    for record in records:
        for key in record.keys:
            if key.key_id in owner_of:
                raise SetupError(
                    f"key {key.key_id} of {record.institution.cbe_number}: "
                    f"already registered for {owner_of[key.key_id]}"
                )


def _forget_details(connection: Connection, cbe_number: CbeNumber) -> None:
    connection.execute(delete(institution_keys).where(institution_keys.c.cbe_number == cbe_number.value))
    connection.execute(delete(rights).where(rights.c.cbe_number == cbe_number.value))
    connection.execute(delete(mandates).where(mandates.c.mandatary == cbe_number.value))


def _put_institution(connection: Connection, record: InstitutionRecord) -> None:
    row = _columns_of(record.institution)
    row["quota"] = column_of_quota(record.quotas.consultations)
    row["register_quota"] = column_of_quota(record.quotas.lines)
    row["register_quota_until"] = record.quotas.lines_until
    row["profile"] = record.profile
    row["maintenance_until"] = record.maintenance_until
    row["successor"] = None if record.successor is None else record.successor.value
    row["successor_since"] = record.successor_since
    known = update(institutions).where(institutions.c.cbe_number == row["cbe_number"]).values(row)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(institutions), row)


def _columns_of(institution: Institution) -> dict[str, Any]:
    names = {one.name for one in fields(institution)} - {"rights", "suspended"}
    row = {name: getattr(institution, name) for name in sorted(names)}
    row["cbe_number"] = institution.cbe_number.value
    return row


def _put_details(connection: Connection, record: InstitutionRecord) -> None:
    number = record.institution.cbe_number.value
    _put(connection, institution_keys, [_key_row(number, key) for key in record.keys])
    _put(connection, rights, [_right_row(number, right) for right in record.institution.rights])
    _put(connection, mandates, [_mandate_row(number, mandate) for mandate in record.mandates])


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _key_row(cbe_number: str, key: KeyRecord) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "cbe_number": cbe_number,
        "roles": ",".join(sorted(key.roles)),
        "profile": key.profile,
        "active_from": key.active_from,
        "active_until": key.active_until,
        "certificate_digest": None if key.certificate is None else sha256(key.certificate).hexdigest(),
        "certificate": key.certificate,
    }


def _right_row(cbe_number: str, right: Right) -> dict[str, Any]:
    return {
        "cbe_number": cbe_number,
        "operation": right.operation,
        "legal_context": right.legal_context,
        "valid_from": right.valid_from,
        "valid_until": right.valid_until,
    }


def _mandate_row(mandatary: str, mandate: Mandate) -> dict[str, Any]:
    return {
        "mandatary": mandatary,
        "cpas": mandate.cpas.value,
        "operation": mandate.operation,
        "valid_from": mandate.valid_from,
        "valid_until": mandate.valid_until,
    }


def suspend_institution(
    engine: Engine, cbe_number: CbeNumber, at: datetime | None, *, log: Sequence[LogEntry] = ()
) -> None:
    """Suspend an institution from ``at`` on, or let it take part again (None); an import does not change it.

    Raises:
        SetupError: nobody has that number, or it is so already.
        GatewayUnavailable: the store cannot be written, nothing changed; or the outcome is unknown.
    """
    is_so = institutions.c.suspended_at.is_(None) if at is None else institutions.c.suspended_at.is_not(None)
    of_number = institutions.c.cbe_number == cbe_number.value

    def change(connection: Connection) -> None:
        raised = update(config_generation).values(generation=config_generation.c.generation + 1)
        connection.execute(raised)
        changing = update(institutions).where(of_number, ~is_so).values(suspended_at=at)
        if connection.execute(changing).rowcount == 0:
            known = connection.execute(select(institutions.c.cbe_number).where(of_number)).first()
            state = "is not suspended" if at is None else "is suspended already"
            raise SetupError(f"institution {cbe_number}: {'not registered' if known is None else state}")
        insert_log(connection, log)

    try:
        written(engine, change)
    except SQLAlchemyError as error:
        raise GatewayUnavailable("the registry cannot be written; nothing changed") from error
