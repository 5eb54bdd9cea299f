"""A bootstrap over the fakes: answers slowly when the ticket says so, and names the process that answers."""
# ruff: noqa: ARG002 - stand-ins take what the real ones take

import os
import time
from pathlib import Path

from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.serving.keeper import Keeper, PeriodicJob
from rse_gateway.settings import Settings

from .fakes import Fakes, answer


class SlowOperations:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def handle(self, operation: str, payload, context) -> bytes:
        ticket = payload.findtext("ticket") or ""
        if ticket.startswith("slow-"):
            (self.folder / f"started-{ticket}").touch()
            time.sleep(float(ticket.removeprefix("slow-")))
        return answer(operation, f"{ticket}@{os.getpid()}" if ticket.startswith("who") else ticket)


def build_application(settings: Settings):
    folder = settings.message_key.parent
    if (folder / "broken").exists():
        raise SetupError("setting message_key: the file is broken on purpose")
    if (folder / "away").exists():
        raise GatewayUnavailable("the store cannot be read")
    (folder / f"web-{os.getpid()}").touch()
    fakes = Fakes(operations=SlowOperations(folder))
    return fakes.application(on_close=(folder / f"closed-{os.getpid()}").touch)


def build_keeper(settings: Settings) -> Keeper:
    folder = settings.message_key.parent
    (folder / f"keeper-{os.getpid()}").touch()

    def beat() -> None:
        (folder / "beat").write_text(str(time.time()))

    return Keeper([PeriodicJob("beat", 0.1, beat)], on_close=(folder / "keeper-closed").touch)
