"""When a call to a partner ends, whatever the partner does: one moment, asked before every wait."""

import time
from dataclasses import dataclass

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock; nothing of a call waits beyond it."""

    until: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Return the seconds that are left, always above 0.

        Raises:
            TimeoutError: the moment has come.
        """
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call was not complete in time")
        return left

    def at_most(self, seconds: float) -> "Deadline":
        """Return the earlier of this moment and the one so many seconds from now."""
        return Deadline(min(self.until, time.monotonic() + seconds))
