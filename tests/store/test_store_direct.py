"""Reads and inserts that go straight to the driver keep what the long way round guarantees."""

import pytest
from sqlalchemy import Engine, bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError
from store_samples import AT, Counter

from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.direct import PointRead, RowInsert
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.tables import replay_keys
from tests.databases import PostgresqlServer

ROW = {"replay_key": b"k" * 32, "received_at": AT, "expires_at": AT, "hits": 3}
QUERY = select(replay_keys).where(replay_keys.c.replay_key == bindparam("key"))


def put(engine: Engine, *rows: dict[str, object]) -> None:
    with write_transaction(engine) as connection:
        RowInsert(replay_keys).all(connection, rows)


def checked_out(engine: Engine) -> int:
    return int(engine.pool.checkedout())  # type: ignore[attr-defined]


def test_a_row_comes_back_with_the_values_that_were_given(engine: Engine) -> None:
    put(engine, ROW)
    assert PointRead(engine, QUERY)(key=b"k" * 32) == [ROW]
    assert PointRead(engine, QUERY)(key=b"x" * 32) == []


def test_a_read_leaves_no_transaction_and_no_connection_behind(engine: Engine) -> None:
    read = PointRead(engine, QUERY)
    read(key=b"k")
    assert checked_out(engine) == 0
    with engine.connect() as connection:
        plain = connection.connection.dbapi_connection
        assert plain is not None
        assert not getattr(plain, "autocommit", False) or engine.dialect.name == "sqlite"
    put(engine, ROW)
    assert len(read(key=b"k" * 32)) == 1


def test_a_read_that_the_database_refuses_is_unavailable_and_the_next_one_works(engine: Engine) -> None:
    put(engine, ROW)
    read = PointRead(engine, QUERY)
    with write_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE replay_keys RENAME TO away"))
    with pytest.raises(GatewayUnavailable):
        read(key=b"k" * 32)
    assert checked_out(engine) == 0
    with write_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE away RENAME TO replay_keys"))
    assert read(key=b"k" * 32) == [ROW]


def test_a_read_takes_no_connection_that_was_cut_meanwhile(
    postgresql_server: PostgresqlServer,
) -> None:
    url = postgresql_server.create(migrated=True)
    engine, other = open_engine(url), open_engine(url)
    read = PointRead(engine, QUERY)
    read(key=b"k")
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    with other.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid, 10000) {others}"))
    assert read(key=b"k") == []
    engine.dispose()
    other.dispose()
    postgresql_server.drop(url)


def test_a_store_that_cannot_be_opened_is_unavailable() -> None:
    nowhere = open_engine("sqlite:////nowhere/at/all.sqlite")
    with pytest.raises(GatewayUnavailable):
        PointRead(nowhere, QUERY)(key=b"k")


def test_only_rows_that_were_not_there_are_new(engine: Engine) -> None:
    once = RowInsert(replay_keys, once=["replay_key"], returning="replay_key")
    put(engine, ROW)
    with write_transaction(engine) as connection:
        new = once.new_ones(
            connection, [ROW, {**ROW, "replay_key": b"a" * 32}, {**ROW, "replay_key": b"b" * 32}]
        )
    assert sorted(map(bytes, new)) == [b"a" * 32, b"b" * 32]


def test_an_insert_that_the_database_refuses_is_undone_with_its_transaction(
    engine: Engine, rows: Counter
) -> None:
    with pytest.raises(SQLAlchemyError), write_transaction(engine) as connection:
        RowInsert(replay_keys).all(connection, [ROW, ROW])
    assert rows("replay_keys") == 0
