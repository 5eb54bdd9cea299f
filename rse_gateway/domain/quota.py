"""How much one institution may ask and register in an hour; it stops who tries numbers one after the other.

What counts, and why, stands in `docs/adr/0022-quota-in-the-accepting-transaction.md`. The count itself is
made by the store, in the transaction that accepts.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

QUOTA_WINDOW: Final = timedelta(hours=1)
NO_BOUND: Final = "none"
MAX_QUOTA: Final = 1_000_000
RegisteredQuota = int | Literal["none"] | None
"""What stands in the registry: a number (0 = nothing at all), ``none`` = no bound, None = the default."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """What is registered for one institution.

    Attributes:
        consultations: accepted consultations an hour.
        lines: new lines of the directory by message an hour, for as long as ``lines_until`` lasts.
        lines_until: last day of ``lines``; afterwards the default stands again.
    """

    consultations: RegisteredQuota = None
    lines: RegisteredQuota = None
    lines_until: date | None = None


@dataclass(frozen=True, slots=True)
class DefaultQuotas:
    """What counts for institutions for which nothing is registered, an hour."""

    consultations: int = 120
    lines: int = 120

    def consultations_of(self, registered: Quotas) -> int | None:
        """Return how many consultations an hour, None for no bound."""
        return _bound(registered.consultations, self.consultations)

    def lines_of(self, registered: Quotas, day: date) -> int | None:
        """Return how many new lines by message an hour, on that day; None for no bound."""
        over = registered.lines_until is not None and day > registered.lines_until
        return self.lines if over else _bound(registered.lines, self.lines)


def _bound(registered: RegisteredQuota, default: int) -> int | None:
    if registered is None:
        return default
    return None if registered == NO_BOUND else int(registered)
