"""A proxy that resets a reused connection (case 14): the question is asked once more, with its own row."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from invented_world import AT_FAILING, CLOSED, FAILING, HOLDING, InventedWorld
from reading_trails import gateway_trail
from running_world import Gateway, Holders
from signed_messages import new_ticket

QUESTIONS = 8


def _one_message(stream: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = stream.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    stated = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(stated[0].partition(b":")[2])
    while len(body) < length:
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body


def _answer_once_then_reset(caller: socket.socket, port: int) -> None:
    with caller:
        asked = _one_message(caller)
        if not asked:
            return
        with socket.create_connection(("127.0.0.1", port)) as holder:
            holder.sendall(asked)
            caller.sendall(_one_message(holder))
        if _one_message(caller):
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def proxy(at: int, to: int) -> Iterator[None]:
    listening = socket.create_server(("127.0.0.1", at))

    def accept() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_answer_once_then_reset, args=(caller, to), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.fixture(scope="module")
def apart(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    """A gateway of its own: others count the rows of questions to the same closed port."""
    made = new_gateway()
    made.start()
    yield made
    assert made.stop() == 0


def test_a_reused_connection_that_is_reset_is_no_failure_of_the_holder(
    apart: Gateway, world: InventedWorld
) -> None:
    """The holder behind the proxy is another: it answers, in its own name, so each attempt is heard."""
    closed, other = (urlsplit(world.endpoints[number]).port or 0 for number in (FAILING[CLOSED], HOLDING))
    tickets = [new_ticket("reset") for _ in range(QUESTIONS)]
    with proxy(closed, other):
        for ticket in tickets:
            apart.ask(AT_FAILING[CLOSED], ticket)
    trail = gateway_trail(apart)
    reasons = {trail.only(ticket, "SUPPLIER_FAILED").fields["reason"] for ticket in tickets}
    assert reasons == {"foreign signer"}
    tries = [trail.kinds(ticket).count("FORWARDED") for ticket in tickets]
    assert set(tries) == {1, 2}
    assert all(
        row.fields["reminderNumber"] == "0"
        for ticket in tickets
        for row in trail.rows(ticket)
        if row.kind == "FORWARDED"
    )
