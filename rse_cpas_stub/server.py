"""The holder over HTTP: ``SocialReportSupplierService`` v1 and its WSDL, on waitress's threads."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import waitress

from rse_cpas_stub.contract import served_wsdl
from rse_cpas_stub.failures import Failure
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.names import SUPPLIER_SERVICE

PATH = f"/{SUPPLIER_SERVICE}/v1"
MAX_REQUEST_BYTES = 256 * 1024
_XML = "text/xml; charset=utf-8"
_THREADS = 8

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class HolderApplication:
    """A WSGI application: POST answers a question, ``?wsdl`` gives the WSDL; everything else is refused."""

    def __init__(self, holder: Holder, *, delay_seconds: float = 0, failure: Failure | None = None) -> None:
        """Take the holder, how long each answer is held back, and whether the service is down."""
        self._holder = holder
        self._delay_seconds = delay_seconds
        self._down = failure is Failure.DOWN

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request."""
        if self._down:
            return _empty(start_response, "503 Service Unavailable")
        if environ.get("PATH_INFO") != PATH:
            return _empty(start_response, "404 Not Found")
        if environ["REQUEST_METHOD"] == "GET" and environ.get("QUERY_STRING", "").lower() == "wsdl":
            address = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{PATH}"
            return _send(start_response, "200 OK", served_wsdl(SUPPLIER_SERVICE, address))
        if environ["REQUEST_METHOD"] != "POST":
            return _empty(start_response, "405 Method Not Allowed")
        raw = environ["wsgi.input"].read(MAX_REQUEST_BYTES + 1)
        if len(raw) > MAX_REQUEST_BYTES:
            return _empty(start_response, "413 Content Too Large")
        time.sleep(self._delay_seconds)
        reply = self._holder.handle(raw)
        status = "200 OK" if reply.http_status == 200 else "500 Internal Server Error"
        return _send(start_response, status, reply.raw)


def _send(start_response: StartResponse, status: str, raw: bytes) -> Sequence[bytes]:
    start_response(status, [("Content-Type", _XML), ("Content-Length", str(len(raw)))])
    return [raw]


def _empty(start_response: StartResponse, status: str) -> Sequence[bytes]:
    start_response(status, [("Content-Length", "0")])
    return [b""]


class HolderServer:
    """A listening holder; ``url`` is where it answers, also when port 0 let the system choose."""

    def __init__(self, application: HolderApplication, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Open the socket.

        Raises:
            OSError: the port is taken or not allowed.
        """
        self._server = waitress.create_server(application, host=host, port=port, threads=_THREADS)
        self.url = f"http://{host}:{self._server.effective_port}{PATH}"

    def run(self) -> None:
        """Serve until ``close`` or an interrupt."""
        self._server.run()

    def close(self) -> None:
        """Stop listening."""
        self._server.task_dispatcher.shutdown()
        self._server.close()
