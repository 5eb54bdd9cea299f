"""Our services over HTTP: holder and receiver of one or several CPAS, with their WSDLs, on waitress.

Several CPAS share a port, each below its own path, or have a port of their own. One that is ``down`` and
alone on its port keeps the port without listening, so that connections are refused.
"""

import errno
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import ClientDisconnected

from rse_cpas_stub.contract import served_wsdl
from rse_cpas_stub.failures import Failure, Switches
from rse_cpas_stub.names import RECEIVER_SERVICE, SUPPLIER_SERVICE
from rse_cpas_stub.replies import Reply

PATH = f"/{SUPPLIER_SERVICE}/v1"
RECEIVER_PATH = f"/{RECEIVER_SERVICE}/v1"
_SERVICES = {PATH: SUPPLIER_SERVICE, RECEIVER_PATH: RECEIVER_SERVICE}
_MAX_BYTES = {PATH: 256 * 1024, RECEIVER_PATH: 4 * 1024 * 1024}
_XML = "text/xml; charset=utf-8"
_THREADS = 32
_DRIP_SECONDS = 0.25
_STOP_SECONDS = 1
_LOOK_SECONDS = 0.2
_REQUEST_SECONDS = 30.0
_IDLE_SECONDS = 15
_CONNECTIONS = 500
_PORT_SECONDS = 5.0

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Handle = Callable[[bytes], Reply]


class CpasApplication:
    """A WSGI application for one CPAS: POST is answered, ``?wsdl`` gives the WSDL, all else is refused."""

    def __init__(
        self,
        holder: Handle,
        receiver: Handle | None = None,
        *,
        switches: Switches | None = None,
        prefix: str = "",
    ) -> None:
        """Take what answers questions and pushes, how the service misbehaves, and the path before its own."""
        self._services: dict[str, Handle] = {PATH: holder}
        if receiver is not None:
            self._services[RECEIVER_PATH] = receiver
        self.switches = switches or Switches()
        self.prefix = prefix

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request."""
        if self.switches.failure in {Failure.DOWN, Failure.HANG_UP}:
            # the one way to have waitress close a connection without a word
            raise ClientDisconnected
        if self.switches.failure is Failure.UNAVAILABLE:
            return _empty(start_response, "503 Service Unavailable")
        full = str(environ.get("PATH_INFO", ""))
        path = full.removeprefix(self.prefix)
        handle = self._services.get(path)
        if handle is None or full != self.prefix + path:
            return _empty(start_response, "404 Not Found")
        if environ["REQUEST_METHOD"] == "GET" and environ.get("QUERY_STRING", "").lower() == "wsdl":
            address = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{self.prefix}{path}"
            return _send(start_response, "200 OK", served_wsdl(_SERVICES[path], address))
        if environ["REQUEST_METHOD"] != "POST":
            return _empty(start_response, "405 Method Not Allowed")
        raw = environ["wsgi.input"].read(_MAX_BYTES[path] + 1)
        if len(raw) > _MAX_BYTES[path]:
            return _empty(start_response, "413 Content Too Large")
        time.sleep(self.switches.delay)
        reply = handle(raw)
        status = "200 OK" if reply.http_status == 200 else "500 Internal Server Error"
        sent = _send(start_response, status, reply.raw)
        if self.switches.failure is Failure.DRIP:
            return _dripping(reply.raw, self.switches.drip_rate)
        return sent


def _send(start_response: StartResponse, status: str, raw: bytes) -> Sequence[bytes]:
    start_response(status, [("Content-Type", _XML), ("Content-Length", str(len(raw)))])
    return [raw]


def _empty(start_response: StartResponse, status: str) -> Sequence[bytes]:
    start_response(status, [("Content-Length", "0")])
    return [b""]


def _dripping(raw: bytes, rate: int) -> Iterator[bytes]:
    rate = max(1, rate)
    step = max(1, round(rate * _DRIP_SECONDS))
    for start in range(0, len(raw), step):
        yield raw[start : start + step]
        time.sleep(step / rate)


def _by_path(applications: Sequence[CpasApplication]) -> Application:
    """Return the application of several CPAS on one port, each below its own path."""

    def route(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        for application in applications:
            if path.startswith(f"{application.prefix}/"):
                return application(environ, start_response)
        return _empty(start_response, "404 Not Found")

    return route


@dataclass(frozen=True, slots=True)
class Place:
    """Where a CPAS is served: host, port (0: the system chooses, one port for each such CPAS)."""

    host: str = "127.0.0.1"
    port: int = 0


class _Refusing:
    """A port that nobody listens on, and that nobody else gets."""

    def __init__(self, place: Place) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((place.host, place.port))
        self.port = int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Let every connection be refused."""

    def close(self) -> None:
        self._socket.close()


