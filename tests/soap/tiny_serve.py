"""Runs the supervisor over the tiny bootstrap, as a process that tests may kill."""

import sys
from dataclasses import replace
from pathlib import Path

from rse_gateway.serving.supervisor import Supervisor
from rse_gateway.settings import Settings


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    folder, processes, grace = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    settings = replace(
        Settings(), port=0, processes=processes, message_key=folder / "key.pem", log_level="WARNING"
    )
    sys.exit(Supervisor(settings, announce=say, bootstrap="soap.tiny_bootstrap", grace=grace).run())
