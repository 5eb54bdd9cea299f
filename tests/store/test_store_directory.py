"""The sectoral directory: found by keyed value, imported whole or not at all."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, inspect, text
from store_samples import ALSO_HOLDING, AT, HOLDING, NISS, PARTNER, Counter, new_id, new_ticket, received_row

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import Niss
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import LineRegistered, UnitOfWork
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport, ImportCounts
from rse_gateway.store.replacements import NissReplacement
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import EntryMaker

LINE = DirectoryLine(NISS, HOLDING, 2, date(2024, 1, 1), None)
CLOSED = DirectoryLine(NISS, ALSO_HOLDING, 1, date(2023, 5, 1), date(2023, 9, 30))
OF_PARTNER = DirectoryLine(PARTNER, HOLDING, 5, date(2024, 1, 1), None)
BIS, OLDER_BIS = Niss("98472899765"), Niss("01490700185")


@pytest.fixture
def directory(engine: Engine, keys: DataKeys) -> SqlDirectory:
    return SqlDirectory(engine, keys, new_id=new_id)


@pytest.fixture
def importer(engine: Engine, keys: DataKeys) -> DirectoryImport:
    return DirectoryImport(engine, keys, new_id, AT)


def test_a_person_has_its_lines_open_and_closed_and_nobody_elses(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    importer.import_lines([LINE, CLOSED, OF_PARTNER])
    assert directory.lines_of(NISS) == (LINE, CLOSED)


def test_a_person_that_nobody_registered_has_no_line(directory: SqlDirectory) -> None:
    assert directory.lines_of(NISS) == ()


def test_another_master_key_finds_nothing(engine: Engine, importer: DirectoryImport) -> None:
    importer.import_lines([LINE])
    assert SqlDirectory(engine, DataKeys(bytes(32)), new_id=new_id).lines_of(NISS) == ()


def test_lines_registered_under_replaced_numbers_are_found_under_the_present_one(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    under_bis = replace(LINE, niss=BIS)
    under_older = replace(CLOSED, niss=OLDER_BIS)
    importer.import_lines([under_bis, under_older])
    directory.import_replacements(
        [NissReplacement(OLDER_BIS, BIS, date(2024, 1, 1)), NissReplacement(BIS, NISS, date(2025, 1, 1))]
    )
    assert directory.lines_of(NISS) == (under_bis, under_older)
    assert directory.lines_of(OLDER_BIS) == (under_older,)


def test_numbers_that_replace_each_other_in_a_circle_end_the_search(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    importer.import_lines([LINE])
    day = date(2025, 1, 1)
    directory.import_replacements([NissReplacement(BIS, NISS, day), NissReplacement(NISS, BIS, day)])
    assert directory.lines_of(BIS) == (LINE,)


@pytest.mark.parametrize("new", [NISS, None])
def test_what_happened_to_a_number_is_known(directory: SqlDirectory, new: Niss | None) -> None:
    directory.import_replacements([NissReplacement(BIS, new, date(2025, 1, 1))])
    found = directory.replacement_of(BIS)
    assert found is not None
    assert (found.new, found.kind.value) == (new, "cancelled" if new is None else "replaced")
    assert directory.replacement_of(PARTNER) is None


def test_importing_the_same_file_again_changes_nothing(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    first = importer.import_lines([LINE, CLOSED])
    assert first == ImportCounts(read=2, added=2, changed=0, unchanged=0)
    assert importer.import_lines([LINE, CLOSED]) == ImportCounts(read=2, added=0, changed=0, unchanged=2)


def test_an_import_gives_a_known_line_its_new_end(directory: SqlDirectory, importer: DirectoryImport) -> None:
    ended = replace(LINE, end=date(2026, 6, 30))
    importer.import_lines([LINE, CLOSED])
    assert importer.import_lines([ended, OF_PARTNER]) == ImportCounts(read=2, added=1, changed=1, unchanged=0)
    assert directory.lines_of(NISS) == (ended, CLOSED)


def test_of_a_line_that_stands_twice_in_a_file_the_last_counts(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    ended = replace(LINE, end=date(2026, 6, 30))
    assert importer.import_lines([LINE, ended]) == ImportCounts(read=2, added=1, changed=0, unchanged=0)
    assert directory.lines_of(NISS) == (ended,)


def test_an_import_that_breaks_off_leaves_nothing(importer: DirectoryImport, rows: Counter) -> None:
    def broken() -> Iterator[DirectoryLine]:
        for number in range(5_000):
            yield replace(LINE, quality_code=number)
        raise ValueError("line 5001 of the file")

    with pytest.raises(ValueError, match="line 5001"):
        importer.import_lines(broken())
    assert rows("directory_lines") == 0


def test_an_import_tells_its_progress_and_leaves_no_table_behind(
    importer: DirectoryImport, engine: Engine
) -> None:
    told: list[int] = []
    lines = (replace(LINE, quality_code=number) for number in range(20_500))
    assert importer.import_lines(lines, told.append).added == 20_500
    assert told == [10_000, 20_000, 20_500]
    assert [name for name in inspect(engine).get_table_names() if name.startswith("staged")] == []


def test_replaced_numbers_come_in_with_the_lines_of_a_file(
    directory: SqlDirectory, importer: DirectoryImport
) -> None:
    told = [replace(LINE, niss=BIS, quality_code=999), NissReplacement(BIS, NISS, date(2025, 1, 1))]
    counts = importer.import_lines([LINE, *told])
    assert counts == ImportCounts(read=2, added=2, changed=0, unchanged=0, replacements=1)
    assert directory.numbers_of(BIS).current == NISS
    assert directory.lines_of(NISS) == (LINE, told[0])


def test_of_several_replacements_of_one_number_the_last_counts_in_a_file_and_over_files(
    directory: SqlDirectory, importer: DirectoryImport, rows: Counter
) -> None:
    day = date(2025, 1, 1)
    importer.import_lines([NissReplacement(BIS, NISS, day), NissReplacement(BIS, PARTNER, day)])
    assert directory.numbers_of(BIS).current == PARTNER
    importer.import_lines([NissReplacement(BIS, None, day)])
    assert directory.numbers_of(BIS).current is None
    importer.import_lines([NissReplacement(BIS, BIS, day)])
    assert (directory.numbers_of(BIS).current, rows("niss_replacements")) == (BIS, 0)


def test_the_same_replacement_again_leaves_its_row_as_it_was(
    importer: DirectoryImport, engine: Engine
) -> None:
    def row() -> object:
        with engine.connect() as connection:
            return connection.execute(text("SELECT id, old_enc, new_enc FROM niss_replacements")).one()

    replacement = NissReplacement(BIS, NISS, date(2025, 1, 1))
    importer.import_lines([replacement])
    first = row()
    importer.import_lines([replacement])
    assert row() == first


def test_an_import_that_breaks_off_leaves_no_replacement(importer: DirectoryImport, rows: Counter) -> None:
    def broken() -> Iterator[DirectoryLine | NissReplacement]:
        yield NissReplacement(BIS, NISS, date(2025, 1, 1))
        raise ValueError("line 2 of the file")

    with pytest.raises(ValueError, match="line 2"):
        importer.import_lines(broken())
    assert rows("niss_replacements") == 0


def test_an_import_and_single_lines_that_change_the_same_lines_at_once_all_arrive(
    importer: DirectoryImport, writer: GroupWriter, directory: SqlDirectory
) -> None:
    lines = [replace(LINE, begin=LINE.begin + timedelta(days=day)) for day in range(200)]
    ended = [replace(line, end=date(2026, 6, 30)) for line in lines]
    with ThreadPoolExecutor(9) as pool:
        single = [
            pool.submit(writer.commit, UnitOfWork(access=LineRegistered(line, AT)))
            for line in reversed(ended)
        ]
        imported = [pool.submit(importer.import_lines, lines) for _ in range(3)]
        for one in (*single, *imported):
            one.result()
    assert len(directory.lines_of(NISS)) == 200


def test_the_row_of_an_import_is_written_with_it_or_not_at_all(
    importer: DirectoryImport, maker: EntryMaker, rows: Counter
) -> None:
    row = received_row(maker, "T-1", new_ticket())
    importer.import_lines([LINE], log=[row])
    with pytest.raises(GatewayUnavailable, match="nothing was imported"):
        importer.import_lines([CLOSED], log=[row])
    assert (rows("directory_lines"), rows("log_entries")) == (1, 1)


def test_the_look_up_uses_the_index_of_keyed_values(importer: DirectoryImport, engine: Engine) -> None:
    importer.import_lines(replace(LINE, quality_code=number) for number in range(2_000))
    query = "SELECT id FROM directory_lines WHERE niss_hmac = :h"
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        plan = "\n".join(str(row) for row in connection.execute(text(explain + query), {"h": b"x" * 32}))
    assert "SEARCH directory_lines USING INDEX" in plan or "uq_directory_lines_niss_hmac" in plan
