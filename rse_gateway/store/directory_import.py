"""Import of a whole directory file: all its lines and replaced numbers, or none, in one short transaction.

What the file says is sealed and gathered in temporary tables of the connection first, which makes nobody
wait; then few statements carry it over, in the order of the keys. A line is known by person, institution,
quality code and begin, a replacement by its old number; of several in one file the last counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from uuid import UUID

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DeletedLine, DirectoryLine
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.conflicts import written
from rse_gateway.store.direct import Row
from rse_gateway.store.directory_staging import (
    STAGE_LINES,
    STAGE_REPLACEMENTS,
    TAKEN_BACK,
    carry_over,
    create_staging,
    known_lines,
    settle_staging,
)
from rse_gateway.store.engine import without_time_limit
from rse_gateway.store.log_rows import insert_log
from rse_gateway.store.replacements import NissReplacement, replacement_row
from rse_gateway.store.tables import directory_lines
from rse_gateway.trail.entry import LogEntry

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Lines read, and of the different ones among them: new, given another end date, as they were.

    ``replacements`` counts the numbers of which the file says that they were replaced, cancelled, or stand
    again; ``deleted`` the lines that no message could show.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    replacements: int = 0
    deleted: int = 0


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
        lines: Iterable[DirectoryLine | DeletedLine | NissReplacement],
        progress: Callable[[int], None] | None = None,
        *,
        log: Sequence[LogEntry] = (),
    ) -> ImportCounts:
        """Add lines and replacements, or none of them; a line that is there already takes the given end.

        A number that is there already as replaced takes what is given, too. ``progress`` is told how many
        lines were read so far; ``log`` is written in the same transaction. What ``lines`` raises comes out
        unchanged, and nothing is imported.

        Raises:
            GatewayUnavailable: the store cannot be written, nothing was imported; or the outcome is unknown.
        """
        try:
            with _staging(self.engine) as connection:
                away: list[DeletedLine] = []
                read = self._stage(connection, _kept_apart(lines, away), progress)
                without_time_limit(connection)
                different, replacements = settle_staging(connection)

                def carry(connection: Connection) -> tuple[int, int, int]:
                    without_time_limit(connection)
                    known, changed = known_lines(connection)
                    carry_over(connection, self.keys.search_key.key_id, self.at)
                    deleted = self._delete(connection, away)
                    insert_log(connection, log)
                    return known, changed, deleted

                known, changed, deleted = written(self.engine, carry, on=connection, patient=True)
        except SQLAlchemyError as error:
            raise GatewayUnavailable("the directory cannot be written; nothing was imported") from error
        read += len(away)
        return ImportCounts(read, different - known, changed, known - changed, replacements, deleted)

    def _delete(self, connection: Connection, away: Iterable[DeletedLine]) -> int:
        """Delete lines by their keys; one that is not there is passed over."""
        deleted = 0
        for line in away:
            found = delete(directory_lines).where(
                directory_lines.c.niss_hmac == self.keys.search_key.hmac(line.niss.value),
                directory_lines.c.cbe_number == line.cbe_number.value,
                directory_lines.c.quality_code == line.quality_code,
                directory_lines.c.begin_date == line.begin,
            )
            deleted += connection.execute(found).rowcount
        return deleted

    def _stage(
        self,
        connection: Connection,
        lines: Iterable[DirectoryLine | NissReplacement],
        progress: Callable[[int], None] | None,
    ) -> int:
        read, coming, place = 0, iter(lines), count(1)
        while chunk := list(islice(coming, _CHUNK)):
            staged = [self._line(one, next(place)) for one in chunk if isinstance(one, DirectoryLine)]
            told = [self._replacement(one, next(place)) for one in chunk if isinstance(one, NissReplacement)]
            with connection.begin():
                STAGE_LINES.all(connection, staged)
                STAGE_REPLACEMENTS.all(connection, told)
            read += len(staged)
            if progress is not None:
                progress(read)
        return read

    def _line(self, line: DirectoryLine, place: int) -> Row:
        row, keys = str(self.new_id()), self.keys
        return {
            "place": place,
            "id": row,
            "niss_enc": keys.encrypt_niss(line.niss, table="directory_lines", row=row),
            "niss_hmac": keys.search_key.hmac(line.niss.value),
            "cbe_number": line.cbe_number.value,
            "quality_code": line.quality_code,
            "begin_date": line.begin,
            "end_date": line.end,
        }

    def _replacement(self, one: NissReplacement, place: int) -> Row:
        row = replacement_row(one, self.new_id(), self.keys) | {"place": place}
        return row | {"kind": TAKEN_BACK} if one.taken_back else row


def _kept_apart(
    lines: Iterable[DirectoryLine | DeletedLine | NissReplacement], away: list[DeletedLine]
) -> Iterator[DirectoryLine | NissReplacement]:
    """Yield what is to be added or renewed; what is to be deleted goes into ``away``."""
    for line in lines:
        if isinstance(line, DeletedLine):
            away.append(line)
        else:
            yield line


@contextmanager
def _staging(engine: Engine) -> Iterator[Connection]:
    """Give a connection with empty staging tables, which end with it."""
    with engine.connect() as connection:
        try:
            create_staging(connection)
            yield connection
        finally:
            connection.invalidate()
