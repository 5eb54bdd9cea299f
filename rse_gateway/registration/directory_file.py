"""The directory file (CSV): one line per person, institution, quality and begin; read as a stream.

Where the header has the column ``new_niss``, a line with quality code 999 also says what happened to the
number: replaced by that one, cancelled when it is empty.

Format: ``docs/reference/import-files.md``. A file is read twice: once to find everything that is wrong and
its digest, once to be imported; the second reading fails when the file changed in between. No line is ever
quoted: it holds a NISS.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from rse_gateway.domain.bounds import FIRST_DAY, LAST_DAY, OPEN_END, is_sayable
from rse_gateway.domain.directory import DeletedLine, DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.registration.found import cells_found, code_found, day_found, number_found
from rse_gateway.registration.problems import ImportRefused, Problem
from rse_gateway.store.replacements import NissReplacement

COLUMNS = ("niss", "cbe_number", "quality_code", "begin", "end")
NEW_NISS = "new_niss"
ACTION, DELETE = "action", "delete"
REPLACED = 999
LISTED_PROBLEMS = 100
_HEADERS = (COLUMNS, (*COLUMNS, NEW_NISS), (*COLUMNS, ACTION))
_HEADER = f"{','.join(COLUMNS)} (and {NEW_NISS} where numbers were replaced, or {ACTION})"
_MAX_LINE = 1_000
_BOM = b"\xef\xbb\xbf"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CODE = re.compile(r"[0-9]{1,3}", re.ASCII)
_REPORT_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """A file in which everything is right.

    Attributes:
        digest: SHA-256 of its bytes (hex).
        codes: how many lines have which quality code.
    """

    path: Path
    lines: int
    digest: str
    institutions: frozenset[CbeNumber]
    codes: Mapping[int, int]


class _WrongCell(Exception):
    """Why one value cannot be imported: column, what was expected and what kind of thing was found."""

    def __init__(self, column: str, expected: str, found: str = "") -> None:
        super().__init__(expected)
        self.column = column
        self.expected = expected
        self.found = found


class _WrongLine(Exception):
    """Everything that keeps one line from being imported."""

    def __init__(self, *cells: _WrongCell) -> None:
        super().__init__(f"{len(cells)} problem(s)")
        self.cells = cells


def check_directory(path: Path, progress: Callable[[int], None] | None = None) -> DirectoryFile:
    """Return what the file holds, when every line is right; ``progress`` is told the bytes read so far.

    Raises:
        ImportRefused: the file cannot be read, or the first 100 problems and how many more there are.
    """
    found = _Findings()
    digest, done = sha256(), 0
    for number, raw in _raw_lines(path):
        digest.update(raw)
        done += len(raw)
        if progress is not None and number % _REPORT_EVERY == 0:
            progress(done)
        if not found.note(number, raw):
            break
    if done == 0:
        found.problems.append(Problem(f"the header {_HEADER} expected", 1))
    if progress is not None:
        progress(done)
    if found.problems:
        raise ImportRefused(path, found.problems, more=found.more)
    return DirectoryFile(path, found.lines, digest.hexdigest(), frozenset(found.institutions), found.codes)


@dataclass(slots=True)
class _Reader:
    """Reads the lines of one file; its first line says which values each has."""

    names: tuple[str, ...] = ()

    def parsed(
        self, raw: bytes, number: int
    ) -> tuple[DirectoryLine | DeletedLine, NissReplacement | None] | None:
        """Return the line and what it says about its number, or None for the header and for an empty one."""
        if number == 1:
            names = tuple(_cells(raw.removeprefix(_BOM))) or ("",)
            if names not in _HEADERS:
                found = "semicolons between the names: save as CSV with commas" if ";" in names[0] else ""
                raise _WrongLine(_WrongCell("", f"the header {_HEADER} expected", found))
            self.names = names
            return None
        cells = _cells(raw)
        if not any(cells):  # also the blank rows that spreadsheets leave: ``,,,,``
            return None
        if len(cells) != len(self.names):
            found = cells_found(cells[0], len(cells))
            raise _WrongLine(_WrongCell("", f"{len(self.names)} values expected", found))
        if self.names[-1] != ACTION:
            return _line(cells)
        action = cells.pop()
        if not action:
            return _line(cells)
        return _deleted(cells, action), None


@dataclass(slots=True)
class _Findings:
    """What reading the lines brings to light; at most 100 problems are kept, the rest is counted."""

    reader: _Reader = field(default_factory=_Reader)
    lines: int = 0
    more: int = 0
    last_wrong: int = 0
    institutions: set[CbeNumber] = field(default_factory=set)
    codes: Counter[int] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def note(self, number: int, raw: bytes) -> bool:
        """Note one line (or a further piece of it); tell whether it makes sense to read on."""
        try:
            read = self.reader.parsed(raw, number)
        except _WrongLine as error:
            self._wrong(number, error)
            return number != 1
        if read is not None:
            self.lines += 1
            self.institutions.add(read[0].cbe_number)
            self.codes[read[0].quality_code] += 1
        return True

    def _wrong(self, number: int, error: _WrongLine) -> None:
        if number == self.last_wrong:
            return
        self.last_wrong = number
        for cell in error.cells:
            if len(self.problems) < LISTED_PROBLEMS:
                self.problems.append(Problem(cell.expected, number, field=cell.column, found=cell.found))
            else:
                self.more += 1


def directory_lines(checked: DirectoryFile) -> Iterator[DirectoryLine | DeletedLine | NissReplacement]:
    """Yield the lines of a checked file, in its order, each followed by what it says about its number.

    Raises:
        ImportRefused: the file is not, byte by byte, the one that was checked; at its end at the
            latest.
    """
    digest, reader = sha256(), _Reader()
    for number, raw in _raw_lines(checked.path):
        digest.update(raw)
        try:
            read = reader.parsed(raw, number)
        except _WrongLine:
            raise _changed(checked.path) from None
        if read is not None:
            yield read[0]
            if read[1] is not None:
                yield read[1]
    if digest.hexdigest() != checked.digest:
        raise _changed(checked.path)


def _changed(path: Path) -> ImportRefused:
    return ImportRefused(path, [Problem("the file changed while it was imported; import it again")])


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line; a line that is too long comes in pieces, all with its number."""
    try:
        with path.open("rb") as file:
            number = 1
            while raw := file.readline(_MAX_LINE):
                yield number, raw
                number += raw.endswith(b"\n")
    except OSError as error:
        raise ImportRefused(path, [Problem(f"cannot be read ({error.strerror})")]) from error


