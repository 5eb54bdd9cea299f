"""HTTP as it comes over the wire: waitress's parser made strict, and its error answers made empty.

Guarded here: one reading of where a request ends (no Content-Length beside Transfer-Encoding, no folded or
doubled framing header), bounds on headers and on the body of each address while they come in (chunked bodies
too), a total time for one request, and a full stop that lets the caller read why. Not guarded here: what the
headers mean for SOAP (`rse_gateway.soap.edge`). Nothing is ever spooled to a file.

Sources: RFC 9112 §2.2, §5.2, §6.1 and §6.3; security page, "The gate", G0.
"""

import re
import socket
import time
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from rse_gateway.serving.places import FIRST_BYTE_SECONDS, SLOW_SECONDS, client_of
from rse_gateway.soap.endpoints import BY_PATH

MAX_HEADER_BYTES: Final = 64 * 1024
MAX_BODY_BYTES: Final = max(endpoint.bounds.max_bytes for endpoint in BY_PATH.values())
REQUEST_SECONDS: Final = 30.0
LINGER_SECONDS: Final = 2.0
RETRY_AFTER_SECONDS: Final = 5
_MAX_CHUNK_LINE: Final = 1024
_FRAMING: Final = re.compile(
    rb"\r\n(?P<name>transfer-encoding|content-length|host)[ \t]*:[ \t]*(?P<value>[^\r\n]*)", re.IGNORECASE
)
_FOLDED: Final = re.compile(rb"\r\n[ \t]")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9.\-_]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class RequestTimeout(Error):  # type: ignore[misc]
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class Overloaded(Error):  # type: ignore[misc]
    """Too many requests wait in this process."""

    code = 503
    reason = "Service Unavailable"


