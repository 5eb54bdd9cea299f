"""Who gets a place of the outbound pool, who waits for one, and what becomes of who finds none."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rse_gateway.adapters.outbound_pool import OutboundPool
from rse_gateway.domain.identifiers import CbeNumber

SLOW, QUICK, OTHER = CbeNumber("0299990118"), CbeNumber("0299990217"), CbeNumber("0299990019")
LONG = 20.0


class Call:
    """Work that lasts until it is let go."""

    def __init__(self, partner: CbeNumber, *, lasting: bool = True) -> None:
        self.partner = partner
        self.begun, self.let_go, self.released = threading.Event(), threading.Event(), threading.Event()
        if not lasting:
            self.let_go.set()

    def __call__(self) -> None:
        self.begun.set()
        self.let_go.wait(LONG)

    def release(self) -> None:
        self.released.set()


def calls(partner: CbeNumber, count: int, *, lasting: bool = True) -> list[Call]:
    return [Call(partner, lasting=lasting) for _ in range(count)]


def begun(given: list[Call]) -> int:
    """Return how many have begun, once that number rests."""
    last = -1
    while (now := sum(call.begun.is_set() for call in given)) != last:
        last = now
        time.sleep(0.1)
    return last


@contextmanager
def pool_of(places: int, *held: list[Call]) -> Iterator[OutboundPool]:
    pool = OutboundPool(places)
    try:
        for given in held:
            pool.start(given)
        yield pool
    finally:
        for given in held:
            for call in given:
                call.let_go.set()
        pool.close()


def test_one_partner_gets_more_than_half_and_then_leaves_places_to_all_others() -> None:
    slow, other = calls(SLOW, 150), calls(OTHER, 20)
    with pool_of(64, slow, other):
        assert begun(slow) == 33
        assert begun(other) == 8


def test_while_few_places_are_taken_one_partner_may_have_them() -> None:
    quick = calls(QUICK, 32)
    with pool_of(64, quick):
        assert begun(quick) == 32


def test_another_partners_calls_pass_those_that_wait() -> None:
    slow = calls(SLOW, 150)
    with pool_of(64, slow) as pool:
        quick = calls(QUICK, 50, lasting=False)
        pool.start(quick).wait(LONG)
        assert all(call.begun.is_set() for call in quick)
        assert begun(slow) == 33


def test_who_waits_gets_the_next_free_place_in_the_order_of_arrival() -> None:
    first, second, third = calls(SLOW, 1), calls(QUICK, 1), calls(OTHER, 1)
    with pool_of(1, first, second, third):
        assert [begun(one) for one in (first, second, third)] == [1, 0, 0]
        first[0].let_go.set()
        assert second[0].begun.wait(LONG)
        assert begun(third) == 0


def test_who_found_no_place_while_its_caller_waited_is_released_and_never_begins() -> None:
    held = calls(SLOW, 1)
    with pool_of(1, held) as pool:
        late = calls(QUICK, 2)
        began = time.monotonic()
        pool.start(late).wait(0.2)
        assert time.monotonic() - began < LONG / 2
        assert all(call.released.is_set() for call in late)
        held[0].let_go.set()
        assert begun(late) == 0


def test_a_call_under_way_goes_on_when_its_caller_no_longer_waits() -> None:
    call = Call(SLOW)
    with pool_of(1) as pool:
        pool.start([call]).wait(0.1)
        assert not call.released.is_set()
        call.let_go.set()


def test_forty_at_once_to_one_quick_partner_all_get_a_place() -> None:
    quick = calls(QUICK, 40)
    with pool_of(64) as pool:
        for call in quick:
            threading.Timer(0.1, call.let_go.set).start()
        pool.start(quick).wait(LONG)
        assert all(call.begun.is_set() and not call.released.is_set() for call in quick)


def test_a_defect_of_one_call_gives_its_place_back_and_is_told_without_its_text(caplog) -> None:
    class Defect(Call):
        def __call__(self) -> None:
            raise RuntimeError("85.07.30-033.28")

    with pool_of(1) as pool:
        pool.start([Defect(SLOW)]).wait(LONG)
        after = Call(SLOW, lasting=False)
        pool.start([after]).wait(LONG)
        assert after.begun.is_set()
    assert "RuntimeError" in caplog.text
    assert "85.07.30" not in caplog.text


def test_closing_waits_for_calls_under_way_and_releases_those_that_wait() -> None:
    running, waiting = Call(SLOW), Call(QUICK)
    pool = OutboundPool(1)
    pool.start([running])
    pool.start([waiting])
    threading.Timer(0.2, running.let_go.set).start()
    pool.close()
    assert running.let_go.is_set()
    assert waiting.released.is_set()
    assert not waiting.begun.is_set()
