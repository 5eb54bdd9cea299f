"""How a signed question travels to a holding CPAS: one POST, bounded in time and size, never redirected.

A call ends 15 s after it began, whatever comes or does not come; see `http_reply` for the bounds of a reply
and `connecting` for those of a connection. Zeep's own transport has no total deadline and follows the
environment's proxies; this one is its drop-in for `post`. It loads nothing: the WSDL is a local file.
"""

from collections.abc import Mapping
from pathlib import Path

from zeep.transports import Transport

from rse_gateway.adapters.call_deadline import TOTAL_SECONDS, Deadline
from rse_gateway.adapters.connecting import Connector, Target
from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.kept_connections import KeptConnections
from rse_gateway.adapters.outbound_call import OutboundCalls, Request
from rse_gateway.errors import KeptConnectionLost, SupplierUnreachable


class HolderTransport(Transport):
    """Posts signed bytes over kept-alive connections; the same bytes are never sent twice.

    ``total_seconds`` bounds a call from its beginning to the last byte of its reply, name look-up, connection
    and TLS included.
    """

    def __init__(
        self,
        *,
        connector: Connector,
        max_reply_bytes: int,
        total_seconds: float = TOTAL_SECONDS,
        kept: KeptConnections | None = None,
    ) -> None:
        """Take how connections are made and kept, and the largest reply."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.session.trust_env = False
        self._call = OutboundCalls(connector, kept or KeptConnections(), max_reply_bytes=max_reply_bytes)
        self._total_seconds = total_seconds

    def load(self, url: str) -> bytes:
        """Return a local contract file; nothing is ever fetched from a network.

        Raises:
            SupplierUnreachable: the address is not a local file.
        """
        if "://" in url and not url.startswith("file://"):
            raise SupplierUnreachable("the contract is read from local files only")
        return Path(url.removeprefix("file://")).read_bytes()

    def post(
        self,
        address: str,
        message: bytes,
        headers: Mapping[str, str],
        *,
        after: KeptConnectionLost | None = None,
        fresh: bool = False,
    ) -> HttpReply:
        """Send ``message`` and return the reply, whatever its status.

        A connection that rested for less than 4 s is used again where there is one. Where it dies before the
        first byte of a reply, that is no failure of the partner: `KeptConnectionLost` is raised, and the
        caller may ask once more, with a message signed anew whose row was written first, giving that error
        as ``after``: the second call takes a fresh connection, ends when the first would have ended, and
        never raises `KeptConnectionLost`.

        Args:
            address: the registered endpoint.
            message: the signed bytes.
            headers: of HTTP, beside Host and Content-Length.
            after: the lost call that this one repeats.
            fresh: take a fresh connection, so that `KeptConnectionLost` cannot come.

        Raises:
            KeptConnectionLost: a kept connection died before the first byte of a reply.
            SupplierUnreachable: no connection, no complete reply in time, or a reply beyond its bounds.
        """
        deadline = Deadline.after(self._total_seconds) if after is None else Deadline(after.until)
        request = Request("POST", Target.of(address), headers, message)
        return self._call(request, deadline, fresh=fresh or after is not None)
