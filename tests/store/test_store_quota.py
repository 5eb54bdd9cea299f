"""Quotas: who takes the last place, on both databases, in one process and in several at once."""

import subprocess
from collections import Counter as Tally
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from store_samples import (
    ASKING,
    AT,
    HOLDING,
    NISS,
    PARTNER,
    Counter,
    accepted,
    new_id,
    replay_key,
)
from test_store_mandates import record
from test_store_processes import start
from test_store_writer import together, while_one_waits

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.quota import DefaultQuotas, Quotas
from rse_gateway.ports import LineRegistered, QuotaClaim, QuotaUsedUp, TicketTaken, UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.registration import import_institutions
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.store.writer import GroupWriter

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def registered(engine: Engine) -> None:
    import_institutions(engine, [record(ASKING), record(HOLDING)])


def claim(most: int, number: CbeNumber = ASKING) -> QuotaClaim:
    return QuotaClaim(number, most, AT - HOUR)


def asking(ticket: object, most: int) -> UnitOfWork:
    return replace(accepted(f"T-{ticket}")[1], quota=claim(most))


def line(day: int, most: int, niss=NISS, end: date | None = None) -> UnitOfWork:
    begin = date(2026, 1, 1) + day * timedelta(days=1)
    registered = LineRegistered(DirectoryLine(niss, ASKING, 2, begin, end), AT)
    return UnitOfWork(replay_key=(replay_key(new_id()), AT), access=registered, quota=claim(most))


def test_the_last_place_is_taken_once_and_who_loses_writes_nothing(
    writer: GroupWriter, stored: SqlConsultations, rows: Counter
) -> None:
    for number in range(3):
        writer.commit(asking(number, 3))
    late = asking("late", 3)
    with pytest.raises(QuotaUsedUp):
        writer.commit(late)
    assert stored.accepted_since(ASKING, AT - HOUR) == 3
    assert (rows("consultations"), rows("legs"), rows("replay_keys")) == (3, 6, 3)
    writer.commit(UnitOfWork(replay_key=late.replay_key))  # its key is free for the refusal's own row


def test_a_quota_of_nothing_lets_nobody_pass(writer: GroupWriter, rows: Counter) -> None:
    with pytest.raises(QuotaUsedUp):
        writer.commit(asking(1, 0))
    assert rows("consultations") == 0


def test_a_ticket_that_is_bound_is_a_repeat_though_the_quota_is_used_up(writer: GroupWriter) -> None:
    writer.commit(asking(1, 1))
    again = replace(asking(1, 1), replay_key=(replay_key("again"), AT))
    with pytest.raises(TicketTaken):
        writer.commit(again)


def test_what_was_accepted_before_the_hour_does_not_count(writer: GroupWriter) -> None:
    writer.commit(asking("old", 1))
    unit = asking("new", 1)
    writer.commit(replace(unit, quota=QuotaClaim(ASKING, 1, AT)))


def test_of_one_batch_exactly_the_free_places_pass(
    engine: Engine, writer: GroupWriter, rows: Counter
) -> None:
    told = while_one_waits(engine, writer, [asking(number, 5) for number in range(20)])
    assert Tally(told) == {None: 5, QuotaUsedUp: 15}
    assert rows("consultations") == 5


def test_200_at_once_in_four_processes_take_the_20_places_of_each_of_two_institutions(
    database_url: str, engine: Engine, tmp_path: Path, rows: Counter
) -> None:
    go = tmp_path / "go"
    racers = [start(["quota", database_url, str(go), str(number)]) for number in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    go.touch()
    told = Tally(word for racer in racers for word in racer.communicate(timeout=120)[0].split())
    both = (ASKING.value, HOLDING.value)
    assert told == {
        f"{number}:{word}": many for number in both for word, many in (("won", 20), ("lost", 180))
    }
    with engine.connect() as connection:
        query = "SELECT requesting_cpas, count(*) FROM consultations GROUP BY requesting_cpas"
        counted = connection.execute(text(query)).all()
    assert dict(map(tuple, counted)) == dict.fromkeys(both, 20)
    assert rows("replay_keys") == 40


def test_an_import_of_institutions_beside_quotas_meets_no_deadlock(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    racer = start(["quota", database_url, str(go), "0"])
    assert racer.stdout is not None
    assert racer.stdout.readline() == "ready\n"
    go.touch()
    while racer.poll() is None:
        import_institutions(engine, [record(HOLDING), record(ASKING)])
        try:
            racer.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
    told = Tally(racer.stdout.read().split())
    assert set(told) == {f"{one.value}:{word}" for one in (ASKING, HOLDING) for word in ("won", "lost")}
    assert told[f"{ASKING.value}:won"] == told[f"{HOLDING.value}:won"] == 20


def test_new_lines_by_message_are_bounded_and_known_ones_may_change(
    engine: Engine, keys: DataKeys, writer: GroupWriter, rows: Counter
) -> None:
    writer.commit(line(1, 2))
    writer.commit(line(2, 2))
    with pytest.raises(QuotaUsedUp):
        writer.commit(line(3, 2))
    writer.commit(line(2, 2, end=date(2026, 12, 31)))
    assert rows("directory_lines") == 2
    directory = SqlDirectory(engine, keys, new_id=new_id)
    assert directory.registered_since(ASKING, AT - HOUR) == 2
    assert directory.registered_since(ASKING, AT) == directory.registered_since(HOLDING, AT - HOUR) == 0


def test_one_batch_counts_the_same_new_line_once(engine: Engine, writer: GroupWriter, rows: Counter) -> None:
    units = [line(day, 3, niss) for day in (1, 1, 2) for niss in (NISS, PARTNER)]
    told = while_one_waits(engine, writer, units)
    assert rows("directory_lines") == 3
    assert Tally(told)[QuotaUsedUp] in (1, 2)  # the fourth line, given once or twice


def test_lines_of_a_file_do_not_count(engine: Engine, keys: DataKeys, writer: GroupWriter) -> None:
    given = [DirectoryLine(NISS, ASKING, 2, date(2025, 1, number), None) for number in range(1, 6)]
    DirectoryImport(engine, keys, new_id, AT).import_lines(given)
    writer.commit(line(1, 1))
    with pytest.raises(QuotaUsedUp):
        writer.commit(line(2, 1))


def test_at_once_no_more_new_lines_than_the_quota(writer: GroupWriter, rows: Counter) -> None:
    def register(number: int) -> None:
        try:
            writer.commit(line(number, 7))
        except QuotaUsedUp:
            lost.append(number)

    lost: list[int] = []
    together(20, register)
    assert (len(lost), rows("directory_lines")) == (13, 7)


@pytest.mark.parametrize(
    ("quotas", "consultations", "lines", "lines_later"),
    [
        (Quotas(), 30, 40, 40),
        (Quotas(0, 0, DAY), 0, 0, 40),
        (Quotas("none", "none", DAY), None, None, 40),
        (Quotas(7, 8, DAY), 7, 8, 40),
    ],
)
def test_the_registry_overrides_the_defaults_and_a_quota_of_lines_ends_with_its_last_day(
    engine: Engine, quotas: Quotas, consultations: int | None, lines: int | None, lines_later: int | None
) -> None:
    import_institutions(engine, [record(ASKING, quotas=quotas)])
    registry = SqlRegistry(engine, quotas=DefaultQuotas(30, 40))
    assert registry.quota_of(ASKING) == consultations
    assert registry.register_quota_of(ASKING, DAY) == lines
    assert registry.register_quota_of(ASKING, DAY + timedelta(days=1)) == lines_later
