"""A connection to a partner's address: looked up once, judged, connected, TLS with its name; in bounded time.

Guards: every address of a name is judged by ``allowed_hosts``, and one of those that were judged is connected
to, so that a name cannot change in between; TLS and Host keep the name. No proxy, none of the environment's;
a TLS certificate that does not fit ends the connection.
"""

import socket
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from rse_gateway.adapters.call_deadline import CONNECT_SECONDS, Deadline
from rse_gateway.adapters.name_lookup import Address, NameLookup
from rse_gateway.errors import SupplierUnreachable
from rse_gateway.security.allowed_hosts import AllowedHosts

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where an address leads: scheme, host without the dot at its end, port; and what is asked for there."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @classmethod
    def of(cls, address: str) -> "Target":
        """Return where a registered address leads.

        Raises:
            SupplierUnreachable: it is no http(s) address.
        """
        try:
            parts: SplitResult = urlsplit(address)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            host, port = "", None
        if not host or not address.isascii() or not address.isprintable() or " " in address:
            raise SupplierUnreachable("its address is no http or https address")
        if parts.scheme not in PORTS or "@" in parts.netloc:
            raise SupplierUnreachable("its address is no http or https address")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], parts.netloc, path)


class HostNotAllowed(SupplierUnreachable):
    """The setting ``allowed_hosts`` does not allow this address; nothing was sent."""


class Connector:
    """Opens connections; safe between threads."""

    def __init__(
        self,
        hosts: AllowedHosts,
        *,
        lookup: NameLookup | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Take who may be called, how names are looked up, whose TLS is trusted (default: the machine's)."""
        self._hosts = hosts
        self._lookup = lookup or NameLookup()
        self._context = context or ssl.create_default_context()

    def connect(self, target: Target, deadline: Deadline) -> socket.socket:
        """Return a connection, look-up of the name included within 3 s; nothing is sent.

        Raises:
            SupplierUnreachable: why none came about; `HostNotAllowed` where it may not be called.
        """
        within = deadline.at_most(CONNECT_SECONDS)
        try:
            addresses = self._lookup.addresses(target.host, target.port, within)
            self._judge(target, addresses)
            return self._first_of(addresses, within)
        except TimeoutError as error:
            raise SupplierUnreachable(f"no connection within {CONNECT_SECONDS:g} s") from error
        except socket.gaierror as error:
            raise SupplierUnreachable("its name is not found") from error
        except (OSError, UnicodeError) as error:
            told = error.strerror if isinstance(error, OSError) else None
            raise SupplierUnreachable(f"no connection: {told or type(error).__name__}") from error

    def secure(self, plain: socket.socket, target: Target, deadline: Deadline) -> ssl.SSLSocket:
        """Return the connection under TLS, the handshake done within 3 s; ``plain`` is used up.

        Raises:
            SupplierUnreachable: why no TLS came about.
        """
        try:
            plain.settimeout(deadline.at_most(CONNECT_SECONDS).left())
            return self._context.wrap_socket(plain, server_hostname=target.host)
        except ssl.SSLCertVerificationError as error:
            raise SupplierUnreachable(f"its TLS certificate is refused: {error.verify_message}") from error
        except TimeoutError as error:
            raise SupplierUnreachable(f"no TLS within {CONNECT_SECONDS:g} s: is it https?") from error
        except OSError as error:  # ssl.SSLError among them
            reason = getattr(error, "reason", None) or error.strerror
            raise SupplierUnreachable(f"no TLS connection: {reason}") from error

    def open(self, target: Target, deadline: Deadline) -> socket.socket:
        """Return a connection ready for a request, under TLS where the address says so.

        Raises:
            SupplierUnreachable: why none came about.
        """
        plain = self.connect(target, deadline)
        if target.scheme == "http":
            return plain
        try:
            return self.secure(plain, target, deadline)
        finally:
            plain.close()  # once under TLS it is detached, and this closes nothing

    def _judge(self, target: Target, addresses: list[Address]) -> None:
        found = [str(address.where[0]) for address in addresses]
        if (refusal := self._hosts.refusal(target.scheme, target.host, found)) is not None:
            raise HostNotAllowed(refusal)

    def _first_of(self, addresses: list[Address], within: Deadline) -> socket.socket:
        """Try one address after the other; each gets its share of the time."""
        failed = OSError("no address")
        for at, address in enumerate(addresses):
            share = within.left() / (len(addresses) - at)
            opened = socket.socket(address.family, socket.SOCK_STREAM)
            try:
                opened.settimeout(share)
                opened.connect(address.where)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                opened.close()
                failed = error
            else:
                return opened
        raise failed
