"""Use cases are numbered with their exceptions, so that tests, support and findings can cite "UC-03 4b"."""

import re
from collections import defaultdict
from pathlib import Path
from string import ascii_lowercase

import pytest
from pages import PAGES, ROOT, short, table_rows, text_of

FOLDER = ROOT / "docs" / "use-cases"
USE_CASES = tuple(sorted(set(FOLDER.glob("*.md")) - {FOLDER / "README.md"}))
CITED = re.compile(r"\b(UC-\d\d)\b\]?(?:\(([\w-]+\.md)\))? ?(\d+[a-z]?)?\b((?:, \d+[a-z]?\b)*)")


def number_of(page: Path) -> str:
    found = re.match(r"# (UC-\d\d) \S", page.read_text("utf-8"))
    assert found is not None, f"{short(page)} does not begin with its number"
    return found[1]


def steps_of(page: Path) -> list[int]:
    return [int(step) for step in re.findall(r"^(\d+)\. ", page.read_text("utf-8"), re.MULTILINE)]


def exceptions_of(page: Path) -> list[str]:
    _, _, text = page.read_text("utf-8").partition("\n## Exceptions\n")
    return [row[0] for row in table_rows(text) if row[0] != "at"]


def test_use_cases_are_numbered_without_a_gap_and_listed_in_that_order() -> None:
    listed = [
        (row[0], re.findall(r"\(([\w-]+\.md)\)", row[1]))
        for row in table_rows(text_of("docs/use-cases/README.md"))
    ]
    listed = listed[1:]
    assert [number for number, _ in listed] == [f"UC-{one:02}" for one in range(1, len(USE_CASES) + 1)]
    assert dict(listed) == {number_of(page): [page.name] for page in USE_CASES}


@pytest.mark.parametrize("page", USE_CASES, ids=short)
def test_the_steps_of_a_use_case_count_from_one(page: Path) -> None:
    steps = steps_of(page)
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 3


@pytest.mark.parametrize("page", USE_CASES, ids=short)
def test_every_exception_leaves_at_a_step_that_is_there_with_the_next_letter(page: Path) -> None:
    letters = defaultdict(list)
    for exception in exceptions_of(page):
        letters[int(exception[:-1])].append(exception[-1])
    assert letters, "no exception"
    assert set(letters) <= set(steps_of(page))
    assert list(letters) == sorted(letters)
    for step, given in letters.items():
        assert given == list(ascii_lowercase[: len(given)]), step


def test_what_is_cited_of_a_use_case_exists_in_pages_and_tests() -> None:
    known = {number_of(page): {*map(str, steps_of(page)), *exceptions_of(page)} for page in USE_CASES}
    names = {number_of(page): page.name for page in USE_CASES}
    wrong, seen = [], 0
    for file in (*PAGES, *sorted((ROOT / "tests").rglob("*.py"))):
        for number, name, first, more in CITED.findall(file.read_text("utf-8")):
            places = [one for one in (first, *more.split(", ")) if one]
            seen += len(places)
            if number not in known or (name and name != names[number]) or not set(places) <= known[number]:
                wrong.append(f"{short(file)}: {number} {' '.join(places)}")
    assert wrong == []
    assert seen > 10


def test_the_index_has_a_door_for_each_reader() -> None:
    doors = re.findall(r"^## .*: the (.+)$", text_of("docs/index.md"), re.MULTILINE)
    assert doors == ["vendor", "tester", "operator", "auditor", "decision maker"]
