"""The processes of the acceptance tests: gateways and holding CPAS, started, watched, stopped and killed."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

from invented_world import (
    ASKING,
    CLOSED,
    FAILING,
    HOLDING,
    MISDIRECTED,
    SLOW,
    SLOW_SECONDS,
    InventedPerson,
    InventedWorld,
)

from rse_cpas_stub.client import ConsultOutcome, Question, Requester, User
from rse_cpas_stub.log import open_log
from rse_cpas_stub.messages import Options
from tests.databases import copy_folder

BIN = Path(sys.executable).parent
PATIENCE = 60.0
_Found = TypeVar("_Found")


def command(name: str, *arguments: str | Path, stdin: bytes = b"", status: int = 0) -> str:
    """Run one of our commands as a person would; return what it printed when it ends with ``status``."""
    done = subprocess.run(
        [BIN / name, *arguments], input=stdin, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == status, f"{name} ended with {done.returncode}: {done.stderr.decode()}"
    return done.stdout.decode()


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody uses."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_for(what: str, look: Callable[[], _Found | None], seconds: float = PATIENCE) -> _Found:
    """Return what ``look`` finds, looking again and again until the deadline."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.02)


class Holders:
    """The holding CPAS: one that answers, and one for each way to fail; closed ones stay closed."""

    def __init__(self, world: InventedWorld) -> None:
        """Start them all at once."""
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.talk: dict[str, Path] = {}
        self._start(world, HOLDING)
        for failure, number in FAILING.items():
            if failure == SLOW:
                self._start(world, number, "--delay", str(SLOW_SECONDS))
            elif failure not in (CLOSED, MISDIRECTED):
                self._start(world, number, "--fail", failure)

    def wait(self) -> None:
        """Return when all of them answer."""
        for number, process in self.running.items():
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"CPAS {number} did not start: {self.talk[number].read_text()}"
            assert json.loads(line)["cbeNumber"] == number

    def kill_and_start(self, world: InventedWorld, number: str) -> float:
        """Kill one (SIGKILL) and start it again; return after how many seconds it was ready."""
        killed = self.running[number]
        killed.kill()
        killed.wait(PATIENCE)
        assert killed.stdout is not None
        killed.stdout.close()
        began = time.monotonic()
        self._start(world, number)
        ready = self.running[number].stdout
        assert ready is not None
        assert ready.readline(), f"CPAS {number} did not start again: {self.talk[number].read_text()}"
        return time.monotonic() - began

    def stop(self) -> None:
        """End them all."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(PATIENCE)
            assert process.stdout is not None
            process.stdout.close()

    def _start(self, world: InventedWorld, number: str, *options: str) -> None:
        port = re.findall(r":([0-9]+)/", world.endpoints[number])[0]
        self.talk[number] = world.folder / f"talk-{number}.txt"
        with self.talk[number].open("wb") as talk:
            self.running[number] = subprocess.Popen(
                [BIN / "rse-cpas-stub", "serve", "--config", world.configuration(number), "--json",
                 "--persons", world.persons(number), "--port", port, *options],
                stdout=subprocess.PIPE, stderr=talk,
            )  # fmt: skip


class PreparedGateway:
    """A gateway's folder with its institutions and directory, before it serves for the first time."""

    def __init__(self, world: InventedWorld, folder: Path, database: str | None) -> None:
        """Make the folder by the commands of an operator; without a database URL, on a SQLite file in it."""
        self.folder = folder
        self.database = database
        named = () if database is None else ("--database", database)
        command("rse-gateway", "setup", folder, "--keys", world.keys, *named)
        for what in ("institutions.toml", "directory.csv"):
            imports = ("--settings", folder / "gateway.toml", what.split(".")[0], "import")
            command("rse-gateway", *imports, world.folder / what)

    def copy(self, folder: Path, database: str | None) -> Path:
        """Return the settings file of a copy that works on a database of its own."""
        copy_folder(self.folder, folder)
        settings = folder / "gateway.toml"
        if database is not None:
            line = f"database = {json.dumps(database)}"
            settings.write_text(
                re.sub("^database = .*$", lambda _: line, settings.read_text(), flags=re.MULTILINE)
            )
        return settings


