"""What is wrong in a file that an operator gave: where, which field, what was expected, never the value."""

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
    """

    expected: str
    line: int = 0
    section: str = ""
    field: str = ""

    def text(self, file: str) -> str:
        """Return ``file:line: section: field: what was expected``, without the parts that are not known."""
        place = f"{file}:{self.line}" if self.line else file
        return ": ".join(part for part in (place, self.section, self.field, self.expected) if part)


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
