"""Where the lines of a directory file wait until they are carried over: temporary tables of one connection.

What is gathered has no index until all of it is there: building one at the end costs a fraction of keeping
it. Carrying over goes in the order of the keys, as single changes do (`line_changes`), so that nobody waits
for each other in a circle.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    delete,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from rse_gateway.store.direct import RowInsert
from rse_gateway.store.line_changes import KNOWN_BY, SECTOR
from rse_gateway.store.tables import directory_lines, niss_replacements

TAKEN_BACK = "back"
_SQLITE_CACHE_KIB = 65_536
_TEMPORARY = MetaData()


def _place() -> Column[int]:
    return Column("place", BigInteger, primary_key=True, autoincrement=False)


LINES = Table(
    "staged_lines",
    _TEMPORARY,
    _place(),
    Column("id", String(36), nullable=False),
    Column("niss_enc", LargeBinary, nullable=False),
    Column("niss_hmac", LargeBinary, nullable=False),
    Column("cbe_number", String(10), nullable=False),
    Column("quality_code", Integer, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("end_date", Date),
    prefixes=["TEMPORARY"],
)
REPLACEMENTS = Table(
    "staged_replacements",
    _TEMPORARY,
    _place(),
    *(Column(column.name, column.type) for column in niss_replacements.c),
    prefixes=["TEMPORARY"],
)
_KEYS = (
    (LINES, [LINES.c[name] for name in KNOWN_BY]),
    (REPLACEMENTS, [REPLACEMENTS.c.old_hmac]),
)
_SAME = and_(*(LINES.c[name] == directory_lines.c[name] for name in KNOWN_BY))
_OTHER_END = directory_lines.c.end_date.is_distinct_from(LINES.c.end_date)
STAGE_LINES = RowInsert(LINES)
STAGE_REPLACEMENTS = RowInsert(REPLACEMENTS)


def create_staging(connection: Connection) -> None:
    """Create the empty tables and commit."""
    if connection.dialect.name == "sqlite":
        for schema in ("temp", "main"):
            connection.exec_driver_sql(f"PRAGMA {schema}.cache_size = -{_SQLITE_CACHE_KIB}")
    _TEMPORARY.create_all(connection, checkfirst=False)
    connection.commit()


def settle_staging(connection: Connection) -> tuple[int, int]:
    """Index what was gathered, drop what a later line of the file says otherwise, commit.

    Returns:
        How many different lines and replacements are left.
    """
    left = []
    for table, key in _KEYS:
        connection.exec_driver_sql(_index(table, key))
        later = func.lead(table.c.place).over(partition_by=key, order_by=table.c.place).label("later")
        followed = select(table.c.place, later).subquery("followed")
        outdated = select(followed.c.place).where(followed.c.later.is_not(None))
        connection.execute(delete(table).where(table.c.place.in_(outdated)))
        left.append(connection.execute(select(func.count()).select_from(table)).scalar_one())
    if connection.dialect.name == "postgresql":
        for table, _key in _KEYS:
            connection.exec_driver_sql(f"ANALYZE {table.name}")
    connection.commit()
    return left[0], left[1]


def _index(table: Table, key: list[Column[Any]]) -> str:
    names = ", ".join([*(column.name for column in key), "place"])
    return f"CREATE INDEX {table.name}_key ON {table.name} ({names})"


def known_lines(connection: Connection) -> tuple[int, int]:
    """Return how many of the lines the directory has, and how many of these with another end."""
    query = (
        select(func.count(), func.count().filter(_OTHER_END)).select_from(LINES).join(directory_lines, _SAME)
    )
    known, changed = connection.execute(query).one()
    return known, changed


def carry_over(connection: Connection, key_id: str, at: datetime) -> None:
    """Add and renew what is staged, in the caller's transaction."""
    connection.execute(_lines_upsert(connection, key_id, at))
    taken_back = select(REPLACEMENTS.c.old_hmac).where(REPLACEMENTS.c.kind == TAKEN_BACK)
    connection.execute(delete(niss_replacements).where(niss_replacements.c.old_hmac.in_(taken_back)))
    connection.execute(_replacements_upsert(connection))


def _insert(connection: Connection, into: Table) -> "sqlite.Insert | postgresql.Insert":
    return sqlite.insert(into) if connection.dialect.name == "sqlite" else postgresql.insert(into)


def _lines_upsert(connection: Connection, key_id: str, at: datetime) -> Insert:
    marks = {"hmac_key_id": literal(key_id), "sector": literal(SECTOR)}
    marks["changed_at"] = literal(at, directory_lines.c.changed_at.type)
    names = [column.name for column in LINES.c if column.name != "place"]
    key = [LINES.c[name] for name in KNOWN_BY]
    staged = select(*(LINES.c[name] for name in names), *marks.values()).where(true()).order_by(*key)
    statement = _insert(connection, directory_lines).from_select([*names, *marks], staged)
    given = statement.excluded
    renewing: Insert = statement.on_conflict_do_update(
        index_elements=list(KNOWN_BY),
        set_={"end_date": given.end_date, "changed_at": given.changed_at},
        where=directory_lines.c.end_date.is_distinct_from(given.end_date),
    )
    return renewing


def _replacements_upsert(connection: Connection) -> Insert:
    names = [column.name for column in niss_replacements.c]
    replaced = (
        select(*(REPLACEMENTS.c[name] for name in names))
        .where(REPLACEMENTS.c.kind != TAKEN_BACK)
        .order_by(REPLACEMENTS.c.old_hmac)
    )
    statement = _insert(connection, niss_replacements).from_select(names, replaced)
    given = statement.excluded
    renewing: Insert = statement.on_conflict_do_update(
        index_elements=["old_hmac"],
        set_={name: given[name] for name in names if name != "old_hmac"},
        where=niss_replacements.c.new_hmac.is_distinct_from(given.new_hmac)
        | (niss_replacements.c.since != given.since),
    )
    return renewing
