"""The sectoral directory (sector 17): look-up by keyed value, and replaced or cancelled numbers.

A person's lines are found under every number that the person had (`niss_replacements`). Rules: domain page
§5. Nothing here stores or looks up a NISS in clear. Whole files come in by `directory_import`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, LargeBinary, bindparam, delete, insert, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.direct import PointRead, Row
from rse_gateway.store.engine import read_transaction, write_transaction
from rse_gateway.store.log_rows import insert_log
from rse_gateway.store.tables import directory_lines, niss_replacements
from rse_gateway.trail.entry import LogEntry


class ReplacementKind(StrEnum):
    """What happened to a number: another took its place, or it was cancelled."""

    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, repr=False)
class NissReplacement:
    """From ``since``, ``old`` is replaced by ``new``, or cancelled (``new`` is None)."""

    old: Niss
    new: Niss | None
    since: date

    @property
    def kind(self) -> ReplacementKind:
        """Which of the two it is."""
        return ReplacementKind.CANCELLED if self.new is None else ReplacementKind.REPLACED


_NUMBER = bindparam("number", type_=LargeBinary())
_AT_ONCE = select(niss_replacements.c.old_hmac, directory_lines).select_from(
    select(literal_column("1").label("one"))
    .subquery("anchor")
    .outerjoin(niss_replacements, niss_replacements.c.new_hmac == _NUMBER)
    .outerjoin(directory_lines, directory_lines.c.niss_hmac == _NUMBER)
)
"""Lines of one number, and whether it replaced another: in one statement, which sees one state."""
_FORGET_REPLACEMENT = delete(niss_replacements).where(niss_replacements.c.old_hmac == bindparam("number"))


class SqlDirectory:
    """Reads the directory; holds no state, safe between threads."""

    def __init__(self, engine: Engine, keys: DataKeys, *, new_id: Callable[[], UUID]) -> None:
        """Take the database, the keys, and the source of row ids (UUIDv7)."""
        self._engine = engine
        self._keys = keys
        self._new_id = new_id
        self._at_once = PointRead(engine, _AT_ONCE)

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        """Return all lines for that person, under this number and every number it replaced.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        number = self._keys.search_key.hmac(niss.value)
        rows: Sequence[Row] = self._at_once(number=number)
        if rows[0]["old_hmac"] is not None:
            rows = self._rows_under_all_numbers(number)
        elif rows[0]["id"] is None:
            return ()
        return tuple(
            DirectoryLine(
                niss=self._open(row["niss_enc"], "directory_lines", row["id"]),
                cbe_number=CbeNumber(row["cbe_number"]),
                quality_code=row["quality_code"],
                begin=row["begin_date"],
                end=row["end_date"],
            )
            for row in sorted(rows, key=lambda row: (row["cbe_number"], row["begin_date"], row["id"]))
        )

    def _rows_under_all_numbers(self, number: bytes) -> Sequence[Row]:
        with read_transaction(self._engine) as connection:
            numbers = _with_older(connection, number)
            query = select(directory_lines).where(directory_lines.c.niss_hmac.in_(numbers))
            return [dict(row) for row in connection.execute(query).mappings()]

    def replacement_of(self, niss: Niss) -> NissReplacement | None:
        """Return what happened to this number, or None when it stands.

        Raises:
            GatewayUnavailable: the store cannot be read, or the row does not open.
        """
        wanted = self._keys.search_key.hmac(niss.value)
        query = select(niss_replacements).where(niss_replacements.c.old_hmac == wanted)
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        new = None
        if row["new_enc"] is not None:
            new = self._open(row["new_enc"], "niss_replacements.new", row["id"])
        return NissReplacement(niss, new, row["since"])

    def import_replacements(
        self, replacements: Iterable[NissReplacement], *, log: Sequence[LogEntry] = ()
    ) -> int:
        """Add the replacements, or none of them; a later one for the same old number takes its place.

        Raises:
            GatewayUnavailable: the store cannot be written, nothing was imported; or the outcome is unknown.
        """
        by_old = {row["old_hmac"]: row for row in map(self._replacement_row, replacements)}
        try:
            with write_transaction(self._engine) as connection:
                if by_old:
                    connection.execute(_FORGET_REPLACEMENT, [{"number": number} for number in by_old])
                    connection.execute(insert(niss_replacements), list(by_old.values()))
                insert_log(connection, log)
        except SQLAlchemyError as error:
            raise GatewayUnavailable("the directory cannot be written; nothing was imported") from error
        return len(by_old)

    def _replacement_row(self, one: NissReplacement) -> dict[str, Any]:
        row, search_key = str(self._new_id()), self._keys.search_key
        sealed, found_by = None, None
        if one.new is not None:
            sealed = self._keys.encrypt_niss(one.new, table="niss_replacements.new", row=row)
            found_by = search_key.hmac(one.new.value)
        return {
            "id": row,
            "old_enc": self._keys.encrypt_niss(one.old, table="niss_replacements.old", row=row),
            "old_hmac": search_key.hmac(one.old.value),
            "new_enc": sealed,
            "new_hmac": found_by,
            "hmac_key_id": search_key.key_id,
            "kind": one.kind.value,
            "since": one.since,
        }

    def _open(self, sealed: bytes, table: str, row: str) -> Niss:
        return self._keys.decrypt_niss(bytes(sealed), table=table, row=row)


def _with_older(connection: Connection, number: bytes) -> list[bytes]:
    """Return this keyed value and those of all numbers that it replaced, over any number of steps.

    Step by step, because a planner without statistics reads the whole directory for a recursive query.
    """
    known, newest = {number}, {number}
    while newest:
        query = select(niss_replacements.c.old_hmac).where(niss_replacements.c.new_hmac.in_(sorted(newest)))
        newest = {bytes(one) for one in connection.execute(query).scalars()} - known
        known |= newest
    return sorted(known)
