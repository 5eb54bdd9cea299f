"""`--profile`: cProfile of a request thread and of the writer thread, to see what could be cheaper."""

import cProfile
import pstats
from pathlib import Path

from in_process import InProcess

from rse_gateway.store.writer import GroupWriter

SHOWN = 40


def print_profiles(folder: Path, count: int) -> None:
    """Ask from one thread and print the most expensive functions of it and of the writer by own time."""
    of_writer, of_request = cProfile.Profile(), cProfile.Profile()
    run = GroupWriter._run
    setattr(GroupWriter, "_run", lambda self: of_writer.runcall(run, self))  # noqa: B010
    gateway = InProcess(folder, count)
    of_request.runcall(gateway.ask, gateway.messages, clients=0)
    gateway.close()
    for name, profile in (("request", of_request), ("writer", of_writer)):
        print(f"== {name} thread")
        pstats.Stats(profile).sort_stats("tottime").print_stats(SHOWN)
