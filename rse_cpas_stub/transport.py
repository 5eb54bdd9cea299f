"""One HTTP POST of signed bytes on a connection of its own, bounded in time and size; nothing is retried.

A watchdog ends the connection when the time is over, so that it does not matter where an answer drips: in its
status line, its headers, in 1xx replies, chunk extensions, body or trailers, or while we connect or send.
"""

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import SplitResult, urlsplit

from rse_cpas_stub.errors import Unreachable
from rse_cpas_stub.skeleton import MAX_BYTES

CONNECT_SECONDS = 3.0
MAX_HEAD_BYTES = 64 * 1024
MAX_INTERIM = 8
_PORTS = {"http": 80, "https": 443}
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?\r?\n")
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*(.*?)[ \t]*\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?\r?\n")


def post(url: str, raw: bytes, action: str, *, timeout_seconds: float) -> bytes:
    """Return the bytes that came back, whatever the HTTP status: a signed fault comes with 500.

    Raises:
        Unreachable: no whole answer in time, an empty one, or one beyond its bounds.
    """
    ends = time.monotonic() + timeout_seconds
    parts = urlsplit(url)
    try:
        with _connected(parts, ends) as connection, _cut_at(connection, ends) as cut:
            try:
                status, answer = _exchanged(connection, parts, raw, action)
            except (OSError, Unreachable) as error:
                if cut.is_set():
                    raise Unreachable("no answer: not complete in time") from error
                raise
    except OSError as error:
        raise Unreachable(f"no answer: {type(error).__name__}") from error
    if not answer:
        raise Unreachable(f"an empty answer, HTTP status {status}")
    return answer


def _exchanged(connection: socket.socket, parts: SplitResult, raw: bytes, action: str) -> tuple[int, bytes]:
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = context.wrap_socket(connection, server_hostname=parts.hostname)
    with connection:
        head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Content-Type: text/xml; charset=utf-8\r\nSOAPAction: {action}\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n"
        )
        connection.sendall(head.encode("ascii") + raw)
        with connection.makefile("rb") as stream:
            return _read_answer(stream)


def _connected(parts: SplitResult, ends: float) -> socket.socket:
    within = min(ends, time.monotonic() + CONNECT_SECONDS)
    failed = OSError("no address")
    for family, where in _addresses(parts, within):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(max(within - time.monotonic(), 0.001))
        try:
            connection.connect(where)
        except OSError as error:
            connection.close()
            failed = error
        else:
            connection.settimeout(None)  # the watchdog ends every wait from here on
            return connection
    raise failed


def _addresses(parts: SplitResult, within: float) -> list[tuple[int, tuple[object, ...]]]:
    """Look the name up beside us: the system's look-up cannot be told when to end."""
    found: queue.SimpleQueue[list[tuple[int, tuple[object, ...]]] | OSError] = queue.SimpleQueue()

    def look() -> None:
        try:
            port = parts.port or _PORTS.get(parts.scheme, 80)
            answers = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
            found.put([(family, where) for family, _, _, _, where in answers])
        except (OSError, ValueError) as error:
            found.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=look, daemon=True).start()
    try:
        looked_up = found.get(timeout=max(within - time.monotonic(), 0.001))
    except queue.Empty:
        raise TimeoutError("the name was not looked up in time") from None
    if isinstance(looked_up, OSError):
        raise looked_up
    return looked_up


@contextmanager
def _cut_at(connection: socket.socket, ends: float) -> Iterator[threading.Event]:
    """End the connection when the time is over; the event tells that it was."""
    cut = threading.Event()
    ours = connection.dup()  # the same connection under TLS too

    def end() -> None:
        cut.set()
        with suppress(OSError):  # it may have ended by itself
            ours.shutdown(socket.SHUT_RDWR)

    watchdog = threading.Timer(max(ends - time.monotonic(), 0.0), end)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield cut
    finally:
        watchdog.cancel()
        watchdog.join()
        ours.close()


@dataclass(frozen=True, slots=True)
class _Head:
    status: int
    fields: Mapping[bytes, bytes]
    size: int


def _read_answer(stream: BinaryIO) -> tuple[int, bytes]:
    room = MAX_HEAD_BYTES
    for _ in range(MAX_INTERIM + 1):
        head = _read_head(stream, room)
        room -= head.size
        if head.status >= 200:
            return head.status, _read_body(stream, head)
    raise Unreachable(f"more than {MAX_INTERIM} interim replies before the answer")


def _line(stream: BinaryIO, room: int) -> bytes:
    line = stream.readline(room + 1)
    if len(line) > room:
        raise Unreachable("the head of the answer, or of a chunk, is too long")
    if not line.endswith(b"\n"):
        raise Unreachable("no answer: the connection ended before it was whole")
    return line


def _read_head(stream: BinaryIO, room: int) -> _Head:
    first = _line(stream, room)
    status = _STATUS.fullmatch(first)
    if status is None:
        raise Unreachable("what came back is not HTTP")
    size, fields = len(first), dict[bytes, bytes]()
    while (line := _line(stream, room - size)).strip():
        size += len(line)
        field = _FIELD.fullmatch(line)
        if field is None or (fields.setdefault(field[1].lower(), field[2]) != field[2] and _frames(field[1])):
            raise Unreachable("what came back is not HTTP")
    return _Head(int(status[1]), fields, size + len(line))


def _frames(name: bytes) -> bool:
    return name.lower() in {b"content-length", b"transfer-encoding"}


def _read_body(stream: BinaryIO, head: _Head) -> bytes:
    coding, length = head.fields.get(b"transfer-encoding"), head.fields.get(b"content-length")
    if coding is not None:
        if coding.lower() != b"chunked":
            raise Unreachable("the answer comes in a transfer coding that we do not read")
        return _read_chunks(stream)
    if length is None:
        body = stream.read(MAX_BYTES + 1)
    elif not re.fullmatch(rb"[0-9]{1,10}", length):
        raise Unreachable("what came back is not HTTP")
    else:
        body = stream.read(min(int(length), MAX_BYTES + 1))
        if len(body) < min(int(length), MAX_BYTES + 1):
            raise Unreachable("no answer: the connection ended before it was whole")
    if len(body) > MAX_BYTES:
        raise Unreachable("the answer is too long")
    return body


def _read_chunks(stream: BinaryIO) -> bytes:
    body, room = bytearray(), MAX_BYTES  # of sizes, extensions and trailers together
    while True:
        line = _line(stream, min(room, MAX_HEAD_BYTES))
        room -= len(line)
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise Unreachable("what came back is not HTTP")
        if not int(size[1], 16):
            break
        if len(body) + int(size[1], 16) > MAX_BYTES:
            raise Unreachable("the answer is too long")
        body += stream.read(int(size[1], 16))
        if _line(stream, 2).strip():
            raise Unreachable("what came back is not HTTP")
    while (line := _line(stream, min(room, MAX_HEAD_BYTES))).strip():
        room -= len(line)
    return bytes(body)
