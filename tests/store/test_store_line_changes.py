"""Single lines of the directory: registered, ended, never deleted, whoever else does the same at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, event, select, text
from store_samples import ALSO_HOLDING, AT, HOLDING, NISS, PARTNER, Counter, new_id

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine, OwnLine
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import LineEnded, LineRegistered, UnitOfWork
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.engine import open_engine
from rse_gateway.store.tables import directory_lines
from rse_gateway.store.writer import GroupWriter

LINE = DirectoryLine(NISS, HOLDING, 2, date(2026, 1, 1), None)
END, LATER = date(2026, 6, 30), AT + timedelta(hours=1)
OWN = frozenset({HOLDING})


@pytest.fixture
def directory(engine: Engine, keys: DataKeys) -> SqlDirectory:
    return SqlDirectory(engine, keys, new_id=new_id)


def register(writer: GroupWriter, line: DirectoryLine, at=AT) -> None:
    writer.commit(UnitOfWork(access=LineRegistered(line, at)))


def own(directory: SqlDirectory) -> tuple[OwnLine, ...]:
    return directory.own_lines(OWN, None, offset=0, limit=100)


def test_a_registered_line_is_found_by_person_and_by_institution(
    writer: GroupWriter, directory: SqlDirectory
) -> None:
    register(writer, LINE)
    assert directory.lines_of(NISS) == (LINE,)
    assert [(one.line, one.changed_at) for one in own(directory)] == [(LINE, AT)]


def test_the_same_line_again_changes_its_end_and_nothing_else(
    writer: GroupWriter, directory: SqlDirectory
) -> None:
    register(writer, LINE)
    (first,) = own(directory)
    register(writer, replace(LINE, end=END), LATER)
    assert own(directory) == (OwnLine(first.line_id, replace(LINE, end=END), LATER),)


def test_the_same_line_with_the_same_end_is_no_change(writer: GroupWriter, directory: SqlDirectory) -> None:
    register(writer, LINE)
    register(writer, LINE, LATER)
    assert [one.changed_at for one in own(directory)] == [AT]


@pytest.mark.parametrize(
    "other",
    [
        replace(LINE, niss=PARTNER),
        replace(LINE, cbe_number=ALSO_HOLDING),
        replace(LINE, quality_code=1),
        replace(LINE, begin=date(2026, 1, 2)),
    ],
)
def test_another_person_institution_quality_or_begin_is_another_line(
    writer: GroupWriter, other: DirectoryLine, rows: Counter
) -> None:
    register(writer, LINE)
    register(writer, other)
    assert rows("directory_lines") == 2


def test_a_line_is_ended_by_its_id_and_stays(writer: GroupWriter, directory: SqlDirectory) -> None:
    register(writer, LINE)
    (first,) = own(directory)
    writer.commit(UnitOfWork(access=LineEnded(first.line_id, END, LATER)))
    assert own(directory) == (OwnLine(first.line_id, replace(LINE, end=END), LATER),)


def test_ending_a_line_that_does_not_exist_fails_and_writes_nothing_of_its_unit(
    writer: GroupWriter, rows: Counter
) -> None:
    unit = UnitOfWork(replay_key=(b"k" * 32, AT), access=LineEnded(str(new_id()), END, AT))
    with pytest.raises(GatewayUnavailable):
        writer.commit(unit)
    assert rows("replay_keys") == 0


def test_no_number_of_a_registered_line_stands_in_clear(writer: GroupWriter, engine: Engine) -> None:
    register(writer, LINE)
    with engine.connect() as connection:
        row = connection.execute(select(directory_lines)).one()
    assert not [value for value in row if NISS.value in str(value) or NISS.value.encode() in _bytes(value)]


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def test_processes_that_register_the_same_line_at_once_make_one_line(
    database_url: str, keys: DataKeys, directory: SqlDirectory
) -> None:
    engines = [open_engine(database_url) for _ in range(4)]
    writers = [GroupWriter(engine, keys) for engine in engines]
    barrier = Barrier(8)

    def act(number: int) -> None:
        barrier.wait()
        register(writers[number % 4], replace(LINE, end=END + timedelta(days=number)), AT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    for writer, engine in zip(writers, engines, strict=True):
        writer.close()
        engine.dispose()
    (one,) = own(directory)
    assert one.line.end in {END + timedelta(days=number) for number in range(8)}
    assert directory.lines_of(NISS) == (one.line,)


def test_lines_registered_and_ended_in_opposite_order_by_two_processes_all_arrive(
    database_url: str, keys: DataKeys, directory: SqlDirectory
) -> None:
    lines = [replace(LINE, begin=LINE.begin - timedelta(days=day)) for day in range(30)]
    engines = [open_engine(database_url) for _ in range(2)]
    writers = [GroupWriter(engine, keys, batch=16) for engine in engines]
    work = [(0, line) for line in lines] + [(1, line) for line in reversed(lines)]
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda one: register(writers[one[0]], replace(one[1], end=END)), work))
    for writer, engine in zip(writers, engines, strict=True):
        writer.close()
        engine.dispose()
    assert len(own(directory)) == 30


def test_own_lines_come_in_pages_oldest_first_of_all_numbers_of_the_institution(
    writer: GroupWriter, directory: SqlDirectory, engine: Engine, keys: DataKeys
) -> None:
    days = [LINE.begin + timedelta(days=day) for day in (5, 3, 1, 4, 2)]
    lines = [
        replace(LINE, begin=day, cbe_number=(HOLDING, ALSO_HOLDING)[place % 2])
        for place, day in enumerate(days)
    ]
    DirectoryImport(engine, keys, new_id, AT).import_lines(lines)
    both = frozenset({HOLDING, ALSO_HOLDING})
    pages = [directory.own_lines(both, None, offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert [[one.line.begin for one in page] for page in pages] == [
        sorted(days)[:2],
        sorted(days)[2:4],
        sorted(days)[4:],
        [],
    ]
    assert {one.line.cbe_number for one in own(directory)} == {HOLDING}


def test_own_lines_of_one_person_are_nobody_elses(writer: GroupWriter, directory: SqlDirectory) -> None:
    register(writer, LINE)
    register(writer, replace(LINE, niss=PARTNER))
    found = directory.own_lines(OWN, PARTNER, offset=0, limit=10)
    assert [one.line.niss for one in found] == [PARTNER]
    assert directory.own_lines(frozenset({ALSO_HOLDING}), PARTNER, offset=0, limit=10) == ()


def test_a_page_of_own_lines_is_read_from_the_index(
    engine: Engine, keys: DataKeys, directory: SqlDirectory
) -> None:
    many = (replace(LINE, begin=LINE.begin - timedelta(days=day)) for day in range(5_000))
    DirectoryImport(engine, keys, new_id, AT).import_lines(many)
    query = "SELECT id FROM directory_lines WHERE cbe_number = :c ORDER BY begin_date, id LIMIT 500"
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.begin() as connection:
        connection.execute(text("ANALYZE directory_lines"))
        plan = "\n".join(str(row) for row in connection.execute(text(explain + query), {"c": HOLDING.value}))
    assert "ix_directory_lines_own" in plan


def test_own_lines_cost_the_same_whether_or_not_others_hold_the_person(
    engine: Engine, writer: GroupWriter, directory: SqlDirectory
) -> None:
    register(writer, replace(LINE, cbe_number=ALSO_HOLDING))
    taken: list[object] = []
    event.listen(engine, "checkout", lambda *told: taken.append(told))
    counts = []
    for niss in (NISS, PARTNER):
        taken.clear()
        assert directory.own_lines(OWN, niss, offset=0, limit=100) == ()
        counts.append(len(taken))
    assert counts == [2, 2]
