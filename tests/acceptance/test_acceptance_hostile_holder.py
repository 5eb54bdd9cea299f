"""A holder that drips, before a real gateway: every other holder's question is answered in its window."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from invented_world import AT_FAILING, CLOSED, FAILING, KNOWN, InventedPerson, InventedWorld
from running_world import Gateway, Holders
from signed_messages import new_ticket

from tests.outbound.dripping import DRIPS, dripping, serving

WINDOW = 10


@pytest.fixture(scope="module")
def roomy(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    """A gateway with request threads to spare; a window for tests that share a machine."""
    made = new_gateway(threads=128, collect_window=WINDOW, default_quota=1_000_000)
    made.start()
    yield made
    assert made.stop() == 0


def outcome_of(gateway: Gateway, person: InventedPerson) -> str:
    (result,) = gateway.ask(person, new_ticket("drip")).results
    return result.outcome


@pytest.mark.long
@pytest.mark.parametrize("where", DRIPS)
def test_fifty_of_fifty_questions_are_answered_beside_150_to_a_holder_that_drips(
    roomy: Gateway, world: InventedWorld, where: str
) -> None:
    port = urlsplit(world.endpoints[FAILING[CLOSED]]).port or 0
    with serving(dripping(where, 0.5), port) as hostile, ThreadPoolExecutor(200) as threads:
        slow = [threads.submit(outcome_of, roomy, AT_FAILING[CLOSED]) for _ in range(150)]
        others = [threads.submit(outcome_of, roomy, KNOWN[at % len(KNOWN)]) for at in range(50)]
        assert Counter(one.result() for one in others) == {"ANSWERED": 50}
        assert Counter(one.result() for one in slow) == {"PENDING": 150}
        assert len(hostile.requests) >= 16  # it did hold places, in both processes


@pytest.mark.long
def test_forty_questions_at_once_to_one_healthy_holder_are_all_answered(roomy: Gateway) -> None:
    with ThreadPoolExecutor(40) as threads:
        outcomes = threads.map(lambda at: outcome_of(roomy, KNOWN[at % len(KNOWN)]), range(40))
        assert Counter(outcomes) == {"ANSWERED": 40}
