"""What is wrong in a file that an operator gave: where, which field, what was expected, what kind was found.

Never the value itself: it may be, or hold, a person's number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rse_gateway.errors import SetupError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        expected: what should stand there, in words.
        line: of the file, 1-based; 0 when no line can be named.
        section: which part of the file, such as ``institution 2``; empty for the whole file.
        field: name of the field; empty when the problem is not one field's.
        found: what kind of thing stood there, in words; empty when that says nothing more.
    """

    expected: str
    line: int = 0
    section: str = ""
    field: str = ""
    found: str = ""

    def text(self, file: str) -> str:
        """Return ``file:line: section: field: what was expected; found: what``, without unknown parts."""
        place = f"{file}:{self.line}" if self.line else file
        told = ": ".join(part for part in (place, self.section, self.field, self.expected) if part)
        return f"{told}; found: {self.found}" if self.found else told


class ImportRefused(SetupError):
    """A file whose content is wrong: nothing of it was imported.

    Attributes:
        file: the file's name.
        problems: what to mend, in the order of the file.
        more: how many further problems are not listed.
    """

    def __init__(self, file: Path, problems: Sequence[Problem], *, more: int = 0) -> None:
        """Keep what to mend."""
        super().__init__(f"{file.name}: {len(problems) + more} problem(s); nothing was imported")
        self.file = file.name
        self.problems = tuple(problems)
        self.more = more

    def lines(self) -> list[str]:
        """Return one line per problem."""
        return [problem.text(self.file) for problem in self.problems]
