"""The parent of all processes of one gateway: binds the address, starts, restarts and stops them.

Guaranteed: a process that dies is started again (at once the first time, then with growing pauses) while the
others go on; on SIGTERM or SIGINT every process finishes what it is answering and the status is 0, or 1, with
a line that says so, where one had to be ended by force; no process outlives its supervisor. An address that a
dying predecessor still holds is waited for. The supervisor builds nothing and reads no
message: what it runs is a child's own.

Rules: reliability page, "Who runs what", stop, restart within 5 s.
"""

import errno
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rse_gateway.errors import SetupError
from rse_gateway.serving.handover import CANNOT_START, ENDED_BY_FORCE, STORE_AWAY, Handover
from rse_gateway.settings import Settings

GRACE_SECONDS: Final = 20.0
PORT_SECONDS: Final = 5.0
_KILL_MARGIN: Final = 4.0
_BACKLOG: Final = 1024
_LONG_ENOUGH: Final = 10.0
_PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 10.0, 30.0)
_STORE_PAUSE: Final = 2.0
_TICK_SECONDS: Final = 0.1


@dataclass(slots=True)
class _Place:
    """One process that shall run, with its present incarnation."""

    role: str
    process: subprocess.Popen[bytes] | None = None
    ready_pipe: int | None = None
    ready: bool = False
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = field(default=0)


class Supervisor:
    """Keeps ``settings.processes`` web processes and one keeper running; used once."""

    def __init__(
        self,
        settings: Settings,
        *,
        announce: Callable[[str], None],
        bootstrap: str = "rse_gateway.bootstrap.server",
        grace: float = GRACE_SECONDS,
        port_wait: float = PORT_SECONDS,
    ) -> None:
        """Keep what to run.

        Args:
            settings: of this gateway; every process gets exactly these.
            announce: told ``listening on http://…`` once all processes are ready, and who died.
            bootstrap: module that builds the application and the keeper, imported in the children.
            grace: seconds in which a process finishes what it is answering.
            port_wait: seconds that an address which is taken is waited for.
        """
        self._settings = settings
        self._announce = announce
        self._port_wait = port_wait
        self._handover = Handover(settings, bootstrap, grace)
        self._places = [_Place("web") for _ in range(settings.processes)] + [_Place("keeper")]
        self._stop = False
        self._announced = False

    def run(self) -> int:
        """Run until told to stop; return 0, 1 when a process was ended by force, 2 when none could start.

        Raises:
            SetupError: the address cannot be bound.
        """
        listening = _bind(self._settings.host, self._settings.port, self._port_wait)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: self._ask_to_stop())  # noqa: ARG005
        status = 0
        while not self._stop:
            status = self._tend(listening)
            if status:
                break
            self._wait()
        listening.close()
        return self._stop_all() or status

    def _ask_to_stop(self) -> None:
        self._stop = True

    def _tend(self, listening: socket.socket) -> int:
        now = time.monotonic()
        for place in self._places:
            if place.process is not None and (code := place.process.poll()) is not None:
                if code == CANNOT_START and not self._announced:
                    return 2
                self._bury(place, code, now)
            if place.process is None and now >= place.start_at:
                self._start(place, listening)
        if not self._announced and all(place.ready for place in self._places):
            self._announced = True
            host, port = listening.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            self._announce(f"listening on http://{shown}:{port}")
        return 0

    def _start(self, place: _Place, listening: socket.socket) -> None:
        ready_read, ready_write = os.pipe()
        command = [
            sys.executable,
            "-m",
            "rse_gateway.serving.worker",
            place.role,
            "--ready",
            str(ready_write),
        ]
        descriptors = [ready_write]
        if place.role == "web":
            command += ["--socket", str(listening.fileno())]
            descriptors.append(listening.fileno())
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=descriptors)
        os.close(ready_write)
        assert process.stdin is not None  # noqa: S101 - asked for two lines above
        try:
            process.stdin.write(self._handover.to_line())
            process.stdin.flush()  # and stays open: its end tells the child that we are gone
        except BrokenPipeError:
            pass  # it died at once: the next round sees it
        place.process, place.ready_pipe, place.ready = process, ready_read, False
        place.started_at = time.monotonic()

    def _bury(self, place: _Place, code: int, now: float) -> None:
        assert place.process is not None  # noqa: S101 - the caller saw it
        place.deaths = 1 if now - place.started_at > _LONG_ENOUGH else place.deaths + 1
        pause = _PAUSES[min(place.deaths, len(_PAUSES)) - 1]
        if code == STORE_AWAY:
            pause = max(pause, _STORE_PAUSE)  # it has said so itself
        else:
            told = f"{place.role} process {place.process.pid} ended with status {code}"
            self._announce(f"{told}; starting another")
        place.start_at = now + pause
        self._forget(place)

    @staticmethod
    def _forget(place: _Place) -> None:
        if place.process is not None and place.process.stdin is not None:
            place.process.stdin.close()
        if place.ready_pipe is not None:
            os.close(place.ready_pipe)
        place.process, place.ready_pipe, place.ready = None, None, False

    def _wait(self) -> None:
        """Wait for a process to become ready, or a tick."""
        pipes = [place.ready_pipe for place in self._places if place.ready_pipe is not None]
        readable = select.select(pipes, [], [], _TICK_SECONDS)[0]
        for place in self._places:
            if place.ready_pipe is not None and place.ready_pipe in readable:
                place.ready = os.read(place.ready_pipe, 1) == b"r"
                os.close(place.ready_pipe)
                place.ready_pipe = None

    def _stop_all(self) -> int:
        """Tell everyone to finish; kill who does not within the grace."""
        running = [place for place in self._places if place.process is not None]
        for place in running:
            assert place.process is not None  # noqa: S101 - filtered above
            place.process.terminate()
        deadline = time.monotonic() + self._handover.grace + _KILL_MARGIN
        forced = 0
        for place in running:
            assert place.process is not None  # noqa: S101 - filtered above
            try:
                code = place.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                place.process.kill()
                place.process.wait()
                code = ENDED_BY_FORCE
            forced += code == ENDED_BY_FORCE
            self._forget(place)
        if forced:
            within = f"within {self._handover.grace:g} s"
            self._announce(f"{forced} process(es) did not finish {within} and had to be ended by force")
        return 1 if forced else 0


def _bind(host: str, port: int, wait: float) -> socket.socket:
    """Return the bound socket; where a predecessor that is ending still holds the address, wait for it."""
    until = time.monotonic() + wait
    while True:
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() >= until:
                raise SetupError(
                    f"settings host and port: cannot listen on {host}:{port} ({error.strerror})"
                ) from error
        time.sleep(_TICK_SECONDS)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
