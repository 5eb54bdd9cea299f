"""0.1.0 opened and closed the database file at every connect, which dropped its process's locks on it.

The next process that ended deleted the WAL under the others; what these acknowledged from then on was lost.
"""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from rse_gateway.store.engine import open_engine
from rse_gateway.trail.sql import sqlite_log_engine
from tests.process_locks import databases_without_lock, deleted_files

COMMAND = (
    "import sys; from rse_gateway.store.engine import open_engine\n"
    "with open_engine(sys.argv[1]).connect() as c:\n"
    "    print(c.exec_driver_sql('SELECT count(*) FROM kept').scalar())"
)


def _opened(kind: str, file: Path) -> Engine:
    return open_engine(f"sqlite:///{file}") if kind == "gateway" else sqlite_log_engine(file)


@pytest.mark.parametrize("kind", ["gateway", "trail"])
def test_a_process_keeps_its_locks_when_it_connects_again(tmp_path: Path, kind: str) -> None:
    engine = _opened(kind, tmp_path / "kept.sqlite")
    with (
        engine.connect() as first,
        engine.connect() as second,
        _opened(kind, tmp_path / "kept.sqlite").connect() as third,
    ):
        for connection in (first, second, third):
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (a)")
            connection.rollback()
        assert databases_without_lock(os.getpid(), tmp_path / "kept.sqlite") == []
    engine.dispose()


@pytest.mark.parametrize("kind", ["gateway", "trail"])
def test_another_process_that_ends_takes_nothing_that_was_committed(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "kept.sqlite"
    engine, url = _opened(kind, file), f"sqlite:///{file}"
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (a)")
    for number in range(3):
        with engine.connect(), engine.connect():  # a second connection is made
            subprocess.run([sys.executable, "-c", COMMAND, url], check=True, capture_output=True)
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO kept VALUES (?)", (number,))
    assert deleted_files(os.getpid(), file) == []
    told = subprocess.run([sys.executable, "-c", COMMAND, url], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "3"
    engine.dispose()


@pytest.mark.parametrize("kind", ["gateway", "trail"])
def test_a_new_file_is_private_however_many_threads_connect_first(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "new.sqlite"

    def connect(_number: int) -> None:
        with _opened(kind, file).connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    before = os.umask(0o022)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(connect, range(8)))
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
