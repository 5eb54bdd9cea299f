"""A leg goes from question to last answer by one pure function; its plan is fixed from acceptance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.domain.consultation import Outcome
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket
from rse_gateway.domain.leg import (
    FINISHABLE_STATES,
    OPEN_STATES,
    Event,
    Happening,
    Leg,
    LegClosed,
    LegState,
    ReminderPlan,
    first_leg,
    next_attempt,
    outcome_of,
    step,
)

ACCEPTED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PLAN = ReminderPlan()
TICKET = GatewayTicket(UUID("019aa3b0-7a10-7c3e-9f52-0123456789ab"))


def a_leg() -> Leg:
    return first_leg(TICKET, CbeNumber("0299990118"), ACCEPTED, owner="here", plan=PLAN)


def after(seconds: float) -> datetime:
    return ACCEPTED + timedelta(seconds=seconds)


def happens(leg: Leg, event: Event, seconds: float = 1, **more: object) -> Leg:
    return step(leg, Happening(event, after(seconds), **more), PLAN)  # type: ignore[arg-type]


def test_an_accepted_leg_is_being_sent_under_a_lease_with_fence_one() -> None:
    leg = a_leg()
    assert (leg.state, leg.attempt, leg.fence, leg.lease_until) == (LegState.SENDING, 1, 1, after(45))


@pytest.mark.parametrize(
    ("event", "state", "outcome", "code"),
    [
        (Event.REPORT, LegState.ANSWERED, Outcome.ANSWERED, "MSG00000"),
        (Event.NO_DATA, LegState.NO_DATA, Outcome.NO_DATA, "MSG00100"),
        (Event.REFUSAL, LegState.REFUSED, Outcome.REFUSED, "MSG00016"),
    ],
)
def test_a_usable_answer_ends_the_leg(event: Event, state: LegState, outcome: Outcome, code: str) -> None:
    leg = happens(a_leg(), event, 2, code="MSG00016")
    assert (leg.state, leg.code, leg.since, leg.next_attempt_at) == (state, code, after(2), None)
    assert outcome_of(leg, after(3)) == (outcome, after(2))


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", [s for s in LegState if s not in FINISHABLE_STATES])
def test_nothing_happens_to_a_final_leg(event: Event, state: LegState) -> None:
    with pytest.raises(LegClosed):
        step(replace(a_leg(), state=state), Happening(event, after(1)), PLAN)


def test_the_plan_is_twenty_nine_attempts_until_the_deadline() -> None:
    moments, at = [ACCEPTED], ACCEPTED
    while (at := next_attempt(a_leg(), at, PLAN)) < a_leg().deadline:
        moments.append(at)
    assert [int((m - ACCEPTED).total_seconds() / 60) for m in moments[:9]] == [
        0,
        1,
        3,
        8,
        18,
        38,
        78,
        138,
        198,
    ]
    assert len(moments) == 29


def test_after_the_deadline_a_reminder_goes_every_four_hours() -> None:
    first = next_attempt(a_leg(), after(86_400), PLAN)
    assert (first, next_attempt(a_leg(), first, PLAN)) == (after(86_400 + 14_400), after(86_400 + 28_800))


@given(st.floats(0, 40 * 86_400))
def test_the_next_attempt_is_always_later_and_at_most_four_hours_away(seconds: float) -> None:
    wait = next_attempt(a_leg(), after(seconds), PLAN) - after(seconds)
    assert timedelta(0) < wait <= timedelta(hours=4)


def test_an_unreachable_holder_is_due_again_and_pending() -> None:
    leg = happens(a_leg(), Event.UNREACHABLE, 15)
    assert (leg.state, leg.next_attempt_at, leg.lease_owner) == (LegState.DUE, after(60), None)
    assert outcome_of(leg, after(16)) == (Outcome.PENDING, ACCEPTED)


def test_an_open_leg_is_unanswered_from_its_deadline_on_by_time_alone() -> None:
    leg = happens(a_leg(), Event.UNREACHABLE, 15)
    assert outcome_of(leg, after(86_399)) == (Outcome.PENDING, ACCEPTED)
    assert outcome_of(leg, after(86_400)) == (Outcome.UNANSWERED, after(86_400))


def test_an_answer_after_the_deadline_counts_and_is_marked_late() -> None:
    leg = happens(a_leg(), Event.REPORT, 90_000)
    assert (leg.late, outcome_of(leg, after(90_001))[0]) == (True, Outcome.ANSWERED)


def test_a_promise_is_asked_again_after_four_hours_and_stays_pending() -> None:
    leg = happens(a_leg(), Event.PROMISE, 2)
    assert (leg.state, leg.next_attempt_at) == (LegState.PROMISED, after(2 + 14_400))
    assert outcome_of(leg, after(3))[0] is Outcome.PENDING


def test_the_same_unusable_answer_three_times_is_final_and_unanswered() -> None:
    leg = a_leg()
    waits = []
    for number, moment in enumerate((1, 4000, 30_000), start=1):
        leg = happens(leg, Event.UNUSABLE, moment, reason="structure")
        waits.append(
            None if leg.next_attempt_at is None else (leg.next_attempt_at - after(moment)).total_seconds()
        )
        assert leg.unusable_count == number
    assert waits == [3600, 21_600, None]
    assert (leg.state, leg.code, outcome_of(leg, after(30_001))[0]) == (
        LegState.UNUSABLE,
        "MSG00023",
        Outcome.UNANSWERED,
    )


def test_another_reason_starts_the_count_again() -> None:
    leg = happens(a_leg(), Event.UNUSABLE, reason="structure")
    assert happens(leg, Event.UNUSABLE, 2, reason="person").unusable_count == 1


def test_a_usable_promise_between_unusable_answers_starts_the_count_again() -> None:
    leg = happens(a_leg(), Event.UNUSABLE, reason="person")
    promised = happens(leg, Event.PROMISE, 2)
    assert happens(promised, Event.UNUSABLE, 3, reason="person").unusable_count == 1


def unusable_leg() -> Leg:
    leg = a_leg()
    for moment in (1, 4000, 30_000):
        leg = happens(leg, Event.UNUSABLE, moment, reason="person")
    return leg


@pytest.mark.parametrize("event", [Event.CLAIMED, Event.RELEASED, Event.UNREACHABLE, Event.PROMISE])
def test_unusable_answers_are_final_for_reminders(event: Event) -> None:
    with pytest.raises(LegClosed):
        happens(unusable_leg(), event, 40_000)


def test_a_good_delivery_still_finishes_a_leg_that_unusable_answers_ended() -> None:
    leg = happens(unusable_leg(), Event.REPORT, 90_000, content_digest=b"good")
    assert (leg.state, leg.code, leg.late, leg.content_digest) == (
        LegState.ANSWERED,
        "MSG00000",
        True,
        b"good",
    )


def test_a_claimed_leg_is_not_due_any_more() -> None:
    leg = happens(happens(a_leg(), Event.UNREACHABLE), Event.CLAIMED, 60, owner="there")
    assert leg.next_attempt_at is None


@pytest.mark.parametrize("event", [Event.UNREACHABLE, Event.UNUSABLE, Event.RELEASED])
def test_a_promise_survives_whatever_becomes_of_a_reminder(event: Event) -> None:
    reminded = happens(happens(a_leg(), Event.PROMISE, 2), Event.CLAIMED, 14_402, owner="there")
    leg = happens(reminded, event, 14_410, reason="person")
    assert (leg.state, leg.promised) == (LegState.PROMISED, True)


def test_after_a_failed_reminder_a_promised_leg_is_asked_again_after_four_hours() -> None:
    reminded = happens(happens(a_leg(), Event.PROMISE, 2), Event.CLAIMED, 14_402, owner="there")
    assert happens(reminded, Event.UNREACHABLE, 14_410).next_attempt_at == after(14_410 + 14_400)


EVENTS = st.lists(
    st.tuples(st.sampled_from(list(Event)), st.integers(1, 50_000), st.sampled_from(["structure", "person"])),
    max_size=40,
)


@given(EVENTS)
def test_whatever_happens_in_whatever_order_a_leg_keeps_its_rules(
    happenings: list[tuple[Event, int, str]],
) -> None:
    """Due index, lease, fence, promise and count agree with the state after every event."""
    leg, seconds = a_leg(), 0
    for event, wait, reason in happenings:
        seconds += wait
        before = leg
        try:
            leg = happens(before, event, seconds, reason=reason, code="MSG00016", owner="x")
        except LegClosed:
            continue
        waits = leg.state in (LegState.DUE, LegState.PROMISED)
        assert (leg.next_attempt_at is not None) == waits
        assert (leg.lease_until is not None) == (leg.state is LegState.SENDING)
        assert leg.fence == before.fence + (event is Event.CLAIMED)
        assert (leg.state is LegState.PROMISED) <= leg.promised
        assert (leg.state is LegState.DUE) <= (not leg.promised)
        assert leg.promised >= before.promised
        assert before.state in OPEN_STATES or event in (*ENDS, Event.UNUSABLE)
        assert (leg.state is LegState.UNUSABLE) <= (leg.unusable_count >= PLAN.unusable_limit)
        if event is Event.UNUSABLE:
            same = reason == before.unusable_reason
            assert leg.unusable_count == (before.unusable_count + 1 if same else 1)
            assert leg.code == "MSG00023"


ENDS = (Event.REPORT, Event.NO_DATA, Event.REFUSAL, Event.HORIZON)


def test_whoever_claims_a_leg_raises_its_fence() -> None:
    leg = happens(happens(a_leg(), Event.UNREACHABLE), Event.CLAIMED, 60, owner="there")
    assert (leg.fence, leg.attempt, leg.lease_owner, leg.lease_until) == (2, 2, "there", after(105))


def test_a_leg_that_found_no_place_is_due_at_once_and_the_attempt_does_not_count() -> None:
    leg = happens(a_leg(), Event.RELEASED, 1)
    assert (leg.state, leg.attempt, leg.next_attempt_at) == (LegState.DUE, 0, after(1))


def test_at_the_horizon_the_leg_expires_and_stays_unanswered() -> None:
    leg = happens(a_leg(), Event.HORIZON, 30 * 86_400)
    assert (leg.state, outcome_of(leg, leg.horizon)) == (LegState.EXPIRED, (Outcome.UNANSWERED, leg.deadline))
