"""Single lines of the directory, as `manageAccess` changes them: registered, ended, never deleted.

All lines of a batch are changed one by one in the order of their key, the same in every process and in the
import of files, so that nobody waits for each other in a circle.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Insert, Update, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.ports import LineEnded, LineRegistered
from rse_gateway.store.tables import directory_lines

SECTOR = 17
KNOWN_BY = ("niss_hmac", "cbe_number", "quality_code", "begin_date")
Row = dict[str, Any]
Key = tuple[bytes, str, int, date]


def _registered(insert_into: type[sqlite.Insert] | type[postgresql.Insert]) -> Insert:
    statement = insert_into(directory_lines)
    given = statement.excluded
    renewing: Insert = statement.on_conflict_do_update(
        index_elements=list(KNOWN_BY),
        set_={"end_date": given.end_date, "changed_at": given.changed_at},
        where=directory_lines.c.end_date.is_distinct_from(given.end_date),
    )
    return renewing


_REGISTERED = {"sqlite": _registered(sqlite.Insert), "postgresql": _registered(postgresql.Insert)}
_KEY = select(*(directory_lines.c[name] for name in KNOWN_BY)).where(
    directory_lines.c.id == bindparam("line_id")
)
_ENDED: Update = (
    update(directory_lines)
    .where(directory_lines.c.id == bindparam("line_id"))
    .where(
        directory_lines.c.end_date.is_distinct_from(bindparam("end", type_=directory_lines.c.end_date.type))
    )
    .values(
        end_date=bindparam("end", type_=directory_lines.c.end_date.type),
        changed_at=bindparam("at", type_=directory_lines.c.changed_at.type),
    )
)


def line_change(change: LineRegistered | LineEnded, keys: DataKeys, new_id: Callable[[], UUID]) -> Row:
    """Return the parameters of the change, the person's number sealed."""
    if isinstance(change, LineEnded):
        return {"line_id": change.line_id, "end": change.end, "at": change.at}
    line, row = change.line, str(new_id())
    return {
        "id": row,
        "niss_enc": keys.encrypt_niss(line.niss, table="directory_lines", row=row),
        "niss_hmac": keys.search_key.hmac(line.niss.value),
        "hmac_key_id": keys.search_key.key_id,
        "sector": SECTOR,
        "cbe_number": line.cbe_number.value,
        "quality_code": line.quality_code,
        "begin_date": line.begin,
        "end_date": line.end,
        "changed_at": change.at,
        "registered_at": change.at,
    }


def change_lines(connection: Connection, changes: Sequence[Row]) -> None:
    """Register and end lines in the caller's transaction; of changes of one line the last given counts.

    Raises:
        ValueError: no line has the id of a line to end.
    """
    keyed = [(_key_of(connection, change), number) for number, change in enumerate(changes)]
    for _key, number in sorted(keyed):
        change = changes[number]
        statement = _ENDED if "line_id" in change else _REGISTERED[connection.dialect.name]
        connection.execute(statement, change)


def _key_of(connection: Connection, change: Row) -> Key:
    if "line_id" not in change:
        return (change["niss_hmac"], change["cbe_number"], change["quality_code"], change["begin_date"])
    found = connection.execute(_KEY, {"line_id": change["line_id"]}).first()
    if found is None:
        raise ValueError("a line to end is not in the directory")
    return (bytes(found[0]), found[1], found[2], found[3])
