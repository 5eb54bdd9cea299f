"""The small world of the demonstration: keys, two CPAS, their persons and what the directory knows of them.

Everything is made fresh in one folder: invented persons, a test CA, keys that serve for this run only. The
dates of the sample files move with the calendar, so that "the last five years" always holds them.
"""

import json
import re
import runpy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[1]
HUB, ASKING, HOLDING = "0299990019", "0299990118", "0299990217"
SECOND, PROMISING, DOWN, UNCONNECTED = "0299990316", "0200000043", "0299990415", "0299990514"
SERVED = (ASKING, HOLDING, SECOND, PROMISING)
KNOWN, NOWHERE, WITHOUT_RIGHT = "85073003328", "98472899765", "80010100206"
PROMISED, OLD_NUMBER, NEW_NUMBER = "75231010174", "80010100107", "00010100105"
PROMISE_SECONDS = 2
WRITTEN_ON = date(2026, 11, 21)
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class World:
    """Where everything is, and the period that is asked."""

    folder: Path
    begin: date
    end: date
    url: str

    @property
    def keys(self) -> Path:
        """The folder of the test keys."""
        return self.folder / "keys"

    @property
    def settings(self) -> Path:
        """The gateway's settings file."""
        return self.folder / "gateway" / "gateway.toml"

    def cpas(self, number: str) -> Path:
        """Return the configuration file of one CPAS."""
        return self.folder / f"cpas-{number}.toml"

    def log(self, number: str) -> Path:
        """Return the consultation log of one CPAS."""
        return self.folder / f"log-{number}.sqlite"


def make_world(folder: Path, today: date, *, port: int) -> World:
    """Make keys, the gateway's folder, persons and configurations; nothing runs yet."""
    folder.mkdir(parents=True)
    world = World(folder, today - timedelta(days=5 * 365), today, f"http://127.0.0.1:{port}")
    make_pki = runpy.run_path(str(SAMPLES / "keys" / "make_test_keys.py"))["make_pki"]
    make_pki(world.keys, institutions=SERVED)
    keys = ("--keys", str(world.keys), "--port", str(port))
    command("rse-gateway", "setup", str(folder / "gateway"), *keys)
    for number in SERVED:
        _write_persons(world, number, today)
        _write_cpas(world, number)
    return world


def register(world: World, endpoints: Mapping[str, str], today: date) -> None:
    """Register every CPAS with its address, and the lines of the directory."""
    addresses: dict[str, str | None] = {**endpoints, DOWN: "http://127.0.0.1:1/down", UNCONNECTED: None}
    text = "\n".join(_institution(number, endpoint) for number, endpoint in addresses.items())
    institutions = world.folder / "institutions.toml"
    institutions.write_text(text, encoding="utf-8")
    gateway(world, "institutions", "import", str(institutions))
    directory = world.folder / "directory.csv"
    directory.write_text("\n".join(_directory(today)) + "\n", encoding="utf-8")
    gateway(world, "directory", "import", str(directory))


def _directory(today: date) -> list[str]:
    this_year, earlier = (today - timedelta(days=60)).isoformat(), (today - timedelta(days=1400)).isoformat()
    closed = (today - timedelta(days=400)).isoformat()
    asking = (KNOWN, NOWHERE, PROMISED, NEW_NUMBER)
    holding = (
        (KNOWN, HOLDING, closed),
        (KNOWN, SECOND, ""),
        (WITHOUT_RIGHT, SECOND, ""),
        (PROMISED, PROMISING, ""),
        (PROMISED, DOWN, ""),
        (PROMISED, UNCONNECTED, closed),
        (OLD_NUMBER, HOLDING, ""),
    )
    return [
        "niss,cbe_number,quality_code,begin,end,new_niss",
        *(f"{ssin},{ASKING},1,{this_year},," for ssin in asking),
        *(f"{ssin},{number},2,{earlier},{end}," for ssin, number, end in holding),
        f"{OLD_NUMBER},{HOLDING},999,{this_year},,{NEW_NUMBER}",
    ]


def command(name: str, *arguments: str, stdin: str | None = None, may_refuse: bool = False) -> str:
    """Run one of our commands as a person would and return what it printed.

    Raises:
        SystemExit: it failed; what it said is shown.
    """
    done = subprocess.run(
        [BIN / name, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode not in ((0, 1) if may_refuse else (0,)):
        sys.exit(f"{name} {' '.join(arguments[:2])} failed ({done.returncode}):\n{done.stderr}")
    return done.stdout


def gateway(world: World, *arguments: str) -> str:
    """Run `rse-gateway` with this world's settings."""
    return command("rse-gateway", "--settings", str(world.settings), *arguments)


def _institution(number: str, endpoint: str | None) -> str:
    address = f'endpoint = "{endpoint}"\n' if endpoint else ""
    key = f"""
[[institution.key]]
certificate = "keys/test-cpas-{number}.cert.pem"
roles = ["cpas"]
"""
    return f"""[[institution]]
cbe_number = "{number}"
name_fr = "CPAS d'exemple {number[-3:]}"
name_nl = "OCMW Voorbeeld {number[-3:]}"
telephone = "+32 2 000 00 {number[-2:]}"
language = "FR"
quota = "none"
{address}{key if number in SERVED else ""}
[[institution.rights]]
operations = ["consultSocialReport", "retrieveSocialReport", "listSocialReports", "deliverSocialReport",
  "manageAccess"]
legal_contexts = ["PCSA:SOCIAL_INQUIRY"]
"""


def _write_cpas(world: World, number: str) -> None:
    settings = {
        "cbe_number": number,
        "key": f"keys/test-cpas-{number}.key.pem",
        "certificate": f"keys/test-cpas-{number}.cert.pem",
        "gateway_certificate": "keys/test-gateway.cert.pem",
        "trusted_ca": "keys/test-ca.cert.pem",
        "auditor_key": "keys/test-auditor.cert.pem",
        "log": world.log(number).name,
        "gateway_url": world.url,
        "persons": f"persons-{number}.json",
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    if number == PROMISING:
        text += f"promise = {PROMISE_SECONDS}\n"
    world.cpas(number).write_text(text, encoding="utf-8")


def _write_persons(world: World, number: str, today: date) -> None:
    moved = today - WRITTEN_ON

    def move(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + moved).isoformat()

    text = (SAMPLES / "persons" / f"{number}.json").read_text(encoding="utf-8")
    text = re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", move, text)
    json.loads(text)
    (world.folder / f"persons-{number}.json").write_text(text, encoding="utf-8")
