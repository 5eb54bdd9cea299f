"""A proxy that resets a reused connection (case 14): the question is asked once more, with its own row."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from invented_world import HOLDING, KNOWN, InventedWorld
from reading_trails import digest, gateway_trail, holder_trail
from running_world import Gateway, Holders, command, free_ports
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
def behind_proxy(
    holders: Holders, world: InventedWorld, new_gateway: Callable[..., Gateway]
) -> Iterator[Gateway]:
    """A gateway of its own, for which the proxy stands before the healthy holder."""
    holder = urlsplit(world.endpoints[HOLDING]).port or 0
    before = free_ports(1)[0]
    told = (world.folder / "institutions.toml").read_text()
    register = world.folder / "institutions-behind-proxy.toml"
    here = f'endpoint = "{world.endpoints[HOLDING]}"'
    own = told.index(f'cbe_number = "{HOLDING}"')
    at_proxy = here.replace(f":{holder}/", f":{before}/")
    register.write_text(told[:own] + told[own:].replace(here, at_proxy, 1))
    made = new_gateway()
    command("rse-gateway", "--settings", made.settings, "institutions", "import", register)
    with proxy(before, holder):
        made.start()
        yield made
        assert made.stop() == 0


def test_a_reused_connection_that_is_reset_is_asked_once_more_and_answered(
    behind_proxy: Gateway,
) -> None:
    tickets = [new_ticket("reset") for _ in range(QUESTIONS)]
    for place, ticket in enumerate(tickets):
        (result,) = behind_proxy.ask(KNOWN[place % len(KNOWN)], ticket).results
        assert (result.cbe_number, result.outcome, result.code) == (HOLDING, "ANSWERED", "MSG00000")
    trail, held = gateway_trail(behind_proxy), holder_trail(behind_proxy, HOLDING)
    tries = {}
    for ticket in tickets:
        asked = [row for row in trail.rows(ticket) if row.kind == "FORWARDED"]
        tries[ticket] = len(asked)
        assert "SUPPLIER_FAILED" not in trail.kinds(ticket)
        assert {row.fields["reminderNumber"] for row in asked} == {"0"}
        # every try is a message of its own, and only the last one reached the holder
        assert len({digest(row) for row in asked}) == len(asked)
        (received,) = [row for row in held.rows(ticket) if row.kind == "REQUEST_RECEIVED"]
        assert digest(received) == digest(asked[-1])
    assert set(tries.values()) == {1, 2}
