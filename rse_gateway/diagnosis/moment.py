"""The moment at which a file is judged: written by a person, or now."""

from datetime import UTC, date, datetime

from rse_gateway.domain.day import brussels_date


def moment_of(text: str) -> datetime:
    """Return the moment that ``2026-11-21`` or ``2026-11-21T10:00:30Z`` names; without a zone it is UTC.

    Raises:
        ValueError: written in another way, or no such moment.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def day_of(moment: datetime) -> date:
    """Return its date in Europe/Brussels."""
    return brussels_date(moment)
