"""One HTTP/1.1 reply read from a socket: bounded in time and in bytes, wherever it drips or swells.

Guards: before every `recv` the time left is set anew, so one byte now and then does not prolong a call; all
heads together (1xx among them) hold at most 64 KiB, at most eight 1xx are passed over; a body of chunks may
take twice the bytes of what it carries, extensions and trailers among them. `http.client` alone has none of
these bounds: it follows ``100 Continue`` and trailers for ever. It only frames the body here.
"""

import http.client
import io
import re
import socket
from dataclasses import dataclass
from typing import Any, cast

from rse_gateway.adapters.call_deadline import Deadline

MAX_HEAD_BYTES = 64 * 1024
MAX_INTERIM = 8
_CHUNK = 65_536
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_INTERIM = range(100, 200)
_SWITCHING = 101


@dataclass(frozen=True, slots=True, repr=False)
class HttpReply:
    """Status and whole body of a reply."""

    status: int
    raw: bytes


class ReplyBroken(Exception):
    """What came back is no HTTP reply, or one beyond its bounds; the text is ours."""


class ClosedSilently(ConnectionError):
    """The connection was closed before the first byte of a reply."""


class Incoming(io.RawIOBase):
    """The bytes of one reply as they come; ``received`` counts them."""

    def __init__(self, source: socket.socket, deadline: Deadline, most: int) -> None:
        """Read from ``source`` until the deadline, ``most`` bytes at most."""
        self._source = source
        self._deadline = deadline
        self._most = most
        self.received = 0
        self.resting = False

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill the buffer with what is there, waiting for at least one byte.

        Raises:
            TimeoutError: the deadline has come.
            ReplyBroken: more bytes than the bound.
        """
        if self.resting:
            return None
        self._source.settimeout(self._deadline.left())
        count = self._source.recv_into(buffer)
        self.received += count
        if self.received > self._most:
            raise ReplyBroken("the reply is larger than the contract allows")
        return count


def read_reply(incoming: Incoming, *, method: str, max_bytes: int) -> tuple[HttpReply, bool]:
    """Return the reply, and whether its connection may serve another question.

    Raises:
        TimeoutError: the reply was not complete at the deadline.
        ReplyBroken: it is no HTTP reply, not complete, or beyond a bound.
        ClosedSilently: the partner closed before the first byte.
        OSError: the connection broke.
    """
    reader = io.BufferedReader(incoming, _CHUNK)
    head = _final_head(reader)
    response = http.client.HTTPResponse(cast("Any", _Framed(head, reader)), method=method)
    try:
        response.begin()
        raw = _body(response, max_bytes)
    except (http.client.HTTPException, ValueError) as error:
        raise ReplyBroken(f"no HTTP reply: {type(error).__name__}") from error
    incoming.resting = True
    reusable = not response.will_close and response.status != _SWITCHING and not reader.peek(1)
    return HttpReply(response.status, raw), reusable


def bytes_on_the_wire(max_bytes: int) -> int:
    """Return how many bytes a reply may take with a body of that size, heads and chunks included."""
    return 2 * max_bytes + 2 * MAX_HEAD_BYTES


def _final_head(reader: "io.BufferedReader[Any]") -> bytes:
    """Return the head of the reply itself, its empty line included; interim replies are passed over."""
    left = MAX_HEAD_BYTES
    for _ in range(MAX_INTERIM + 1):
        head, status = _head(reader, left)
        left -= len(head)
        if status not in _INTERIM or status == _SWITCHING:
            return head
    raise ReplyBroken(f"more than {MAX_INTERIM} interim replies (1xx)")


def _head(reader: "io.BufferedReader[Any]", most: int) -> tuple[bytes, int]:
    first = reader.readline(most)
    if not first:
        raise ClosedSilently("closed before the first byte of a reply")
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise ReplyBroken("no HTTP reply: its first line is no status line")
    head = bytearray(first)
    while (line := reader.readline(max(most - len(head), 1))).strip(b"\r\n"):
        head += line
        if len(head) >= most or not line.endswith(b"\n"):
            raise ReplyBroken(f"the head of the reply does not end within {MAX_HEAD_BYTES} bytes")
    if not line:
        raise ReplyBroken("the reply ends within its head")
    return bytes(head + line), int(found[1])


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    stated = response.length
    if stated is not None and stated > max_bytes:
        raise ReplyBroken("the reply is larger than the contract allows")
    chunks, size = [], 0
    while chunk := response.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise ReplyBroken("the reply is larger than the contract allows")
        chunks.append(chunk)
    if stated is not None and size != stated:
        raise ReplyBroken("the reply ends within its body")
    return b"".join(chunks)


class _Framed:
    """A head already read, then the reader behind it: what `http.client.HTTPResponse` takes for a socket."""

    def __init__(self, head: bytes, reader: "io.BufferedReader[Any]") -> None:
        self._head = io.BytesIO(head)
        self._reader = reader

    def makefile(self, _mode: str) -> "_Framed":
        return self

    def readline(self, limit: int = -1) -> bytes:
        return self._head.readline(limit) or self._reader.readline(limit)

    def read(self, size: int = -1) -> bytes:
        return self._reader.read(size)

    def readinto(self, buffer: Any) -> int:
        return self._reader.readinto(buffer)

    def flush(self) -> None:
        """Nothing is ever written here."""

    def close(self) -> None:
        """Leave the connection to who owns it."""
