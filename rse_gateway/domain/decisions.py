"""Which decisions of a report belong to the period asked, and which are too old to be told to anybody.

Guaranteed: no decision ratified before the cap is ever BELONGS, whatever else is true of it; of the others
exactly those belong whose days meet the period. A decision is judged beside the others of its report,
because a later one may replace it. Rules: contract page, "Which decisions belong to a period".
"""

import calendar
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain

from rse_gateway.domain.access import five_years_before
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.day import brussels_date

Duration = tuple[int, str]
"""Number and unit: MONTHS, WEEKS or DAYS."""
AidKind = tuple[str, str]
"""Legislation and aid type; the description of an aid type OTHER is part of it."""

DECISION_YEARS = 5
"""How old a decision may be that is passed on, where no setting says less."""
_INSTANTS = frozenset({"REFUSAL", "RECOVERY", "SANCTION"})
_REPLACING = frozenset({"GRANT", "REVISION", "EXTENSION", "SUSPENSION"})
_ONE_DAY = timedelta(days=1)


class Verdict(StrEnum):
    """What becomes of a decision; the count of TOO_OLD is told to nobody who asks."""

    BELONGS = "BELONGS"
    OUTSIDE = "OUTSIDE"
    CONTRADICTORY = "CONTRADICTORY"
    TOO_OLD = "TOO_OLD"


@dataclass(frozen=True, slots=True)
class AidDates:
    """The days of one aid.

    Attributes:
        begin: ``period/beginDate``, else ``effectiveFrom``; None where there is neither.
        end, duration: of its period; at most one of them.
        once: paid ONCE.
    """

    kind: AidKind
    begin: date | None = None
    end: date | None = None
    duration: Duration | None = None
    once: bool = False

    def last_day(self, start: date) -> date | None:
        """Return its last day, None for an open aid; ``start`` is that of its decision."""
        begin = self.begin or start
        if self.end is not None:
            return self.end
        if self.duration is not None:
            return end_of(begin, *self.duration)
        return begin if self.once else None

    def contradicts_itself(self, start: date) -> bool:
        """Tell whether it ends before it begins."""
        return self.end is not None and self.end < (self.begin or start)


@dataclass(frozen=True, slots=True)
class DecisionDates:
    """The days of one decision, and its kind: all that decides whether it belongs."""

    kind: str
    ratified: date
    in_force: date | None = None
    duration: Duration | None = None
    aids: tuple[AidDates, ...] = ()

    @property
    def start(self) -> date:
        """Return its entry into force, else its ratification."""
        return self.in_force or self.ratified

    @property
    def first_day(self) -> date:
        """Return the earliest of its start and its aids' begins: aid is granted backwards every day."""
        return min(chain((self.start,), (aid.begin for aid in self.aids if aid.begin is not None)))

    @property
    def replaces(self) -> bool:
        """Tell whether a decision of this kind may replace another at all."""
        return self.kind in _REPLACING and self.duration is None


class _Replacements:
    """When a decision is replaced by a later one of the same report."""

    def __init__(self, decisions: Iterable[DecisionDates]) -> None:
        """Sort the starts of the decisions that replace, by the kind of aid that they decide on."""
        self._starts: dict[AidKind, list[date]] = defaultdict(list)
        self._any: list[date] = []
        for decision in decisions:
            kinds = {aid.kind for aid in decision.aids if not aid.once} if decision.replaces else set()
            for kind in kinds:
                self._starts[kind].append(decision.start)
            if kinds:
                self._any.append(decision.start)
        for starts in (self._any, *self._starts.values()):
            starts.sort()

    def day_of(self, decision: DecisionDates) -> date | None:
        """Return the day on which its last open aid is replaced; None: it stays open."""
        start = decision.start
        if not decision.aids:
            return _first_after(start, self._any)
        open_kinds = {aid.kind for aid in decision.aids if aid.last_day(start) is None}
        days = [_first_after(start, self._starts.get(kind, ())) for kind in open_kinds]
        known = [day for day in days if day is not None]
        return max(known) if len(known) == len(days) else None


def judge_decisions(
    decisions: Sequence[DecisionDates], period: Period, oldest: date | None
) -> tuple[Verdict, ...]:
    """Return the verdict on each decision of one report, in the order given.

    Args:
        decisions: all of the report as received; also one that is left out may replace another.
        period: the period asked, both days included.
        oldest: the first day of ratification that may be told (that day included); None: no cap.
    """
    replacements = _Replacements(decisions)
    return tuple(_verdict(decision, period, oldest, replacements) for decision in decisions)


def oldest_told(accepted_at: datetime, decision_years: int) -> date:
    """Return the first day of ratification that is told to a consultation accepted at that moment."""
    return five_years_before(brussels_date(accepted_at), decision_years)


def end_of(begin: date, value: int, unit: str) -> date:
    """Return ``begin`` + the duration; months keep the day, or end on the last day of a shorter month."""
    if unit == "DAYS":
        return begin + timedelta(days=value)
    if unit == "WEEKS":
        return begin + timedelta(weeks=value)
    months = begin.month - 1 + value
    year, month = begin.year + months // 12, months % 12 + 1
    return date(year, month, min(begin.day, calendar.monthrange(year, month)[1]))


def _verdict(
    decision: DecisionDates, period: Period, oldest: date | None, replacements: _Replacements
) -> Verdict:
    if oldest is not None and decision.ratified < oldest:
        return Verdict.TOO_OLD
    if any(aid.contradicts_itself(decision.start) for aid in decision.aids):
        return Verdict.CONTRADICTORY
    begin, end = _days(decision, replacements)
    return Verdict.BELONGS if period.overlaps(begin, end) else Verdict.OUTSIDE


def _days(decision: DecisionDates, replacements: _Replacements) -> tuple[date, date | None]:
    """Return the first and last day of a decision, None for open: the table, row by row."""
    start = decision.start
    if decision.duration is not None:
        return decision.first_day, end_of(start, *decision.duration)
    if decision.kind in _INSTANTS:
        return start, start
    last_days = [aid.last_day(start) for aid in decision.aids]
    closed = [day for day in last_days if day is not None]
    if closed and len(closed) == len(last_days):
        return decision.first_day, max(closed)
    replaced = replacements.day_of(decision)
    return decision.first_day, None if replaced is None else replaced - _ONE_DAY


def _first_after(day: date, starts: Sequence[date]) -> date | None:
    at = bisect_right(starts, day)
    return starts[at] if at < len(starts) else None
