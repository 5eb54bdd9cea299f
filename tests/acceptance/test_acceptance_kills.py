"""Nothing acknowledged is lost and nothing happens twice, whatever is stopped or killed under load.

``make kills KILLS=200`` runs the second test alone, on both databases; ``SEED=…`` repeats a run.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asking_load import AskingLoad
from judged_trails import judge, questions_so_far, strangers
from kills import Kills
from running_world import Gateway, Holders

from tests.databases import PostgresqlServer
from tests.process_locks import databases_without_lock, deleted_files, has_open

THREADS = 6
KILLS = [int(os.environ["KILLS"])] if "KILLS" in os.environ else [2, pytest.param(40, marks=pytest.mark.long)]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Say something while the test runs."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    return say


@pytest.fixture
def struck_gateway(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    """A gateway of its own, so that its trail holds what this test asked and nothing else."""
    made = new_gateway()
    made.start()
    yield made
    made.stop()


def _assert_locks_kept(gateway: Gateway) -> None:
    """Every process that has the SQLite database open holds its locks on it, and no deleted file."""
    if not gateway.database.startswith("sqlite"):
        return
    file = Path(gateway.database.removeprefix("sqlite:///"))
    using = [pid for pid in gateway.processes() if has_open(pid, file)]
    assert using or not Path("/proc/locks").exists()
    assert {pid: found for pid in using if (found := databases_without_lock(pid, file))} == {}
    assert {pid: found for pid in using if (found := deleted_files(pid, file))} == {}


@pytest.mark.parametrize("stops", [1, pytest.param(5, marks=pytest.mark.long)])
def test_stopped_and_started_under_load_it_has_a_row_of_every_answer(
    struck_gateway: Gateway, tell: Callable[[str], None], stops: int
) -> None:
    load, before = AskingLoad(struck_gateway, THREADS), questions_so_far(struck_gateway)
    with load.running():
        for number in range(stops):
            load.wait_for_more(30)
            _assert_locks_kept(struck_gateway)
            status, seconds = struck_gateway.stop(), struck_gateway.start()
            tell(f"stop {number + 1}/{stops}: status {status}, answers again after {seconds:.1f} s")
            assert status == 0
        load.wait_for_more(30)
    _assert_locks_kept(struck_gateway)
    found = judge(struck_gateway, load.answered)
    tell(found.told())
    assert (load.unexpected, found.faults, strangers(struck_gateway, before)) == ([], [], [])
    assert len(load.answered) >= 30 * (stops + 1)


@pytest.mark.parametrize("count", KILLS)
def test_killed_at_random_moments_it_loses_nothing_and_does_nothing_twice(
    struck_gateway: Gateway,
    holders: Holders,
    tell: Callable[[str], None],
    count: int,
    request: pytest.FixtureRequest,
) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1_000_000)))
    server: PostgresqlServer | None = None
    if struck_gateway.database.startswith("postgresql"):
        server = request.getfixturevalue("postgresql_server")
    tell(f"{count} kills, SEED={seed}")
    load, before = AskingLoad(struck_gateway, THREADS), questions_so_far(struck_gateway)
    kills = Kills(struck_gateway, holders, server, seed, tell)
    with load.running():
        kills.run(count, load)
    _assert_locks_kept(struck_gateway)
    found = judge(struck_gateway, load.answered)
    tell(f"{kills.told()}\n{found.told()}")
    assert (load.unexpected, found.faults, strangers(struck_gateway, before)) == ([], [], [])
