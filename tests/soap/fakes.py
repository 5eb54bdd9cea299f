"""Stand-ins for everything behind the SOAP edge, and a client that says exactly what goes over the wire."""
# ruff: noqa: ARG002 - stand-ins take what the real ones take

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from lxml import etree

from rse_gateway.contract.files import contract_root
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import EdgeRefused, RseError
from rse_gateway.serving.server import Server
from rse_gateway.soap.application import Collaborators, GatewayApplication
from rse_gateway.soap.collaborators import Exchange
from rse_gateway.soap.endpoints import Endpoint
from rse_gateway.soap.wsdl import ContractFiles

PATH = "/ElectronicSocialReportService/v1"
ACTION = "urn:rse-gateway:intf:ElectronicSocialReportService:v1"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass
class FixedClock:
    moment: datetime = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def today(self):
        return self.moment.date()


class CountingIds:
    def __init__(self) -> None:
        self.number = 0

    def gateway_ticket(self) -> GatewayTicket:
        self.number += 1
        return GatewayTicket(UUID(int=self.number))

    def entry_id(self) -> UUID:
        return self.gateway_ticket().value


@dataclass
class Opened:
    payload: etree._Element


@dataclass
class FakeReception:
    """Takes the first child of the first Body as signed, and keeps what it was given."""

    received: list[bytes] = field(default_factory=list)
    error: Exception | None = None
    content_error: Exception | None = None

    def receive(
        self, raw: bytes, endpoint: Endpoint, gateway_ticket: GatewayTicket, received_at: datetime
    ) -> tuple[Opened, MessageContext]:
        self.received.append(raw)
        if self.error is not None:
            raise self.error
        try:
            root = etree.fromstring(raw)
        except etree.XMLSyntaxError:
            raise EdgeRefused("G2", "not well-formed") from None
        body = root.find(f"{{{SOAP}}}Body")
        payload = etree.fromstring(etree.tostring(body[0]))
        operation = endpoint.operation_of(payload.tag)
        context = MessageContext(
            gateway_ticket=gateway_ticket,
            received_at=received_at,
            service=endpoint.service,
            operation=operation.name if operation else "",
            signing=CbeNumber("0206731645"),
            roles=frozenset({"cpas"}),
            proof=MessageProof(b"", b"", b"", ""),
            replay_key=b"",
        )
        return Opened(payload), context

    def check(self, message: Opened, context: MessageContext) -> None:
        if self.content_error is not None:
            raise self.content_error


@dataclass
class FakeOperations:
    """Answers with the operation's name and the ticket it was given; can fail, or wait."""

    error: Exception | None = None
    answer: object = None
    gate: threading.Event | None = None
    handled: list[str] = field(default_factory=list)
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def handle(self, operation: str, payload: etree._Element, context: MessageContext) -> bytes:
        self.handled.append(operation)
        self.started.release()
        if self.gate is not None:
            self.gate.wait(20)
        if self.error is not None:
            raise self.error
        if self.answer is not None:
            return self.answer
        return answer(operation, payload.findtext("ticket") or "")


def answer(operation: str, ticket: str) -> bytes:
    return f"<answer operation='{operation}' ticket='{ticket}'/>".encode()


@dataclass
class FakeFaults:
    """Writes which error it was given: that it was called is what "signed" means here."""

    written: list[tuple[RseError, dict]] = field(default_factory=list)
    error: Exception | None = None

    def write(self, error: RseError, **rest) -> bytes:
        self.written.append((error, rest))
        if self.error is not None:
            raise self.error
        mismatch = getattr(error, "version_mismatch", False)
        return f"<signed-fault code='{error.code}' mismatch='{mismatch}'/>".encode()


@dataclass
class Fakes:
    reception: FakeReception = field(default_factory=FakeReception)
    operations: FakeOperations = field(default_factory=FakeOperations)
    faults: FakeFaults = field(default_factory=FakeFaults)
    refused: list[RseError] = field(default_factory=list)
    signers: list[CbeNumber | None] = field(default_factory=list)

    def note_refusal(self, error: RseError, exchange: Exchange) -> RseError:
        self.refused.append(error)
        self.signers.append(None if exchange.context is None else exchange.context.signing)
        return error

    def application(self, **options) -> GatewayApplication:
        collaborators = Collaborators(
            reception=self.reception,
            operations=self.operations,
            faults=self.faults,
            contract=ContractFiles(contract_root()),
            clock=FixedClock(),
            ids=CountingIds(),
            note_refusal=self.note_refusal,
        )
        return GatewayApplication(collaborators, **{"max_working": 64, **options})


@contextmanager
def serving(
    fakes: Fakes, *, threads=8, max_waiting=200, request_seconds=30.0, places=None, **options
) -> Iterator[int]:
    """Serve the fakes on a socket of this machine; give its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    application = fakes.application(**options)
    server = Server(
        application,
        listening,
        threads=threads,
        max_waiting=max_waiting,
        request_seconds=request_seconds,
        places=places,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.stop(5)
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"


def envelope(ticket: str = "T-1", operation: str = "consultSocialReport", namespace: str = REPORT) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><m:{operation}Request xmlns:m="{namespace}">'
        f"<ticket>{ticket}</ticket></m:{operation}Request></s:Body></s:Envelope>"
    ).encode()


@dataclass
class Answer:
    """What came back, with the connection's fate."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool

    @property
    def is_signed_fault(self) -> bool:
        return self.body.startswith(b"<signed-fault")

    @property
    def is_unsigned_and_empty(self) -> bool:
        return self.body == b"" and self.headers.get("content-length") == "0"


def request_bytes(
    body: bytes = b"",
    *,
    method: str = "POST",
    path: str = PATH,
    headers: dict[str, str] | None = None,
    version: str = "1.1",
) -> bytes:
    """Compose a request; a header given as None is left out."""
    lines = {"Host": "localhost", "Content-Type": "text/xml; charset=utf-8", "Content-Length": str(len(body))}
    lines.update(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{method} {path} HTTP/{version}\r\n{head}\r\n".encode("latin-1") + body


def talk(port: int, *pieces: bytes, pause: float = 0.0, timeout: float = 10.0) -> Answer:
    """Send raw bytes and read one answer; the sender may be cut off half way."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # cut off: the answer may still be there
        return read_answer(connection)


def read_answer(connection: socket.socket, *, without_body: bool = False) -> Answer:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return Answer(0, {}, head, closed=True)
        head += part
        if head.startswith(b"HTTP/1.1 100") and b"\r\n\r\n" in head:
            head = head.partition(b"\r\n\r\n")[2]
    head, _, body = head.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")) and not without_body:
        part = connection.recv(65536)
        if not part:
            break
        body += part
    closed = headers.get("connection") == "close"
    return Answer(int(first.split()[1]), headers, body, closed)
