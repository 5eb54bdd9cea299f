"""Connections, and the two ways to use them: `read_transaction` and `write_transaction`.

Guards: what a write transaction committed survives a crash of process and machine; several writers on one
SQLite file queue on a kernel lock beside it instead of starving each other in its busy handler; readers
never wait for writers. A SQLite file is made once, readable by its owner alone, and opened by nobody but
SQLite (`rse_gateway.trail.sql` says how it is opened, for gateway and CPAS). Everything that
SQLAlchemy raises on the way to the database leaves here as `GatewayUnavailable`; parameters of statements
never stand in an error text.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.store import postgresql
from rse_gateway.store.file_lock import take_lock
from rse_gateway.store.postgresql import USUAL_PATIENCE, Patience, bound_waits, connect_arguments, is_conflict
from rse_gateway.trail.sql.durable_sqlite import durable_sqlite_engine

_WRITES = "rse_writes"
_PATIENCE = "rse_patience"


class StoreUnreachable(GatewayUnavailable):
    """No transaction could begin: nothing was written."""


class OutcomeUnknown(GatewayUnavailable):
    """The COMMIT did not report: what was written may or may not be there."""


def open_engine(url: str, *, connections: int = 40, patience: Patience = USUAL_PATIENCE) -> Engine:
    """Return an engine for ``sqlite:///file`` or ``postgresql+psycopg://…``; nothing is connected yet.

    ``connections`` bounds what one process opens; unused ones are not opened. ``patience`` says how long
    the database may keep us waiting.

    Raises:
        SetupError: the URL names neither a SQLite file nor PostgreSQL through psycopg.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SetupError("setting database: not a database URL") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    pool: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": 5,
        "pool_use_lifo": True,
    }
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql_engine(parsed, patience, pool)
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite") or not parsed.database:
        raise SetupError(
            "setting database: sqlite:///<file> or postgresql+psycopg://<user>@<host>/<name> expected"
        )
    pool["execution_options"] = {_PATIENCE: patience}
    engine = durable_sqlite_engine(parsed, busy_seconds=patience.answer, **pool)
    event.listen(engine, "connect", _keep_references)
    event.listen(engine, "begin", _begin)
    return engine


def _postgresql_engine(url: URL, patience: Patience, pool: dict[str, Any]) -> Engine:
    """Return an engine whose transactions are READ COMMITTED where nobody says otherwise."""
    session = connect_arguments(patience)
    engine = create_engine(
        url, connect_args=session, isolation_level="READ COMMITTED", hide_parameters=True, **pool
    )
    bound_waits(engine, patience)
    return engine


def _keep_references(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.info.get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the database and takes no write lock.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            yield connection
    except SQLAlchemyError as error:
        raise GatewayUnavailable("the store cannot be read") from error


@contextmanager
def write_transaction(
    engine: Engine, *, on: Connection | None = None, patient: bool = False
) -> Iterator[Connection]:
    """Give a connection whose changes are durable when the block ends, and undone when it raises.

    Takes, in this order, a connection (or ``on``, which is in no transaction), the kernel lock of a SQLite
    file, and the database's write lock, for which it waits 10 s, or when ``patient`` (imports, migrations) an
    hour; what the block itself raises comes out unchanged.

    Raises:
        StoreUnreachable: the transaction could not begin.
        OutcomeUnknown: the COMMIT did not report.
        SQLAlchemyError: the database gave the transaction up for another's sake; nothing was written.
    """
    try:
        plain = engine.connect() if on is None else nullcontext(on)
    except SQLAlchemyError as error:
        raise StoreUnreachable("the store cannot be reached") from error
    with plain as connection, _file_lock(engine, patient=patient), _marked_as_writer(connection):
        try:
            transaction = connection.begin()
        except SQLAlchemyError as error:
            raise StoreUnreachable("the store cannot be written") from error
        with _undone_on_error(connection):
            yield connection
        try:
            transaction.commit()
        except SQLAlchemyError as error:
            if is_conflict(error):
                raise
            connection.invalidate()
            raise OutcomeUnknown("the outcome of the COMMIT is unknown") from error


def without_time_limit(connection: Connection) -> None:
    """Let this transaction's statements take as long as they need (imports, migrations)."""
    if connection.dialect.name == "postgresql":
        postgresql.without_time_limit(connection)


@contextmanager
def _marked_as_writer(connection: Connection) -> Iterator[None]:
    connection.info[_WRITES] = True
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.info[_WRITES] = False


@contextmanager
def _undone_on_error(connection: Connection) -> Iterator[None]:
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            _undo(connection)


def _undo(connection: Connection) -> None:
    try:
        connection.rollback()
    except SQLAlchemyError:
        connection.invalidate()


@contextmanager
def _file_lock(engine: Engine, *, patient: bool) -> Iterator[None]:
    """Hold the kernel's lock on ``<database file>.lock``; it ends with the process, however that ends."""
    if engine.dialect.name != "sqlite":
        yield
        return
    path = f"{engine.url.database}.lock"
    patience: Patience = engine.get_execution_options().get(_PATIENCE, USUAL_PATIENCE)
    try:
        descriptor = take_lock(path, patience.long_answer if patient else patience.answer)
    except OSError as error:
        raise StoreUnreachable(f"lock file {path}: {error.strerror or error}") from error
    try:
        yield
    finally:
        os.close(descriptor)
