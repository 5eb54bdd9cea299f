"""A node of its own that races another one: ``node_child.py URL GO``.

It waits for the file GO, then from eight threads accepts the same questions and writes answers to the same
legs (their tickets stand in GO) as every other node does, each in a transaction of its own, and prints what
became of it.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from store_samples import AT, MASTER, REPORT, accepted, leg, replay_key

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.domain.leg import Event, Happening, ReminderPlan, step
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import FenceLost, LegChange, TicketTaken, UnitOfWork
from rse_gateway.store.engine import open_engine
from rse_gateway.store.writer import GroupWriter


def node(writer: GroupWriter, go: Path) -> None:
    """Print one line per unit: which one, and ``written`` or the name of the error."""
    print("ready", flush=True)
    while not go.exists():
        time.sleep(0.001)
    units: dict[str, UnitOfWork] = {}
    for number, ticket in enumerate(go.read_text().split()):
        units[f"question-{number}"] = accepted(f"Q-{number}", key=uuid4())[1]
        due = leg(GatewayTicket.parse(ticket))
        answered = step(due, Happening(Event.REPORT, AT), ReminderPlan())
        key = (replay_key(uuid4()), AT)
        units[f"answer-{number}"] = UnitOfWork(key, leg_change=LegChange(answered, 1, REPORT))

    def commit(name: str) -> str:
        try:
            writer.commit(units[name])
        except (TicketTaken, FenceLost, GatewayUnavailable) as error:
            return f"{name} {type(error).__name__}"
        return f"{name} written"

    with ThreadPoolExecutor(8) as pool:
        for line in pool.map(commit, units):
            print(line, flush=True)
    writer.close()


if __name__ == "__main__":
    node(GroupWriter(open_engine(sys.argv[1]), DataKeys(MASTER), batch=1), Path(sys.argv[2]))
