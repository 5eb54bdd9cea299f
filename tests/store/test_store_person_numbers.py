"""All numbers of one person: found from any of them, whatever the table of replacements holds."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, text
from store_samples import AT, HOLDING, NISS, PARTNER, new_id

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine, PersonNumbers
from rse_gateway.domain.identifiers import Niss
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.replacements import MOST_NUMBERS, NissReplacement
from rse_gateway.store.tables import niss_replacements

DAY = date(2025, 1, 1)
BIS, OLDER_BIS = Niss("98472899765"), Niss("01490700185")


def niss_number(place: int) -> Niss:
    """Return one of many invented numbers."""
    first_nine = 400_101_001 + place % 900 + (place // 900) * 100_000
    return Niss(f"{first_nine:09d}{97 - first_nine % 97:02d}")


@pytest.fixture
def directory(engine: Engine, keys: DataKeys) -> SqlDirectory:
    return SqlDirectory(engine, keys, new_id=new_id)


def test_a_number_that_nothing_happened_to_is_found_by_one_query(
    directory: SqlDirectory, engine: Engine
) -> None:
    directory.import_replacements([NissReplacement(BIS, PARTNER, DAY)])
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    fetched: list[int] = []
    event.listen(engine, "checkout", lambda *_: fetched.append(1))
    assert directory.numbers_of(NISS) == PersonNumbers(NISS, NISS, frozenset({NISS}))
    assert (len(fetched), asked) == (1, [])


def test_the_query_for_one_number_reads_two_indexes_and_not_the_table(
    directory: SqlDirectory, engine: Engine
) -> None:
    directory.import_replacements(
        NissReplacement(niss_number(n), niss_number(n + 2_000), DAY) for n in range(2_000)
    )
    query = "SELECT id FROM niss_replacements WHERE old_hmac = :h OR new_hmac = :h"
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        plan = "\n".join(str(row) for row in connection.execute(text(explain + query), {"h": b"x" * 32}))
    assert "uq_niss_replacements_old_hmac" in plan or "sqlite_autoindex_niss_replacements" in plan
    assert "ix_niss_replacements_new_hmac" in plan


@pytest.mark.parametrize("asked", [OLDER_BIS, BIS, NISS])
def test_from_any_number_of_a_chain_all_are_found_and_the_last_stands(
    directory: SqlDirectory, asked: Niss
) -> None:
    directory.import_replacements(
        [NissReplacement(OLDER_BIS, BIS, DAY), NissReplacement(BIS, NISS, DAY + timedelta(days=9))]
    )
    found = directory.numbers_of(asked)
    assert found == PersonNumbers(asked, NISS, frozenset({OLDER_BIS, BIS, NISS}))
    assert found.replaced == (asked != NISS)


@pytest.mark.parametrize("asked", [OLDER_BIS, BIS])
def test_of_a_cancelled_number_and_those_before_it_none_stands(directory: SqlDirectory, asked: Niss) -> None:
    directory.import_replacements([NissReplacement(OLDER_BIS, BIS, DAY), NissReplacement(BIS, None, DAY)])
    assert directory.numbers_of(asked) == PersonNumbers(asked, None, frozenset({OLDER_BIS, BIS}))


def test_two_numbers_that_one_replaced_are_the_same_person(directory: SqlDirectory) -> None:
    directory.import_replacements([NissReplacement(BIS, NISS, DAY), NissReplacement(OLDER_BIS, NISS, DAY)])
    assert directory.numbers_of(BIS).all == frozenset({BIS, OLDER_BIS, NISS})


@pytest.mark.parametrize("asked", [OLDER_BIS, BIS, NISS])
def test_of_numbers_in_a_circle_the_one_that_the_newest_replacement_names_stands(
    directory: SqlDirectory, asked: Niss
) -> None:
    directory.import_replacements(
        [
            NissReplacement(OLDER_BIS, BIS, DAY),
            NissReplacement(BIS, NISS, DAY),
            NissReplacement(NISS, BIS, DAY + timedelta(days=1)),
        ]
    )
    assert directory.numbers_of(asked) == PersonNumbers(asked, BIS, frozenset({OLDER_BIS, BIS, NISS}))


def test_a_replacement_that_is_taken_back_leaves_the_number_standing(directory: SqlDirectory) -> None:
    directory.import_replacements([NissReplacement(BIS, NISS, DAY), NissReplacement(OLDER_BIS, None, DAY)])
    directory.import_replacements(
        [NissReplacement(BIS, BIS, DAY), NissReplacement(OLDER_BIS, OLDER_BIS, DAY)]
    )
    assert directory.numbers_of(BIS) == PersonNumbers(BIS, BIS, frozenset({BIS}))
    assert directory.numbers_of(OLDER_BIS).current == OLDER_BIS


def test_a_file_that_leads_thousands_of_numbers_to_one_is_searched_to_a_bound(
    directory: SqlDirectory,
) -> None:
    many = [NissReplacement(niss_number(n), NISS, DAY) for n in range(3 * MOST_NUMBERS)]
    directory.import_replacements(many)
    found = directory.numbers_of(niss_number(5))
    assert found.current == NISS
    assert len(found.all) <= 2 * MOST_NUMBERS


def test_own_lines_are_found_under_every_number_of_the_chain_from_any_of_them(
    directory: SqlDirectory, engine: Engine, keys: DataKeys
) -> None:
    lines = [DirectoryLine(n, HOLDING, 2, DAY + timedelta(days=d), None) for d, n in enumerate((NISS, BIS))]
    DirectoryImport(engine, keys, new_id, AT).import_lines(
        [*lines, DirectoryLine(PARTNER, HOLDING, 2, DAY, None)]
    )
    directory.import_replacements([NissReplacement(BIS, NISS, DAY)])
    for asked in (NISS, BIS):
        found = directory.own_lines(frozenset({HOLDING}), asked, offset=0, limit=10)
        assert [one.line for one in found] == lines


NUMBERS = [niss_number(n) for n in range(12)]
_FORESTS = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.one_of(st.none(), st.integers(0, 11)),
        st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    ),
    max_size=14,
)


@given(forest=_FORESTS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_in_any_table_of_replacements_all_numbers_of_a_person_agree(
    directory: SqlDirectory, engine: Engine, forest: list[tuple[int, int | None, date]]
) -> None:
    with engine.begin() as connection:
        connection.execute(delete(niss_replacements))
    directory.import_replacements(
        NissReplacement(NUMBERS[old], None if new is None else NUMBERS[new], since)
        for old, new, since in forest
    )
    rows = {old: (new, since) for old, new, since in forest}
    leads_to = {old: new for old, (new, _since) in rows.items() if old != new}
    for place, niss in enumerate(NUMBERS):
        found = directory.numbers_of(niss)
        assert {one.value for one in found.all} == {NUMBERS[n].value for n in _component(place, leads_to)}
        current = None if found.current is None else NUMBERS.index(found.current)
        _check_current(place, current, leads_to)
        assert {directory.numbers_of(one).current for one in found.all} == {found.current}


def _component(place: int, leads_to: dict[int, int | None]) -> set[int]:
    known = {place}
    while True:
        more = {old for old, new in leads_to.items() if new in known}
        more |= {new for old, new in leads_to.items() if old in known and new is not None}
        if more <= known:
            return known
        known |= more


def _check_current(place: int, current: int | None, leads_to: dict[int, int | None]) -> None:
    seen: list[int] = []
    here: int | None = place
    while here is not None and here in leads_to and here not in seen:
        seen.append(here)
        here = leads_to[here]
    if here is not None and here in seen:
        assert current in seen[seen.index(here) :]
    else:
        assert current == here
