"""One institution's consultation log in SQL (SQLite or PostgreSQL): append, find, compare index and record.

Append-only: nothing here changes or deletes a row. What is found is read from the record; the columns
beside it only help to find it, and ``verify_index`` says where they disagree.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, Connection, Engine, RowMapping, Select, Table, event, insert, select

from rse_gateway.trail.entry import INDEX_FIELDS, LogEntry
from rse_gateway.trail.errors import RecordError
from rse_gateway.trail.month_keys import WrappedKey
from rse_gateway.trail.record import time_text
from rse_gateway.trail.sql.durable_sqlite import durable_sqlite_engine
from rse_gateway.trail.sql.tables import TrailTables, entry_of, month_key_rows, rows_for_all, wrapped_key_of

_READS = {"log_reads_only": True}
_PAGE = 500
_BUSY_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; every criterion given must hold. ``at_from`` ≤ moment < ``at_until``.

    ``person_hmacs``: the keyed values of one person under every readable search key, in any role.
    """

    kind: str | None = None
    asking: str | None = None
    holding: str | None = None
    signing: str | None = None
    outcome: str | None = None
    user_reference: str | None = None
    legal_context: str | None = None
    ticket: str | None = None
    gateway_ticket: str | None = None
    at_from: datetime | None = None
    at_until: datetime | None = None
    person_hmacs: tuple[bytes, ...] = ()
    limit: int = 100


@dataclass(frozen=True, slots=True)
class IndexFault:
    """A row whose columns and record disagree: which entry, and where (``record`` = no valid record)."""

    entry_id: UUID
    column: str


def sqlite_log_engine(path: Path) -> Engine:
    """Return an engine on a SQLite file that commits durably (WAL, synchronous=FULL, BEGIN IMMEDIATE).

    A new file is readable by its owner alone; the files beside it take its mode.
    """
    url = URL.create("sqlite", database=str(path))
    engine = durable_sqlite_engine(url, busy_seconds=_BUSY_SECONDS)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("log_reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class ConsultationLog:
    """The log behind one engine; the tables exist (``tables.entries.metadata.create_all``)."""

    def __init__(self, engine: Engine, tables: TrailTables) -> None:
        """Take the engine and the tables that ``trail_tables`` made."""
        self._engine = engine
        self._tables = tables

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Store all entries in one transaction; when this returns they are durable, else none is stored.

        Raises:
            RecordError: an entry's record is no canonical record.
            sqlalchemy.exc.SQLAlchemyError: the database refused; nothing is stored.
        """
        rows = rows_for_all(entries)
        with self._engine.begin() as connection:
            for table in self._tables.written:
                if rows.get(table.name):
                    connection.execute(insert(table), rows[table.name])

    def save_month_keys(self, wrapped: Sequence[WrappedKey]) -> None:
        """Store the wrapped copies of a month's key durably (the ``save`` of ``MonthKeys``).

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        with self._engine.begin() as connection:
            connection.execute(insert(self._tables.month_keys), month_key_rows(wrapped))

    def month_keys(self, auditor: str | None = None) -> list[WrappedKey]:
        """Return the wrapped keys, of all auditors or of the one whose key has this id."""
        table = self._tables.month_keys
        query = select(table).order_by(table.c.month, table.c.key_id)
        if auditor is not None:
            query = query.where(table.c.auditor == auditor)
        with self._engine.connect().execution_options(**_READS) as connection:
            return [wrapped_key_of(row) for row in connection.execute(query).mappings()]

    def by_ticket(self, ticket: str) -> list[LogEntry]:
        """Return every row with this ticket, the requester's or the gateway's, oldest first."""
        table = self._tables.entries
        named = (table.c.ticket == ticket) | (table.c.gateway_ticket == ticket)
        return self._read(select(table).where(named).order_by(table.c.at, table.c.entry_id))

    def find(self, search: Search) -> list[LogEntry]:
        """Return the newest rows that fit, newest first, at most ``search.limit``."""
        table = self._tables.entries
        query = select(table).order_by(table.c.at.desc(), table.c.entry_id.desc()).limit(search.limit)
        for column in INDEX_FIELDS:
            value = getattr(search, column, None) if column != "at" else None
            if value is not None:
                query = query.where(table.c[column] == value)
        if search.at_from is not None:
            query = query.where(table.c.at >= time_text(search.at_from))
        if search.at_until is not None:
            query = query.where(table.c.at < time_text(search.at_until))
        if search.person_hmacs:
            persons = self._tables.persons
            about = select(persons.c.entry_id).where(persons.c.niss_hmac.in_(search.person_hmacs))
            query = query.where(table.c.entry_id.in_(about))
        return self._read(query)

    def verify_index(self) -> Iterator[IndexFault]:
        """Yield every disagreement between a row's columns and its record, oldest id first."""
        table = self._tables.entries
        last = b""
        while True:
            query = select(table).where(table.c.entry_id > last).order_by(table.c.entry_id).limit(_PAGE)
            with self._engine.connect().execution_options(**_READS) as connection:
                rows = connection.execute(query).mappings().all()
            if not rows:
                return
            for row in rows:
                yield from _faults(entry_of(row, None, ()), {name: row[name] for name in INDEX_FIELDS})
            last = bytes(rows[-1]["entry_id"])

    def _read(self, query: Select[tuple[object, ...]]) -> list[LogEntry]:
        with self._engine.connect().execution_options(**_READS) as connection:
            rows = connection.execute(query).mappings().all()
            keys = [row["entry_id"] for row in rows]
            private = _by_entry(connection, self._tables.private, keys)
            persons = _by_entry(connection, self._tables.persons, keys)
        return [
            entry_of(row, next(iter(private[bytes(key)]), None), persons[bytes(key)])
            for row, key in zip(rows, keys, strict=True)
        ]


def _by_entry(connection: Connection, table: Table, keys: Sequence[bytes]) -> dict[bytes, list[RowMapping]]:
    found = defaultdict[bytes, list[RowMapping]](list)
    for start in range(0, len(keys), _PAGE):
        query = select(table).where(table.c.entry_id.in_(keys[start : start + _PAGE]))
        for row in connection.execute(query.order_by(*table.primary_key.columns)).mappings():
            found[bytes(row["entry_id"])].append(row)
    return found


def _faults(entry: LogEntry, columns: dict[str, str | None]) -> Iterator[IndexFault]:
    try:
        record = entry.parsed()
    except RecordError:
        yield IndexFault(entry.entry_id, "record")
        return
    if record.fields["id"] != str(entry.entry_id):
        yield IndexFault(entry.entry_id, "entry_id")
    for name, value in entry.index().items():
        if columns[name] != value:
            yield IndexFault(entry.entry_id, name)