_EMPTY_ANSWERS: Final = {
    400: "400 Bad Request",
    408: "408 Request Timeout",
    413: "413 Content Too Large",
    431: "431 Request Header Fields Too Large",
    501: "400 Bad Request",
    503: "503 Service Unavailable",
}


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads one request; what is ambiguous is a bad request, what is too large stops being read."""

    path = ""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.started_at = time.monotonic()
        self.limit = MAX_BODY_BYTES

    def received(self, data: bytes) -> int:
        """Take bytes and return how many were used; never keeps more of a body than the address allows."""
        used: int = super().received(data)
        if self.error is None and self.body_rcv is not None:
            self._check_body()
        if self.error is not None:
            self.expect_continue = False  # nothing more is wanted, so nobody is told to go on
        return used

    def _check_body(self) -> None:
        coming = max(self.content_length, len(self.body_rcv))
        framing = self.body_bytes_received - len(self.body_rcv)
        if coming > self.limit or framing > self.limit + _MAX_CHUNK_LINE:
            self.error = RequestEntityTooLarge("")
        elif self.chunked and len(self.body_rcv.control_line) > _MAX_CHUNK_LINE:
            self.error = BadRequest("")
        if self.error is not None:
            self.completed = True

    def parse_header(self, header_plus: bytes) -> None:
        """Parse request line and headers.

        Raises:
            ParsingError: what RFC 9112 calls invalid or what two servers could read in two ways.
        """
        framing: dict[bytes, list[bytes]] = {}
        for header in _FRAMING.finditer(header_plus):
            framing.setdefault(header["name"].lower(), []).append(header["value"].strip(b" \t"))
        if _FOLDED.search(header_plus) or any(len(values) > 1 for values in framing.values()):
            raise ParsingError("ambiguous")
        coding = framing.get(b"transfer-encoding")
        if coding and (b"content-length" in framing or coding[0].lower() != b"chunked"):
            raise ParsingError("ambiguous")
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address that cannot be split: http://[
            raise ParsingError("no address") from error
        if self.version not in ("1.0", "1.1") or (coding and self.version == "1.0"):
            raise ParsingError("ambiguous")
        hosts = framing.get(b"host", [] if self.version == "1.1" else [b"localhost"])
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
            raise ParsingError("ambiguous")
        endpoint = BY_PATH.get(self.path)
        if endpoint is not None:
            self.limit = endpoint.bounds.max_bytes


class EmptyErrorTask(ErrorTask):  # type: ignore[misc]
    """Answers what never became a request: a status, no text, and the connection is closed."""

    def execute(self) -> None:
        """Write the answer."""
        status = _EMPTY_ANSWERS.get(self.request.error.code, _EMPTY_ANSWERS[503])
        self.status = status
        if status.startswith("503"):
            self.response_headers.append(("Retry-After", str(RETRY_AFTER_SECONDS)))
        self.set_close_on_finish()
        self.content_length = 0
        self.write(b"")


class AnswerTask(WSGITask):  # type: ignore[misc]
    """Answers a request; while the server stops, the caller is told to come back on a new connection."""

    wrote_header: bool = False

    def build_response_header(self) -> bytes:
        """Return status line and headers."""
        if self.channel.server.is_stopping:
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header

    def write(self, data: bytes) -> None:
        """Send headers and a body that is whole in one piece: one system call, one packet where it fits."""
        if self.wrote_header or not data or self.content_length != len(data):
            super().write(data)
            return
        self.channel.write_soon(self.build_response_header() + data)
        self.wrote_header = True
        self.content_bytes_written = len(data)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection; what it cuts off may still be read by the caller before it is closed."""

    parser_class = StrictParser
    error_task_class = EmptyErrorTask
    task_class = AnswerTask
    request: StrictParser | None
    lingering_until: float | None = None
    cut_off = False
    heard = False

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        super().__init__(server, sock, addr, adj, map=map)
        self.client = client_of(str(addr[0]) if addr else "")
        self.moved_at = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take bytes of a request."""
        self.heard = self.heard or bool(data)
        self.moved_at = time.monotonic()
        return bool(super().received(data))

    def readable(self) -> bool:
        """Tell whether bytes are wanted: a request's, or those to throw away after a cut."""
        return self.lingering_until is not None or bool(super().readable())

    def writable(self) -> bool:
        """Tell whether there is something to send, or the connection to close."""
        return bool(self.will_close if self.lingering_until is not None else super().writable())

    def handle_read(self) -> None:
        """Read; after a cut, throw away."""
        if self.lingering_until is None:
            super().handle_read()
        else:
            try:
                self.recv(MAX_HEADER_BYTES)  # closes by itself when the caller has closed
            except OSError:
                self.handle_close()

    def handle_write(self) -> None:
        """Send what waits; after the last byte of a cut answer, say so and wait for the caller's end."""
        if self.cut_off and self.close_when_flushed and not self.will_close:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close:
                self._linger()
                return
        super().handle_write()

    def _linger(self) -> None:
        self.close_when_flushed = False
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True
        else:
            self.lingering_until = time.monotonic() + LINGER_SECONDS

    def enforce_time(self, now: float) -> None:
        """End a wait that is over and a silence from the start; cut a request that is late with 408.

        ``now`` is monotonic.
        """
        if not self.heard and now - self.moved_at >= FIRST_BYTE_SECONDS:
            self.will_close = True
            return
        if self.lingering_until is not None:
            self.will_close = self.will_close or now >= self.lingering_until
            return
        with self.requests_lock:
            request = self.request
            if request is None or self.requests or now - request.started_at < self.adj.request_seconds:
                return
            request.error = RequestTimeout("")
            request.completed = True
            self.request = None
            self.requests.append(request)
            self.server.add_task(self)

    def spare(self, now: float) -> tuple[bool, float] | None:
        """Return what it waits for (False: nothing) and since when; None while it is worked or moves."""
        request, slow = self.request, now - self.moved_at > FIRST_BYTE_SECONDS
        if self.requests or (self.total_outbufs_len and not slow):
            return None
        if request is None:
            return bool(self.total_outbufs_len), self.moved_at
        return (True, request.started_at) if now - request.started_at >= SLOW_SECONDS else None

    def give_way(self) -> None:
        """Close for a new connection; only the thread that reads and writes may ask."""
        self.handle_close()

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing is being received, worked or sent (a half request may rest one second)."""
        resting = self.request is None or now - self.last_activity > 1.0
        return not self.requests and not self.total_outbufs_len and resting
