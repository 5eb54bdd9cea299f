"""The tables of a consultation log, and how an entry becomes rows.

``log_entries.record`` is the log; every other column of that table is an index that repeats it. The side
tables can be emptied without touching any proof.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, MetaData, RowMapping, String, Table

from rse_gateway.trail.entry import LogEntry, PersonRow
from rse_gateway.trail.month_keys import WrappedKey
from rse_gateway.trail.private import Role
from rse_gateway.trail.sealing import PRIVATE_TABLE, SealedPrivate

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrailTables:
    """The tables of one log, in the order in which a transaction writes them (``written``)."""

    entries: Table
    pending: Table
    private: Table
    persons: Table
    month_keys: Table

    @property
    def written(self) -> tuple[Table, ...]:
        """The tables that ``rows_for`` fills, in the order in which they are written."""
        return (self.entries, self.pending, self.private, self.persons)


def trail_tables(metadata: MetaData) -> TrailTables:
    """Return the log's tables, defined in ``metadata`` (the gateway's own, or a fresh one)."""
    entries = Table(
        "log_entries",
        metadata,
        Column("entry_id", LargeBinary(16), primary_key=True),
        Column("record", LargeBinary, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("at", String(24), nullable=False),
        Column("gateway_ticket", String(36)),
        Column("ticket", String(36)),
        Column("asking", String(10)),
        Column("holding", String(10)),
        Column("signing", String(10)),
        Column("operation", String(64)),
        Column("legal_context", String(64)),
        Column("user_reference", String(256)),
        Column("outcome", String(32)),
        Index("ix_log_entries_at", "at"),
        Index("ix_log_entries_kind", "kind", "at"),
        Index("ix_log_entries_gateway_ticket", "gateway_ticket"),
        Index("ix_log_entries_ticket", "ticket"),
        Index("ix_log_entries_asking", "asking", "at"),
        Index("ix_log_entries_holding", "holding", "at"),
        Index("ix_log_entries_user_reference", "user_reference", "at"),
    )
    pending = Table("log_pending", metadata, Column("entry_id", LargeBinary(16), primary_key=True))
    private = Table(
        PRIVATE_TABLE,
        metadata,
        Column("entry_id", LargeBinary(16), primary_key=True),
        Column("month_key_id", String(36), nullable=False, index=True),
        Column("nonce", LargeBinary(12), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
    )
    persons = Table(
        "log_persons",
        metadata,
        Column("entry_id", LargeBinary(16), primary_key=True),
        Column("role", String(16), primary_key=True),
        Column("niss_hmac", LargeBinary(32), primary_key=True),
        Column("hmac_key_id", String(64), nullable=False),
        Index("ix_log_persons_niss_hmac", "niss_hmac", "entry_id"),
    )
    return TrailTables(entries, pending, private, persons, _month_keys_table(metadata))


def _month_keys_table(metadata: MetaData) -> Table:
    return Table(
        "log_month_keys",
        metadata,
        Column("key_id", String(36), primary_key=True),
        Column("auditor", String(64), primary_key=True),
        Column("month", String(7), nullable=False, index=True),
        Column("wrapped", LargeBinary, nullable=False),
    )


def rows_for(entry: LogEntry) -> dict[str, list[Row]]:
    """Return the rows of one entry by table name: the one place that knows how an entry becomes rows.

    Raises:
        RecordError: the entry's record is no canonical record.
    """
    key = entry.entry_id.bytes
    rows: dict[str, list[Row]] = {
        "log_entries": [{"entry_id": key, "record": entry.record, **entry.index()}],
        "log_pending": [{"entry_id": key}],
        PRIVATE_TABLE: [],
        "log_persons": [
            {
                "entry_id": key,
                "role": person.role.value,
                "niss_hmac": person.niss_hmac,
                "hmac_key_id": person.hmac_key_id,
            }
            for person in entry.persons
        ],
    }
    if entry.private is not None:
        rows[PRIVATE_TABLE].append(
            {
                "entry_id": key,
                "month_key_id": str(entry.private.month_key_id),
                "nonce": entry.private.nonce,
                "sealed": entry.private.sealed,
            }
        )
    return rows


def rows_for_all(entries: Iterable[LogEntry]) -> dict[str, list[Row]]:
    """Return the rows of several entries by table name, for one multi-row insert per table."""
    rows: dict[str, list[Row]] = {}
    for entry in entries:
        for table, of_table in rows_for(entry).items():
            rows.setdefault(table, []).extend(of_table)
    return rows


def month_key_rows(wrapped: Iterable[WrappedKey]) -> list[Row]:
    """Return the rows of ``log_month_keys`` for the wrapped copies of a key."""
    return [
        {"key_id": str(copy.key_id), "auditor": copy.auditor, "month": copy.month, "wrapped": copy.wrapped}
        for copy in wrapped
    ]


def wrapped_key_of(row: RowMapping) -> WrappedKey:
    """Return the wrapped copy that a row of ``log_month_keys`` holds."""
    return WrappedKey(UUID(row["key_id"]), row["month"], row["auditor"], bytes(row["wrapped"]))


def entry_of(row: RowMapping, private: RowMapping | None, persons: Sequence[RowMapping]) -> LogEntry:
    """Return the entry that rows of the entries, private and persons tables make up."""
    sealed = None
    if private is not None:
        month_key_id = UUID(private["month_key_id"])
        sealed = SealedPrivate(month_key_id, bytes(private["nonce"]), bytes(private["sealed"]))
    found = tuple(
        PersonRow(Role(person["role"]), bytes(person["niss_hmac"]), person["hmac_key_id"])
        for person in persons
    )
    return LogEntry(UUID(bytes=bytes(row["entry_id"])), bytes(row["record"]), sealed, found)
