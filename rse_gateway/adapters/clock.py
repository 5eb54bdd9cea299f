"""The real clock: UTC for moments, Europe/Brussels for dates (IANA zone, from the `tzdata` package)."""

from datetime import UTC, date, datetime

from rse_gateway.domain.day import brussels_date


class SystemClock:
    """Implements `ports.Clock` with the machine's clock."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the date in Europe/Brussels."""
        return brussels_date(self.now())
