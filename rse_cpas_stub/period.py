"""Which decisions belong to the asked period (contract page, "socialReport")."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """The asked period, both days included."""

    begin: date
    end: date


def after(start: date, value: int, unit: str) -> date:
    """Return ``start`` plus MONTHS, WEEKS or DAYS; in a month that is too short, its last day."""
    if unit == "DAYS":
        return start + timedelta(days=value)
    if unit == "WEEKS":
        return start + timedelta(weeks=value)
    months = start.year * 12 + start.month - 1 + value
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def belongs(
    period: Period, *, ratified: date, in_force: date | None, duration: tuple[int, str] | None
) -> bool:
    """Return whether a decision belongs to ``period``.

    It starts when it enters into force, else when it was ratified. With a duration, [start, start + duration]
    must meet the period; without one, it must have started by the period's end.
    """
    start = in_force or ratified
    if start > period.end:
        return False
    return duration is None or after(start, *duration) >= period.begin
