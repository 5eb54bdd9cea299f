"""`make bench`: what a nobody-known consultation costs, as a ratio to the floor measured in the same run.

Real gateway (2 web processes, keeper, SQLite with synchronous=FULL, P-256), real HTTP, every answer signed
and logged before it is sent. Many short rounds, each with the floor before and after it, because machines
drift and other work disturbs; each round gives one ratio, and the median counts.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples" / "demo"))

import demo_run
from floor import Floor, measure_floor
from questions import gateway_key, reply_like, signed_questions
from world import World, make_world

_BATCHES = re.compile(r"(\d+) units were written in (\d+) transactions")


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the floor before and after, and what the gateway took (ms of one core, ms latencies)."""

    before: Floor
    after: Floor
    cpu: float
    rate: float
    latencies: list[float]

    @property
    def floor(self) -> float:
        """The floor during the round, as far as one can know: the mean of both."""
        return (self.before.cpu + self.after.cpu) / 2


def main() -> int:
    """Run what was asked for and print it."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="rse-bench-"))
    try:
        if options.profile:
            from threads import print_profiles

            print_profiles(folder, options.messages)
        elif options.parts:
            from parts import print_parts

            print_parts(folder, options.messages, clients=options.clients)
        else:
            measure(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--messages", type=int, default=400, help="of each round")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--parts", action="store_true", help="what each part costs, in one process")
    parser.add_argument("--profile", action="store_true", help="cProfile of a request and the writer thread")
    return parser.parse_args()


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Start the gateway, alternate floor and load, stop it and print the report."""
    world = make_world(folder / "run", date.today(), port=demo_run.free_port())  # noqa: DTZ011
    processes = demo_run.Processes(folder / "run")
    try:
        demo_run.start_everything(world, processes, date.today())  # noqa: DTZ011
        one_round(world, folder, 0, options)  # the first round warms up
        rounds = [one_round(world, folder, 1 + number, options) for number in range(options.rounds)]
    finally:
        processes.stop()
    report(rounds, options.clients, batches(folder / "run"))


def one_round(world: World, folder: Path, number: int, options: argparse.Namespace) -> Round:
    """Measure the floor, let the clients post all messages, measure the floor again."""
    messages = signed_questions(world, number, options.messages)
    about = (messages[:200], reply_like(messages[0]), gateway_key(world), folder)
    before = measure_floor(*about)
    cpu, rate, latencies = load(world, folder / f"messages-{number}", messages, options.clients)
    return Round(before, measure_floor(*about), cpu, rate, latencies)


def load(
    world: World, folder: Path, messages: Sequence[bytes], clients: int
) -> tuple[float, float, list[float]]:
    """Post all messages; return processor ms per message, messages per second, latencies."""
    folder.mkdir()
    for number, raw in enumerate(messages):
        (folder / f"{number:06d}.xml").write_bytes(raw)
    port = world.url.rsplit(":", 1)[1]
    clients_of_its_own = Path(__file__).with_name("load.py")
    before = processor_seconds(world)
    command = [sys.executable, str(clients_of_its_own), str(folder), port, str(clients)]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    used = processor_seconds(world) - before
    shutil.rmtree(folder)
    if done["wrong"]:
        sys.exit(f"an answer was not NO_DATA_FOUND: {done['wrong'][0]}")
    return used / len(messages) * 1e3, len(messages) / done["wall"], done["latencies"]


def processor_seconds(world: World) -> float:
    """Return what this gateway's processes used so far (Linux): those that have its database open."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            opened = {str(one.readlink()) for one in (process / "fd").iterdir()}
            if any(name.startswith(str(world.folder)) and ".sqlite" in name for name in opened):
                fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def batches(folder: Path) -> float:
    """Return how many units a transaction held on average, as the writers say when they stop."""
    found = [_BATCHES.search(line) for log in folder.glob("*.log") for line in log.read_text().splitlines()]
    counts = [(int(one[1]), int(one[2])) for one in found if one is not None]
    return sum(units for units, _ in counts) / max(1, sum(transactions for _, transactions in counts))


def report(rounds: Sequence[Round], clients: int, per_transaction: float) -> None:
    """Print medians and ratios."""
    median = statistics.median
    ratios = sorted(one.cpu / one.floor for one in rounds)
    latencies = sorted(latency for one in rounds for latency in one.latencies)
    both = [floor for one in rounds for floor in (one.before, one.after)]
    print(f"machine: {os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}")
    print(f"floor: parse + verify {median(f.parse_verify for f in both):.3f} ms, "
          f"sign {median(f.sign for f in both):.3f} ms of one core; "
          f"one durable write {median(f.write for f in both):.2f} ms of wall clock")  # fmt: skip
    print(f"nobody known: {median(one.cpu for one in rounds):.3f} ms of one core per consultation, "
          f"{median(one.rate for one in rounds):.0f}/s with {clients} clients beside it")  # fmt: skip
    print(f"latency: p50 {at(latencies, 0.5):.1f} ms, p99 {at(latencies, 0.99):.1f} ms; "
          f"{per_transaction:.1f} messages per transaction")  # fmt: skip
    print(f"ratio of processor time to the floor: median {median(ratios):.1f} "
          f"(of {len(ratios)} rounds: {ratios[0]:.1f} to {ratios[-1]:.1f})")  # fmt: skip


def at(values: Sequence[float], part: float) -> float:
    """Return the value below which ``part`` of the sorted values lie."""
    return values[min(len(values) - 1, int(part * len(values)))]


if __name__ == "__main__":
    sys.exit(main())