class Gateway:
    """One gateway as an operator runs it: `rse-gateway serve`, two web processes and a keeper."""

    def __init__(self, world: InventedWorld, settings: Path, **changed: str | int) -> None:
        """Take the settings file of a prepared folder and change some settings; nothing runs yet."""
        self.world = world
        self.settings = settings
        self.folder = settings.parent
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.talk_file = self.folder / "talk.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._requesters: dict[str, Requester] = {}
        self._making = Lock()
        self._change({"port": self.port, **changed})

    @property
    def database(self) -> str:
        """The database URL, with the whole path of a SQLite file."""
        named = re.findall('^database = "(.*)"$', self.settings.read_text(), flags=re.MULTILINE)[0]
        path = named.removeprefix("sqlite:///")
        return named if path == named else f"sqlite:///{self.folder / path}"

    def _change(self, changed: Mapping[str, str | int]) -> None:
        text = self.settings.read_text()
        for name, value in changed.items():
            text = re.sub(f"^{name} = .*\n", "", text, flags=re.MULTILINE) + f"{name} = {json.dumps(value)}\n"
        self.settings.write_text(text)

    @property
    def is_running(self) -> bool:
        """Tell whether its supervisor runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> float:
        """Start it; return after how many seconds it answered first, once all processes are ready."""
        started, already = time.monotonic(), self.talk().count("listening on")
        with self.talk_file.open("ab") as talk:
            self._process = subprocess.Popen(
                [BIN / "rse-gateway", "--settings", self.settings, "serve"],
                stdout=talk, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_for("the first answer", self._answers)
        seconds = time.monotonic() - started
        wait_for("all processes", lambda: self.talk().count("listening on") > already)
        return seconds

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.talk()
        try:
            with urllib.request.urlopen(f"{self.url}/TestConnectionService/v1?wsdl", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def stop(self) -> int:
        """Ask it to stop and return its exit status; does nothing when it does not run."""
        if self._process is None:
            return 0
        self._process.terminate()
        status = self._process.wait(PATIENCE)
        self._process = None
        return status

    def kill_everything(self) -> None:
        """Kill the supervisor and all its processes at once (SIGKILL)."""
        assert self._process is not None
        self._kill([self._process.pid, *self._children()])

    def kill_supervisor(self) -> None:
        """Kill the supervisor alone (SIGKILL) and wait until its processes ended by themselves."""
        assert self._process is not None
        self._kill([self._process.pid])

    def _kill(self, killed: list[int]) -> None:
        assert self._process is not None
        own = [self._process.pid, *self._children()]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._process = None
        wait_for("the end of all processes", lambda: not any(Path(f"/proc/{pid}").exists() for pid in own))

    def web_processes(self) -> list[int]:
        """Return the ids of the running web processes."""
        return [pid for pid in self._children() if b"\0web\0" in _command_line(pid)]

    def keepers(self) -> list[int]:
        """Return the id of the running keeper, or nothing."""
        return [pid for pid in self._children() if b"\0keeper\0" in _command_line(pid)]

    def processes(self) -> list[int]:
        """Return the ids of all that use its database."""
        return [*self.web_processes(), *self.keepers()]

    def busiest_web_process(self) -> int:
        """Return the id of the web process that holds the most connections."""
        return max(self.web_processes(), key=_open_files)

    def limit_file_size(self, size: int) -> None:
        """Let its processes write no file beyond ``size`` bytes (-1: no limit): a disk that is full."""
        for pid in self._children():
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

    def _children(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def talk(self) -> str:
        """Return everything that its processes said so far."""
        return self.talk_file.read_text() if self.talk_file.exists() else ""

    def requester(self, number: str = ASKING) -> Requester:
        """Return a CPAS that asks this gateway, with a log of its own for this gateway."""
        with self._making:
            if number not in self._requesters:
                self._requesters[number] = self._new_requester(number)
            return self._requesters[number]

    def _new_requester(self, number: str) -> Requester:
        log = open_log(
            self.requester_log(number),
            cbe_number=number,
            environment="test",
            auditor_key=self.world.keys / "test-auditor.cert.pem",
            clock=utc_now,
        )
        return Requester(
            self.world.identity(number),
            self.world.gateway_trust,
            gateway_url=self.url,
            log=log,
            environment="test",
            clock=utc_now,
            timeout_seconds=PATIENCE,
        )

    def requester_log(self, number: str = ASKING) -> Path:
        """Return the file of that log."""
        return self.folder / f"requester-{number}.sqlite"

    def ask(
        self,
        person: InventedPerson,
        ticket: str,
        *,
        number: str = ASKING,
        window: int | None = None,
        role: str = "SOCIAL_WORKER",
    ) -> ConsultOutcome:
        """Ask about a person as the library of the requesting CPAS does; return the verified answer."""
        question = Question(
            ssin=person.ssin,
            period=self.world.period,
            user=User("u-4711", role, "A. Assistante", "2026/0815"),
            ticket=ticket,
            options=Options(collect_window=window),
        )
        return self.requester(number).consult(question)


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def contains(content: bytes, secrets: Iterable[str]) -> list[str]:
    """Return which of the secrets stand in ``content``, in UTF-8 or UTF-16."""
    return [one for one in secrets if one.encode() in content or one.encode("utf-16-le") in content]
