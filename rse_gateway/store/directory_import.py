"""Import of a whole directory file: all its lines or none, in one short transaction.

Lines are sealed and gathered in a temporary table of the connection first, which makes nobody wait; then
one statement carries them over. A line is known by person, institution, quality code and begin.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    MetaData,
    Table,
    UniqueConstraint,
    and_,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.engine import without_time_limit, write_transaction
from rse_gateway.store.log_rows import insert_log
from rse_gateway.store.tables import directory_lines
from rse_gateway.trail.entry import LogEntry

SECTOR = 17
_CHUNK = 2_000
_KNOWN_BY = ("niss_hmac", "cbe_number", "quality_code", "begin_date")


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Lines read, and of the different ones among them: new, given another end date, as they were."""

    read: int
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class DirectoryImport:
    """Imports lines; holds no state, safe between threads.

    ``new_id`` gives row ids (UUIDv7), ``at`` is the moment that the lines are marked with.
    """

    engine: Engine
    keys: DataKeys
    new_id: Callable[[], UUID]
    at: datetime

    def import_lines(
        self,
        lines: Iterable[DirectoryLine],
        progress: Callable[[int], None] | None = None,
        *,
        log: Sequence[LogEntry] = (),
    ) -> ImportCounts:
        """Add the lines, or none of them; a line that is there already takes the given end date.

        ``progress`` is told how many lines were read so far; ``log`` is written in the same transaction.
        What ``lines`` raises comes out unchanged, and nothing is imported.

        Raises:
            GatewayUnavailable: the store cannot be written, nothing was imported; or the outcome is unknown.
        """
        try:
            with _staging(self.engine) as (connection, staging):
                read = self._stage(connection, staging, lines, progress)
                with write_transaction(self.engine, on=connection):
                    without_time_limit(connection)
                    counts = _carry_over(connection, staging, read)
                    insert_log(connection, log)
        except SQLAlchemyError as error:
            raise GatewayUnavailable("the directory cannot be written; nothing was imported") from error
        return counts

    def _stage(
        self,
        connection: Connection,
        staging: Table,
        lines: Iterable[DirectoryLine],
        progress: Callable[[int], None] | None,
    ) -> int:
        statement, read, coming = _upsert(connection, staging), 0, iter(lines)
        while rows := [self._row(line) for line in islice(coming, _CHUNK)]:
            connection.execute(statement, rows)
            connection.commit()
            read += len(rows)
            if progress is not None:
                progress(read)
        return read

    def _row(self, line: DirectoryLine) -> dict[str, Any]:
        row = str(self.new_id())
        return {
            "id": row,
            "niss_enc": self.keys.encrypt_niss(line.niss, table="directory_lines", row=row),
            "niss_hmac": self.keys.search_key.hmac(line.niss.value),
            "hmac_key_id": self.keys.search_key.key_id,
            "sector": SECTOR,
            "cbe_number": line.cbe_number.value,
            "quality_code": line.quality_code,
            "begin_date": line.begin,
            "end_date": line.end,
            "changed_at": self.at,
        }


@contextmanager
def _staging(engine: Engine) -> Iterator[tuple[Connection, Table]]:
    columns = [Column(c.name, c.type) for c in directory_lines.c if c.name != "file_reference"]
    table = Table(
        "directory_staging", MetaData(), *columns, UniqueConstraint(*_KNOWN_BY), prefixes=["TEMPORARY"]
    )
    with engine.connect() as connection:
        table.create(connection, checkfirst=False)
        connection.commit()
        try:
            yield connection, table
        finally:
            connection.invalidate()


def _upsert(connection: Connection, into: Table, staging: Table | None = None) -> Insert:
    """Return the insert (of given rows, or of all staged ones) that renews what is there already."""
    names = [c.name for c in into.c if c.name != "file_reference"]
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(into)
    if staging is not None:
        statement = statement.from_select(names, select(*(staging.c[n] for n in names)).where(true()))
    given = statement.excluded
    renewing: Insert = statement.on_conflict_do_update(
        index_elements=list(_KNOWN_BY),
        set_={"end_date": given.end_date, "changed_at": given.changed_at},
        where=into.c.end_date.is_distinct_from(given.end_date),
    )
    return renewing


def _carry_over(connection: Connection, staging: Table, read: int) -> ImportCounts:
    same: ColumnElement[bool] = and_(*(staging.c[n] == directory_lines.c[n] for n in _KNOWN_BY))
    there = select(func.count()).select_from(staging).join(directory_lines, same)
    other_end = there.where(directory_lines.c.end_date.is_distinct_from(staging.c.end_date))
    different = connection.execute(select(func.count()).select_from(staging)).scalar_one()
    known = connection.execute(there).scalar_one()
    changed = connection.execute(other_end).scalar_one()
    connection.execute(_upsert(connection, directory_lines, staging))
    return ImportCounts(read, different - known, changed, known - changed)
