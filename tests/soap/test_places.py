"""One client cannot take all places: thousands of silent or dripping connections beside good requests."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from rse_gateway.serving import wire
from rse_gateway.serving.places import PlaceRules, client_of

from .fakes import Fakes, answer, envelope, read_answer, request_bytes, serving, talk

BUSY = request_bytes(envelope("busy"))
WANTED = 2_000


@pytest.fixture(scope="module")
def sockets() -> Iterator[int]:
    """How many client sockets this process may open beside the server's; raises the soft limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = WANTED + 1_000
    raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, raised), hard))
    possible = min(WANTED, max(soft, raised) - 1_000)
    if possible < WANTED:
        print(f"the hard limit of open files is {hard}: only {possible} sockets instead of {WANTED}")
    yield possible
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def opened(port: int, many: int, *, first: bytes = b"", source: str = "127.0.0.1") -> Iterator[list]:
    """Open connections of one client, each of which sends ``first`` and then nothing."""
    with ExitStack() as stack:
        made = []
        for _ in range(many):
            one = socket.create_connection(("127.0.0.1", port), 30, source_address=(source, 0))
            made.append(stack.enter_context(one))
            if first:
                one.sendall(first)
        yield made


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(20)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "rules",
    [PlaceRules(), PlaceRules(unbounded=frozenset({"127.0.0.1"}))],
    ids=["a client", "a proxy"],
)
def test_2000_silent_sockets_of_one_client_leave_good_requests_served(sockets: int, rules) -> None:
    fakes = Fakes()
    with serving(fakes, places=rules) as port, opened(port, sockets):
        for number in range(20):
            got = talk(port, request_bytes(envelope(f"T-{number}")), timeout=30)
            assert got.body == answer("consultSocialReport", f"T-{number}")


def test_the_bound_of_a_client_takes_no_place_of_another(fakes) -> None:
    with (
        serving(fakes, places=PlaceRules(per_client=3)) as port,
        opened(port, 1, source="127.0.0.2") as (other,),
        opened(port, 20) as noisy,
    ):
        other.sendall(request_bytes(envelope("kept")))
        assert read_answer(other).status == 200
        assert all(is_closed(one) for one in noisy[:17])
        noisy[-1].sendall(request_bytes(envelope("last")))
        assert read_answer(noisy[-1]).status == 200


def test_when_the_process_is_full_the_oldest_silent_connection_gives_way(fakes) -> None:
    rules = PlaceRules(connections=4, unbounded=frozenset({"127.0.0.1"}))
    with serving(fakes, places=rules) as port, opened(port, 4) as silent:
        silent[0].sendall(request_bytes(envelope("heard")))
        assert read_answer(silent[0]).status == 200
        assert talk(port, request_bytes(envelope("new"))).status == 200
        assert is_closed(silent[1])
        silent[0].sendall(request_bytes(envelope("again")))
        assert read_answer(silent[0]).status == 200


def test_halves_of_requests_give_way_once_they_are_slow(fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SLOW_SECONDS", 0.0)
    rules = PlaceRules(connections=5)
    with serving(fakes, places=rules) as port, opened(port, 5, first=BUSY[:30]) as halves:
        time.sleep(0.2)
        assert talk(port, request_bytes(envelope("new"))).status == 200
        assert is_closed(halves[0])


def test_what_is_being_worked_never_gives_way_and_one_too_many_is_told_so() -> None:
    fakes = Fakes()
    fakes.operations.gate = threading.Event()
    with serving(fakes, places=PlaceRules(per_client=2)) as port, opened(port, 2, first=BUSY) as working:
        for _ in working:
            assert fakes.operations.started.acquire(timeout=20)
        refused = talk(port, b"")
        assert (refused.status, refused.is_unsigned_and_empty) == (503, True)
        fakes.operations.gate.set()
        assert [read_answer(one).status for one in working] == [200, 200]


def test_a_connection_that_says_nothing_at_first_is_closed(fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FIRST_BYTE_SECONDS", 1.0)
    with serving(fakes) as port, opened(port, 2) as (silent, heard):
        heard.sendall(request_bytes(envelope("first")))
        assert read_answer(heard).status == 200
        assert is_closed(silent)
        heard.sendall(request_bytes(envelope("second")))
        assert read_answer(heard).status == 200


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(address: str, client: str) -> None:
    assert client_of(address) == client
