"""Many files, one after the other: found in folders, judged, compared with a manifest; none is kept."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rse_gateway.contract.schemas import Schemas
from rse_gateway.diagnosis.manifest import NAME, Manifest, agrees, listed, read_manifest
from rse_gateway.diagnosis.moment import day_of
from rse_gateway.diagnosis.validation import About, Validator, Verdict
from rse_gateway.diagnosis.world import World

STDIN: Final = Path("-")
_MAX_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """One file and what is to be said of it.

    Attributes:
        trouble: why it cannot be read or is missing; then there is no verdict.
        listed: what the manifest lists, None for a file that it does not list.
        agrees: whether the verdict is what is listed; None for a file that is not listed.
    """

    file: str
    verdict: Verdict | None = None
    trouble: str = ""
    listed: dict[str, Any] | None = None
    agrees: bool | None = None

    @property
    def fine(self) -> bool:
        """Tell whether there is nothing to complain of: it agrees with its listing, or nothing is wrong."""
        if self.verdict is None:
            return False
        return self.verdict.right if self.agrees is None else self.agrees

    def values(self, language: str) -> dict[str, Any]:
        """Return it for machines."""
        told: dict[str, Any] = {"file": self.file}
        if self.verdict is None:
            return told | {"right": False, "trouble": self.trouble, "agrees": self.agrees}
        told |= self.verdict.values(language)
        return told if self.agrees is None else told | {"listed": self.listed, "agrees": self.agrees}


@dataclass(slots=True)
class Tally:
    """How many of what."""

    files: int = 0
    right: int = 0
    fine: int = 0
    notes: int = 0
    agree: int = 0
    disagree: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, one: Judged) -> None:
        """Count one file."""
        self.files += 1
        self.fine += one.fine
        self.agree += one.agrees is True
        self.disagree += one.agrees is False
        if one.verdict is not None:
            self.right += one.verdict.right
            self.notes += sum(finding.note for finding in one.verdict.findings)
            self.codes.update({finding.code for finding in one.verdict.findings if not finding.note})

    def values(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "files": self.files,
            "right": self.right,
            "wrong": self.files - self.right,
            "notes": self.notes,
            "agree": self.agree,
            "disagree": self.disagree,
            "codes": dict(sorted(self.codes.items())),
        }


class Batch:
    """The files and folders of one call."""

    def __init__(
        self,
        given: tuple[Path, ...],
        schemas: Schemas,
        *,
        now: datetime,
        world: World | None = None,
        manifest: Path | None = None,
        operation: str | None = None,
    ) -> None:
        """Read the manifests: ``manifest`` for everything, else the one that stands in a given folder.

        Raises:
            SetupError: a manifest or its world cannot be read.
        """
        self._given = given
        self._schemas = schemas
        self._operation = operation
        self._plain = Validator(schemas, world, operation=operation)
        self._about = About(now=now, today=day_of(now))
        if manifest is not None:
            files = [manifest]
        else:
            files = [folder / NAME for folder in given if folder.is_dir() and (folder / NAME).is_file()]
        self._manifests = [self._with_validator(read_manifest(file, world)) for file in files]
        self._complete = manifest is None
        self._seen: set[Path] = set()

    def _with_validator(self, manifest: Manifest) -> tuple[Manifest, Validator]:
        return manifest, Validator(self._schemas, manifest.world, operation=self._operation)

    def files(self) -> Iterator[Path]:
        """Yield every file given, and every ``*.xml`` below a folder given, each folder sorted."""
        for one in self._given:
            if one != STDIN and one.is_dir():
                yield from _below(one)
            else:
                yield one

    def judged(self, files: Iterable[Path]) -> Iterator[Judged]:
        """Yield what is to be said of each file, then of each listed file that is not there."""
        for file in files:
            yield self.judge(file)
        yield from self._missing()

    def judge(self, file: Path) -> Judged:
        """Return what is to be said of one file."""
        try:
            raw = _read(file)
        except OSError as error:
            return Judged(str(file), trouble=f"cannot be read ({error.strerror})")
        for manifest, validator in self._manifests:
            entry = manifest.entry_of(file)
            if entry is not None:
                self._seen.add(file.resolve())
                verdict = validator.check(raw, manifest.about(entry, validator))
                return Judged(str(file), verdict, listed=listed(entry), agrees=agrees(verdict, entry))
        return Judged(str(file), self._plain.check(raw, self._about))

    def _missing(self) -> Iterator[Judged]:
        if not self._complete:
            return
        for manifest, _ in self._manifests:
            for path, entry in manifest.entries.items():
                if path not in self._seen:
                    yield Judged(str(path), trouble="listed and missing", listed=listed(entry), agrees=False)


def _below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(".xml"):
                yield Path(where) / name


def _read(file: Path) -> bytes:
    """Return at most one byte more than the largest message: the gate then says that it is too large."""
    if file == STDIN:
        return sys.stdin.buffer.read(_MAX_BYTES + 1)
    with file.open("rb") as opened:
        return opened.read(_MAX_BYTES + 1)