def _cells(raw: bytes) -> list[str]:
    if len(raw) == _MAX_LINE and not raw.endswith(b"\n"):
        raise _WrongLine(_WrongCell("", f"a line of less than {_MAX_LINE} bytes expected"))
    try:
        text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise _WrongLine(_WrongCell("", "UTF-8 text expected")) from None
    if '"' not in text and "\r" not in text and "\0" not in text:
        return text.split(",") if text else []
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise _WrongLine(_WrongCell("", "comma-separated values on one line expected")) from None


def _line(cells: list[str]) -> tuple[DirectoryLine, NissReplacement | None]:
    niss, cbe_number, quality_code, begin, end, *new_niss = cells
    try:
        line = DirectoryLine(
            _niss("niss", niss),
            _cbe(cbe_number),
            _quality_code(quality_code),
            _day("begin", begin),
            _end(end),
        )
        return line, _replacement(line, *new_niss)
    except _WrongCell:
        raise _WrongLine(*_wrong_cells(cells)) from None


def _deleted(cells: list[str], action: str) -> DeletedLine:
    """Return the line to delete: only one whose dates no message can show (0.1.0 imported such lines)."""
    niss, cbe_number, quality_code, begin, _end_cell = cells
    wrong: list[_WrongCell] = []
    if action != DELETE:
        wrong.append(_WrongCell(ACTION, f"{DELETE} or nothing expected", "another value"))
    try:
        line = DeletedLine(
            _niss("niss", niss), _cbe(cbe_number), _quality_code(quality_code), _any_day("begin", begin)
        )
    except _WrongCell as error:
        raise _WrongLine(error, *wrong) from None
    if is_sayable(line.begin):
        wanted = f"nothing expected where begin lies from {FIRST_DAY} to {LAST_DAY}: such a line is ended"
        wrong.append(_WrongCell(ACTION, wanted, "a line that messages can show"))
    if wrong:
        raise _WrongLine(*wrong)
    return line


