"""Kills at random moments under load: processes of the gateway, holders, and PostgreSQL's processes."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from asking_load import AskingLoad
from invented_world import HOLDING
from running_world import Gateway, Holders, wait_for

from tests.databases import PostgresqlServer

_MOST_SECONDS_BEFORE = 0.8
_ANSWERS_BETWEEN = 3


@dataclass
class Kills:
    """Kills one victim after the other; the same seed chooses the same victims and pauses."""

    gateway: Gateway
    holders: Holders
    server: PostgresqlServer | None
    seed: int
    tell: Callable[[str], None]
    restarts: dict[str, list[float]] = field(default_factory=dict)

    def run(self, count: int, load: AskingLoad) -> None:
        """Kill so many, each at a random moment of a load that was answered since the last one."""
        chance = random.Random(self.seed)  # noqa: S311 - a test wants to be repeated
        victims = {
            "web process": self._web_process,
            "keeper": self._keeper,
            "supervisor": self._supervisor,
            "holder": self._holder,
        }
        if self.server is not None:
            victims |= {"PostgreSQL backend": self._backend, "postmaster": self._postmaster}
        order: list[str] = []
        while len(order) < count:  # every kind in turn, in random order
            order += chance.sample(sorted(victims), len(victims))
        for number, name in enumerate(order[:count], 1):
            load.wait_for_more(_ANSWERS_BETWEEN)
            time.sleep(chance.uniform(0, _MOST_SECONDS_BEFORE))
            seconds = victims[name](chance)
            self.restarts.setdefault(name, []).append(seconds)
            self.tell(
                f"kill {number}/{count}: {name}, runs again after {seconds:.1f} s;"
                f" {len(load.answered)} answered, {load.cut} cut"
            )
        load.wait_for_more(_ANSWERS_BETWEEN)

    def told(self) -> str:
        """Return how often each victim was killed, and the longest time until it ran again.

        A supervisor runs again when it answers, the server when it accepts, others when they were started.
        """
        counts = Counter({name: len(seconds) for name, seconds in self.restarts.items()})
        return ", ".join(
            f"{name} {counts[name]} × (longest {max(self.restarts[name]):.1f} s)" for name in sorted(counts)
        )

    def _web_process(self, chance: random.Random) -> float:
        return self._killed_child(chance.choice(self.gateway.web_processes()), self.gateway.web_processes)

    def _keeper(self, _chance: random.Random) -> float:
        return self._killed_child(self.gateway.keepers()[0], self.gateway.keepers)

    def _killed_child(self, pid: int, alike: Callable[[], list[int]]) -> float:
        wanted, began = len(alike()), time.monotonic()
        os.kill(pid, signal.SIGKILL)
        wait_for("another process", lambda: pid not in (now := alike()) and len(now) == wanted)
        return time.monotonic() - began

    def _supervisor(self, _chance: random.Random) -> float:
        self.gateway.kill_supervisor()
        return self.gateway.start()

    def _holder(self, _chance: random.Random) -> float:
        return self.holders.kill_and_start(self.gateway.world, HOLDING)

    def _backend(self, chance: random.Random) -> float:
        """Kill one; PostgreSQL then ends all others and recovers."""
        pids = self._backends()
        began = time.monotonic()
        if pids:
            os.kill(chance.choice(pids), signal.SIGKILL)
        wait_for("PostgreSQL after its recovery", self._accepts)
        return time.monotonic() - began

    def _backends(self) -> list[int]:
        with psycopg.connect(self._url) as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            return [pid for (pid,) in connection.execute(f"{query} AND pid <> pg_backend_pid()")]

    def _accepts(self) -> bool:
        try:
            with psycopg.connect(self._url) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    @property
    def _url(self) -> str:
        return self.gateway.database.replace("postgresql+psycopg://", "postgresql://")

    def _postmaster(self, _chance: random.Random) -> float:
        assert self.server is not None
        return self.server.kill_and_start()
