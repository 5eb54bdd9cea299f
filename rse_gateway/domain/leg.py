"""The part of a consultation that goes to one holding CPAS, as one pure state machine.

Rules: reliability page (legs, plan of reminders, promise, unusable answers, fence). A leg knows no clock:
`step(leg, event, plan)` is given the moment in the event. Who writes it checks the fence.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rse_gateway.domain.consultation import Outcome
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket


class LegState(StrEnum):
    """Where a leg stands: DUE, SENDING and PROMISED are open, UNUSABLE only a delivery ends."""

    DUE = "DUE"
    SENDING = "SENDING"
    PROMISED = "PROMISED"
    ANSWERED = "ANSWERED"
    NO_DATA = "NO_DATA"
    REFUSED = "REFUSED"
    UNUSABLE = "UNUSABLE"
    EXPIRED = "EXPIRED"


OPEN_STATES = frozenset({LegState.DUE, LegState.SENDING, LegState.PROMISED})
FINISHABLE_STATES = OPEN_STATES | {LegState.UNUSABLE}
"""States in which a delivery may finish the leg: unusable answers end reminders, not the leg."""


class Event(StrEnum):
    """What can happen to a leg."""

    CLAIMED = "CLAIMED"
    REPORT = "REPORT"
    NO_DATA = "NO_DATA"
    REFUSAL = "REFUSAL"
    PROMISE = "PROMISE"
    UNREACHABLE = "UNREACHABLE"
    UNUSABLE = "UNUSABLE"
    RELEASED = "RELEASED"
    HORIZON = "HORIZON"


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """When a holding CPAS is asked again; all in seconds from acceptance unless said otherwise."""

    offsets: tuple[int, ...] = (0, 60, 180, 480, 1080, 2280, 4680)
    interval: int = 3600
    deadline: int = 86_400
    slow_interval: int = 14_400
    horizon: int = 30 * 86_400
    promise_interval: int = 14_400
    unusable_intervals: tuple[int, ...] = (3600, 21_600, 86_400)
    unusable_limit: int = 3
    lease: int = 45


@dataclass(frozen=True, slots=True)
class Leg:
    """One holding CPAS of one consultation.

    Attributes:
        attempt: number of attempts begun (0 before the first).
        fence: raised whenever somebody takes the leg or a delivery finishes it; a change must name it.
        since: when the present outcome began.
        code: code of the catalogue that stands with the outcome.
        content_digest: SHA-256 of the content that was accepted.
        unusable_count: how often in a row the answer was unusable for ``unusable_reason``.
        unusable_reason: the name of the check that the last unusable answer failed.
        promised: the holder said that it answers later; kept while it is asked again.
    """

    gateway_ticket: GatewayTicket
    holding_cpas: CbeNumber
    accepted_at: datetime
    deadline: datetime
    horizon: datetime
    state: LegState
    since: datetime
    code: str = "MSG00020"
    attempt: int = 0
    next_attempt_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    late: bool = False
    content_digest: bytes = b""
    unusable_count: int = 0
    unusable_reason: str = ""
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with its moment and what it brings."""

    event: Event
    at: datetime
    owner: str = ""
    code: str = ""
    content_digest: bytes = field(default=b"", repr=False)
    reason: str = ""


class LegClosed(ValueError):
    """The event cannot happen to a leg in this state (programming error, or the fence was lost)."""


def first_leg(
    ticket: GatewayTicket, holding_cpas: CbeNumber, at: datetime, *, owner: str, plan: ReminderPlan
) -> Leg:
    """Return a leg accepted at ``at``, leased to ``owner`` for its first attempt, fence 1."""
    return Leg(
        gateway_ticket=ticket,
        holding_cpas=holding_cpas,
        accepted_at=at,
        deadline=at + timedelta(seconds=plan.deadline),
        horizon=at + timedelta(seconds=plan.horizon),
        state=LegState.SENDING,
        since=at,
        attempt=1,
        next_attempt_at=None,
        lease_owner=owner,
        lease_until=at + timedelta(seconds=plan.lease),
        fence=1,
    )


def deferred_leg(leg: Leg, until: datetime) -> Leg:
    """Return ``leg`` not yet sent: its holder is in maintenance until then."""
    return replace(
        leg,
        state=LegState.DUE,
        attempt=0,
        next_attempt_at=until,
        lease_owner=None,
        lease_until=None,
    )