def _wrong_cells(cells: list[str]) -> list[_WrongCell]:
    """Return everything that is wrong in a line of which something is: slower than reading a good one."""
    niss, cbe_number, quality_code, begin, end, *new_niss = cells
    readings: list[Callable[[], object]] = [
        lambda: _niss("niss", niss),
        lambda: _cbe(cbe_number),
        lambda: _quality_code(quality_code),
        lambda: _day("begin", begin),
        lambda: _end(end),
        lambda: _in_order(_day("begin", begin), _end(end)),
    ]
    if new_niss:
        readings.append(lambda: _new_number(_quality_code(quality_code), new_niss[0]))
    wrong: dict[str, _WrongCell] = {}
    for reading in readings:
        try:
            reading()
        except _WrongCell as error:
            wrong.setdefault(error.column, error)
    return list(wrong.values())


def _in_order(begin: date, end: date | None) -> None:
    if end is not None and end < begin:
        raise _WrongCell(
            "end", "not before begin expected (or nothing: the line is active)", "an earlier day"
        )


def _replacement(line: DirectoryLine, new_niss: str | None = None) -> NissReplacement | None:
    _in_order(line.begin, line.end)
    if new_niss is None:
        return None
    new = _new_number(line.quality_code, new_niss)
    return NissReplacement(line.niss, new, line.begin) if line.quality_code == REPLACED else None


def _new_number(quality_code: int, cell: str) -> Niss | None:
    if quality_code != REPLACED and cell:
        wanted = f"nothing expected; only a line with quality code {REPLACED} has one"
        raise _WrongCell(NEW_NISS, wanted, "a value")
    return _niss(NEW_NISS, cell) if cell else None


def _niss(column: str, cell: str) -> Niss:
    try:
        return Niss(cell)
    except ValueError:
        wanted = "a NISS expected: 11 digits YYMMDDSSSCC with right check digits"
        raise _WrongCell(column, wanted, number_found(cell, 11)) from None


@lru_cache(4096)
def _cbe(cell: str) -> CbeNumber:
    try:
        return CbeNumber(cell)
    except ValueError:
        wanted = "a BCE number expected: 10 digits with right check digits"
        raise _WrongCell("cbe_number", wanted, number_found(cell, 10)) from None


@lru_cache(4096)
def _quality_code(cell: str) -> int:
    if not _CODE.fullmatch(cell):
        raise _WrongCell("quality_code", "a code of 1 to 3 digits expected", code_found(cell))
    return int(cell)


@lru_cache(16_384)
def _day(column: str, cell: str) -> date:
    day = _any_day(column, cell)
    if not is_sayable(day):
        wanted = f"a date from {FIRST_DAY} to {LAST_DAY} expected"
        raise _WrongCell(column, wanted, "a date outside these bounds")
    return day


def _any_day(column: str, cell: str) -> date:
    try:
        return date.fromisoformat(cell if _DAY.fullmatch(cell) else "")
    except ValueError:
        raise _WrongCell(column, "a date expected, such as 2026-11-21", day_found(cell)) from None


def _end(cell: str) -> date | None:
    return None if not cell or cell == OPEN_END.isoformat() else _day("end", cell)
