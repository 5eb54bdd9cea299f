"""Statements of the hot path: compiled once, given to the driver without a way round.

Nothing is decided here and no guarantee differs: values are bound, never written into a text; a read is one
SELECT, which sees one state of the database without BEGIN and ROLLBACK around it; an insert runs in its
caller's transaction. What it saves stands on the performance page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, LargeBinary, PoolProxiedConnection, Select, Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from rse_gateway.errors import GatewayUnavailable

Row = Mapping[str, Any]
_Convert = Callable[[Any], Any]
_UNREADABLE = "the store cannot be read"
_MARKS = {"sqlite": "?", "postgresql": "%s"}


class PointRead:
    """One SELECT of one engine, for a few rows; holds no state, safe between threads."""

    def __init__(self, engine: Engine, query: Select[Any]) -> None:
        """Compile ``query``, whose parameters are named by ``bindparam``; nothing is connected yet."""
        compiled = query.compile(dialect=engine.dialect)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("a SELECT is expected")
        self._engine = engine
        self._text = compiled.string
        self._order = compiled.positiontup
        self._given = [(name, _to_driver(bind.type, engine.dialect)) for name, bind in compiled.binds.items()]
        self._found = [
            (column.name, _from_driver(column.type, engine.dialect)) for column in query.selected_columns
        ]
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._must_ask_for_autocommit = engine.dialect.name == "postgresql"

    def __call__(self, **values: object) -> list[dict[str, Any]]:
        """Return all rows as dictionaries.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        try:
            connection = self._engine.raw_connection()
        except (SQLAlchemyError, self._driver_error) as error:
            raise GatewayUnavailable(_UNREADABLE) from error
        try:
            found = self._fetch(connection, values)
        except self._driver_error as error:
            connection.invalidate()
            raise GatewayUnavailable(_UNREADABLE) from error
        finally:
            connection.close()
        return [self._row(one) for one in found]

    def _fetch(self, connection: PoolProxiedConnection, values: Row) -> Sequence[Sequence[Any]]:
        given = {name: convert(values[name]) if convert else values[name] for name, convert in self._given}
        plain: Any = connection.dbapi_connection
        if self._must_ask_for_autocommit:
            plain.autocommit = True
        cursor = plain.cursor()
        cursor.execute(self._text, given if self._order is None else [given[name] for name in self._order])
        found: Sequence[Sequence[Any]] = cursor.fetchall()
        cursor.close()
        if self._must_ask_for_autocommit:
            plain.autocommit = False
        return found

    def _row(self, values: Sequence[Any]) -> dict[str, Any]:
        return {
            name: convert(value) if convert else value
            for (name, convert), value in zip(self._found, values, strict=True)
        }


class RowInsert:
    """The INSERT of whole rows into one table; safe between threads."""

    def __init__(self, table: Table, *, once: Sequence[str] = (), returning: str = "") -> None:
        """Take the table, and for `new_ones` the unique columns and the column to return."""
        self._table = table
        self._names = tuple(table.columns.keys())
        self._tail = f" ON CONFLICT ({', '.join(once)}) DO NOTHING RETURNING {returning}"
        self._converts: dict[str, list[tuple[str, _Convert | None]]] = {}
        self._texts: dict[tuple[str, int], str] = {}

    def all(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Insert the rows, which name every column.

        Raises:
            SQLAlchemyError: the database refused.
        """
        values = [self._values(connection.dialect, row) for row in rows]
        if values:
            with _driver_cursor(connection) as cursor:
                cursor.executemany(self._text(connection.dialect, 1), values)

    def new_ones(self, connection: Connection, rows: Sequence[Row]) -> list[Any]:
        """Insert in one statement the rows whose unique columns are free; return a column of those.

        Raises:
            SQLAlchemyError: the database refused for another reason.
        """
        dialect = connection.dialect
        values = [value for row in rows for value in self._values(dialect, row)]
        with _driver_cursor(connection) as cursor:
            cursor.execute(self._text(dialect, len(rows)) + self._tail, values)
            return [found[0] for found in cursor.fetchall()]

    def _values(self, dialect: Dialect, row: Row) -> tuple[Any, ...]:
        converts = self._converts.get(dialect.name)
        if converts is None:
            converts = [(column.name, _to_driver(column.type, dialect)) for column in self._table.columns]
            self._converts[dialect.name] = converts
        return tuple([convert(row[name]) if convert else row[name] for name, convert in converts])

    def _text(self, dialect: Dialect, rows: int) -> str:
        text = self._texts.get((dialect.name, rows))
        if text is None:
            marks = f"({', '.join([_MARKS[dialect.name]] * len(self._names))})"
            values = ", ".join([marks] * rows)
            text = f"INSERT INTO {self._table.name} ({', '.join(self._names)}) VALUES {values}"  # noqa: S608
            self._texts[dialect.name, rows] = text
        return text


@contextmanager
def _driver_cursor(connection: Connection) -> Iterator[Any]:
    """Give a cursor of the driver in the connection's transaction; its errors come out as SQLAlchemy's.

    A connection that is gone is given up here, as SQLAlchemy does after its own statements.
    """
    plain: Any = connection.connection.dbapi_connection
    cursor = plain.cursor()
    driver_error = connection.dialect.loaded_dbapi.Error
    try:
        yield cursor
    except driver_error as error:
        told = DBAPIError.instance(None, None, error, driver_error, hide_parameters=True)
        if isinstance(told, DBAPIError) and connection.dialect.is_disconnect(error, plain, cursor):
            told.connection_invalidated = True
            connection.invalidate(told)
        raise told from error
    finally:
        cursor.close()


def _to_driver(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    """Return what turns a value into the driver's, None where the driver takes it as it is."""
    if isinstance(type_, LargeBinary):
        return None
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
