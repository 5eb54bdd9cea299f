"""A partner's address tried without a message: is it there, how fast, under which TLS, and what is its WSDL.

Guards: nothing of a message leaves here; every attempt is bounded in time and size, goes where it was sent
(no proxy, no redirect), and a TLS certificate that does not fit is an error, as it is for a real question.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import urllib3

from rse_gateway.adapters.holder_transport import CONNECT_SECONDS, TOTAL_SECONDS, HolderTransport, HttpReply
from rse_gateway.errors import SupplierUnreachable

MAX_WSDL_BYTES = 4 * 1024 * 1024
_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}


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


def reach(address: str, *, context: ssl.SSLContext | None = None) -> Reached:
    """Return how the address was reached; nothing is sent but a TLS handshake.

    ``context`` says which TLS authorities are trusted; default: those of the machine.

    Raises:
        SupplierUnreachable: why no connection came about.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    began = time.monotonic()
    with _connected(host, port) as plain:
        connected = time.monotonic() - began
        if parts.scheme == "http":
            return Reached(connected, None)
        return Reached(connected, _handshake(plain, host, context or ssl.create_default_context()))


def _connected(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise SupplierUnreachable(f"no connection within {CONNECT_SECONDS:g} s") from error
    except socket.gaierror as error:
        raise SupplierUnreachable("its name is not found") from error
    except (OSError, UnicodeError) as error:
        told = error.strerror if isinstance(error, OSError) else None
        raise SupplierUnreachable(f"no connection: {told or type(error).__name__}") from error


def _handshake(plain: socket.socket, host: str, context: ssl.SSLContext) -> TlsSeen:
    began = time.monotonic()
    try:
        with context.wrap_socket(plain, server_hostname=host) as secured:
            certificate = secured.getpeercert() or {}
            until = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
            not_after = datetime.fromtimestamp(until, tz=UTC)
            return TlsSeen(secured.version() or "", time.monotonic() - began, not_after)
    except ssl.SSLCertVerificationError as error:
        raise SupplierUnreachable(f"its TLS certificate is refused: {error.verify_message}") from error
    except TimeoutError as error:
        raise SupplierUnreachable(f"no TLS within {CONNECT_SECONDS:g} s: is it https?") from error
    except OSError as error:  # ssl.SSLError among them
        reason = getattr(error, "reason", None) or error.strerror
        raise SupplierUnreachable(f"no TLS connection: {reason}") from error


def fetch_wsdl(address: str) -> HttpReply:
    """Return what ``GET <address>?wsdl`` gives, whatever its status.

    Raises:
        SupplierUnreachable: no complete reply in time, or one that is too large.
    """
    until = time.monotonic() + TOTAL_SECONDS
    url = f"{address}{'&' if urlsplit(address).query else '?'}wsdl"
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, total=TOTAL_SECONDS)
    try:
        with (
            urllib3.PoolManager(num_pools=1) as http,
            http.request(
                "GET",
                url,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            ) as reply,
        ):
            chunks, size = [], 0
            while chunk := reply.read1(_CHUNK):
                size += len(chunk)
                if size > MAX_WSDL_BYTES:
                    raise SupplierUnreachable("its WSDL is larger than 4 MiB")
                if time.monotonic() > until:
                    raise SupplierUnreachable("its WSDL did not come in time")
                chunks.append(chunk)
            return HttpReply(reply.status, b"".join(chunks))
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise SupplierUnreachable(f"no reply: {type(error).__name__}") from error


class WatchedTransport(HolderTransport):
    """Keeps the last reply and how long it took, for who explains what came back."""

    def __init__(self, *, max_reply_bytes: int) -> None:
        """Post to one host."""
        super().__init__(hosts=1, max_reply_bytes=max_reply_bytes)
        self.last_reply: HttpReply | None = None
        self.seconds = 0.0

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Send ``message`` and return the reply, whatever its status.

        Raises:
            SupplierUnreachable: no connection, no complete reply in time, or a reply above the size bound.
        """
        self.last_reply, began = None, time.monotonic()
        try:
            self.last_reply = super().post(address, message, headers)
        finally:
            self.seconds = time.monotonic() - began
        return self.last_reply
