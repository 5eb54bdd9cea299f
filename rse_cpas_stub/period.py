"""Which decisions of a file belong to the asked period (contract page, the table of that name).

A decision is given as in a person's file: the contract's names, in JSON. Each is looked at beside all others
of its file, since a later one may replace it.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Json = Mapping[str, Any]

FOREVER = date.max
_AT_ONE_MOMENT = ("REFUSAL", "RECOVERY", "SANCTION")


@dataclass(frozen=True, slots=True)
class Period:
    """The asked period, both days included."""

    begin: date
    end: date


@dataclass(frozen=True, slots=True, repr=False)
class Cut:
    """The decisions of a file that belong to a period, and how many others there are, by their reason."""

    inside: list[Json] = field(default_factory=list)
    outside: int = 0
    contradictory: int = 0
    too_old: int = 0


def cut(decisions: Sequence[Json], period: Period, *, oldest: date | None = None) -> Cut:
    """Return what of a file is given for ``period``.

    A holder cuts by the period alone; ``oldest`` is the gateway's cap, the first day of ratification that it
    passes on: with it one sees beforehand what an asker will get.
    """
    inside: list[Json] = []
    outside = contradictory = too_old = 0
    for decision in decisions:
        if oldest is not None and _day(decision, "ratificationDate", date.min) < oldest:
            too_old += 1
        elif any(_ends_before_it_begins(aid) for aid in _aids(decision)):
            contradictory += 1
        elif belongs(decision, decisions, period):
            inside.append(decision)
        else:
            outside += 1
    return Cut(inside, outside, contradictory, too_old)


def belongs(decision: Json, file: Sequence[Json], period: Period) -> bool:
    """Return whether a decision of ``file`` has a day in ``period``."""
    start, length = start_of(decision), decision.get("duration")
    if length is None and decision["decisionType"] in _AT_ONE_MOMENT:
        return period.begin <= start <= period.end
    first = min([start, *(_begin(aid, start) for aid in _aids(decision))])
    if length is not None:
        last = after(start, int(length["value"]), length["unit"])
    else:
        last = max((_last(aid, start) for aid in _aids(decision)), default=FOREVER)
        if last == FOREVER:
            last = _replaced(decision, file)
    return first <= period.end and last >= period.begin


def start_of(decision: Json) -> date:
    """Return the day a decision enters into force, else the day it was ratified."""
    return _day(decision, "entryIntoForceDate", _day(decision, "ratificationDate", date.min))


def after(start: date, value: int, unit: str) -> date:
    """Return ``start`` plus MONTHS, WEEKS or DAYS; in a month that is too short, its last day."""
    if unit == "DAYS":
        return start + timedelta(days=value)
    if unit == "WEEKS":
        return start + timedelta(weeks=value)
    months = start.year * 12 + start.month - 1 + value
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _replaced(decision: Json, file: Sequence[Json]) -> date:
    """Return the last day before every open aid of the decision was decided on anew."""
    start = start_of(decision)
    later = [one for one in file if _replaces(one) and start_of(one) > start]
    if not _aids(decision):
        return _day_before([start_of(one) for one in later])
    open_aids = [aid for aid in _aids(decision) if _last(aid, start) == FOREVER]
    return max(
        _day_before([start_of(one) for one in later if any(_same(aid, other) for other in _lasting(one))])
        for aid in open_aids
    )


def _day_before(starts: Sequence[date]) -> date:
    return min(starts) - timedelta(days=1) if starts else FOREVER


def _replaces(decision: Json) -> bool:
    """A new grant, revision, extension or suspension without duration, of aid that is not paid at once."""
    kind, open_ended = decision["decisionType"], decision.get("duration") is None
    return open_ended and kind not in _AT_ONE_MOMENT and bool(_lasting(decision))


def _lasting(decision: Json) -> list[Json]:
    return [aid for aid in _aids(decision) if not _paid_once(aid)]


def _same(aid: Json, other: Json) -> bool:
    return aid["legislation"] == other["legislation"] and _type(aid) == _type(other)


def _type(aid: Json) -> tuple[bool, str]:
    """The code of an aid's type, or its own words: those are the same when they differ in spaces only."""
    words = aid["aidType"].get("other")
    return (False, aid["aidType"]["code"]) if words is None else (True, " ".join(words.split()))


def _paid_once(aid: Json) -> bool:
    return bool(_part(aid, "paymentFrequency").get("code") == "ONCE")


def _begin(aid: Json, start: date) -> date:
    return _day(_part(aid, "period"), "beginDate", _day(aid, "effectiveFrom", start))


def _last(aid: Json, start: date) -> date:
    begin, length = _begin(aid, start), _part(_part(aid, "period"), "duration")
    otherwise = begin if _paid_once(aid) else FOREVER
    if length:
        otherwise = after(begin, int(length["value"]), length["unit"])
    return _day(_part(aid, "period"), "endDate", otherwise)


def _ends_before_it_begins(aid: Json) -> bool:
    period = _part(aid, "period")
    return _day(period, "endDate", FOREVER) < _day(period, "beginDate", date.min)


def _aids(decision: Json) -> Sequence[Json]:
    return decision.get("aid") or ()


def _part(content: Json, name: str) -> Json:
    return content.get(name) or {}


def _day(content: Json, name: str, otherwise: date) -> date:
    text = content.get(name)
    return otherwise if text is None else date.fromisoformat(text)
