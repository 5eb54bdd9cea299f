"""`make demo`: one gateway and four CPAS as processes on this machine, real signatures, both trails.

Everything shown is read from received and verified messages, or from the logs that the three programs wrote.
Leaves nothing running and ends with status 0; with ``--keep`` it leaves everything running and says where.
"""

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from world import (
    ASKING,
    BIN,
    DOWN,
    HOLDING,
    HUB,
    KNOWN,
    NEW_NUMBER,
    NOWHERE,
    OLD_NUMBER,
    PROMISE_SECONDS,
    PROMISED,
    PROMISING,
    SECOND,
    SERVED,
    UNCONNECTED,
    WITHOUT_RIGHT,
    World,
    command,
    gateway,
    make_world,
    register,
)

from rse_cpas_stub import signature
from rse_cpas_stub.identity import Trust, key_digest, load_certificates

RUN_FOLDER = Path("demo-run")
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


class Processes:
    """What was started, to be stopped again."""

    def __init__(self, folder: Path) -> None:
        """Keep what the processes say in files of ``folder``."""
        self._folder = folder
        self._running: list[subprocess.Popen[str]] = []

    def start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        """Start one of our commands; its talk goes to ``<folder>/<n>.log``."""
        talk = (self._folder / f"process-{len(self._running)}.log").open("w", encoding="utf-8")
        process = subprocess.Popen([BIN / name, *arguments], stdout=subprocess.PIPE, stderr=talk, text=True)
        self._running.append(process)
        return process

    @staticmethod
    def first_line(process: subprocess.Popen[str]) -> str:
        """Return the first line that it prints: it prints one when it is ready."""
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            sys.exit("a process ended before it was ready: see its process-….log")
        return line

    def stop(self) -> None:
        """Ask all to stop, and wait."""
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main() -> int:
    """Run the demonstration and return its exit status."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # the children end with us
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running and print addresses")
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="rse-demo-")) / "run"
    if keep:
        folder = RUN_FOLDER.resolve()
        shutil.rmtree(folder, ignore_errors=True)
    today = date.today()  # noqa: DTZ011 - the demonstration's own calendar
    say("Making test keys, a gateway folder and four CPAS with invented persons …")
    world = make_world(folder, today, port=free_port())
    processes = Processes(folder)
    try:
        start_everything(world, processes, today)
        tell_the_story(world)
        if keep:
            say(addresses(world))
            wait_for_ctrl_c()
    finally:
        processes.stop()
        if not keep:
            shutil.rmtree(folder.parent, ignore_errors=True)
    say("\nEverything is stopped. Done.")
    return 0


def start_everything(world: World, processes: Processes, today: date) -> None:
    """Start the CPAS, register them, start the gateway."""
    endpoints = {}
    for number in SERVED:
        holder = processes.start(
            "rse-cpas-stub", "serve", "--config", str(world.cpas(number)), "--json", "--port", "0"
        )
        endpoints[number] = json.loads(processes.first_line(holder))["url"]
        say(f"CPAS {number} answers at {endpoints[number]}")
    register(world, endpoints, today)
    serving = processes.start("rse-gateway", "--settings", str(world.settings), "serve")
    wait_until_served(f"{world.url}/TestConnectionService/v1?wsdl", serving)
    say(f"The gateway serves at {world.url} (2 web processes and a keeper)")


def tell_the_story(world: World) -> None:
    """Show every kind of answer, a forgery, and one consultation in all trails."""
    heading(f"1. CPAS {ASKING} asks about a person that two other CPAS helped")
    ticket, _ = ask(world, KNOWN, expect=("DATA_FOUND", f"({HOLDING}): ANSWERED", f"({SECOND}): ANSWERED"))
    heading("2. A person that is known nowhere: nobody is contacted, and it is logged all the same")
    ask(world, NOWHERE, expect=("NO_DATA_FOUND",))
    heading("3. One CPAS promises, one is down, one has no endpoint: the answer says so of each")
    pending = (f"({PROMISING}): PENDING", f"({DOWN}): PENDING", f"({UNCONNECTED}): NOT_CONNECTED")
    _, gateway_ticket = ask(world, PROMISED, expect=("INCOMPLETE_DATA", *pending))
    heading(f"… and {PROMISE_SECONDS} seconds later the promised report is there, to be picked up")
    pick_up(world, gateway_ticket)
    heading("4. A number that was replaced: the CPAS that knows the person by the old one is found …")
    ask(world, NEW_NUMBER, expect=("DATA_FOUND", f"({HOLDING}): ANSWERED"))
    heading("… and who asks by the old one is told the new one")
    ask(world, OLD_NUMBER, expect=("NO_RESULT", "MSG00006"))
    heading("5. A person on whom the requester holds no active file")
    ask(world, WITHOUT_RIGHT, expect=("NO_RESULT", "MSG00012"))
    heading("6. A message changed on its way: one digit of a date after signing")
    forged(world)
    show_trails(world, ticket)


def show_trails(world: World, ticket: str) -> None:
    """Show one consultation in the trail of the gateway, of who asked and of who answered."""
    key = str(world.keys / "test-auditor.key.pem")
    heading(f"7. Consultation {ticket} in the trail of the gateway …")
    say(gateway(world, "log", "show", ticket, "--reason", "demonstration", "--auditor-key", key))
    for text, number in (("… in the trail of the CPAS that asked …", ASKING),
                         ("… and in the trail of a CPAS that answered", HOLDING)):  # fmt: skip
        heading(text)
        log = str(world.log(number))
        say(command("rse-cpas-stub", "log", "show", ticket, "--log", log, "--auditor-key", key))


def pick_up(world: World, gateway_ticket: str) -> None:
    """Retrieve until the promised report was delivered (the holder delivers by itself)."""
    retrieve = ("retrieve", "--config", str(world.cpas(ASKING)), gateway_ticket)
    until = time.monotonic() + 30
    while f"({PROMISING}): ANSWERED" not in (shown := command("rse-cpas-stub", *retrieve)):
        if time.monotonic() > until:
            sys.exit("the promised report did not come")
        time.sleep(0.5)
    say(shown)


def ask(world: World, ssin: str, *, expect: tuple[str, ...]) -> tuple[str, str]:
    """Ask as the requesting CPAS does, show the verified answer in words, return both tickets."""
    arguments = (
        "ask", "--config", str(world.cpas(ASKING)), "--ssin-file", "-",
        "--begin", world.begin.isoformat(), "--end", world.end.isoformat(),
        "--user-reference", "u-4711", "--real-user", "A. Assistante", "--file-reference", "2026/0815",
    )  # fmt: skip
    ticket = f"DEMO-{ssin[-4:]}-{time.time_ns() % 10**9}"
    shown = command("rse-cpas-stub", *arguments, "--ticket", ticket, stdin=ssin, may_refuse=True)
    say(shown)
    for text in expect:
        if text not in shown:
            sys.exit(f"{text} was expected")
    return ticket, shown.split("gateway ticket ")[1].split()[0]


def forged(world: World) -> None:
    """Sign a question, change one digit, post it, and show the signed fault."""
    key = world.keys / f"test-cpas-{ASKING}.key.pem"
    certificate = world.keys / f"test-cpas-{ASKING}.cert.pem"
    sample = Path(__file__).with_name("consult-request.xml")
    signed = command("rse-gateway", "sign", str(sample), "--as", str(key), str(certificate))
    changed = signed.replace("2025-12-31", "2025-11-30")
    status, raw = post(f"{world.url}/ElectronicSocialReportService/v1", changed.encode())
    fault = verified(world, raw)
    texts = {e.tag: e.text for e in fault.iter() if e.text and e.text.strip()}
    say(f"HTTP {status}, a fault signed by the gateway: {texts['faultcode']}")
    say(f"  {texts['reasonCode']}: {texts['diagnostic']}")
    for information in fault.iter("information"):
        say(f"  {information.findtext('fieldName')}: {information.findtext('fieldValue')}")
    if texts["reasonCode"] != "RSE00001":
        sys.exit("RSE00001 was expected")


def verified(world: World, raw: bytes) -> Any:
    """Return the payload of a message that the gateway signed; whatever else came is refused."""
    authorities = load_certificates(world.keys / "test-ca.cert.pem")
    registered = frozenset(key_digest(c) for c in load_certificates(world.keys / "test-gateway.cert.pem"))
    trust = Trust(institution=HUB, authorities=authorities, registered_keys=registered)
    return signature.verify(raw, trust, datetime.now(UTC)).payload


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Post a message; return status and body."""
    request = urllib.request.Request(url, body, {"Content-Type": "text/xml; charset=utf-8"})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as reply:
        return reply.code, reply.read()


def wait_until_served(url: str, serving: subprocess.Popen[str]) -> None:
    """Return when ``url`` answers."""
    until = time.monotonic() + 240
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            if serving.poll() is not None or time.monotonic() > until:
                sys.exit("the gateway does not answer: see its process-….log")
            time.sleep(0.2)
        else:
            return


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_ctrl_c() -> None:
    """Return when the person presses Ctrl-C."""
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        say("\nStopping …")


def addresses(world: World) -> str:
    """Return what a person needs to go on by hand."""
    return f"""
Left running; Ctrl-C stops it.
  WSDL        {world.url}/ElectronicSocialReportService/v1?wsdl
  settings    {world.settings}
  keys        {world.keys}
  ask again   rse-cpas-stub ask --config {world.cpas(ASKING)} \\
                --ssin {KNOWN} --begin {world.begin} --end {world.end}
"""


def heading(text: str) -> None:
    """Show a heading."""
    say(f"\n=== {text}")


def say(text: str) -> None:
    """Show text."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
