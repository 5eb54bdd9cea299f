"""Where something stands in a TOML file: the parser of the standard library does not say.

Lines are found by looking for headers and ``field =`` at the start of a line. A file written in another way
(tables inside one another on one line, text over several lines that looks like a header) gets line 0 or the
line of the section: a help for reading, nothing depends on it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

_INSTITUTION = re.compile(r"\s*\[\[\s*institution\s*\]\]")
_NESTED = re.compile(r"\s*\[\[\s*institution\s*\.\s*([A-Za-z_]+)\s*\]\]")
_FIELD = re.compile(r"\s*([A-Za-z_]+)\s*=")


@dataclass(frozen=True, slots=True)
class _Part:
    """A header with the first lines of the fields below it."""

    line: int
    name: str
    fields: dict[str, int]


class TomlLines:
    """Finds the lines of institutions, their nested tables and fields in the text of one file."""

    def __init__(self, text: str) -> None:
        """Note every header and field."""
        self._parts: list[_Part] = []
        self._starts: list[int] = []
        for number, line in enumerate(text.splitlines(), start=1):
            self._note(number, line)

    def _note(self, number: int, line: str) -> None:
        if _INSTITUTION.match(line):
            self._starts.append(len(self._parts))
            self._parts.append(_Part(number, "", {}))
        elif nested := _NESTED.match(line):
            self._parts.append(_Part(number, nested[1], {}))
        elif self._parts and (found := _FIELD.match(line)):
            self._parts[-1].fields.setdefault(found[1], number)

    def institutions(self) -> int:
        """Return how many ``[[institution]]`` headers there are."""
        return len(self._starts)

    def of_field(self, institution: int, name: str) -> int:
        """Return the line of a field of the institution (0-based), or of its header."""
        if institution >= len(self._starts):
            return 0
        part = self._parts[self._starts[institution]]
        nested = [one for one in self._nested(institution) if one.name == name]
        return part.fields.get(name, nested[0].line if nested else part.line)

    def of_nested(self, institution: int, table: str, number: int, name: str) -> int:
        """Return the line of a field of the ``number``-th (0-based) nested table of that name."""
        tables = [one for one in self._nested(institution) if one.name == table]
        if number < len(tables):
            return tables[number].fields.get(name, tables[number].line)
        return self.of_field(institution, table)

    def _nested(self, institution: int) -> list[_Part]:
        if institution >= len(self._starts):
            return []
        start = self._starts[institution]
        following = bisect_right(self._starts, start)
        end = self._starts[following] if following < len(self._starts) else len(self._parts)
        return self._parts[start + 1 : end]
