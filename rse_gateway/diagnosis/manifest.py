"""A manifest of samples: what each file is, in which world and moment it is judged, what must come of it.

`samples/manifest.json` is one; its README says what the fields mean.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from rse_gateway.contract.parsing import Bounds
from rse_gateway.diagnosis.validation import About, Validator, Verdict
from rse_gateway.diagnosis.world import World
from rse_gateway.diagnosis.world_file import read_world
from rse_gateway.errors import MessageRefused, SetupError
from rse_gateway.security.gate import SignedMessage
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.trust import RegisteredKey

FORMAT: Final = "rse-gateway sample pack 1"
NAME: Final = "manifest.json"
_WORLD: Final = Path("messages") / "world.json"
_COMPARED: Final = ("expected", "code", "stoppedAt", "violations")
_BOUNDS: Final = Bounds(max_bytes=1024 * 1024, max_elements=25_000)


@dataclass(frozen=True, slots=True, repr=False)
class Manifest:
    """The entries of a manifest by file, and the world in which they are true."""

    folder: Path
    entries: dict[Path, dict[str, Any]]
    world: World

    def entry_of(self, file: Path) -> dict[str, Any] | None:
        """Return the entry of a file, None when it is not listed."""
        return self.entries.get(file.resolve())

    def about(self, entry: dict[str, Any], validator: Validator) -> About:
        """Return what the manifest knows of a file beside its bytes."""
        moment = entry.get("verifiedAt")
        today: date = self.world.today
        asked = moment is not None and entry.get("operation") == "provideSocialReport"
        now = datetime.combine(today, time(), UTC) if moment is None else datetime.fromisoformat(moment)
        return About(
            now=now,
            today=today,
            signed=bool(entry["signed"]),
            signer=self._signer(str(entry.get("key", ""))),
            question=self._question(entry.get("question"), validator, now) if asked else None,
        )

    def _signer(self, name: str) -> RegisteredKey | None:
        file = self.folder / "keys" / f"{name}.cert.pem"
        return self.world.key_of(load_certificate(file)) if file.is_file() else None

    def _question(self, name: str | None, validator: Validator, now: datetime) -> SignedMessage | None:
        if name is None or validator.gate is None:
            return None
        try:
            return validator.gate.open((self.folder / name).read_bytes(), bounds=_BOUNDS, now=now)
        except (OSError, MessageRefused) as error:
            raise SetupError(f"{self.folder / name}: the question of an answer cannot be read") from error


def listed(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest says must come of a file."""
    defaults: dict[str, Any] = {"code": "", "stoppedAt": "", "violations": 0}
    return {name: entry.get(name, defaults.get(name)) for name in _COMPARED}


def agrees(verdict: Verdict, entry: dict[str, Any]) -> bool:
    """Tell whether a verdict is what the manifest lists; a list of a fault's violations counts nothing."""
    said = {
        "expected": verdict.outcome,
        "code": verdict.code,
        "stoppedAt": verdict.stopped_at,
        "violations": verdict.violations,
    }
    wanted = listed(entry)
    if entry.get("direction") == "fault":
        wanted["violations"] = 0  # there it says how many details the fault has
    return said == wanted


def read_manifest(file: Path, world: World | None = None) -> Manifest:
    """Return a manifest; its world is ``world``, else ``messages/world.json`` beside it.

    Raises:
        SetupError: one of the two cannot be read, or is of another format.
    """
    try:
        read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if read["format"] != FORMAT:
            raise SetupError(f"{file}: a file of the format '{FORMAT}' expected")
        entries = {(file.parent / one["file"]).resolve(): one for one in read["samples"]}
        complete = all({"file", "signed", "expected"} <= set(one) for one in entries.values())
    except OSError as error:
        raise SetupError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(f"{file}: no manifest such as samples/manifest.json") from error
    if not complete:
        raise SetupError(f"{file}: each sample needs file, signed and expected")
    return Manifest(file.parent, entries, world or read_world(file.parent / _WORLD))
