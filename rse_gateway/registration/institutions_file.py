"""The institutions file (TOML): who takes part, with keys, rights and mandates.

Format: ``docs/reference/import-files.md``. All problems of a file are found in one reading; a file with one
problem gives no record.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.registration.certificates import CertificateRules
from rse_gateway.registration.institution_reader import InstitutionReader
from rse_gateway.registration.problems import ImportRefused, Problem
from rse_gateway.registration.toml_lines import TomlLines
from rse_gateway.security.allowed_hosts import AllowedHosts
from rse_gateway.store.registration import InstitutionRecord

_MAX_BYTES = 16 * 1024 * 1024
_POSITION = re.compile(r"at line ([0-9]+), column [0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class InstitutionsFile:
    """What a correct file says; ``digest`` is the SHA-256 of its bytes (hex)."""

    records: tuple[InstitutionRecord, ...]
    digest: str


def read_institutions(
    path: Path,
    *,
    environment: str,
    now: datetime,
    rules: CertificateRules | None = None,
    judge: Callable[[str], str | None] | None = None,
) -> InstitutionsFile:
    """Return the institutions of a file in which everything is right.

    Certificates are judged at ``now`` by ``rules`` (without them: all but their path to a CA). ``judge`` says
    why an address may not be called (default: as where ``allowed_hosts`` is empty, names not looked up).

    Raises:
        ImportRefused: the file cannot be read, or every problem that its content has.
    """
    judge = judge or _unresolved(AllowedHosts.of((), environment))
    raw, rules = _bytes_of(path), rules or CertificateRules()
    text, document = _parse(path, raw)
    lines = TomlLines(text)
    tables = document.pop("institution", None)
    problems = [Problem("only [[institution]] tables expected at the top")] if document else []
    records: dict[int, InstitutionRecord] = {}
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables) or not tables:
        problems.append(Problem("at least one [[institution]] table expected"))
        tables = []
    for number, table in enumerate(tables):
        reader = InstitutionReader(table, number, lines, path.parent, judge, now, rules)
        record = reader.read()
        problems.extend(reader.problems)
        if record is not None:
            records[number] = record
    problems.extend(_doubled(records, lines))
    if problems:
        raise ImportRefused(path, problems)
    return InstitutionsFile(tuple(records.values()), sha256(raw).hexdigest())


def _unresolved(hosts: AllowedHosts) -> Callable[[str], str | None]:
    def judge(address: str) -> str | None:
        parts = urlsplit(address)
        return hosts.refusal_unresolved(parts.scheme, parts.hostname or "")

    return judge


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ImportRefused(path, [Problem(f"cannot be read ({error.strerror})")]) from error
    if len(raw) > _MAX_BYTES:
        raise ImportRefused(path, [Problem("larger than 16 MiB: import it in parts")])
    return raw


def _parse(path: Path, raw: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = raw.decode("utf-8-sig")  # Windows editors put a byte order mark in front
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ImportRefused(path, [Problem("UTF-8 text expected", line)]) from None
    except tomllib.TOMLDecodeError as error:
        # the parser's own words may quote the file, which may hold a NISS
        found = _POSITION.search(str(error))
        raise ImportRefused(path, [Problem("TOML expected", int(found[1]) if found else 0)]) from None
    except (RecursionError, ValueError):
        raise ImportRefused(path, [Problem("TOML expected, not nested this deep")]) from None


def _doubled(records: dict[int, InstitutionRecord], lines: TomlLines) -> list[Problem]:
    found: list[Problem] = []
    numbers: set[CbeNumber] = set()
    keys: set[str] = set()
    for at, record in records.items():
        number = record.institution.cbe_number
        section, line = f"institution {number}", lines.of_field(at, "cbe_number")
        if number in numbers:
            found.append(Problem("each institution once expected", line, section, "cbe_number"))
        if any(key.key_id in keys for key in record.keys):
            found.append(Problem("each key once expected, at one institution", line, section, "key"))
        numbers.add(number)
        keys.update(key.key_id for key in record.keys)
    return found
