"""A holder that drips holds up nobody else: pool and transport together, on real sockets."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.outbound_pool import OutboundPool
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import KeptConnectionLost, SupplierUnreachable
from tests.outbound.dripping import DRIPS, HERE, answering, dripping, reply, serving

HOSTILE, HEALTHY = CbeNumber("0299990118"), CbeNumber("0299990217")
REPLIES = [reply()] * 1_000


class Ask:
    """A question to one holder, as work of the pool; knows what came of it."""

    def __init__(self, transport: HolderTransport, partner: CbeNumber, url: str) -> None:
        self.partner = partner
        self.outcome = "PENDING"
        self.seconds = 0.0
        self._post = lambda **how: transport.post(url, b"<question/>", {}, **how)

    def __call__(self) -> None:
        began = time.monotonic()
        try:
            try:
                self._post()
            except KeptConnectionLost as lost:
                self._post(after=lost)
            self.outcome = "ANSWERED"
        except SupplierUnreachable:
            self.outcome = "FAILED"
        self.seconds = time.monotonic() - began

    def release(self) -> None:
        self.outcome = "RELEASED"


def ask_within(pool: OutboundPool, ask: Ask, window: float) -> str:
    pool.start([ask]).wait(window)
    return ask.outcome


@pytest.mark.parametrize(
    ("where", "total", "window"),
    [("headers", 4.0, 1.0), *(pytest.param(where, 15.0, 5.0, marks=pytest.mark.long) for where in DRIPS)],
)
def test_fifty_of_fifty_questions_to_another_holder_are_answered_beside_150_to_one_that_drips(
    where: str, total: float, window: float
) -> None:
    transport = HolderTransport(connector=HERE, max_reply_bytes=100_000, total_seconds=total)
    pool = OutboundPool(64)
    every = 0.2 if where == "100 Continue" else total / 20
    with (
        serving(dripping(where, every)) as hostile,
        serving(answering(*REPLIES, pause=0.02)) as healthy,
        ThreadPoolExecutor(200) as threads,
    ):
        slow = [Ask(transport, HOSTILE, hostile.url) for _ in range(150)]
        held = [threads.submit(ask_within, pool, ask, window) for ask in slow]
        until = time.monotonic() + total / 2
        while hostile.connections < 33 and time.monotonic() < until:  # it holds what it can get
            time.sleep(0.01)
        asks = [Ask(transport, HEALTHY, healthy.url) for _ in range(50)]
        outcomes = list(threads.map(lambda ask: ask_within(pool, ask, window), asks))
        assert outcomes == ["ANSWERED"] * 50
        assert {one.result() for one in held} <= {"PENDING", "FAILED", "RELEASED"}
        pool.close()
        assert max(ask.seconds for ask in slow) < total + 5.0  # the deadline ended every call


def test_forty_questions_at_once_to_one_healthy_holder_of_100_ms_are_all_answered() -> None:
    transport = HolderTransport(connector=HERE, max_reply_bytes=100_000)
    pool = OutboundPool(64)
    together = threading.Barrier(40)

    def ask(_: int) -> str:
        together.wait(30)
        return ask_within(pool, Ask(transport, HEALTHY, healthy.url), 5.0)

    with serving(answering(*REPLIES, pause=0.1)) as healthy, ThreadPoolExecutor(40) as threads:
        assert list(threads.map(ask, range(40))) == ["ANSWERED"] * 40
    pool.close()
