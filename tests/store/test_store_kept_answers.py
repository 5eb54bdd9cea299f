"""How long answers are kept: disclosed, confirmed, forgotten, purged."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from store_samples import (
    ALSO_HOLDING,
    AT,
    HOLDING,
    REPORT,
    Counter,
    FixedClock,
    accepted,
    leg,
    replay_key,
)

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket
from rse_gateway.domain.leg import Event, Happening, ReminderPlan, step
from rse_gateway.ports import FenceLost, LegChange, UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.purge import purge_answers
from rse_gateway.store.tables import answers
from rse_gateway.store.writer import GroupWriter

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = AT + 30 * DAY + 7 * DAY


def answered(
    writer: GroupWriter, ticket: str, holders: tuple[CbeNumber, ...] = (HOLDING, ALSO_HOLDING)
) -> GatewayTicket:
    """Accept a consultation and store the answers of these holders."""
    number, unit = accepted(ticket)
    writer.commit(unit)
    for holder in holders:
        done = step(leg(number, holder), Happening(Event.REPORT, AT), ReminderPlan())
        writer.commit(UnitOfWork(leg_change=LegChange(done, 1, REPORT)))
    return number


@pytest.fixture
def kept(engine: Engine):
    """When each kept answer was disclosed and is deleted, by holder."""

    def read(number: GatewayTicket) -> dict[str, tuple[datetime | None, datetime]]:
        query = select(answers).where(answers.c.gateway_ticket == str(number))
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        return {row.holding_cpas: (row.disclosed_at, row.delete_at) for row in rows}

    return read


def test_an_answer_is_kept_to_seven_days_after_its_legs_horizon(writer: GroupWriter, kept) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    assert kept(number) == {HOLDING.value: (None, END)}


def test_only_the_answers_of_the_named_holders_are_disclosed(writer: GroupWriter, kept) -> None:
    number, other = answered(writer, "T-1"), answered(writer, "T-2")
    writer.commit(UnitOfWork(disclosed=(number, AT + HOUR, frozenset({ALSO_HOLDING}))))
    assert kept(number) == {
        HOLDING.value: (None, END),
        ALSO_HOLDING.value: (AT + HOUR, AT + HOUR + 3 * DAY),
    }
    assert {disclosed for disclosed, _ in kept(other).values()} == {None}


def test_a_second_disclosure_changes_nothing(writer: GroupWriter, kept) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    for hours in (1, 50):
        writer.commit(UnitOfWork(disclosed=(number, AT + hours * HOUR, frozenset({HOLDING}))))
    assert kept(number) == {HOLDING.value: (AT + HOUR, AT + HOUR + 3 * DAY)}


def test_nothing_disclosed_starts_nothing(writer: GroupWriter, kept) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    writer.commit(UnitOfWork(disclosed=(number, AT, frozenset())))
    assert kept(number) == {HOLDING.value: (None, END)}


def test_a_disclosure_near_the_end_does_not_keep_an_answer_longer(writer: GroupWriter, kept) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    writer.commit(UnitOfWork(disclosed=(number, END - HOUR, None)))
    assert kept(number) == {HOLDING.value: (END - HOUR, END)}


def test_a_confirmation_deletes_what_was_disclosed_and_nothing_else(writer: GroupWriter, kept) -> None:
    number, other = answered(writer, "T-1"), answered(writer, "T-2")
    for one in (number, other):
        writer.commit(UnitOfWork(disclosed=(one, AT, frozenset({HOLDING}))))
    writer.commit(UnitOfWork(confirmed=(number,)))
    assert (set(kept(number)), set(kept(other))) == (
        {ALSO_HOLDING.value},
        {HOLDING.value, ALSO_HOLDING.value},
    )


def test_a_right_that_ends_deletes_every_answer(writer: GroupWriter, kept) -> None:
    number, other = answered(writer, "T-1"), answered(writer, "T-2")
    writer.commit(UnitOfWork(disclosed=(number, AT, frozenset({HOLDING}))))
    writer.commit(UnitOfWork(forgotten=(number,)))
    assert (kept(number), len(kept(other))) == ({}, 2)


def test_a_deleted_answer_leaves_its_leg_answered_without_report(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    writer.commit(UnitOfWork(forgotten=(number,)))
    found = stored.legs_of(number)[0]
    assert (found.leg.state.value, found.report) == ("ANSWERED", None)


def test_a_unit_that_lost_its_fence_deletes_and_discloses_nothing(writer: GroupWriter, kept) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    late = step(leg(number, HOLDING), Happening(Event.NO_DATA, AT), ReminderPlan())
    unit = UnitOfWork(
        leg_change=LegChange(late, 1), disclosed=(number, AT, None), forgotten=(number,), confirmed=(number,)
    )
    with pytest.raises(FenceLost):
        writer.commit(unit)
    assert kept(number) == {HOLDING.value: (None, END)}


def test_purging_deletes_what_is_over_and_tells_how_many(
    engine: Engine, writer: GroupWriter, kept, rows: Counter
) -> None:
    number = answered(writer, "T-1")
    writer.commit(UnitOfWork(disclosed=(number, AT, frozenset({HOLDING}))))
    assert purge_answers(engine, AT + 3 * DAY - HOUR) == 0
    assert purge_answers(engine, AT + 3 * DAY) == 1
    assert set(kept(number)) == {ALSO_HOLDING.value}
    assert purge_answers(engine, END) == 1
    assert rows("answers") == 0


def test_an_answer_whose_time_is_over_is_not_given_out_before_it_is_purged(
    writer: GroupWriter, stored: SqlConsultations, clock: FixedClock
) -> None:
    number = answered(writer, "T-1", (HOLDING,))
    clock.at = END - HOUR
    assert (stored.legs_of(number)[0].report is None, len(stored.kept_answers())) == (False, 1)
    clock.at = END
    assert (stored.legs_of(number)[0].report is None, len(stored.kept_answers())) == (True, 0)


def test_each_consultation_with_a_kept_answer_is_told_once(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number = answered(writer, "T-1")
    answered(writer, "T-2", ())
    assert [one.gateway_ticket for one in stored.kept_answers()] == [number]


def test_of_an_attempt_and_a_delivery_of_one_leg_one_wins_and_the_other_can_end_its_message(
    writer: GroupWriter, stored: SqlConsultations, rows: Counter
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    attempt = step(leg(number), Happening(Event.NO_DATA, AT), ReminderPlan())
    delivered = step(leg(number), Happening(Event.REPORT, AT), ReminderPlan())
    writer.commit(UnitOfWork((replay_key("d"), AT), leg_change=LegChange(delivered, 1, REPORT)))
    with pytest.raises(FenceLost):
        writer.commit(UnitOfWork((replay_key("a"), AT), leg_change=LegChange(attempt, 1)))
    assert stored.replay_seen(replay_key("a"))
    writer.commit(UnitOfWork())
    assert (stored.legs_of(number)[0].leg.state.value, rows("answers")) == ("ANSWERED", 1)
