"""`make bench`: what a nobody-known consultation costs, as a ratio to the floor measured in the same run.

Real gateway (2 web processes, keeper, SQLite with synchronous=FULL, P-256), real HTTP, every answer signed
and logged before it is sent. Rounds of floor and gateway alternate, because machines drift; medians count.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples" / "demo"))

import demo_run as demo
from floor import Floor, measure_floor
from lxml import etree
from world import ASKING, NOWHERE, World, make_world

from rse_gateway.security.keys import load_private_key, signer_from_pem

SERVICE = "ElectronicSocialReportService"
TICKS = 100


def main() -> int:
    """Run all rounds and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=1500)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--profile", action="store_true", help="profile one web process's work instead")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rse-bench-"))
    if options.profile:
        from profile_consult import profile_consult

        return profile_consult(folder, options.messages)
    world = make_world(folder / "run", date.today(), port=demo.free_port())  # noqa: DTZ011
    processes = demo.Processes(folder / "run")
    try:
        demo.start_everything(world, processes, date.today())  # noqa: DTZ011
        measure(world, folder, options)
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def measure(world: World, folder: Path, options: argparse.Namespace) -> None:
    """Alternate floor and gateway, then print medians and ratios."""
    floors: list[Floor] = []
    gateway: list[tuple[float, float, list[float]]] = []
    for number in range(options.rounds + 1):
        messages = signed_questions(world, number, options.messages if number else 200)
        floor = measure_floor(messages, reply_like(messages[0]), key_of(world), folder)
        taken = one_round(world, folder / f"messages-{number}", messages, options.clients)
        (folder / "floor.sqlite").unlink()
        if number:  # the first round warms up
            floors.append(floor)
            gateway.append(taken)
    cpu_floor = statistics.median(f.cpu for f in floors)
    cpu = statistics.median(g[0] for g in gateway)
    rate = statistics.median(g[1] for g in gateway)
    latencies = sorted(x for g in gateway for x in g[2])
    write = statistics.median(f.write for f in floors)
    print(f"floor: parse + verify {statistics.median(f.parse_verify for f in floors):.3f} ms, "
          f"sign {statistics.median(f.sign for f in floors):.3f} ms of one core; "
          f"one durable write {write:.3f} ms of wall clock")  # fmt: skip
    print(f"gateway, nobody known: {cpu:.3f} ms of one core per consultation, {rate:.0f}/s with "
          f"{options.clients} clients on the same machine")  # fmt: skip
    print(f"latency: p50 {at(latencies, 0.5):.1f} ms, p99 {at(latencies, 0.99):.1f} ms")
    print(f"ratio of processor time to the floor: {cpu / cpu_floor:.2f}")


def one_round(
    world: World, folder: Path, messages: list[bytes], clients: int
) -> tuple[float, float, list[float]]:
    """Post all messages; return processor ms per message, messages per second, latencies."""
    folder.mkdir()
    for number, raw in enumerate(messages):
        (folder / f"{number:06d}.xml").write_bytes(raw)
    port = world.url.rsplit(":", 1)[1]
    before = processor_seconds()
    load = [sys.executable, str(Path(__file__).with_name("load.py")), str(folder), port, str(clients)]
    done = json.loads(subprocess.run(load, capture_output=True, text=True, check=True).stdout)
    used = processor_seconds() - before
    shutil.rmtree(folder)
    if done["wrong"]:
        sys.exit(f"an answer was not NO_DATA_FOUND: {done['wrong'][0]}")
    return used / len(messages) * 1e3, len(messages) / done["wall"], done["latencies"]


def processor_seconds() -> float:
    """Return user and system time of the gateway's web processes and keeper so far (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            line = (stat.parent / "cmdline").read_bytes().decode()
            if "rse_gateway.soap.worker" in line:
                fields = stat.read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / TICKS


def signed_questions(world: World, number: int, count: int) -> list[bytes]:
    """Return questions about a person known nowhere, each with its own ticket, signed with P-256."""
    signer = signer_from_pem(
        world.keys / f"test-cpas-{ASKING}.key.pem", world.keys / f"test-cpas-{ASKING}.cert.pem"
    )
    sample = Path(demo.__file__).with_name("consult-request.xml")
    payload = etree.fromstring(sample.read_bytes())
    payload.find("criteria/ssin").text = NOWHERE
    payload.find("criteria/period/beginDate").text = (world.end - timedelta(days=900)).isoformat()
    payload.find("criteria/period/endDate").text = world.end.isoformat()
    made = []
    for one in range(count):
        payload.find("informationCustomer/ticket").text = f"B-{number}-{one}"
        made.append(signer.sign(payload, created=datetime.now(UTC)).raw)
    return made


def reply_like(raw: bytes) -> bytes:
    """Return a Body as large as an answer: the question's own, once more with a status."""
    body = etree.fromstring(raw)[1]
    return etree.tostring(body)


def key_of(world: World):  # type: ignore[no-untyped-def]
    """Return the gateway's own key."""
    return load_private_key(world.keys / "test-gateway.key.pem")


def at(values: list[float], part: float) -> float:
    """Return the value below which ``part`` of the sorted values lie."""
    return values[min(len(values) - 1, int(part * len(values)))]


if __name__ == "__main__":
    sys.exit(main())
