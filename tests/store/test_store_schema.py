"""Migrations: what they make is what the code expects."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text

from rse_gateway.errors import SetupError
from rse_gateway.store import migrations
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.migrations import upgrade
from rse_gateway.store.schema_version import head, is_current
from rse_gateway.store.tables import config_generation, metadata


def test_the_migrated_schema_is_the_metadata(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrated_constraints_and_indexes_are_those_of_the_metadata(engine: Engine) -> None:
    migrated = described(engine)
    with write_transaction(engine) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert described(engine) == migrated


def described(engine: Engine) -> dict[str, object]:
    """Everything that the database itself tells about its tables."""
    inspector = inspect(engine)
    return {
        table: (
            sorted(str((c["name"], str(c["type"]), c["nullable"])) for c in inspector.get_columns(table)),
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(str(sorted(u["column_names"])) for u in inspector.get_unique_constraints(table)),
            sorted(str((i["name"], i["column_names"], i["unique"])) for i in inspector.get_indexes(table)),
            sorted(
                str((f["constrained_columns"], f["referred_table"], f["referred_columns"]))
                for f in inspector.get_foreign_keys(table)
            ),
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_the_first_generation_of_the_registry_is_there(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(select(config_generation.c.generation)).scalars().all() == [1]


def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    engines = [open_engine(empty_database_url) for _ in range(4)]
    before = [is_current(engine) for engine in engines]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))
    after = [is_current(engine) for engine in engines]
    for engine in engines:
        engine.dispose()
    assert (before, after) == ([False] * 4, [True] * 4)


def test_a_database_of_the_first_version_keeps_its_rows_and_gets_the_indexes_of_this_one(
    empty_database_url: str,
) -> None:
    engine = open_engine(empty_database_url)
    with write_transaction(engine) as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "r0001")
        connection.execute(text("INSERT INTO holders VALUES ('0299990118', NULL, 3, 4)"))
    assert not is_current(engine)
    upgrade(engine)
    inspector = inspect(engine)
    names = [one["name"] for one in inspector.get_indexes("directory_lines")]
    with engine.connect() as connection:
        failures = connection.execute(text("SELECT failures FROM holders")).scalar_one()
    current = is_current(engine)
    engine.dispose()
    assert (current, failures, "ix_directory_lines_own" in names) == (True, 3, True)


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    assert not is_current(engine)
    with pytest.raises(SetupError, match="newer version"):
        upgrade(engine)


def test_a_migration_that_fails_leaves_nothing(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE rights (a INTEGER)"))
    ours = open_engine(empty_database_url)
    with pytest.raises(Exception, match="schema"):
        upgrade(ours)
    left = inspect(ours).get_table_names()
    ours.dispose()
    engine.dispose()
    assert left == ["rights"]


def test_the_version_that_is_read_without_alembic_is_alembics_head() -> None:
    assert head() == ScriptDirectory.from_config(migrations._config()).get_current_head()


def test_a_process_of_the_gateway_does_not_load_alembic() -> None:
    modules = "rse_gateway.bootstrap.server, rse_gateway.bootstrap.start"
    code = f"import sys, {modules}; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
