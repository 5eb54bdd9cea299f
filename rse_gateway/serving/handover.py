"""What the supervisor hands to a process that it starts, and how that process knows that it is still there.

The child's standard input is a pipe: first one line of JSON (settings, module that builds things), then
nothing, until the supervisor ends; the end of the pipe ends the child, even after ``kill -9``. A second pipe
carries one byte from the child: ready.
"""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from rse_gateway.errors import SetupError
from rse_gateway.settings import Settings, plain_values, settings_of

CANNOT_START = 78
"""Exit status of a child that an operator must help (EX_CONFIG of sysexits.h)."""

STORE_AWAY = 75
"""Exit status of a child that found the store away when it started (EX_TEMPFAIL): a later one may find it."""

ENDED_BY_FORCE = 70
"""Exit status of a child that did not finish within the grace and ended itself (EX_SOFTWARE)."""

_LIFE_LINE = 0


@dataclass(frozen=True, slots=True)
class Handover:
    """Everything a child needs to know.

    Attributes:
        bootstrap: module with ``build_application(settings)`` and ``build_keeper(settings)``.
        grace: seconds in which it finishes what it is doing when it is told to stop.
    """

    settings: Settings
    bootstrap: str
    grace: float

    def to_line(self) -> bytes:
        """Return one line of JSON."""
        document = {
            "settings": plain_values(self.settings),
            "bootstrap": self.bootstrap,
            "grace": self.grace,
        }
        return json.dumps(document).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Handover":
        """Return what `to_line` wrote.

        Raises:
            ValueError: something else wrote it.
        """
        document = json.loads(line)
        return cls(settings_of(document["settings"]), document["bootstrap"], document["grace"])


def receive_handover() -> Handover:
    """Return what the supervisor wrote to our standard input.

    Raises:
        SetupError: nobody handed anything over.
    """
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(_LIFE_LINE, 65536)
        if not part:
            raise SetupError("this process is started by its supervisor: use rse-gateway serve")
        line += part
    return Handover.from_line(line)


def watch_supervisor(when_gone: Callable[[], None]) -> None:
    """Call ``when_gone`` once, from a thread of its own, as soon as the supervisor is no more."""

    def watch() -> None:
        while os.read(_LIFE_LINE, 1):
            pass
        when_gone()

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def report_ready(descriptor: int) -> None:
    """Tell the supervisor that requests are answered from now on; where it is gone, nobody has to know."""
    with suppress(BrokenPipeError):
        os.write(descriptor, b"r")
    os.close(descriptor)
