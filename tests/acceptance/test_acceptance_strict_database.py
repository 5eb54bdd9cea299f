"""A PostgreSQL that goes silent, and one whose default is SERIALIZABLE, under gateways as operators run."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from invented_world import HOLDING, KNOWN, InventedWorld
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, Holders, PreparedGateway, wait_for
from signed_messages import HttpReply, fault_in, new_ticket, post, question, signed

from rse_cpas_stub.errors import StubError
from tests.regressions.silent_server import backends_stopped, plain_url

TOLD_WITHIN = 12.0
ROUNDS = 100
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")


def _works(gateway: Gateway) -> bool:
    try:
        return gateway.ask(KNOWN[0], new_ticket("works")).status.value == "DATA_FOUND"
    except StubError:
        return False


@pytest.fixture
def running(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    """A gateway on a PostgreSQL database of its own, whose processes have used it."""
    made = new_gateway()
    made.start()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: _works(made), range(32)))
    yield made
    assert made.stop() == 0


@on_postgresql
@pytest.mark.long
def test_a_silent_database_is_told_within_12_seconds_and_left_behind(
    running: Gateway, database_kind: str
) -> None:
    world, processes = running.world, set(running.web_processes())
    tickets = [new_ticket("silent") for _ in range(24)]
    raws = [signed(world, question(world, KNOWN[0].ssin, ticket=ticket)) for ticket in tickets]

    def ask(raw: bytes) -> tuple[float, HttpReply]:
        began = time.monotonic()
        reply = post(running, raw)
        return time.monotonic() - began, reply

    with backends_stopped(running.database) as stopped:
        with ThreadPoolExecutor(len(raws)) as pool:
            told = list(pool.map(ask, raws))
        wait_for("answers on new connections", lambda: _works(running), 5)
        assert all(_works(running) for _ in range(20))
    refused = [ticket for ticket, (_, reply) in zip(tickets, told, strict=True) if reply.status != 200]
    faults = {fault_in(world, reply).codes for _, reply in told if reply.status == 500}
    assert (stopped > 0, faults) == (True, {("MSG00001",)})
    assert {reply.status for _, reply in told} <= {200, 500}
    assert max(seconds for seconds, _ in told) < TOLD_WITHIN
    assert set(running.web_processes()) == processes
    asked = holder_trail(running, HOLDING)
    assert [ticket for ticket in refused if asked.rows(ticket)] == []
    assert {running.ask(KNOWN[0], ticket).status.value for ticket in refused} == {"DATA_FOUND"}


@pytest.fixture
def two_nodes(
    holders: Holders,
    new_gateway: Callable[..., Gateway],
    prepared: PreparedGateway,
    world: InventedWorld,
    tmp_path: Path,
) -> Iterator[tuple[Gateway, Gateway]]:
    """Two gateways on one database of which every transaction is SERIALIZABLE unless it says otherwise."""
    first = new_gateway()
    second = Gateway(world, prepared.copy(tmp_path / "second", first.database))
    name = first.database.split("/")[3].split("?", maxsplit=1)[0]
    with psycopg.connect(plain_url(first.database), autocommit=True) as connection:
        strict = f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        connection.execute(strict.encode())
    for node in (first, second):
        node.start()
    yield first, second
    assert [node.stop() for node in (first, second)] == [0, 0]


@on_postgresql
@pytest.mark.long
def test_two_nodes_on_a_serializable_database_race_and_lose_no_answer(
    two_nodes: tuple[Gateway, Gateway], database_kind: str
) -> None:
    """Everybody asks at both nodes at once under one ticket: one is accepted, one tells how it stands."""
    together = Barrier(8)

    def ask(number: int) -> list[str]:
        node, person = two_nodes[number % 2], KNOWN[number // 2]
        told = []
        for each in range(ROUNDS):
            together.wait(60)
            told.append(node.ask(person, tickets[number // 2][each]).status.value)
        return told

    tickets = [[new_ticket("race") for _ in range(ROUNDS)] for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        told = [status for statuses in pool.map(ask, range(8)) for status in statuses]
    again = {
        two_nodes[0].ask(KNOWN[number], ticket).status.value
        for number, of_person in enumerate(tickets)
        for ticket in of_person
    }
    trail = gateway_trail(two_nodes[0])
    answered = {
        trail.kinds(ticket).count("SUPPLIER_ANSWERED") for of_person in tickets for ticket in of_person
    }
    assert (len(told), again, answered) == (8 * ROUNDS, {"DATA_FOUND"}, {1})
