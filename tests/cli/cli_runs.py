"""Running ``rse-gateway``: as a person does, in a process of its own, or faster inside this one."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from rse_gateway.cli import main

ROOT = Path(__file__).parents[2]
MAKE_KEYS = ROOT / "samples" / "keys" / "make_test_keys.py"
NISS = "85073003328"
HUB, CPAS, OTHER_CPAS = "0299990019", "0299990118", "0299990217"
HEADER = "niss,cbe_number,quality_code,begin,end\n"
NUMBERS = ("85073003328", "85073003329", "17073003384", "98472899765")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; ``raw`` are the bytes of its standard output."""

    code: int
    out: str
    err: str
    raw: bytes


def run(*arguments: str | Path, settings: Path | None = None, given: bytes = b"") -> Ended:
    """Run a command and check what holds for every one: no traceback, no number of a person in its talk."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RSE_")}
    environ["PYTHONPATH"] = str(ROOT)
    if settings is not None:
        environ["RSE_SETTINGS"] = str(settings)
    command = [sys.executable, "-m", "rse_gateway.cli.main", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, env=environ, check=False, timeout=60)
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode(), done.stdout)
    assert "Traceback" not in ended.err, ended.err
    assert "defect" not in ended.err, ended.err
    assert not [number for number in NUMBERS if number in ended.err], ended.err
    return ended


def call(*arguments: str | Path, settings: Path | None = None, given: bytes = b"") -> Ended:
    """Run a command inside this process, which costs no start; what holds for every command is checked."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RSE_")}
    if settings is not None:
        environ["RSE_SETTINGS"] = str(settings)
    out, err = TextIOWrapper(BytesIO(), "utf-8"), TextIOWrapper(BytesIO(), "utf-8")
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", ["rse-gateway", *map(str, arguments)]),
        patch.object(sys, "stdin", TextIOWrapper(BytesIO(given), "utf-8")),
        patch.dict(os.environ, environ, clear=True),
    ):
        code = main.run()
    raw, told = _content(out), _content(err).decode()
    assert not [number for number in NUMBERS if number in told], told
    return Ended(code, raw.decode(), told, raw)


def _content(stream: TextIOWrapper) -> bytes:
    stream.flush()
    written = stream.detach()
    assert isinstance(written, BytesIO)
    return written.getvalue()


def institutions_text(**changes: str) -> str:
    """Return a correct institutions file; ``changes`` replace the value of a field (empty: leave it out)."""
    fields = {
        "cbe_number": f'"{CPAS}"',
        "name_fr": '"CPAS de Ville-Exemple"',
        "name_nl": '"OCMW Voorbeeldstad"',
        "endpoint": '"https://rse.cpas.example/supplier"',
        "certificates": f'["test-cpas-{CPAS}.cert.pem"]',
        "rights": '[{ operations = ["consultSocialReport"], legal_contexts = ["PCSA:SOCIAL_INQUIRY"] }]',
    } | changes
    lines = [f"{name} = {value}" for name, value in fields.items() if value]
    return "\n".join(["[[institution]]", *lines, ""])
