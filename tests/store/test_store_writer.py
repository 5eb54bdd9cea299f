"""The writer: who wins a race, who is left alone by others' failures, and what stands afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import Engine, text
from store_samples import (
    ALSO_HOLDING,
    AT,
    HOLDING,
    NISS,
    REPORT,
    UNCONNECTED,
    Counter,
    accepted,
    consultation,
    leg,
    new_ticket,
    received_row,
    replay_key,
)

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.leg import Event as LegEvent
from rse_gateway.domain.leg import Happening, LegState, ReminderPlan, step
from rse_gateway.errors import GatewayUnavailable, ReplayRefused
from rse_gateway.ports import FenceLost, LegChange, NewLeg, NotConnected, QuotaUsedUp, TicketTaken, UnitOfWork
from rse_gateway.store import writer as writer_module
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import EntryMaker


def together(times: int, act: Callable[[int], None]) -> list[type[BaseException] | None]:
    """Run ``act`` in as many threads at once; return what each raised."""
    barrier = Barrier(times)

    def one(number: int) -> type[BaseException] | None:
        barrier.wait()
        try:
            act(number)
        except (ReplayRefused, TicketTaken, QuotaUsedUp, FenceLost, GatewayUnavailable) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """Keep the store's writers waiting for as long as the block lasts."""
    with write_transaction(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE replay_keys IN ACCESS EXCLUSIVE MODE"))
        yield


def while_one_waits(
    engine: Engine, writer: GroupWriter, units: Sequence[UnitOfWork]
) -> list[type[BaseException] | None]:
    """Commit ``units`` from as many threads, all of them while an earlier unit waits for the store."""
    with ThreadPoolExecutor(2) as pool:
        with held(engine):
            plug = pool.submit(writer.commit, UnitOfWork(replay_key=(replay_key("plug"), AT)))
            wait_until(lambda: is_stuck(engine, writer))
            running = pool.submit(together, len(units), lambda n: writer.commit(units[n]))
            wait_until(lambda: writer._queue.qsize() == len(units))
        plug.result()
        return running.result()


def is_stuck(engine: Engine, writer: GroupWriter) -> bool:
    """Tell whether the writer waits for the held store, and so takes nothing more into its batch."""
    if engine.dialect.name == "sqlite":
        return writer.transactions > 0
    with engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(connection.execute(waiting).scalar_one())


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; fail after 10 s."""
    for _ in range(2_000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail("waited in vain")


def test_of_a_hundred_threads_with_one_replay_key_exactly_one_wins(writer: GroupWriter) -> None:
    results = together(100, lambda _n: writer.commit(UnitOfWork(replay_key=(replay_key("same"), AT))))
    assert sorted(map(str, results)) == sorted(map(str, [None, *[ReplayRefused] * 99]))


def test_of_two_messages_with_one_ticket_exactly_one_binds_it(writer: GroupWriter, rows: Counter) -> None:
    units = [UnitOfWork(replay_key=(replay_key(n), AT), consultation=consultation("T-1")) for n in range(2)]
    results = together(2, lambda n: writer.commit(units[n]))
    assert set(results) == {None, TicketTaken}
    assert rows("consultations") == 1


def test_who_lost_the_ticket_may_end_its_message_as_a_repeat_with_its_own_replay_key(
    writer: GroupWriter, rows: Counter
) -> None:
    writer.commit(UnitOfWork(replay_key=(replay_key(1), AT), consultation=consultation("T-1")))
    with pytest.raises(TicketTaken):
        writer.commit(UnitOfWork(replay_key=(replay_key(2), AT), consultation=consultation("T-1")))
    writer.commit(UnitOfWork(replay_key=(replay_key(2), AT)))
    assert rows("replay_keys") == 2


def test_who_lost_the_ticket_writes_no_leg_and_no_row(
    writer: GroupWriter, maker: EntryMaker, rows: Counter
) -> None:
    writer.commit(accepted("T-1", key=1)[1])
    number, unit = accepted("T-1", key=2)
    with pytest.raises(TicketTaken):
        writer.commit(replace(unit, log=(received_row(maker, "T-1", number),)))
    assert (rows("legs"), rows("not_connected"), rows("log_entries")) == (2, 1, 0)


def test_a_further_replay_raises_the_counter_of_its_key(writer: GroupWriter, engine: Engine) -> None:
    writer.commit(UnitOfWork(replay_key=(replay_key("k"), AT)))
    for _ in range(3):
        writer.commit(UnitOfWork(replayed_again=replay_key("k")))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT hits FROM replay_keys")).scalar_one() == 3


def test_a_unit_that_the_database_refuses_fails_alone(
    writer: GroupWriter, engine: Engine, rows: Counter
) -> None:
    doubled = new_ticket()
    writer.commit(UnitOfWork(consultation=consultation("first", doubled)))
    units = [UnitOfWork(consultation=consultation(f"T-{n}")) for n in range(20)]
    units[7] = UnitOfWork(consultation=consultation("T-7", doubled))
    results = while_one_waits(engine, writer, units)
    assert results == [None if n != 7 else GatewayUnavailable for n in range(20)]
    assert rows("consultations") == 20


def test_a_value_that_the_driver_cannot_store_fails_its_unit_and_not_the_process(
    writer: GroupWriter, rows: Counter
) -> None:
    number, unit = accepted("T-1")
    impossible = replace(leg(number), attempt=2**80)
    with pytest.raises(GatewayUnavailable):
        writer.commit(replace(unit, legs=(NewLeg(impossible, NISS),)))
    writer.commit(accepted("T-2")[1])
    assert (rows("consultations"), rows("replay_keys")) == (1, 1)


def test_units_that_wait_together_share_one_commit(writer: GroupWriter, engine: Engine) -> None:
    results = while_one_waits(engine, writer, [UnitOfWork(replay_key=(replay_key(n), AT)) for n in range(40)])
    assert results == [None] * 40
    assert writer.transactions <= 2


def test_a_batch_is_bounded(engine: Engine, keys: DataKeys) -> None:
    writer = GroupWriter(engine, keys, batch=8)
    while_one_waits(engine, writer, [UnitOfWork(replay_key=(replay_key(n), AT)) for n in range(32)])
    writer.close()
    assert writer.transactions >= 5


def test_a_leg_is_changed_only_under_the_fence_that_was_read(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    taken = step(leg(number), Happening(LegEvent.CLAIMED, AT, owner="node-2"), ReminderPlan())
    writer.commit(UnitOfWork(leg_change=LegChange(taken, expected_fence=1)))
    late = step(leg(number), Happening(LegEvent.NO_DATA, AT), ReminderPlan())
    with pytest.raises(FenceLost):
        writer.commit(UnitOfWork(leg_change=LegChange(late, expected_fence=1)))
    assert stored.legs_of(number)[0].leg == taken


def test_who_lost_the_fence_leaves_its_replay_key_and_nothing_else(
    writer: GroupWriter, maker: EntryMaker, rows: Counter, stored: SqlConsultations
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    answered = step(leg(number), Happening(LegEvent.REPORT, AT), ReminderPlan())
    lost = UnitOfWork(
        replay_key=(replay_key("answer"), AT),
        leg_change=LegChange(answered, 7, REPORT),
        log=(received_row(maker, "T-1", number),),
    )
    with pytest.raises(FenceLost):
        writer.commit(lost)
    assert (rows("answers"), rows("log_entries")) == (0, 0)
    assert stored.replay_seen(replay_key("answer"))


def test_a_finished_leg_is_never_finished_again_under_the_same_fence(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    answered = step(leg(number), Happening(LegEvent.REPORT, AT), ReminderPlan())
    nothing = step(leg(number), Happening(LegEvent.NO_DATA, AT), ReminderPlan())
    results = together(
        2, lambda n: writer.commit(UnitOfWork(leg_change=LegChange((answered, nothing)[n], 1)))
    )
    assert set(results) == {None, FenceLost}
    assert stored.legs_of(number)[0].leg.state in {LegState.ANSWERED, LegState.NO_DATA}


def test_an_answer_comes_back_as_it_was_stored(writer: GroupWriter, stored: SqlConsultations) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    answered = step(leg(number), Happening(LegEvent.REPORT, AT), ReminderPlan())
    writer.commit(UnitOfWork(leg_change=LegChange(answered, 1, REPORT)))
    found = stored.legs_of(number)[0]
    people = [(person.niss, person.role) for person in found.persons]
    assert (found.leg, found.niss, found.report, found.omitted) == (answered, NISS, REPORT.canonical, 2)
    assert people == [(person.niss, person.role) for person in REPORT.persons]


def test_disclosing_starts_72_hours_once(writer: GroupWriter, engine: Engine) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    answered = step(leg(number), Happening(LegEvent.REPORT, AT), ReminderPlan())
    writer.commit(UnitOfWork(leg_change=LegChange(answered, 1, REPORT)))
    for hours in (1, 5):
        writer.commit(UnitOfWork(disclosed=(number, AT + timedelta(hours=hours), None)))
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT delete_at - disclosed_at, disclosed_at FROM answers")).one()
    assert kept[0] == 72 * 3600 * 1_000_000
    assert kept[1] == int(AT.timestamp()) * 1_000_000 + 123_456 + 3600 * 1_000_000


def test_legs_come_back_sorted_with_the_holders_that_are_not_connected(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    found = stored.legs_of(number)
    assert [one.leg.holding_cpas for one in found] == [HOLDING, ALSO_HOLDING, UNCONNECTED]
    assert [one.connected for one in found] == [True, True, False]
    assert found[0].leg == leg(number)


def test_an_entry_is_written_with_its_index_pending_private_and_person_rows(
    writer: GroupWriter, maker: EntryMaker, rows: Counter, keys: DataKeys, engine: Engine
) -> None:
    writer.commit(UnitOfWork(log=(received_row(maker, "T-1", new_ticket()),)))
    assert [rows(f"log_{name}") for name in ("entries", "pending", "private", "persons")] == [1, 1, 1, 2]
    query = text("SELECT role FROM log_persons WHERE niss_hmac = :h")
    with engine.connect() as connection:
        roles = connection.execute(query, {"h": keys.search_key.hmac(NISS.value)}).scalars().all()
    assert roles == ["BENEFICIARY"]


def test_closing_finishes_what_waits_and_refuses_what_comes_later(
    engine: Engine, keys: DataKeys, rows: Counter
) -> None:
    writer = GroupWriter(engine, keys)
    units = [UnitOfWork(replay_key=(replay_key(n), AT)) for n in range(10)]
    with ThreadPoolExecutor(3) as pool:
        with held(engine):
            plug = pool.submit(writer.commit, UnitOfWork(replay_key=(replay_key("plug"), AT)))
            wait_until(lambda: is_stuck(engine, writer))
            running = pool.submit(together, 10, lambda n: writer.commit(units[n]))
            wait_until(lambda: writer._queue.qsize() == 10)
            closing = pool.submit(writer.close)
        plug.result()
        closing.result()
    with pytest.raises(GatewayUnavailable, match="closed"):
        writer.commit(UnitOfWork(replay_key=(replay_key("late"), AT)))
    assert running.result() == [None] * 10
    assert rows("replay_keys") == 11


def test_a_caller_does_not_wait_longer_than_its_patience_and_nothing_is_written_later(
    engine: Engine, keys: DataKeys, rows: Counter
) -> None:
    writer = GroupWriter(engine, keys, patience=0.2)
    with held(engine):
        plug = UnitOfWork(replay_key=(replay_key("plug"), AT))
        first = Thread(target=together, args=(1, lambda _n: writer.commit(plug)))
        first.start()
        wait_until(lambda: is_stuck(engine, writer))
        with pytest.raises(GatewayUnavailable, match="nothing was written"):
            writer.commit(UnitOfWork(replay_key=(replay_key("late"), AT)))
    first.join()
    writer.close()
    assert rows("replay_keys") == 1


def test_when_the_writer_thread_dies_the_process_is_told(
    engine: Engine, keys: DataKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = Event()

    def defect(*_: object) -> None:
        raise AssertionError("a defect")

    monkeypatch.setattr(writer_module, "write_batch", defect)
    monkeypatch.setattr("threading.excepthook", lambda _args: None)
    writer = GroupWriter(engine, keys, patience=0.5, on_death=died.set)
    with pytest.raises(GatewayUnavailable):
        writer.commit(UnitOfWork())
    assert died.wait(5)
    with pytest.raises(GatewayUnavailable, match="closed"):
        writer.commit(UnitOfWork())


def test_a_unit_accepts_or_changes_a_leg_but_not_both(writer: GroupWriter) -> None:
    number, unit = accepted("T-1")
    with pytest.raises(ValueError, match="not both"):
        writer.commit(replace(unit, leg_change=LegChange(leg(number), 1)))


def test_a_store_that_is_away_is_unavailable(tmp_path: object, keys: DataKeys) -> None:
    writer = GroupWriter(open_engine(f"sqlite:///{tmp_path}/no-such-folder/gateway.sqlite"), keys)
    with pytest.raises(GatewayUnavailable):
        writer.commit(UnitOfWork(not_connected=(NotConnected(new_ticket(), UNCONNECTED, AT),)))
    writer.close()
