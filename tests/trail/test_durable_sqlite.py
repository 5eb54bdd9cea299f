"""SQLite is opened to survive power loss in one place, for the gateway's store and a CPAS's log alike."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import OperationalError

from rse_gateway.store.engine import open_engine
from rse_gateway.trail.sql import sqlite_log_engine
from rse_gateway.trail.sql.durable_sqlite import durable_sqlite_engine

FULL = 2


@pytest.mark.parametrize("opened", [sqlite_log_engine, lambda file: open_engine(f"sqlite:///{file}")])
def test_gateway_and_cpas_open_sqlite_with_the_same_promise(
    opened: Callable[[Path], Engine], tmp_path: Path
) -> None:
    engine = opened(tmp_path / "one.sqlite")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous")
        ]
    engine.dispose()
    assert found == ["wal", FULL]
    assert (tmp_path / "one.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_told_at_once_and_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "read-only.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE one (a)")
    engine = durable_sqlite_engine(make_url(f"sqlite:///file:{file}?mode=ro&uri=true"), busy_seconds=60)
    begun = time.monotonic()
    with pytest.raises(OperationalError, match="readonly"):
        engine.connect()
    assert time.monotonic() - begun < 50
