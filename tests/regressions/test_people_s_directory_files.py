"""Directory files as Excel, SQL Server and .NET write them: read, or told by what was found in them."""

from datetime import date
from pathlib import Path

import pytest

from rse_gateway.domain.bounds import FIRST_DAY, LAST_DAY
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.registration.directory_file import check_directory, directory_lines
from rse_gateway.registration.problems import ImportRefused, Problem
from rse_gateway.registration.quality_codes import quality_code_meanings

HEADER = "niss,cbe_number,quality_code,begin,end\n"
NISS, CPAS = "80010100206", "0299990118"


def problems(folder: Path, content: str) -> list[Problem]:
    file = folder / "directory.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        check_directory(file)
    assert not [line for line in refused.value.lines() if NISS in line]
    return list(refused.value.problems)


def lines(folder: Path, content: str) -> list[DirectoryLine]:
    file = folder / "directory.csv"
    file.write_text(content, encoding="utf-8")
    return [one for one in directory_lines(check_directory(file)) if isinstance(one, DirectoryLine)]


def test_a_date_that_no_message_can_show_is_refused_with_its_line(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, f"{HEADER}{NISS},{CPAS},2,1899-12-30,\n")
    assert (told.line, told.field) == (2, "begin")
    assert str(FIRST_DAY) in told.expected
    assert str(LAST_DAY) in told.expected
    assert "outside" in told.found


def test_the_last_day_of_the_calendar_means_an_open_end(tmp_path: Path) -> None:
    assert [one.end for one in lines(tmp_path, f"{HEADER}{NISS},{CPAS},3,2024-01-15,9999-12-31\n")] == [None]


def test_blank_rows_of_a_spreadsheet_are_passed_over(tmp_path: Path) -> None:
    read = lines(tmp_path, f"{HEADER}{NISS},{CPAS},1,2026-10-01,\n,,,,\n,,,,\n")
    assert [one.begin for one in read] == [date(2026, 10, 1)]


def test_semicolons_are_told_as_what_they_are(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, f"\ufeff{HEADER}{NISS},{CPAS},1,2026-10-01,\n".replace(",", ";"))
    assert told.line == 1
    assert told.found.startswith("semicolons")


@pytest.mark.parametrize(
    ("line", "field", "found"),
    [
        (f"80.01.01-002.06,{CPAS},1,2026-10-01,", "niss", "points, dashes or spaces"),
        (f"1490700185,{CPAS},1,2026-10-01,", "niss", "10 digits: spreadsheets drop a leading zero"),
        (f"{NISS},212344876,1,2026-10-01,", "cbe_number", "9 digits: spreadsheets drop a leading zero"),
        (f"{NISS},0299.990.118,1,2026-10-01,", "cbe_number", "points, dashes or spaces"),
        (f"{NISS},{CPAS},1,01/10/2026,", "begin", "day, month, year"),
        (f"{NISS},{CPAS},1,2026-10-01 00:00:00,", "begin", "a date with a time"),
        (f"{NISS},{CPAS},1,46296,", "begin", "a bare number"),
        (f"{NISS},{CPAS},1,2026-13-01,", "begin", "in no calendar"),
        (f"{NISS} ,{CPAS},1,2026-10-01,", "niss", "spaces before or after"),
    ],
)
def test_a_habit_of_spreadsheets_is_named(tmp_path: Path, line: str, field: str, found: str) -> None:
    (told,) = problems(tmp_path, f"{HEADER}{line}\n")
    assert told.field == field
    assert found in told.found


def test_all_problems_of_a_line_are_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, f"{HEADER}{NISS},{CPAS},x,2026-13-01,2026/10/01\n")
    assert [(one.line, one.field) for one in told] == [(2, "quality_code"), (2, "begin"), (2, "end")]


def test_every_code_of_one_to_three_digits_is_read_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "directory.csv"
    codes = [0, 1, 8, 9, 11, 12, 20, 21, 40, 555, 902]
    file.write_text(HEADER + "".join(f"{NISS},{CPAS},{code},2024-01-15,\n" for code in codes))
    checked = check_directory(file)
    assert sorted(checked.codes) == codes
    assert 555 not in quality_code_meanings()
