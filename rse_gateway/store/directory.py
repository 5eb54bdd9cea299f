"""The sectoral directory (sector 17): look-up by keyed value, and replaced or cancelled numbers.

A person's lines are found under every number that the person had (`niss_replacements`). Rules: domain page
§5. Nothing here stores or looks up a NISS in clear. Whole files come in by `directory_import`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, LargeBinary, bindparam, delete, insert, literal_column, or_, select
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.conflicts import written
from rse_gateway.store.direct import PointRead, Row
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.log_rows import insert_log
from rse_gateway.store.quotas import REGISTERED_SINCE
from rse_gateway.store.replacements import (
    NissReplacement,
    ReplacementKind,
    keyed_values,
    person_of,
    replacement_row,
    replacements_around,
)
from rse_gateway.store.tables import directory_lines, niss_replacements
from rse_gateway.trail.entry import LogEntry

__all__ = ["NissReplacement", "ReplacementKind", "SqlDirectory"]

_NUMBER = bindparam("number", type_=LargeBinary())
_AT_ONCE = select(niss_replacements.c.old_hmac, directory_lines).select_from(
    select(literal_column("1").label("one"))
    .subquery("anchor")
    .outerjoin(niss_replacements, niss_replacements.c.new_hmac == _NUMBER)
    .outerjoin(directory_lines, directory_lines.c.niss_hmac == _NUMBER)
)
"""Lines of one number, and whether it replaced another: in one statement, which sees one state."""
_OWN_OF_NUMBER = select(directory_lines).where(
    directory_lines.c.niss_hmac == _NUMBER, directory_lines.c.cbe_number == bindparam("own")
)
_BESIDE = select(niss_replacements.c.id).where(
    or_(niss_replacements.c.old_hmac == _NUMBER, niss_replacements.c.new_hmac == _NUMBER)
)
_FORGET_REPLACEMENT = delete(niss_replacements).where(niss_replacements.c.old_hmac == bindparam("number"))


class SqlDirectory:
    """Reads the directory; holds no state, safe between threads."""

    def __init__(self, engine: Engine, keys: DataKeys, *, new_id: Callable[[], UUID]) -> None:
        """Take the database, the keys, and the source of row ids (UUIDv7)."""
        self._engine = engine
        self._keys = keys
        self._new_id = new_id
        self._at_once = PointRead(engine, _AT_ONCE)
        self._beside = PointRead(engine, _BESIDE)
        self._own_of_number = PointRead(engine, _OWN_OF_NUMBER)
        self._registered_since = PointRead(engine, REGISTERED_SINCE)

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
            self._line(row)
            for row in sorted(rows, key=lambda row: (row["cbe_number"], row["begin_date"], row["id"]))
        )

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        """Return every number of the person who has, or had, this one.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        number = self._keys.search_key.hmac(niss.value)
        if not self._beside(number=number):
            return PersonNumbers(niss, niss, frozenset({niss}))
        with read_transaction(self._engine) as connection:
            around = replacements_around(connection, number)
        return person_of(niss, around, self._keys)

    def own_lines(
        self, numbers: frozenset[CbeNumber], niss: Niss | None, *, offset: int, limit: int
    ) -> tuple[OwnLine, ...]:
        """Return lines of these institutions (for one person under any number, or for all).

        In the order of their begin, so that a line registered between two pages makes none be missed. Lines
        of other institutions are not read, so what it costs tells nothing of them.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        if niss is not None and (of_person := self._own_of_person(numbers, niss)) is not None:
            return self._as_own(of_person[offset : offset + limit])
        table = directory_lines.c
        own = sorted(number.value for number in numbers)
        query = select(directory_lines).where(table.cbe_number.in_(own))
        with read_transaction(self._engine) as connection:
            if niss is not None:
                number = self._keys.search_key.hmac(niss.value)
                around = replacements_around(connection, number)
                query = query.where(table.niss_hmac.in_(keyed_values(number, around)))
            page = query.order_by(table.begin_date, table.id).offset(offset).limit(limit)
            rows = [dict(row) for row in connection.execute(page).mappings()]
        return self._as_own(rows)

    def _own_of_person(self, numbers: frozenset[CbeNumber], niss: Niss) -> list[Row] | None:
        """Return the rows for a person who had one number only, else None."""
        number = self._keys.search_key.hmac(niss.value)
        if self._beside(number=number):
            return None
        rows = [row for own in numbers for row in self._own_of_number(number=number, own=own.value)]
        return sorted(rows, key=lambda row: (row["begin_date"], row["id"]))

    def _as_own(self, rows: Iterable[Row]) -> tuple[OwnLine, ...]:
        return tuple(OwnLine(row["id"], self._line(row), row["changed_at"]) for row in rows)

    def registered_since(self, cbe_number: CbeNumber, since: datetime) -> int:
        """Return how many lines of that institution were new by message after ``since``.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        counted: int = self._registered_since(this_cpas=cbe_number.value, since=since)[0]["counted"]
        return counted

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
        by_old = {self._keys.search_key.hmac(one.old.value): one for one in replacements}
        rows = [
            replacement_row(one, self._new_id(), self._keys) for one in by_old.values() if not one.taken_back
        ]

        def replace(connection: Connection) -> None:
            if by_old:
                connection.execute(_FORGET_REPLACEMENT, [{"number": number} for number in by_old])
            if rows:
                connection.execute(insert(niss_replacements), rows)
            insert_log(connection, log)

        try:
            written(self._engine, replace)
        except SQLAlchemyError as error:
            raise GatewayUnavailable("the directory cannot be written; nothing was imported") from error
        return len(by_old)

    def _line(self, row: Row) -> DirectoryLine:
        return DirectoryLine(
            niss=self._open(row["niss_enc"], "directory_lines", row["id"]),
            cbe_number=CbeNumber(row["cbe_number"]),
            quality_code=row["quality_code"],
            begin=row["begin_date"],
            end=row["end_date"],
        )

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
