"""Fault: a database that accepted connections and never answered stopped a node for good.

Wanted: an error after a bounded wait, connections as old as the silence never used again, and work as
before as soon as new connections answer. PostgreSQL only: a SQLite file answers or is locked.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, bindparam, select, text

from regressions.silent_server import SilentProxy, backends_stopped, plain_url
from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import UnitOfWork
from rse_gateway.store.direct import PointRead
from rse_gateway.store.engine import OutcomeUnknown, open_engine, read_transaction, write_transaction
from rse_gateway.store.postgresql import EXIT_DATABASE_SILENT, Patience
from rse_gateway.store.tables import replay_keys
from rse_gateway.store.writer import GroupWriter
from tests.databases import PostgresqlServer

HASTY = Patience(connect=2, answer=1.0)
ENOUGH = 5.0
"""Seconds that a machine under load may take over a wait of one or two."""
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
QUERY = select(replay_keys.c.hits).where(replay_keys.c.replay_key == bindparam("key"))


@pytest.fixture
def url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    made = postgresql_server.create(migrated=True)
    yield made
    postgresql_server.drop(made)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url, patience=HASTY)
    yield opened
    opened.dispose()


def seconds_until_unavailable(do: Callable[[], object]) -> float:
    """How long it took to be told that the store is not there."""
    began = time.monotonic()
    with pytest.raises(GatewayUnavailable):
        do()
    return time.monotonic() - began


def keep_connections(engine: Engine, number: int) -> None:
    """Make the pool keep this many idle connections."""
    with ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(engine.connect()).execute(text("SELECT 1"))


def read_once(engine: Engine) -> None:
    """Read in a transaction."""
    with read_transaction(engine) as connection:
        connection.execute(select(replay_keys.c.hits)).all()


def write_once(engine: Engine) -> None:
    """Write one unit by a writer of its own."""
    writer = GroupWriter(engine, DataKeys(bytes(32)))
    try:
        writer.commit(UnitOfWork(replay_key=(sha256(os.urandom(8)).digest(), AT)))
    finally:
        writer.close()


WAYS: dict[str, Callable[[Engine], object]] = {
    "one SELECT": lambda engine: PointRead(engine, QUERY)(key=b"k"),
    "a read transaction": read_once,
    "a unit of work": write_once,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_stopped_backend_is_told_and_no_connection_as_old_is_used_again(
    engine: Engine, url: str, way: str
) -> None:
    keep_connections(engine, 6)
    with backends_stopped(url) as stopped:
        waited = seconds_until_unavailable(lambda: WAYS[way](engine))
        for _ in range(12):
            for work in WAYS.values():
                work(engine)
    assert stopped == 6
    assert HASTY.answer <= waited < ENOUGH


def test_everybody_who_waits_for_stopped_backends_is_told_and_then_served(engine: Engine, url: str) -> None:
    keep_connections(engine, 6)
    writer = GroupWriter(engine, DataKeys(bytes(32)))

    def ask(number: int) -> bool:
        try:
            writer.commit(UnitOfWork(replay_key=(sha256(bytes([number])).digest(), AT)))
            PointRead(engine, QUERY)(key=b"k")
        except GatewayUnavailable:
            return False
        return True

    with backends_stopped(url), ThreadPoolExecutor(12) as pool:
        began = time.monotonic()
        first = list(pool.map(ask, range(12)))
        waited = time.monotonic() - began
        later = list(pool.map(ask, range(12, 24)))
    writer.close()
    assert (False in first, waited < 2 * ENOUGH, set(later)) == (True, True, {True})


def test_a_statement_too_long_for_the_network_buffers_of_a_stopped_backend_ends_too(
    engine: Engine, url: str
) -> None:
    keep_connections(engine, 1)

    def write_much() -> None:
        try:
            with write_transaction(engine) as connection:
                connection.execute(text("SELECT length(:much)"), {"much": "x" * 30_000_000})
        except Exception as error:
            raise GatewayUnavailable("too long") from error

    with backends_stopped(url):
        assert seconds_until_unavailable(write_much) < ENOUGH
        read_once(engine)


def test_a_silence_at_the_commit_leaves_the_outcome_unknown(engine: Engine, url: str) -> None:
    with ExitStack() as stack:

        def write() -> None:
            with write_transaction(engine) as connection:
                connection.execute(text("SELECT 1"))
                stack.enter_context(backends_stopped(url))

        with pytest.raises(OutcomeUnknown):
            write()
        read_once(engine)


def test_connections_that_are_accepted_and_never_answered_are_told_and_then_made_anew(url: str) -> None:
    proxy = SilentProxy(url)
    engine = open_engine(proxy.url, patience=HASTY)
    try:
        read_once(engine)
        proxy.silence()
        kept = seconds_until_unavailable(lambda: read_once(engine))
        new = seconds_until_unavailable(lambda: write_once(engine))
        proxy.speak()
        for work in WAYS.values():
            work(engine)
    finally:
        engine.dispose()
        proxy.close()
    assert max(kept, new) < ENOUGH


def test_a_server_that_was_silent_from_the_first_connection_on_is_told(url: str) -> None:
    proxy = SilentProxy(url)
    proxy.silence()
    engine = open_engine(proxy.url, patience=HASTY)
    try:
        assert seconds_until_unavailable(lambda: read_once(engine)) < ENOUGH
        proxy.speak()
        read_once(engine)
    finally:
        engine.dispose()
        proxy.close()


def test_connections_that_the_server_ended_are_replaced_before_they_are_used(
    engine: Engine, url: str
) -> None:
    keep_connections(engine, 6)
    with psycopg.connect(plain_url(url), autocommit=True) as own:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        own.execute(f"SELECT pg_terminate_backend(pid, 10000) {others}".encode())
    for _ in range(3):
        for work in WAYS.values():
            work(engine)


def test_a_wait_that_does_not_end_by_itself_ends_the_process(url: str, tmp_path: Path) -> None:
    child = dedent("""
        import sys
        from rse_gateway.store.engine import open_engine, read_transaction
        from rse_gateway.store.postgresql import Patience
        engine = open_engine(sys.argv[1], patience=Patience(answer=600.0, silence=1.0))
        with read_transaction(engine) as connection:
            print("ready", flush=True)
            sys.stdin.readline()
            connection.exec_driver_sql("SELECT 1")
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", child, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        with backends_stopped(url):
            process.stdin.write("go\n")
            process.stdin.flush()
            assert process.wait(30) == EXIT_DATABASE_SILENT


def test_whoever_waits_for_a_lock_is_told_before_the_wait_for_the_answer_is_over(
    engine: Engine, url: str
) -> None:
    with psycopg.connect(plain_url(url)) as other:
        other.execute("LOCK TABLE replay_keys IN EXCLUSIVE MODE")
        waited = seconds_until_unavailable(lambda: write_once(engine))
    write_once(engine)
    assert waited < ENOUGH


def test_what_a_connection_is_opened_with(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        plain: Any = connection.connection.dbapi_connection
        given = plain.info.get_parameters()
        names = (
            "statement_timeout",
            "lock_timeout",
            "default_transaction_isolation",
            "transaction_isolation",
        )
        session = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
    engine.dispose()
    wanted = {
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "3",
        "tcp_user_timeout": "10000",
        "connect_timeout": "5",
    }
    assert {name: given.get(name) for name in wanted} == wanted
    assert session == ["9s", "5s", "read committed", "read committed"]
    assert (Patience().answer, Patience().silence) == (10.0, 30.0)
