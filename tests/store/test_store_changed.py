"""What changed since a moment, how many were accepted: read back for polling and for quotas."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from store_samples import ALSO_HOLDING, ASKING, AT, HOLDING, NISS, consultation, leg, new_ticket

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket
from rse_gateway.domain.leg import Event, Happening, Leg, ReminderPlan, step
from rse_gateway.ports import LegChange, NewLeg, UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.writer import GroupWriter

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
OWN = frozenset({ASKING})


def accept(
    writer: GroupWriter, ticket: str, at: datetime, *, asking: CbeNumber = ASKING, legs: bool = True
) -> Leg:
    """Accept a consultation at that moment; return the leg that it has when ``legs``."""
    new = replace(consultation(ticket), accepted_at=at, requesting_cpas=asking)
    first = leg(new.gateway_ticket)
    shift = at - AT
    made = replace(
        first,
        accepted_at=at,
        since=at,
        deadline=first.deadline + shift,
        horizon=first.horizon + shift,
    )
    writer.commit(UnitOfWork(consultation=new, legs=(NewLeg(made, NISS),) if legs else ()))
    return made


def happens(writer: GroupWriter, made: Leg, what: Event, at: datetime) -> None:
    writer.commit(
        UnitOfWork(leg_change=LegChange(step(made, Happening(what, at), ReminderPlan()), made.fence))
    )


def changed(
    stored: SqlConsultations, since: datetime | None, until: datetime, limit: int = 100
) -> list[tuple[GatewayTicket, datetime]]:
    found = stored.changed_between(OWN, since, until, limit=limit)
    return [(one.gateway_ticket, at) for one, at in found]


def test_a_number_of_ours_leads_to_its_consultation(writer: GroupWriter, stored: SqlConsultations) -> None:
    made = accept(writer, "T-1", AT)
    found = stored.of_ticket(made.gateway_ticket)
    assert found is not None
    assert (found.ticket.value, found.requesting_cpas, found.niss) == ("T-1", ASKING, NISS)
    assert stored.of_ticket(new_ticket()) is None


def test_accepted_consultations_are_counted_per_institution_after_the_moment(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    for number, minutes in enumerate((0, 10, 20)):
        accept(writer, f"T-{number}", AT + minutes * timedelta(minutes=1))
    accept(writer, "T-1", AT + HOUR, asking=HOLDING)
    counts = [stored.accepted_since(ASKING, AT + offset) for offset in (-SECOND, 0 * SECOND, HOUR)]
    assert counts == [3, 2, 0]
    assert stored.accepted_since(ALSO_HOLDING, AT) == 0


def test_counting_reads_an_index(engine: Engine) -> None:
    query = "SELECT count(*) FROM consultations WHERE requesting_cpas = 'x' AND accepted_at > 1"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.execute(text(explain + query)))
    assert "ix_consultations_asked" in plan


def test_an_accepted_consultation_is_a_change_at_that_moment(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    made = accept(writer, "T-1", AT, legs=False)
    assert changed(stored, AT, AT) == [(made.gateway_ticket, AT)]
    assert changed(stored, AT + SECOND, AT + HOUR) == changed(stored, AT - HOUR, AT - SECOND) == []


def test_an_answer_is_a_change_and_the_last_change_counts(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    made = accept(writer, "T-1", AT)
    happens(writer, made, Event.REPORT, AT + 2 * HOUR)
    assert changed(stored, AT, AT + HOUR) == [(made.gateway_ticket, AT)]
    assert changed(stored, AT, AT + 3 * HOUR) == [(made.gateway_ticket, AT + 2 * HOUR)]
    assert changed(stored, AT + HOUR, AT + 3 * HOUR) == [(made.gateway_ticket, AT + 2 * HOUR)]


def test_what_leaves_the_outcome_as_it_is_is_no_change(writer: GroupWriter, stored: SqlConsultations) -> None:
    made = accept(writer, "T-1", AT)
    happens(writer, made, Event.UNREACHABLE, AT + 2 * HOUR)
    assert changed(stored, AT + HOUR, AT + 3 * HOUR) == []


def test_the_deadline_of_an_open_leg_is_a_change(writer: GroupWriter, stored: SqlConsultations) -> None:
    made = accept(writer, "T-1", AT)
    assert changed(stored, AT + HOUR, AT + DAY) == [(made.gateway_ticket, AT + DAY)]
    assert changed(stored, AT + HOUR, AT + DAY - SECOND) == []


def test_the_deadline_of_a_leg_that_was_answered_before_is_no_change(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    made = accept(writer, "T-1", AT)
    happens(writer, made, Event.REPORT, AT + HOUR)
    assert changed(stored, AT + 2 * HOUR, AT + 2 * DAY) == []


def test_a_late_answer_leaves_the_deadline_a_change_of_its_time(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    made = accept(writer, "T-1", AT)
    happens(writer, made, Event.REPORT, AT + 2 * DAY)
    assert changed(stored, AT + HOUR, AT + DAY + HOUR) == [(made.gateway_ticket, AT + DAY)]
    assert changed(stored, AT + DAY + HOUR, AT + 3 * DAY) == [(made.gateway_ticket, AT + 2 * DAY)]


def test_changes_of_own_consultations_come_oldest_first_up_to_the_limit(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    first = accept(writer, "T-1", AT)
    second = accept(writer, "T-2", AT + SECOND)
    third = accept(writer, "T-3", AT + 2 * SECOND)
    accept(writer, "T-1", AT, asking=HOLDING)
    happens(writer, first, Event.NO_DATA, AT + HOUR)
    order = [second.gateway_ticket, third.gateway_ticket, first.gateway_ticket]
    assert [ticket for ticket, _at in changed(stored, AT, AT + HOUR)] == order
    assert [ticket for ticket, _at in changed(stored, AT, AT + HOUR, limit=2)] == order[:2]
    both = stored.changed_between(frozenset({ASKING, HOLDING}), AT, AT, limit=10)
    assert {one.requesting_cpas for one, _at in both} == {ASKING, HOLDING}


def test_from_page_to_page_nothing_is_missed(writer: GroupWriter, stored: SqlConsultations) -> None:
    tickets = {accept(writer, f"T-{n}", AT + n * SECOND).gateway_ticket for n in range(7)}
    seen: set[GatewayTicket] = set()
    since: datetime | None = None
    for _ in range(10):
        page = changed(stored, since, AT + HOUR, limit=3)
        seen |= {ticket for ticket, _at in page}
        if len(page) < 3:
            break
        since = page[-1][1]
    assert seen == tickets


@pytest.mark.parametrize(("days", "found"), [(36, 1), (38, 0)])
def test_without_a_moment_everything_is_told_of_which_an_answer_may_be_kept(
    writer: GroupWriter, stored: SqlConsultations, days: int, found: int
) -> None:
    accept(writer, "T-1", AT)
    assert len(changed(stored, None, AT + days * DAY)) == found


def test_a_change_long_after_acceptance_is_found(writer: GroupWriter, stored: SqlConsultations) -> None:
    made = accept(writer, "T-1", AT)
    happens(writer, made, Event.REPORT, AT + 29 * DAY)
    assert changed(stored, AT + 29 * DAY - HOUR, AT + 30 * DAY) == [(made.gateway_ticket, AT + 29 * DAY)]
