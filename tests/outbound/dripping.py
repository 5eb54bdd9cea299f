"""Holders' servers that never finish a reply, one for each place where it can drip; real sockets."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from rse_gateway.adapters.connecting import Connector
from rse_gateway.security.allowed_hosts import AllowedHosts

HERE = Connector(AllowedHosts.of((), "test"))
"""Connects to loopback, as in the environment test."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

DRIPS: dict[str, tuple[bytes, bytes]] = {
    "status line": (b"HTTP/1.1 200 O", b"K"),
    "headers": (OK + b"X-Slow: ", b"a"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunk extensions": (CHUNKED + b"5;drip=", b"a"),
    "body": (OK + b"Content-Length: 100000\r\n\r\n", b" "),
    "trailers": (CHUNKED + b"1\r\n \r\n0\r\nX-Trailer: ", b"a"),
}
"""What comes at once, then what comes again and again."""


@dataclass
class Listening:
    """A server of the loopback interface: what its connections and requests were."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/SocialReportSupplierService/v1"


def read_request(connection: socket.socket) -> bytes:
    """Return one request with its body, or nothing when the caller closed."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        if not (part := connection.recv(65_536)):
            return b""
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    stated = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(stated[0].partition(b":")[2]) if stated else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(talk: Callable[[socket.socket, Listening], None], port: int = 0) -> Iterator[Listening]:
    """Run ``talk`` in a thread of its own for every connection; all ends with the block."""
    opened: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    listening = Listening(listener.getsockname()[1])

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection, listening)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                opened.append(connection)
                listening.connections += 1
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening
    finally:
        for each in (listener, *opened):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def dripping(where: str, every: float = 0.05) -> Callable[[socket.socket, Listening], None]:
    """Return a server that begins a reply and lets its rest drip until the caller has gone."""
    begin, drop = DRIPS[where]

    def talk(connection: socket.socket, listening: Listening) -> None:
        listening.requests.append(read_request(connection))
        connection.sendall(begin)
        for _ in itertools.count():
            connection.sendall(drop)
            time.sleep(every)

    return talk


def answering(*replies: bytes, pause: float = 0.0) -> Callable[[socket.socket, Listening], None]:
    """Return a server that gives these replies on each connection, then closes it."""

    def talk(connection: socket.socket, listening: Listening) -> None:
        for reply in replies:
            if not (request := read_request(connection)):
                return
            listening.requests.append(request)
            time.sleep(pause)
            connection.sendall(reply)

    return talk


def reply(body: bytes = b"<ok/>", *, head: bytes = OK) -> bytes:
    """Return a whole reply."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
