"""Which signed messages were received already: the same one again gets no second answer.

Kept in memory for as long as a message may be fresh: after that its Timestamp refuses it. A process that
starts again has forgotten the last minutes. Rules: security page, G9.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

KEPT = timedelta(hours=2)


class Replays:
    """Remembers messages by their SignedInfo; safe between threads."""

    def __init__(self) -> None:
        """Begin with nothing received."""
        self._lock = Lock()
        self._seen: dict[bytes, datetime] = {}

    def first(self, signed_info: bytes, at: datetime) -> bool:
        """Tell whether this message is received for the first time, and remember it."""
        key = sha256(signed_info).digest()
        with self._lock:
            while self._seen and at - next(iter(self._seen.values())) > KEPT:
                del self._seen[next(iter(self._seen))]
            if key in self._seen:
                return False
            self._seen[key] = at
            return True
