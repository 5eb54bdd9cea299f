"""The directory file: each kind of mistake gets its line and a reason, never the person's number."""

from datetime import date
from pathlib import Path

import pytest
from cli_runs import CPAS, HEADER, NISS
from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import Niss
from rse_gateway.registration.directory_file import check_directory, directory_lines
from rse_gateway.registration.problems import ImportRefused, Problem
from rse_gateway.store.replacements import NissReplacement

WITH_NEW = HEADER.replace("end\n", "end,new_niss\n")
OLD = "98472899765"
GOOD = f"{NISS},{CPAS},2,2024-01-15,\n"
MISTAKES = [
    (f"85073003329,{CPAS},2,2024-01-15,", "niss", "check digits"),
    (f"８5073003328,{CPAS},2,2024-01-15,", "niss", "11 digits"),
    (f"{NISS},0299990119,2,2024-01-15,", "cbe_number", "BCE number"),
    (f"{NISS},{CPAS},1000,2024-01-15,", "quality_code", "1 to 3 digits"),
    (f"{NISS},{CPAS},,2024-01-15,", "quality_code", "1 to 3 digits"),
    (f"{NISS},{CPAS},2,15/01/2024,", "begin", "2026-11-21"),
    (f"{NISS},{CPAS},2,2023-02-29,", "begin", "2026-11-21"),
    (f"{NISS},{CPAS},2,2024-01-15,never", "end", "2026-11-21"),
    (f"{NISS},{CPAS},2,2024-01-15,2024-01-14", "end", "not before begin"),
    (f"{NISS},{CPAS},2,2024-01-15", "", "5 values"),
    (f"{NISS};{CPAS};2;2024-01-15;", "", "5 values"),
    (f'{NISS},"{CPAS},2,2024-01-15,', "", "comma-separated"),
    (f"{NISS},{CPAS},2,2024-01-15,{'x' * 2000}", "", "1000 bytes"),
]


def problems_of(folder: Path, content: bytes) -> tuple[Problem, ...]:
    file = folder / "directory.csv"
    file.write_bytes(content)
    with pytest.raises(ImportRefused) as refused:
        check_directory(file)
    return refused.value.problems


@pytest.mark.parametrize(("line", "field", "expected"), MISTAKES)
def test_a_bad_line_is_told_with_its_number_and_reason(
    tmp_path: Path, line: str, field: str, expected: str
) -> None:
    (problem,) = problems_of(tmp_path, f"{HEADER}{GOOD}{line}\n{GOOD}".encode())
    assert (problem.line, problem.field) == (3, field)
    assert expected in problem.expected
    assert NISS not in problem.text("directory.csv")


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        (f"{OLD},{CPAS},2,2024-01-15,,{NISS}", "new_niss", "nothing expected"),
        (f"{OLD},{CPAS},999,2024-01-15,,85073003329", "new_niss", "check digits"),
        (f"{OLD},{CPAS},999,2024-01-15,", "", "6 values"),
    ],
)
def test_a_bad_new_number_is_told_as_any_other_mistake(
    tmp_path: Path, line: str, field: str, expected: str
) -> None:
    (problem,) = problems_of(tmp_path, f"{WITH_NEW}{line}\n".encode())
    assert (problem.line, problem.field) == (2, field)
    assert expected in problem.expected


def read(tmp_path: Path, content: str) -> list[DirectoryLine | NissReplacement]:
    file = tmp_path / "directory.csv"
    file.write_text(content)
    return list(directory_lines(check_directory(file)))


@pytest.mark.parametrize(("cell", "new"), [(NISS, Niss(NISS)), ("", None), (OLD, Niss(OLD))])
def test_a_line_with_code_999_says_what_happened_to_its_number(
    tmp_path: Path, cell: str, new: Niss | None
) -> None:
    content = f"{WITH_NEW}{NISS},{CPAS},2,2024-01-15,,\n{OLD},{CPAS},999,2024-01-15,,{cell}\n"
    _first, line, replacement = read(tmp_path, content)
    assert isinstance(line, DirectoryLine)
    assert line.quality_code == 999
    assert replacement == NissReplacement(Niss(OLD), new, date(2024, 1, 15))


def test_without_the_column_a_line_with_code_999_replaces_and_cancels_nothing(tmp_path: Path) -> None:
    (line,) = read(tmp_path, f"{HEADER}{OLD},{CPAS},999,2024-01-15,\n")
    assert isinstance(line, DirectoryLine)


def test_quoted_values_are_read_as_plain_ones(tmp_path: Path) -> None:
    assert read(tmp_path, f'{HEADER}"{NISS}","{CPAS}",2,2024-01-15,""\n') == read(tmp_path, HEADER + GOOD)


@pytest.mark.parametrize("content", [b"", b"niss,cbe\n", GOOD.encode(), b"\xff\n", b"\0\n"])
def test_a_file_without_the_header_is_refused_at_line_1(tmp_path: Path, content: bytes) -> None:
    (problem,) = problems_of(tmp_path, content)
    assert problem.line == 1


def test_a_line_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, f"{HEADER}{GOOD}".encode() + b"\xe9,,,,\n")
    assert (problem.line, problem.expected) == (3, "UTF-8 text expected")


def test_the_first_100_bad_lines_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(HEADER + "x\n" * 150)
    with pytest.raises(ImportRefused) as refused:
        check_directory(file)
    assert (len(refused.value.problems), refused.value.more) == (100, 50)


def test_windows_line_ends_a_byte_order_mark_and_empty_lines_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}{GOOD}\n{NISS},{CPAS},1,2020-01-01,2020-12-31".replace(
        "\n", "\r\n").encode())  # fmt: skip
    lines = list(directory_lines(check_directory(file)))
    assert [(line.quality_code, line.end) for line in lines] == [(2, None), (1, date(2020, 12, 31))]


def test_a_file_that_changes_between_check_and_import_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(HEADER + GOOD)
    checked = check_directory(file)
    file.write_text(HEADER + GOOD + GOOD)
    with pytest.raises(ImportRefused, match="nothing was imported"):
        list(directory_lines(checked))


def test_progress_is_told_in_bytes_up_to_the_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(HEADER + GOOD * 5000)
    told: list[int] = []
    check_directory(file, told.append)
    assert told == sorted(told)
    assert told[-1] == file.stat().st_size


_CELLS = st.sampled_from([NISS, CPAS, "2", "2024-01-15", "", '"', "é", "\x00", "85073003329"])
_LINES = st.lists(_CELLS, max_size=7).map(",".join)


@given(st.one_of(st.binary(max_size=300), st.lists(_LINES).map(lambda many: "\n".join(many).encode())))
def test_garbage_is_refused_or_read_and_never_quoted(tmp_path_factory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "garbage.csv"
    file.write_bytes(HEADER.encode() + content)
    try:
        told = [str(check_directory(file))]
    except ImportRefused as refused:
        told = refused.lines()
        assert told
    assert not [line for line in told if NISS in line]
