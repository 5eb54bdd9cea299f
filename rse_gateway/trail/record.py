"""The record: the bytes of a log row that are hashed, in exactly one possible spelling.

Guarantees: what ``Record`` holds is valid, and ``encode`` and ``parse_record`` are each other's inverse
on bytes, so that two programs in two languages hash the same row alike. No record holds a person: a
value that looks like a NISS is refused. Source: ``docs/reference/trail-format.md``.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from rse_gateway.trail.errors import RecordError
from rse_gateway.trail.kinds import REQUIRED_BY_KIND, Kind
from rse_gateway.trail.national_numbers import looks_like_niss

FORMAT_VERSION = "1"
MAX_RECORD_BYTES = 16_384

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DIGEST = r"[0-9a-f]{64}"
_CBE = r"[0-9]{10}"
_NAME = r"[A-Za-z][A-Za-z0-9]{0,63}"
_CODE = r"[A-Z][A-Z0-9_]{0,31}"
_COUNT = r"0|[1-9][0-9]{0,9}"

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "v": FORMAT_VERSION,
        "id": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "log": r"[A-Za-z0-9.\-]{1,64}/[1-9][0-9]{0,5}",
        "kind": "|".join(Kind),
        "at": _TIME,
        "environment": "test|acpt|prod",
        "ticketCBSS": _UUID,
        "ticket": r"[A-Za-z0-9._\-]{1,36}",
        "service": _NAME,
        "operation": _NAME,
        "asking": _CBE,
        "holding": _CBE,
        "signing": _CBE,
        "legalContext": r".{1,64}",
        "userReference": r".{1,256}",
        "userRole": _CODE,
        "qualityCode": r"[0-9]{1,3}",
        "periodBegin": _DATE,
        "periodEnd": _DATE,
        "outcome": _CODE,
        "check": r"[A-Za-z0-9._\-]{1,64}",
        "reminderNumber": _COUNT,
        "certificate": _DIGEST,
        "peerCheckpoint": r"[A-Za-z0-9+/]{1,4096}={0,2}",
        "commitment": _DIGEST,
        "from": _TIME,
        "until": _TIME,
        "count": _COUNT,
        "fileDigest": _DIGEST,
        "reason": r".{1,1024}",
        "late": "true",
    }
)
"""Every field of a record with the form of its value (whole value, ASCII digits)."""

REQUIRED = frozenset({"v", "id", "log", "kind", "at", "environment"})
_COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
_FREE_TEXT = frozenset(name for name, pattern in PATTERNS.items() if pattern.startswith("."))
_MOMENTS = frozenset(name for name, pattern in PATTERNS.items() if pattern in (_TIME, _DATE))
MAY_LEAK = frozenset({"ticket", "legalContext", "userReference", "check", "reason"})
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_STOOD_ALONE = re.compile(  # all that 0.1.0 looked for; what it wrote has to stay readable
    r"(?<![0-9A-Za-z])[0-9]{2}(?:[.\-/ ]?[0-9]{2}){2}[.\-/ ]?[0-9]{3}[.\-/ ]?[0-9]{2}(?![0-9A-Za-z])"
)
_AS_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def time_text(at: datetime) -> str:
    """Return ``at`` as the format writes a moment: UTC, milliseconds (cut, not rounded), ``Z``.

    Raises:
        RecordError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise RecordError("a moment without a time zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Record:
    """A valid record: every field known, every value of its field's form, every field that its kind needs."""

    fields: Mapping[str, str]
    reading: InitVar[bool] = False

    def __post_init__(self, reading: bool) -> None:
        """Check the fields and keep a copy that nobody can change.

        ``reading``: the record was written before; a number in a disguise that its writer did not know is
        no reason to lose the row.

        Raises:
            RecordError: an unknown field, a missing one, a value of the wrong form, or a NISS.
        """
        for name, value in self.fields.items():
            _check_field(name, value)
            if name in MAY_LEAK and looks_like_niss(value) and (not reading or _STOOD_ALONE.search(value)):
                raise RecordError(f"{name} looks like a NISS: no record may hold one")
        missing = REQUIRED - self.fields.keys()
        if missing:
            raise RecordError(f"fields missing: {', '.join(sorted(missing))}")
        absent = REQUIRED_BY_KIND.get(self.kind, frozenset()) - self.fields.keys()
        if absent:
            raise RecordError(f"{self.kind} lacks: {', '.join(sorted(absent))}")
        object.__setattr__(self, "fields", MappingProxyType(dict(sorted(self.fields.items()))))

    @property
    def kind(self) -> Kind:
        """The kind of the row."""
        return Kind(self.fields["kind"])

    @property
    def at(self) -> datetime:
        """When the row was made, UTC."""
        return datetime.fromisoformat(self.fields["at"])

    def get(self, name: str) -> str | None:
        """Return the value of the field ``name``, None where it is absent."""
        return self.fields.get(name)

    def encode(self) -> bytes:
        """Return the canonical bytes: UTF-8 JSON, keys sorted, no spaces; only quote, backslash escaped."""
        return _AS_JSON.encode(dict(self.fields)).encode("utf-8")


def _check_field(name: str, value: object) -> None:
    pattern = _COMPILED.get(name)
    if pattern is None:
        raise RecordError("a field that the format does not have")
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RecordError(f"the value of {name} does not have its form")
    if name in _FREE_TEXT and _UNWRITABLE.search(value):  # all other forms are of harmless ASCII characters
        raise RecordError(f"the value of {name} does not have its form")
    if name in _MOMENTS:
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise RecordError(f"the value of {name} is no date of the calendar") from error


def parse_record(raw: bytes) -> Record:
    """Return the record that ``raw`` spells, only where ``raw`` is its one canonical spelling.

    Raises:
        RecordError: not JSON, not valid, or another spelling (order, spaces, escapes, a doubled key).
    """
    if len(raw) > MAX_RECORD_BYTES:
        raise RecordError("longer than any record")
    try:
        content: Any = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RecordError("not UTF-8 JSON") from error
    if not isinstance(content, dict):
        raise RecordError("not a JSON object")
    record = Record(content, reading=True)
    if record.encode() != raw:
        raise RecordError("not the canonical spelling")
    return record


def leaf_hash(record_bytes: bytes) -> bytes:
    """Return the 32 bytes that stand for a record in the Merkle tree (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + record_bytes).digest()
