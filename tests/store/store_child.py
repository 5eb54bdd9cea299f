"""A process of its own that writes: ``store_child.py race URL GO``, ``durable URL`` or ``quota URL GO NAME``.

``race`` waits for the file GO, then commits one unit with the replay key of all racers and prints what it
got. ``quota`` asks 50 times at once for each of two institutions that have 20 places, and prints per question
who asked and what became of it. ``durable`` prints every replay key after its commit returned, for ever,
until it is killed.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from store_samples import ASKING, AT, HOLDING, MASTER, accepted, replay_key

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.errors import ReplayRefused
from rse_gateway.ports import QuotaClaim, QuotaUsedUp, UnitOfWork
from rse_gateway.store.engine import open_engine
from rse_gateway.store.writer import GroupWriter


def race(writer: GroupWriter, go: Path) -> None:
    """Try every common key; print one line per key."""
    print("ready", flush=True)
    while not go.exists():
        time.sleep(0.001)
    for number in range(50):
        try:
            writer.commit(UnitOfWork(replay_key=(replay_key(number), AT)))
        except ReplayRefused:
            print("refused", flush=True)
        else:
            print("won", flush=True)
    writer.close()


def quota(writer: GroupWriter, go: Path, name: str) -> None:
    """Ask with 25 threads for both institutions by turns; print one line per question."""
    limits = {one: QuotaClaim(one, 20, AT - timedelta(hours=1)) for one in (ASKING, HOLDING)}

    def ask(number: int) -> str:
        asking = (ASKING, HOLDING)[number % 2]
        unit = accepted(f"{name}-{number}")[1]
        assert unit.consultation is not None
        new = replace(unit.consultation, requesting_cpas=asking)
        try:
            writer.commit(replace(unit, consultation=new, quota=limits[asking]))
        except QuotaUsedUp:
            return f"{asking.value}:lost"
        return f"{asking.value}:won"

    print("ready", flush=True)
    while not go.exists():
        time.sleep(0.001)
    with ThreadPoolExecutor(25) as pool:
        print("\n".join(pool.map(ask, range(100))), flush=True)
    writer.close()


def durable(writer: GroupWriter) -> None:
    """Commit for ever; print what is acknowledged."""
    for number in count():
        writer.commit(UnitOfWork(replay_key=(replay_key(number), AT)))
        print(number, flush=True)


if __name__ == "__main__":
    group_writer = GroupWriter(open_engine(sys.argv[2]), DataKeys(MASTER))
    if sys.argv[1] == "race":
        race(group_writer, Path(sys.argv[3]))
    elif sys.argv[1] == "quota":
        quota(group_writer, Path(sys.argv[3]), sys.argv[4])
    else:
        durable(group_writer)
