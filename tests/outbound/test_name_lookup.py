"""Names are looked up in bounded time, and a slow name holds up nobody else."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rse_gateway.adapters.call_deadline import Deadline
from rse_gateway.adapters.connecting import Connector, Target
from rse_gateway.adapters.name_lookup import NameLookup
from rse_gateway.errors import SupplierUnreachable
from rse_gateway.security.allowed_hosts import AllowedHosts

SLOW = "slow.cpas.example"


class Names:
    """Stands for the system's look-up: one name is never answered before ``released``."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *, flags: int, **_: object) -> list[tuple[Any, ...]]:
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "not a number")
        self.asked.append(host)
        if host == SLOW:
            self.released.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_a_name_that_is_never_answered_ends_the_call_at_its_deadline_and_holds_up_no_other_name() -> None:
    names = Names()
    lookup = NameLookup(names)

    def slow(_: int) -> str:
        with pytest.raises(TimeoutError):
            lookup.addresses(SLOW, 80, Deadline.after(0.3))
        return "ended"

    with ThreadPoolExecutor(20) as threads:
        ended = threads.map(slow, range(20))
        assert lookup.addresses("good.cpas.example", 80, Deadline.after(10))[0].where == ("127.0.0.1", 80)
        assert list(ended) == ["ended"] * 20
    names.released.set()
    assert names.asked.count(SLOW) == 1  # one thread waits for it, not twenty


def test_a_name_is_looked_up_anew_at_every_connection() -> None:
    names = Names()
    lookup = NameLookup(names)
    for _ in range(2):
        lookup.addresses("good.cpas.example", 80, Deadline.after(10))
    assert names.asked == ["good.cpas.example"] * 2


def test_an_unanswered_name_is_no_connection_within_three_seconds_told_as_such() -> None:
    names = Names()
    began = time.monotonic()
    with pytest.raises(SupplierUnreachable, match="no connection within 3 s"):
        Connector(AllowedHosts.of((), "test"), lookup=NameLookup(names)).connect(
            Target.of(f"http://{SLOW}/x"), Deadline.after(0.2)
        )
    names.released.set()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "address",
    ["ftp://cpas.example/", "http:///x", "http://a b/", "http://u@cpas.example/", "http://cpas.example:99999/",
     "http://cpas.example/\r\nX: y", "http://cpas.exampl\u00e9/", "http://[::1/"],
)  # fmt: skip
def test_what_is_no_address_is_never_connected_to(address: str) -> None:
    with pytest.raises(SupplierUnreachable, match="no http or https address"):
        Target.of(address)
