"""A partner's address tried without a message: is it there, how fast, under which TLS, and what is its WSDL.

Guards: nothing of a message leaves here; every attempt is bounded in time and size, goes where it was sent
(no proxy, no redirect), and a TLS certificate that does not fit is an error, as it is for a real question.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rse_gateway.adapters.call_deadline import TOTAL_SECONDS, Deadline
from rse_gateway.adapters.connecting import Connector, Target
from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.kept_connections import KeptConnections
from rse_gateway.adapters.outbound_call import OutboundCalls, Request
from rse_gateway.errors import KeptConnectionLost

MAX_WSDL_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """The TLS connection that came about: its version, how long it took, until when the certificate holds."""

    version: str
    seconds: float
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A connection that came about: its seconds, name look-up included; ``tls`` None for plain http."""

    seconds: float
    tls: TlsSeen | None


class PartnerProbe:
    """Tries addresses the way a question would go; every attempt on a connection of its own."""

    def __init__(self, connector: Connector, *, total_seconds: float = TOTAL_SECONDS) -> None:
        """Take how connections are made, and the seconds after which an attempt ends."""
        self._connector = connector
        self._total_seconds = total_seconds

    def reach(self, address: str) -> Reached:
        """Return how the address was reached; nothing is sent but a TLS handshake.

        Raises:
            SupplierUnreachable: why no connection came about.
        """
        target, began = Target.of(address), time.monotonic()
        deadline = Deadline.after(self._total_seconds)
        with self._connector.connect(target, deadline) as plain:
            connected = time.monotonic() - began
            if target.scheme == "http":
                return Reached(connected, None)
            began = time.monotonic()
            with self._connector.secure(plain, target, deadline) as secured:
                return Reached(connected, _tls_seen(secured, time.monotonic() - began))

    def fetch_wsdl(self, address: str) -> HttpReply:
        """Return what ``GET <address>?wsdl`` gives, whatever its status.

        Raises:
            SupplierUnreachable: no complete reply in time, or one beyond its bounds.
        """
        target = Target.of(f"{address}{'&' if urlsplit(address).query else '?'}wsdl")
        call = OutboundCalls(self._connector, KeptConnections(), max_reply_bytes=MAX_WSDL_BYTES)
        request = Request("GET", target, {"Connection": "close"})
        return call(request, Deadline.after(self._total_seconds), fresh=True)


def _tls_seen(secured: ssl.SSLSocket, seconds: float) -> TlsSeen:
    certificate = secured.getpeercert() or {}
    until = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return TlsSeen(secured.version() or "", seconds, datetime.fromtimestamp(until, tz=UTC))


class WatchedTransport(HolderTransport):
    """Keeps the last reply and how long it took, for who explains what came back."""

    def __init__(self, *, connector: Connector, max_reply_bytes: int) -> None:
        """Post as web processes do."""
        super().__init__(connector=connector, max_reply_bytes=max_reply_bytes)
        self.last_reply: HttpReply | None = None
        self.seconds = 0.0

    def post(
        self,
        address: str,
        message: bytes,
        headers: Mapping[str, str],
        *,
        after: KeptConnectionLost | None = None,
        fresh: bool = True,
    ) -> HttpReply:
        """Send ``message`` on a fresh connection and return the reply, whatever its status.

        Raises:
            SupplierUnreachable: no connection, no complete reply in time, or a reply beyond its bounds.
        """
        self.last_reply, began = None, time.monotonic()
        try:
            self.last_reply = super().post(address, message, headers, after=after, fresh=fresh)
        finally:
            self.seconds = time.monotonic() - began
        return self.last_reply
