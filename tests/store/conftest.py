"""One store per test, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from store_samples import MASTER, Counter, FixedClock, entry_maker

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.engine import open_engine
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import EntryMaker
from tests.databases import database_url, empty_database_url, postgresql_server

__all__ = ["database_url", "empty_database_url", "postgresql_server"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def keys() -> DataKeys:
    return DataKeys(MASTER)


@pytest.fixture
def writer(engine: Engine, keys: DataKeys) -> Iterator[GroupWriter]:
    made = GroupWriter(engine, keys)
    yield made
    made.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def stored(engine: Engine, keys: DataKeys, clock: FixedClock) -> SqlConsultations:
    return SqlConsultations(engine, keys, clock)


@pytest.fixture
def maker(engine: Engine, keys: DataKeys) -> EntryMaker:
    return entry_maker(engine, keys)


@pytest.fixture
def rows(engine: Engine) -> Counter:
    """How many rows a table has."""

    def count(table: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608

    return count
