"""Several processes on one database, and processes that are killed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from store_samples import Counter, replay_key

from rse_gateway.errors import SetupError
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.tables import replay_keys

CHILD = Path(__file__).with_name("store_child.py")
ROOT = Path(__file__).parents[2]


def start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    """Start the writing child."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(CHILD), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_of_two_processes_with_the_same_replay_keys_exactly_one_wins_each(
    database_url: str, tmp_path: Path, rows: Counter
) -> None:
    go = tmp_path / "go"
    racers = [start(["race", database_url, str(go)]) for _ in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    go.touch()
    results = [racer.communicate(timeout=30)[0].split() for racer in racers]
    assert [sorted(pair) for pair in zip(*results, strict=True)] == [["refused", "won"]] * 50
    assert rows("replay_keys") == 50


def test_what_was_acknowledged_is_there_after_kill_9(database_url: str, engine: Engine) -> None:
    child = start(["durable", database_url])
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(25)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout.read().splitlines() if line]
    child.wait()
    with engine.connect() as connection:
        found = {bytes(key) for key in connection.execute(select(replay_keys.c.replay_key)).scalars()}
    assert {replay_key(number) for number in acknowledged} <= found


def test_a_killed_writer_leaves_the_lock_of_a_sqlite_file_free(database_url: str, engine: Engine) -> None:
    child = start(["durable", database_url])
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.wait()
    began = time.monotonic()
    with write_transaction(engine):
        waited = time.monotonic() - began
    assert waited < 5


def test_readers_of_a_sqlite_file_do_not_wait_for_its_writer(
    database_url: str, engine: Engine, rows: Counter
) -> None:
    with write_transaction(engine) as connection:
        connection.execute(replay_keys.delete())
        began = time.monotonic()
        seen = rows("replay_keys")
        waited = time.monotonic() - began
    assert (seen, waited < 1) == (0, True)


def test_a_sqlite_file_is_opened_to_survive_power_loss(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            found = {n: connection.exec_driver_sql(f"PRAGMA {n}").scalar_one() for n in wanted}
        else:
            wanted = {"synchronous_commit": "on"}
            found = {n: connection.exec_driver_sql(f"SHOW {n}").scalar_one() for n in wanted}
    assert found == wanted


def test_a_writer_holds_the_kernel_lock_beside_a_sqlite_file_until_its_commit(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'one.sqlite'}")
    probe = "import fcntl,sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    command = [sys.executable, "-c", probe, str(tmp_path / "one.sqlite.lock")]
    with write_transaction(engine):
        during = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode
    after = subprocess.run(command, check=False).returncode
    assert (during, after) == (1, 0)


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "no url", "sqlite+aiosqlite:///x"])
def test_a_database_that_is_neither_sqlite_nor_postgresql_is_a_setup_error(url: str) -> None:
    with pytest.raises(SetupError, match="setting database"):
        open_engine(url)
