"""What kind of thing stood where a violation is: told in words, never the value itself.

`Found` is to what was received as `expected.Expected` is to what the contract wants. A number in it is a
length at most. Which kind a value is follows from its type in the schema and from its characters.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xmlschema.validators import XsdElement

from rse_gateway.contract.expected import told
from rse_gateway.contract.found_words import FOUND

_DIGITS_ONLY: Final = frozenset({
    "SsinType", "CbeNumberType", "SectorType", "InstitutionType", "QualityCodeType", "CollectWindowType",
    "ReminderNumberType", "DurationValueType", "OffsetType",
})  # fmt: skip
_IDENTIFIERS: Final = frozenset({"SsinType", "CbeNumberType"})
_MOMENTS: Final = frozenset({"DateType", "TimestampType", "ReceivedTimestampType"})
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\t\n\r\u200b-\u200f\u2028-\u202e\u2060\ufeff]"
)
_ZONE: Final = re.compile(r"[+-][0-9]{2}:[0-9]{2}$|[0-9]Z$")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Implements `errors.Expectation`: a key of `found_words` and the facts that its text names."""

    key: str
    facts: tuple[str, ...] = ()

    def text(self, language: str | None) -> str:
        """Return the words, at most 256 characters; French and Dutch when no language is known."""
        return told(FOUND[self.key], self.facts, language)


def element_found(name: str, *, due: bool) -> Found:
    """Return what kind of element stood there; ``name`` is ``*`` for one that the contract does not use.

    ``due`` says that this very name was expected, so that its namespace is what is wrong.
    """
    if due:
        return Found("namespace")
    return Found("unknown_element") if name == "*" else Found("element", (name,))


def value_found(element: XsdElement, value: str) -> Found:
    """Return what kind of value stood in ``element``, whose simple type refuses it."""
    xsd_type: Any = element.type
    name = (xsd_type.local_name or "") if xsd_type.name else ""
    return (
        _blank(value)
        or _enumerated(xsd_type.enumeration, value)
        or (_spaces_around(name, value))
        or (Found("control") if _CONTROL.search(value) else None)
        or (_moment(name, value) if name in _MOMENTS else None)
        or (_amount(value) if name == "AmountType" else None)
        or (_digits(name, value) if name in _DIGITS_ONLY else None)
        or _length(xsd_type, value)
        or Found("form")
    )


def _blank(value: str) -> Found | None:
    if not value:
        return Found("empty")
    return None if value.strip() else Found("spaces")


def _enumerated(values: Any, value: str) -> Found | None:
    if not values:
        return None
    same = any(str(one).casefold() == value.strip().casefold() for one in values)
    return Found("case" if same and value == value.strip() else "value")


def _spaces_around(name: str, value: str) -> Found | None:
    narrow = name in _DIGITS_ONLY | _MOMENTS | {"AmountType", "boolean"}
    return Found("spaces_around") if narrow and value != value.strip() else None


def _moment(name: str, value: str) -> Found:
    day = _DATE.match(value)
    if day is None:
        return Found("moment")
    try:
        date.fromisoformat(day.group())
    except ValueError:
        return Found("calendar")
    if name == "DateType":
        rest = value[day.end() :]
        if not rest:
            return Found("calendar")
        return Found("zone" if _ZONE.search(rest) or rest == "Z" else "moment")
    return Found("zone" if not value.endswith("Z") and _ZONE.search(value) else "moment")


def _amount(value: str) -> Found:
    if value[0] in "+-":
        return Found("sign")
    if "," in value:
        return Found("comma")
    if not _NUMBER.fullmatch(value):
        return Found("letters" if any(one.isalpha() for one in value) else "form")
    return Found("bound" if len(value.partition(".")[2]) == 2 else "decimals")


def _digits(name: str, value: str) -> Found:
    if any(one.isdigit() and not one.isascii() for one in value):
        return Found("foreign_digits")
    if any(one.isalpha() for one in value):
        return Found("letters")
    if name in _IDENTIFIERS:
        if not value.isdigit():
            return Found("separators")
        wanted = 11 if name == "SsinType" else 10
        if len(value) != wanted:
            return Found("too_long" if len(value) > wanted else "too_short", (str(len(value)),))
        return Found("form")
    if value[0] in "+-":
        return Found("sign")
    return Found("bound" if value.isdigit() else "form")


def _length(xsd_type: Any, value: str) -> Found | None:
    least, most = xsd_type.min_length, xsd_type.max_length
    if most is not None and len(value) > most:
        return Found("too_long", (str(len(value)),))
    if least is not None and len(value) < least:
        return Found("too_short", (str(len(value)),))
    return None
