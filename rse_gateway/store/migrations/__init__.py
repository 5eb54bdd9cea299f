"""The schema's history, applied by `upgrade`; every revision is fixed once released.

To add one: change `rse_gateway.store.tables`, then write the next file in ``versions`` (Alembic's
autogenerate drafts it); a test compares the migrated schema with the tables on both databases, another
upgrades a filled database of every released version.

A revision changes a table by ``op.batch_alter_table(…)`` and nothing else, never with ``recreate="always"``:
PostgreSQL alters the table where it stands, SQLite rebuilds it (copy, drop, rename). While a table is
rebuilt the rows that point at it point at nothing; so `upgrade` runs with SQLite's foreign keys off, which
is heard only outside a transaction, and checks all of them before it commits. A revision that moves rows
reads and writes them through tables of its own (``sa.table``), never through `rse_gateway.store.tables`,
which later versions change; the log's rows keep their bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.store.engine import without_time_limit, write_transaction

_POSTGRESQL_LOCK = 7_267_001
_HERE = Path(__file__).parent


def _config(more_versions: Sequence[Path] = ()) -> Config:
    """Return Alembic's settings; ``more_versions`` are further folders of revisions."""
    config = Config()
    config.set_main_option("script_location", _escaped(_HERE))
    config.set_main_option("path_separator", "newline")
    folders = "\n".join(_escaped(one) for one in (_HERE / "versions", *more_versions))
    config.set_main_option("version_locations", folders)
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def upgrade(engine: Engine, *, to: str = "head", more_versions: Sequence[Path] = ()) -> None:
    """Bring the schema to this version, all steps or none; several processes may call it at once.

    ``to`` and ``more_versions`` (folders of revisions that follow ours) are for those who test migrations.

    Raises:
        SetupError: the database was made by a newer version of the gateway, or rows point at rows that are
            not there.
        GatewayUnavailable: the store cannot be written.
    """
    config = _config(more_versions)
    try:
        with _migrating(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except CommandError as error:
        raise SetupError("the database was made by a newer version of the gateway") from error
    except SQLAlchemyError as error:
        raise GatewayUnavailable("the schema cannot be brought to this version") from error


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Give a connection in the one transaction of all steps, in which tables may be rebuilt."""
    if engine.dialect.name == "sqlite":
        with _foreign_keys_off(engine) as connection, write_transaction(engine, on=connection, patient=True):
            before = _revision(connection)
            yield connection
            if _revision(connection) != before:
                _check_foreign_keys(connection)
        return
    with write_transaction(engine) as connection:
        without_time_limit(connection)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
        yield connection


@contextmanager
def _foreign_keys_off(engine: Engine) -> Iterator[Connection]:
    """Give a SQLite connection that checks no foreign key; it ends here and serves nobody else."""
    with engine.connect() as connection:
        try:
            plain: Any = connection.connection.dbapi_connection
            plain.execute("PRAGMA foreign_keys=OFF")
            yield connection
        finally:
            connection.invalidate()


def _check_foreign_keys(connection: Connection) -> None:
    """Raise SetupError when a row points at a row that is not there."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        tables = sorted({f"{table} → {referred}" for table, _, referred, _ in lost})
        raise SetupError(
            f"the database cannot be brought to this version: {len(lost)} row(s) point at rows that are not"
            f" there ({', '.join(tables)}); nothing was changed"
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
