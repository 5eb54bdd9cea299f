"""The page that vendors write the format from says what the code does."""

import re
from pathlib import Path

import pytest
from test_trail_private import GOLDEN_PRIVATE
from test_trail_record import GOLDEN, GOLDEN_LEAF

from rse_gateway.trail import Kind
from rse_gateway.trail.kinds import REQUIRED_BY_KIND
from rse_gateway.trail.record import PATTERNS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "trail-format.md"


def section(title: str) -> str:
    return PAGE.read_text("utf-8").split(f"### {title}\n")[1].split("\n#")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_page_names_every_field_and_no_other() -> None:
    assert set().union(*(named(row[0]) for row in rows("Fields"))) == set(PATTERNS)


def test_the_page_names_every_kind_and_no_other() -> None:
    kinds = [kind for row in rows("Kinds, and which fields each has") for kind in named(row[0])]
    assert sorted(kinds) == sorted(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_page_says_what_a_kind_must_have(kind: Kind) -> None:
    row = next(row for row in rows("Kinds, and which fields each has") if kind.value in named(row[0]))
    assert named(row[2]) == REQUIRED_BY_KIND.get(kind, frozenset())


@pytest.mark.parametrize("vector", [GOLDEN, GOLDEN_PRIVATE, GOLDEN_LEAF.encode()])
def test_the_page_shows_the_golden_vectors(vector: bytes) -> None:
    assert vector in PAGE.read_bytes()
