"""What the SOAP edge needs of the rest of the gateway, as protocols that the composition root fills in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lxml import etree

from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import RseError
from rse_gateway.soap.endpoints import Endpoint


class SignedPayload(Protocol):
    """What the gate returns, as far as it is read here."""

    @property
    def payload(self) -> etree._Element:
        """Return the one child of the signed Body, parsed anew from the digested bytes."""


class Reception(Protocol):
    """Steps G1 to G10 of the gate, and who signed."""

    def receive(
        self, raw: bytes, endpoint: Endpoint, gateway_ticket: GatewayTicket, received_at: datetime
    ) -> tuple[SignedPayload, MessageContext]:
        """Return what was signed and who signed it (G1–G8).

        Raises:
            MessageRefused: bytes, envelope, time, certificate or signature.
        """

    def check(self, message: Any, context: MessageContext) -> None:
        """Refuse a signed message that was received before (G9) or breaks the XSD (G10).

        Raises:
            MessageRefused: replay or content.
            GatewayUnavailable: the store cannot be read.
        """


class Operations(Protocol):
    """The operations of the contract."""

    def handle(self, operation: str, payload: etree._Element, context: MessageContext) -> bytes:
        """Return the sealed answer; whatever it discloses is already in the log.

        Raises:
            GatewayUnavailable: store or log cannot be written.
            GatewayFault: the answer is invalid or cannot be signed.
        """


@dataclass(slots=True)
class Exchange:
    """What is known of one request so far; grows while it is worked.

    Attributes:
        endpoint: None until the path was recognised.
        context: None until the message is authenticated and came to its own address with its own SOAPAction.
    """

    gateway_ticket: GatewayTicket
    received_at: datetime
    endpoint: Endpoint | None = None
    context: MessageContext | None = None

    @property
    def service(self) -> str | None:
        """Return the contract name of the service addressed, None when nothing is served there."""
        return None if self.endpoint is None else self.endpoint.service


class FaultWriter(Protocol):
    """Turns an error into a signed fault."""

    def write(
        self,
        error: RseError,
        *,
        service: str | None,
        gateway_ticket: GatewayTicket,
        received_at: datetime,
        context: MessageContext | None,
    ) -> bytes:
        """Return the whole signed envelope with the service's fault element.

        ``service`` is None when the path named none, ``context`` is None when nobody was authenticated.
        ``error`` is a MessageRefused, GatewayUnavailable or GatewayFault.
        """
