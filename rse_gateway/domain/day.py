"""The days that rules speak of: dates in Europe/Brussels (IANA zone, from the pinned `tzdata` package)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def brussels_date(moment: datetime) -> date:
    """Return the date in Europe/Brussels at that moment."""
    return moment.astimezone(BRUSSELS).date()
