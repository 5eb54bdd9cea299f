"""Connections kept for the next question: only fresh ones are taken, each by one call at a time.

Load balancers and firewalls drop idle connections, some without a word; one that rested for 4 s is closed
instead of used again.
"""

import select
import socket
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass

IDLE_SECONDS = 4.0
PER_PLACE = 8


@dataclass(slots=True)
class _Resting:
    connection: socket.socket
    since: float


class KeptConnections:
    """At most 8 resting connections per place; safe between threads."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """Keep nothing yet."""
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._resting: dict[Hashable, list[_Resting]] = {}
        self._swept = time.monotonic()

    def take(self, place: Hashable) -> socket.socket | None:
        """Return the connection that rested least, None where no usable one rests.

        One on which something came while it rested (its end, mostly) is closed: it cannot be trusted to
        answer the next question.
        """
        while True:
            with self._lock:
                resting = self._resting.get(place)
                if not resting:
                    return None
                one = resting.pop()
            if time.monotonic() - one.since < self._idle_seconds and not _something_came(one.connection):
                return one.connection
            one.connection.close()

    def give_back(self, place: Hashable, connection: socket.socket) -> None:
        """Keep the connection for the next question, or close it where enough are kept."""
        now = time.monotonic()
        with self._lock:
            resting = self._resting.setdefault(place, [])
            surplus = [] if len(resting) < PER_PLACE else [resting.pop(0)]
            resting.append(_Resting(connection, now))
            if now - self._swept >= 1.0:
                self._swept = now
                surplus += self._too_old(now)
        for one in surplus:
            one.connection.close()

    def close(self) -> None:
        """Close all that rest."""
        with self._lock:
            resting = [one for kept in self._resting.values() for one in kept]
            self._resting.clear()
        for one in resting:
            one.connection.close()

    def _too_old(self, now: float) -> list[_Resting]:
        old: list[_Resting] = []
        for place, kept in list(self._resting.items()):
            young = [one for one in kept if now - one.since < self._idle_seconds]
            old.extend(one for one in kept if now - one.since >= self._idle_seconds)
            if young:
                self._resting[place] = young
            else:
                del self._resting[place]
        return old


def _something_came(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
