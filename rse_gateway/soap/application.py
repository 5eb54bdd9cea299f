"""The WSGI application: every request gets exactly one answer, and the order of what is done stands here.

path → G0 → body → who signed (G1–G8) → address and SOAPAction agree with what was signed → replay (G9) →
content (G10) → Spyne → operation → bytes.
Guaranteed: what is answered is a signed message, or unsigned and empty with a status of
`rse_gateway.soap.edge.UNSIGNED_STATUSES`, or a public document of the contract. Spyne and the operations see
only what the reception returned. Nothing that an exception says reaches a caller or a log.

Rules: contract page, "Checks and their answers"; reliability page, overload.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from rse_gateway.errors import (
    EdgeRefused,
    GatewayFault,
    GatewayUnavailable,
    MessageRefused,
    RseError,
)
from rse_gateway.ports import Clock, Ids
from rse_gateway.soap import edge
from rse_gateway.soap.collaborators import Exchange, FaultWriter, Operations, Reception
from rse_gateway.soap.edge import Environ
from rse_gateway.soap.endpoints import Endpoint
from rse_gateway.soap.protocol import EXCHANGE_KEY, OPERATIONS_KEY, PAYLOAD_KEY
from rse_gateway.soap.services import build_dispatch
from rse_gateway.soap.wsdl import ContractFiles

XML_TYPE: Final = "text/xml; charset=utf-8"
RETRY_AFTER_SECONDS: Final = 5
_FAULTS: Final = (MessageRefused, GatewayUnavailable, GatewayFault)
_logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; without a body it is empty."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse, *, without_body: bool = False) -> Iterable[bytes]:
        """Start the response and return its body (nothing for HEAD, as HTTP wants it)."""
        headers = [("Content-Length", str(len(self.body))), ("Cache-Control", "no-store"), *self.headers]
        if self.body:
            headers.append(("Content-Type", XML_TYPE))
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [b"" if without_body else self.body]


def log_refusal(error: RseError, exchange: Exchange) -> RseError:
    """Write one line that the ticket of a fault leads to: the exact reason, never a value of the message."""
    _logger.info("%s refused: %s", exchange.gateway_ticket, error)
    return error


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Everything the application calls; built by the composition root.

    Attributes:
        note_refusal: told of every message that is answered by a fault or by an empty status, before it is;
            returns the error that the caller is told (another one when the refusal cannot be recorded).
    """

    reception: Reception
    operations: Operations
    faults: FaultWriter
    contract: ContractFiles
    clock: Clock
    ids: Ids
    note_refusal: Callable[[RseError, Exchange], RseError] = log_refusal


class GatewayApplication:
    """The gateway as a WSGI application; safe to call from many threads."""

    def __init__(
        self,
        collaborators: Collaborators,
        *,
        max_working: int,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """Build the dispatch.

        Args:
            collaborators: see there.
            max_working: requests worked at the same time in this process; above it the answer is 503.
            on_close: called once by `close`, after the last request was answered.
        """
        self._with = collaborators
        self._dispatch = build_dispatch()
        self._places = threading.BoundedSemaphore(max_working)
        self._max_working = max_working
        self._on_close = on_close

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; never raises."""
        without_body = environ["REQUEST_METHOD"] == "HEAD"
        if not self._places.acquire(blocking=False):
            return _unsigned(503).send(start_response, without_body=without_body)
        try:
            return self._answer(environ).send(start_response, without_body=without_body)
        finally:
            self._places.release()

    def close(self, timeout: float = 20.0) -> None:
        """Wait until what is being answered is answered, at most ``timeout`` seconds, then close."""
        deadline = time.monotonic() + timeout
        for _ in range(self._max_working):
            self._places.acquire(timeout=max(0.0, deadline - time.monotonic()))
        if self._on_close is not None:
            on_close, self._on_close = self._on_close, None
            on_close()

    def _answer(self, environ: Environ) -> Reply:
        exchange = _guarded(lambda: Exchange(self._with.ids.gateway_ticket(), self._with.clock.now()))
        if not isinstance(exchange, Exchange):
            return _unsigned(503)
        reply = _guarded(lambda: self._serve(environ, exchange))
        if isinstance(reply, Reply):
            return reply
        refused: RseError = reply
        fault = _guarded(lambda: self._fault(refused, exchange))
        return fault if isinstance(fault, Reply) else _unsigned(503)

    def _serve(self, environ: Environ, exchange: Exchange) -> Reply:
        endpoint = edge.find_endpoint(environ)
        exchange.endpoint = endpoint
        if (document := edge.document_asked_for(environ)) is not None:
            return Reply(200, self._with.contract.document(endpoint, *document, host=_host(environ)))
        edge.check_request(environ, endpoint)
        raw = edge.read_body(environ, endpoint)
        signed, context = self._with.reception.receive(
            raw, endpoint, exchange.gateway_ticket, exchange.received_at
        )
        _check_agreement(endpoint, signed.payload.tag, edge.soap_action_of(environ))
        exchange.context = context  # only now: address and SOAPAction are unsigned, anybody may have set them
        self._with.reception.check(signed, context)
        return Reply(200, self._call(endpoint, signed.payload, exchange))

    def _call(self, endpoint: Endpoint, payload: Any, exchange: Exchange) -> bytes:
        """Let Spyne find and call the operation; its environment holds what was signed, and nothing else."""
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": endpoint.path,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "0",
            "wsgi.url_scheme": "http",
            EXCHANGE_KEY: exchange,
            PAYLOAD_KEY: payload,
            OPERATIONS_KEY: self._with.operations,
        }
        return b"".join(self._dispatch[endpoint.path](environ, lambda status, headers: None))  # noqa: ARG005

    def _fault(self, error: RseError, exchange: Exchange) -> Reply:
        error = self._with.note_refusal(error, exchange)
        status = error.status if isinstance(error, EdgeRefused) else 500
        if status in edge.UNSIGNED_STATUSES:
            return _unsigned(status)
        if not isinstance(error, _FAULTS):
            _logger.error("%s is no fault and escaped from an operation", type(error).__name__)
            error = GatewayFault(type(error).__name__)
        body = self._with.faults.write(
            error,
            service=exchange.service,
            gateway_ticket=exchange.gateway_ticket,
            received_at=exchange.received_at,
            context=exchange.context,
        )
        return Reply(status, body, (("Allow", "POST"),) if status == 405 else ())


def _guarded(step: Callable[[], _Result]) -> _Result | RseError:
    """Return what ``step`` returns, or why it failed: the one place where anything at all is caught."""
    try:
        return step()
    except RseError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the outermost edge; its text might quote a message
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place is not None else "nowhere"
        _logger.error("unexpected %s in %s", type(error).__name__, where)  # noqa: TRY400 - no text, no values
        return GatewayFault(type(error).__name__)


def _check_agreement(endpoint: Endpoint, request: str, soap_action: str) -> None:
    operation = endpoint.operation_of(request)
    if operation is None:
        raise EdgeRefused("G0", "the signed message is no operation of this address")
    if soap_action and soap_action != operation.soap_action:
        raise EdgeRefused("G0", "SOAPAction of another operation than the signed one")


def _unsigned(status: int) -> Reply:
    return Reply(status, headers=(("Retry-After", str(RETRY_AFTER_SECONDS)),) if status == 503 else ())


def _host(environ: Environ) -> str:
    host: str = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"
