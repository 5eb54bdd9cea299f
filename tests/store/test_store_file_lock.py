"""Writers of a SQLite file wait for its lock, one after the other, and only so long."""

import fcntl
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Engine
from store_samples import AT, HOLDING, NISS, new_id, replay_key

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import UnitOfWork
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.engine import StoreUnreachable, open_engine, write_transaction
from rse_gateway.store.file_lock import take_lock
from rse_gateway.store.migrations import upgrade
from rse_gateway.store.postgresql import USUAL_PATIENCE, Patience
from rse_gateway.store.purge import purge_replay_keys
from rse_gateway.store.writer import GroupWriter

HASTY = Patience(answer=0.3)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'gateway.sqlite'}", patience=HASTY)
    upgrade(opened)
    yield opened
    opened.dispose()


@contextmanager
def held_by_another(engine: Engine) -> Iterator[int]:
    """Hold the lock as another process does; give its descriptor."""
    descriptor = take_lock(f"{engine.url.database}.lock", 10)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def test_a_lock_that_others_keep_is_told_and_what_waited_was_not_written(
    engine: Engine, keys: DataKeys
) -> None:
    writer = GroupWriter(engine, keys)
    unit = UnitOfWork(replay_key=(replay_key("k"), AT))
    with held_by_another(engine):
        with pytest.raises(GatewayUnavailable):
            writer.commit(unit)
        with pytest.raises(StoreUnreachable, match="others held it"):
            purge_replay_keys(engine, AT)
    writer.commit(unit)
    writer.close()


def test_an_import_waits_for_as_long_as_others_keep_the_lock(engine: Engine, keys: DataKeys) -> None:
    line = DirectoryLine(NISS, HOLDING, 2, AT.date(), None)
    with held_by_another(engine) as descriptor:
        Timer(3 * HASTY.answer, fcntl.flock, (descriptor, fcntl.LOCK_UN)).start()
        counts = DirectoryImport(engine, keys, new_id, AT).import_lines([line])
    assert counts.added == 1


def test_a_lock_that_comes_too_late_is_given_back(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first = take_lock(path, 1)
    with pytest.raises(TimeoutError):
        take_lock(path, 0.1)
    os.close(first)
    for _ in range(3):
        os.close(take_lock(path, 10))


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    path, inside, most = str(tmp_path / "lock"), [], []

    def work(number: int) -> None:
        descriptor = take_lock(path, 30)
        inside.append(number)
        most.append(len(inside))
        time.sleep(0.002)
        inside.remove(number)
        os.close(descriptor)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    assert (len(most), max(most)) == (80, 1)


def test_a_lock_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    nowhere = open_engine(f"sqlite:///{tmp_path / 'no' / 'folder' / 'gateway.sqlite'}")
    with pytest.raises(StoreUnreachable), write_transaction(nowhere):
        pass


def test_messages_wait_ten_seconds_and_imports_an_hour() -> None:
    assert (USUAL_PATIENCE.answer, USUAL_PATIENCE.long_answer) == (10.0, 3600.0)
