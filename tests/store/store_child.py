"""A process of its own that writes: ``store_child.py race URL GO`` or ``store_child.py durable URL``.

``race`` waits for the file GO, then commits one unit with the replay key of all racers and prints what it
got. ``durable`` prints every replay key after its commit returned, for ever, until it is killed.
"""

import sys
import time
from itertools import count
from pathlib import Path

from store_samples import AT, MASTER, replay_key

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.errors import ReplayRefused
from rse_gateway.ports import UnitOfWork
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


def durable(writer: GroupWriter) -> None:
    """Commit for ever; print what is acknowledged."""
    for number in count():
        writer.commit(UnitOfWork(replay_key=(replay_key(number), AT)))
        print(number, flush=True)


if __name__ == "__main__":
    group_writer = GroupWriter(open_engine(sys.argv[2]), DataKeys(MASTER))
    if sys.argv[1] == "race":
        race(group_writer, Path(sys.argv[3]))
    else:
        durable(group_writer)
