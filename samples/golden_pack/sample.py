"""What the manifest says of one file, and the collection that becomes `samples/messages` and the manifest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

from golden_pack.ground import NOW, SERVICES, VERIFIED_AT, KeyPair
from golden_pack.tree import pretty

FORMAT: Final = "rse-gateway sample pack 1"
Sentence = tuple[str, str, str]
"""What a sample shows, in French, Dutch and English."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must come of a sample.

    Attributes:
        outcome: ``accepted``, ``fault``, ``NO_RESULT``, ``NOK``, ``unusable`` or ``unreachable``.
        code: of the error catalogue, "" when accepted.
        stopped_at: gate step, ``G10`` (XSD) or name of the check; "" when accepted.
        violations: how many places of the XSD are broken, as listed (at most 30).
    """

    outcome: str = "accepted"
    code: str = ""
    stopped_at: str = ""
    violations: int = 0


ACCEPTED: Final = Expected()


def breaks_xsd(violations: int = 1) -> Expected:
    """Return what must come of a message that breaks the XSD in so many places."""
    return Expected(outcome="fault", code="MSG00004", stopped_at="G10", violations=violations)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One file of the pack."""

    path: str
    content: bytes
    operation: str
    direction: str
    shows: Sentence
    expected: Expected
    key: str
    signed: bool = False
    verified_at: datetime = VERIFIED_AT
    question: str = ""

    def entry(self) -> dict[str, Any]:
        """Return the sample's entry in the manifest, without what it does not have."""
        entry: dict[str, Any] = {
            "file": self.path,
            "service": SERVICES[self.operation],
            "operation": self.operation,
            "direction": self.direction,
            "shows": dict(zip(("FR", "NL", "EN"), self.shows, strict=True)),
            "signed": self.signed,
            "key": self.key,
            "expected": self.expected.outcome,
        }
        if self.expected.code:
            entry["code"] = self.expected.code
        if self.expected.stopped_at:
            entry["stoppedAt"] = self.expected.stopped_at
        if self.expected.violations:
            entry["violations"] = self.expected.violations
        if self.signed:
            entry["verifiedAt"] = self.verified_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.question:
            entry["question"] = self.question
        return entry


@dataclass
class Pack:
    """All samples, in the order in which they are made; a path is used once."""

    samples: dict[str, Sample] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples.values())

    def add(self, sample: Sample) -> Sample:
        """Take a sample up.

        Raises:
            ValueError: its path is taken.
        """
        if sample.path in self.samples:
            raise ValueError(f"two samples in {sample.path}")
        self.samples[sample.path] = sample
        return sample

    def write(self, folder: Path) -> None:
        """Write every file and the manifest below ``folder``."""
        for sample in self:
            path = folder / sample.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sample.content)
        entries = [sample.entry() for sample in self]
        write_json(folder / "manifest.json", {"format": FORMAT, "samples": entries})


def write_json(path: Path, data: object) -> None:
    """Write a JSON file for people: two spaces, no escapes, a line feed at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Family:
    """Where the samples of one family go, and what they have in common."""

    pack: Pack
    folder: str
    operation: str
    direction: str = "request"

    def unsigned(
        self, name: str, content: etree._Element | bytes, shows: Sentence, *, key: KeyPair, **more: Any
    ) -> Sample:
        """Add a payload file; ``key`` is the pair that signs it before it is sent."""
        data = content if isinstance(content, bytes) else pretty(content)
        return self._add(f"{name}.xml", data, shows, key=key.name, **more)

    def signed(
        self,
        name: str,
        payload: etree._Element,
        shows: Sentence,
        *,
        key: KeyPair,
        trail: etree._Element | None = None,
        **more: Any,
    ) -> Sample:
        """Add a payload in a signed envelope."""
        pretty(payload)
        raw = key.signer.sign(payload, created=NOW, trail=trail).raw
        return self.envelope(name, raw, shows, key=key.name, **more)

    def envelope(self, name: str, raw: bytes, shows: Sentence, *, key: str, **more: Any) -> Sample:
        """Add an envelope as it is."""
        return self._add(f"{name}.signed.xml", raw, shows, key=key, signed=True, **more)

    def both(
        self,
        name: str,
        payload: etree._Element,
        shows: Sentence,
        *,
        key: KeyPair,
        expected: Expected = ACCEPTED,
        trail: etree._Element | None = None,
        **more: Any,
    ) -> Sample:
        """Add the payload file and its signed envelope; return the signed one."""
        self.unsigned(name, payload, shows, key=key, expected=expected, **more)
        return self.signed(name, payload, shows, key=key, expected=expected, trail=trail, **more)

    def _add(self, name: str, content: bytes, shows: Sentence, **more: Any) -> Sample:
        more.setdefault("expected", ACCEPTED)
        more.setdefault("direction", self.direction)
        path = f"messages/{self.folder}/{name}"
        return self.pack.add(
            Sample(path=path, content=content, operation=self.operation, shows=shows, **more)
        )
