"""Reading one table of a TOML file field by field: every value checked, every problem noted, none raised.

A field that is absent or wrong is read as None (or as nothing in it); the caller looks at the noted problems
before it uses anything.
"""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from rse_gateway.domain.bounds import FIRST_DAY, LAST_DAY, OPEN_END, is_sayable
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.registration.problems import Problem
from rse_gateway.trail.national_numbers import looks_like_niss

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control and direction characters, and those that no XML can hold (contract page)."""
_FIELD_NAME = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)
_MAX_ADDRESS = 1024


class Fields:
    """The fields of one table; each method reads one and notes what is wrong with it."""

    def __init__(self, table: dict[str, Any], section: str, line_of: Callable[[str], int]) -> None:
        """Take the table, its name for people, and what finds the line of a field."""
        self._table = dict(table)
        self._section = section
        self._line_of = line_of
        self.problems: list[Problem] = []

    def wrong(self, name: str, expected: str) -> None:
        """Note that the field ``name`` is not as expected."""
        self.problems.append(Problem(expected, self._line_of(name), self._section, name))

    def any(self, name: str) -> Any:
        """Return the value as it stands, None where it is absent."""
        return self._table.pop(name, None)

    def text(self, name: str, longest: int, *, required: bool = False, form: str | None = None) -> str | None:
        """Return a text of 1 to ``longest`` characters, without control characters and without a NISS."""
        value = self.any(name)
        if value is None:
            if required:
                self.wrong(name, "missing; a text expected")
            return None
        if not isinstance(value, str) or not value.strip() or len(value) > longest or _CONTROL.search(value):
            self.wrong(name, f"a text of 1 to {longest} characters expected, without control characters")
        elif form is not None and not re.fullmatch(form, value, re.ASCII):
            self.wrong(name, f"a text of the form {form} expected")
        elif form is None and looks_like_niss(value):
            self.wrong(name, "a text without a NISS expected")
        else:
            return value
        return None

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str | None:
        """Return one of ``allowed``."""
        value = self.any(name)
        if value is None:
            return default
        if not isinstance(value, str) or value not in allowed:
            self.wrong(name, f"one of {', '.join(sorted(allowed))} expected")
            return default
        return value

    def choices(self, name: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Return a list of at least one of ``allowed``, each once."""
        values = self.any(name)
        if not isinstance(values, list) or not values:
            self.wrong(name, f"a list expected, of {', '.join(sorted(allowed))}")
            return ()
        if not all(isinstance(value, str) and value in allowed for value in values):
            self.wrong(name, f"only these expected: {', '.join(sorted(allowed))}")
            return ()
        return tuple(dict.fromkeys(values))

    def texts(self, name: str, form: str, expected: str) -> tuple[str, ...]:
        """Return a list of at least one text of the form (a regular expression, whole value)."""
        values = self.any(name)
        right = isinstance(values, list) and bool(values)
        if not right or not all(isinstance(v, str) and re.fullmatch(form, v, re.ASCII) for v in values):
            self.wrong(name, f"a list expected, of {expected}")
            return ()
        return tuple(dict.fromkeys(values))

    def number(self, name: str, *, least: int, most: int) -> int | None:
        """Return a whole number within its bounds."""
        value = self.any(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, f"a whole number from {least} to {most} expected")
            return None
        return value

    def day(self, name: str) -> date | None:
        """Return a date that messages can show: a TOML date, or such a text; 9999-12-31 is none."""
        value = self.any(name)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if value is None or value == OPEN_END:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.wrong(name, "a date expected, such as 2026-11-21")
        elif not is_sayable(value):
            self.wrong(name, f"a date from {FIRST_DAY} to {LAST_DAY} expected (or none: open)")
        else:
            return value
        return None

    def moment(self, name: str) -> datetime | None:
        """Return a moment: a TOML date with time and time zone, such as ``2026-11-21T08:00:00Z``."""
        value = self.any(name)
        if value is None:
            return None
        if isinstance(value, datetime) and value.tzinfo is not None:
            try:
                return value.astimezone(UTC)
            except OverflowError:
                pass
        self.wrong(name, "a moment with time zone expected, such as 2026-11-21T08:00:00Z")
        return None

    def cbe(self, name: str, *, required: bool = False) -> CbeNumber | None:
        """Return a BCE number."""
        value = self.any(name)
        if value is None and not required:
            return None
        try:
            return CbeNumber(value if isinstance(value, str) else "")
        except ValueError:
            self.wrong(name, "a BCE number in quotes expected: 10 digits with right check digits")
            return None

    def address(self, name: str, judge: Callable[[str], str | None]) -> str | None:
        """Return an http(s) address that names a host; ``judge`` says why it may not be called."""
        value = self.any(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > _MAX_ADDRESS or not _is_address(value):
            form = "an http or https address expected, such as https://rse.cpas.example/supplier"
            self.wrong(name, f"{form}, without user name")
            return None
        if (refusal := judge(value)) is not None:
            self.wrong(name, f"an address that may be called expected: {refusal}")
            return None
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        """Return a list of tables, empty where it is absent."""
        values = self.any(name)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.wrong(name, f"a list of tables expected ([[institution.{name}]])")
            return []
        return values

    def in_order(self, first_name: str, first: Any, last_name: str, last: Any) -> None:
        """Note when what ends does so before it begins."""
        if first is not None and last is not None and last < first:
            self.wrong(last_name, f"not before {first_name} expected")

    def nothing_else(self) -> None:
        """Note every field that was not read: the format does not have it."""
        for name in self._table:
            if _FIELD_NAME.fullmatch(name):
                self.wrong(name, "no such field (docs/reference/import-files.md lists them)")
            else:
                self.problems.append(
                    Problem("a field that the format does not have", self._line_of(""), self._section)
                )


def _is_address(value: str) -> bool:
    if not value.isascii() or _CONTROL.search(value) or " " in value:
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port != 0
        and not parts.fragment
        and not looks_like_niss(value)
    )
