"""Who may hold how many connections of one process, so that no client takes the places of all others.

Guaranteed: a new connection is taken as long as one of its client's, or when the process is full one of
anybody's, waits for nothing; the oldest of these is closed for it. What is being worked or was sent a moment
ago is never closed for another. A client is an IPv4 address or an IPv6 network of 64 bits; the addresses of
a reverse proxy stand for many clients and are bound by the process alone. Rules: security page, "Trust".
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final, Protocol

MAX_CONNECTIONS: Final = 700
"""Of one process: 1,024 open files are usual, and store and partners need some of them."""
FIRST_BYTE_SECONDS: Final = 10.0
SLOW_SECONDS: Final = 2.0
"""From this age on a request that is still coming in may be closed for a new connection."""


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """How many connections: of the process, of each client, and which clients have no bound of their own."""

    connections: int = MAX_CONNECTIONS
    per_client: int = 64
    unbounded: frozenset[str] = frozenset()


class Holding(Protocol):
    """A connection that holds a place."""

    client: str

    def spare(self, now: float) -> tuple[bool, float] | None:
        """Return how long ago (as a moment) it began to wait, False for silent ones; None = keep it."""

    def give_way(self) -> None:
        """Close it now."""


def make_room(holding: Iterable[Holding], client: str, rules: PlaceRules) -> bool:
    """Tell whether one more connection of the client has a place, after closing one where needed."""
    everybody = list(holding)
    same = [] if client in rules.unbounded else [one for one in everybody if one.client == client]
    if len(same) >= rules.per_client:
        return _close_one(same)
    return len(everybody) < rules.connections or _close_one(everybody)


def _close_one(holding: Iterable[Holding]) -> bool:
    now = time.monotonic()
    waiting = [(order, one) for one in holding if (order := one.spare(now)) is not None]
    if not waiting:
        return False
    min(waiting, key=lambda pair: pair[0])[1].give_way()
    return True


def client_of(address: str) -> str:
    """Return the client that an address belongs to; what is no address is a client of that name."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed)
