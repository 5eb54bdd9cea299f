"""One HTTP call to a partner on one connection: sent once, its reply read whole, ended at its deadline."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from rse_gateway.adapters.call_deadline import Deadline
from rse_gateway.adapters.connecting import Connector, Target
from rse_gateway.adapters.http_reply import HttpReply, Incoming, ReplyBroken, bytes_on_the_wire, read_reply
from rse_gateway.adapters.kept_connections import KeptConnections
from rse_gateway.errors import KeptConnectionLost, SupplierUnreachable, Unheard


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """What is sent: method, where to, HTTP headers beside Host and Content-Length, body."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def raw(self) -> bytes:
        """Return the bytes of the request."""
        stated = {"Host": self.target.authority, "Accept-Encoding": "identity", **self.headers}
        if self.method == "POST":
            stated["Content-Length"] = str(len(self.body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in stated.items())
        return f"{self.method} {self.target.path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + self.body


class OutboundCalls:
    """Makes calls over kept connections; safe between threads. Follows no redirect."""

    def __init__(self, connector: Connector, kept: KeptConnections, *, max_reply_bytes: int) -> None:
        """Take how connections are made and kept, and the largest body of a reply."""
        self._connector = connector
        self._kept = kept
        self._max_reply_bytes = max_reply_bytes

    def __call__(self, request: Request, deadline: Deadline, *, fresh: bool = False) -> HttpReply:
        """Send the request once and return the reply, whatever its status.

        Raises:
            KeptConnectionLost: a kept connection died before the first byte of a reply (never if ``fresh``).
            SupplierUnreachable: no connection, no complete reply in time, or a reply beyond its bounds.
        """
        target = request.target
        place = (target.scheme, target.host, target.port)
        kept = None if fresh else self._kept.take(place)
        connection = self._connector.open(target, deadline) if kept is None else kept
        incoming = Incoming(connection, deadline, bytes_on_the_wire(self._max_reply_bytes))
        reusable = False
        try:
            _send(connection, request.raw(), deadline)
            reply, reusable = read_reply(incoming, method=request.method, max_bytes=self._max_reply_bytes)
        except (OSError, ReplyBroken) as error:
            if kept is not None and not incoming.received and not isinstance(error, TimeoutError):
                raise KeptConnectionLost(type(error).__name__, until=deadline.until) from error
            _unreachable(error)
        finally:
            if reusable:
                self._kept.give_back(place, connection)
            else:
                connection.close()
        return reply


def _send(connection: socket.socket, raw: bytes, deadline: Deadline) -> None:
    rest = memoryview(raw)
    while rest:
        connection.settimeout(deadline.left())
        rest = rest[connection.send(rest) :]


def _unreachable(error: OSError | ReplyBroken) -> NoReturn:
    if isinstance(error, ReplyBroken):
        raise SupplierUnreachable(str(error), why=Unheard.HTTP) from error
    if isinstance(error, TimeoutError):
        raise SupplierUnreachable("the reply was not complete in time", why=Unheard.TIMEOUT) from error
    raise SupplierUnreachable(f"no reply: {type(error).__name__}") from error
