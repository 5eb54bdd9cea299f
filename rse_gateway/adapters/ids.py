"""The real source of gateway tickets: UUIDv7 that rise within one process."""

from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.ports import Clock
from rse_gateway.trail.ids import EntryIds


class TimeOrderedIds:
    """Implements `ports.Ids`."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock that the ids begin with."""
        self._clock = clock
        self._ids = EntryIds()

    def gateway_ticket(self) -> GatewayTicket:
        """Return a new UUIDv7, greater than every one returned before."""
        return GatewayTicket(self._ids(self._clock.now()))
