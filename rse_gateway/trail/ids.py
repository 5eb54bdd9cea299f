"""Entry ids: UUIDv7 (RFC 9562 §5.7), so that rows are appended at the end of every index."""

import secrets
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from uuid import UUID

_TAIL_BITS = 74
_STEP_BITS = 32


class EntryIds:
    """Make UUIDv7s that rise strictly within this object, whatever the clock does; safe between threads."""

    def __init__(self, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        """Take the source of randomness (number of bits → integer)."""
        self._random_bits = random_bits
        self._lock = Lock()
        self._last = (-1, 0)

    def __call__(self, at: datetime) -> UUID:
        """Return an id for ``at`` (time zone needed), greater than every id returned before.

        When the clock stands still or steps back, the last millisecond is kept and the random tail raised
        by a random step (RFC 9562 §6.2, method 2).

        Raises:
            ValueError: ``at`` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("a moment without a time zone")
        milliseconds = int(at.timestamp()) * 1000 + at.microsecond // 1000
        with self._lock:
            self._last = self._after(milliseconds)
            moment, tail = self._last
        high = moment << 80 | 0x7 << 76 | (tail >> 62) << 64
        return UUID(int=high | 0b10 << 62 | tail & (1 << 62) - 1)

    def _after(self, milliseconds: int) -> tuple[int, int]:
        last, tail = self._last
        if milliseconds > last:
            return milliseconds, self._random_bits(_TAIL_BITS - 1)
        tail += 1 + self._random_bits(_STEP_BITS)
        if tail >> _TAIL_BITS:
            return last + 1, self._random_bits(_TAIL_BITS - 1)
        return last, tail