class _Listening:
    def __init__(self, application: Application, place: Place) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = waitress.create_server(
            application,
            map=self._sockets,
            host=place.host,
            port=place.port,
            threads=_THREADS,
            connection_limit=_CONNECTIONS,
            channel_timeout=_IDLE_SECONDS,
            cleanup_interval=1,
        )
        self._began: dict[Any, float] = {}
        self._stopping = threading.Event()
        self._loop = threading.Thread(target=self._run, daemon=True)
        self.port = int(self._server.effective_port)

    def start(self) -> None:
        self._loop.start()

    def close(self) -> None:
        self._server.task_dispatcher.shutdown(timeout=_STOP_SECONDS)
        self._stopping.set()
        self._server.pull_trigger()
        if self._loop.is_alive():
            self._loop.join()
        if self._server.task_dispatcher.threads:
            # an answer that is still held back may yet wake the loop: its wake-up file must stay open
            self._server.socket.close()
        else:
            wasyncore.close_all(self._sockets, ignore_all=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_LOOK_SECONDS, map=self._sockets, count=1, use_poll=True)
            self._end_late_requests()

    def _end_late_requests(self) -> None:
        """Close who sends a request drop by drop: no such client may hold its place for ever."""
        now, channels = time.monotonic(), list(self._server.active_channels.values())
        coming = {one.request: one for one in channels if one.request is not None and not one.requests}
        self._began = {request: self._began.get(request, now) for request in coming}
        for request, began in self._began.items():
            if now - began >= _REQUEST_SECONDS:
                coming[request].will_close = True


class StubServer:
    """The listening CPAS; ``urls`` are where each answers, in the order given, also for port 0."""

    def __init__(
        self, applications: Sequence[tuple[CpasApplication, Place]], *, port_wait: float = _PORT_SECONDS
    ) -> None:
        """Open the sockets; a port that is taken is waited for ``port_wait`` seconds.

        Raises:
            OSError: a port stays taken or is not allowed.
        """
        self._servers: list[_Listening | _Refusing] = []
        self.urls: list[str] = [""] * len(applications)
        shared: Mapping[object, list[int]] = defaultdict(list)
        for index, (_, place) in enumerate(applications):
            shared[place if place.port else index].append(index)
        until = time.monotonic() + port_wait
        try:
            for indexes in shared.values():
                self._open_when_free([applications[index] for index in indexes], indexes, until)
        except OSError:
            self.close()
            raise

    def _open_when_free(
        self, together: Sequence[tuple[CpasApplication, Place]], indexes: Sequence[int], until: float
    ) -> None:
        """Open a port, where a predecessor that is ending still holds it as soon as it is free."""
        while True:
            try:
                return self._open(together, indexes)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() >= until:
                    raise
            time.sleep(_LOOK_SECONDS)

    def _open(self, together: Sequence[tuple[CpasApplication, Place]], indexes: Sequence[int]) -> None:
        application, place = together[0]
        server: _Listening | _Refusing
        if len(together) == 1 and application.switches.failure is Failure.DOWN:
            server = _Refusing(place)
        elif len(together) == 1:
            server = _Listening(application, place)
        else:
            server = _Listening(_by_path([one for one, _ in together]), place)
        self._servers.append(server)
        for index, (one, _) in zip(indexes, together, strict=True):
            self.urls[index] = f"http://{place.host}:{server.port}{one.prefix}"

    def start(self) -> None:
        """Serve on threads of their own until ``close``."""
        for server in self._servers:
            server.start()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.close()