def next_attempt(leg: Leg, at: datetime, plan: ReminderPlan) -> datetime:
    """Return the first planned moment after ``at``: offsets, then hourly to the deadline, then slowly.

    Moments are fixed from acceptance, so a slow attempt delays none of the later ones.
    """
    elapsed = (at - leg.accepted_at).total_seconds()
    for offset in plan.offsets:
        if offset > elapsed:
            return leg.accepted_at + timedelta(seconds=offset)
    start, interval = plan.offsets[-1], plan.interval
    if elapsed >= plan.deadline:
        start, interval = plan.deadline, plan.slow_interval
    steps = int((elapsed - start) // interval) + 1
    moment = start + steps * interval
    if elapsed < plan.deadline < moment:
        moment = plan.deadline
    return leg.accepted_at + timedelta(seconds=moment)


def step(leg: Leg, happening: Happening, plan: ReminderPlan) -> Leg:
    """Return the leg after ``happening``.

    Raises:
        LegClosed: the leg is final, or the event does not fit its state.
    """
    event, at = happening.event, happening.at
    if event not in _events_in(leg.state):
        raise LegClosed(f"leg is {leg.state}, {event} came")
    freed = replace(leg, lease_owner=None, lease_until=None)
    if event in _FINAL:
        state, code = _FINAL[event]
        heard = replace(freed, content_digest=happening.content_digest or leg.content_digest)
        return _final(heard, state, at, code or happening.code or leg.code)
    match event:
        case Event.CLAIMED:
            return replace(
                leg,
                state=LegState.SENDING,
                attempt=leg.attempt + 1,
                next_attempt_at=None,
                lease_owner=happening.owner,
                lease_until=at + timedelta(seconds=plan.lease),
                fence=leg.fence + 1,
            )
        case Event.PROMISE:
            heard = replace(freed, promised=True, unusable_count=0, unusable_reason="")
            return _waiting(heard, at + timedelta(seconds=plan.promise_interval), "MSG00020")
        case Event.RELEASED:
            return _waiting(replace(freed, attempt=leg.attempt - 1), at, leg.code)
        case Event.UNUSABLE:
            return _unusable(freed, happening, plan)
    if leg.promised:
        return _waiting(freed, at + timedelta(seconds=plan.promise_interval), "MSG00020")
    return _waiting(freed, next_attempt(leg, at, plan), "MSG00020")


_FINAL = {
    Event.REPORT: (LegState.ANSWERED, "MSG00000"),
    Event.NO_DATA: (LegState.NO_DATA, "MSG00100"),
    Event.REFUSAL: (LegState.REFUSED, ""),
    Event.HORIZON: (LegState.EXPIRED, ""),
}
_HEARD = frozenset({*_FINAL, Event.UNUSABLE})


def _events_in(state: LegState) -> frozenset[Event]:
    """Return what can happen in a state: only what is sent can be given back, only the rest claimed.

    A leg in SENDING is claimed when its lease has run out; who claims looks at that.
    """
    match state:
        case LegState.SENDING:
            return frozenset(Event)
        case LegState.DUE | LegState.PROMISED:
            return frozenset(Event) - {Event.RELEASED}
        case LegState.UNUSABLE:
            return _HEARD
        case _:
            return frozenset()


def _final(leg: Leg, state: LegState, at: datetime, code: str) -> Leg:
    late = state is not LegState.EXPIRED and at >= leg.deadline
    return replace(leg, state=state, since=at, code=code, next_attempt_at=None, late=late)


def _waiting(leg: Leg, until: datetime, code: str) -> Leg:
    """Return the leg waiting for its next attempt: a promise is kept whatever came of a reminder."""
    state = LegState.PROMISED if leg.promised else LegState.DUE
    return replace(leg, state=state, next_attempt_at=until, code=code)


def _unusable(leg: Leg, happening: Happening, plan: ReminderPlan) -> Leg:
    same = happening.reason == leg.unusable_reason and leg.unusable_count > 0
    count = leg.unusable_count + 1 if same else 1
    counted = replace(leg, unusable_reason=happening.reason, unusable_count=count, code="MSG00023")
    if leg.state is LegState.UNUSABLE:
        return counted
    if count >= plan.unusable_limit:
        return replace(counted, state=LegState.UNUSABLE, since=happening.at, next_attempt_at=None)
    wait = plan.unusable_intervals[min(count, len(plan.unusable_intervals)) - 1]
    return _waiting(counted, happening.at + timedelta(seconds=wait), "MSG00023")


def outcome_of(leg: Leg, now: datetime) -> tuple[Outcome, datetime]:
    """Return the outcome that the requester sees at ``now`` and since when it stands.

    An open leg is PENDING until its 24 h deadline and UNANSWERED from then on, by time alone; an expired
    leg, and one ended by unusable answers, stays UNANSWERED.
    """
    match leg.state:
        case LegState.ANSWERED:
            return Outcome.ANSWERED, leg.since
        case LegState.NO_DATA:
            return Outcome.NO_DATA, leg.since
        case LegState.REFUSED:
            return Outcome.REFUSED, leg.since
        case LegState.UNUSABLE | LegState.EXPIRED:
            return Outcome.UNANSWERED, min(leg.since, leg.deadline)
        case _ if now >= leg.deadline:
            return Outcome.UNANSWERED, leg.deadline
        case _:
            return Outcome.PENDING, leg.accepted_at
