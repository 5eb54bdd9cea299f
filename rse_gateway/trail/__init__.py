"""The consultation log of one institution: importable alone, by gateway, stub and vendors alike.

Needs the standard library and ``cryptography``, nothing else of ``rse_gateway``; what keeps the log in SQL
stands in ``rse_gateway.trail.sql``. Format: ``docs/reference/trail-format.md``.
"""

from rse_gateway.trail.entry import EntryMaker, HmacSearchKey, LogEntry, PersonRow, SearchKey, index_of
from rse_gateway.trail.errors import PrivatePartError, RecordError, TrailError
from rse_gateway.trail.ids import EntryIds
from rse_gateway.trail.kinds import Kind
from rse_gateway.trail.month_keys import MonthKey, MonthKeys, WrappedKey, auditor_id, unwrap, wrap
from rse_gateway.trail.national_numbers import holds_number, looks_like_niss, without_niss
from rse_gateway.trail.private import Person, PrivatePart, Role, commitment, parse_private
from rse_gateway.trail.reader import PrivateReader, open_private
from rse_gateway.trail.record import Record, leaf_hash, parse_record, time_text

__all__ = [
    "EntryIds",
    "EntryMaker",
    "HmacSearchKey",
    "Kind",
    "LogEntry",
    "MonthKey",
    "MonthKeys",
    "Person",
    "PersonRow",
    "PrivatePart",
    "PrivatePartError",
    "PrivateReader",
    "Record",
    "RecordError",
    "Role",
    "SearchKey",
    "TrailError",
    "WrappedKey",
    "auditor_id",
    "commitment",
    "holds_number",
    "index_of",
    "leaf_hash",
    "looks_like_niss",
    "open_private",
    "parse_private",
    "parse_record",
    "time_text",
    "unwrap",
    "without_niss",
    "wrap",
]
