"""From raw bytes to a message that may be read: steps G1 to G10, and what a refusal leaves behind.

The gate (G1–G8) tells who signed; then the replay key is looked up (G9) and the signed Body is held against
the XSD (G10). The replay key is *written* in the transaction that ends the message, accepted or refused;
that transaction decides races. Rules: security page, "The gate, in order".
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from rse_gateway.contract.schemas import Schemas
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import GatewayUnavailable, MessageRefused, ReplayRefused, RseError
from rse_gateway.ports import Consultations
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.soap.collaborators import Exchange
from rse_gateway.soap.endpoints import Endpoint
from rse_gateway.use_cases.refusals import Refusals

_security_log = logging.getLogger("rse_gateway.security_log")


@dataclass(frozen=True, slots=True)
class GateReception:
    """Implements `collaborators.Reception`."""

    gate: Gate
    schemas: Schemas
    consultations: Consultations

    def receive(
        self, raw: bytes, endpoint: Endpoint, gateway_ticket: GatewayTicket, received_at: datetime
    ) -> tuple[SignedMessage, MessageContext]:
        """Return what was signed and who signed it (G1–G8).

        Raises:
            MessageRefused: bytes, envelope, time, certificate or signature.
        """
        message = self.gate.open(raw, bounds=endpoint.bounds, now=received_at)
        signer = message.signer
        operation = endpoint.operation_of(message.payload.tag)
        context = MessageContext(
            gateway_ticket=gateway_ticket,
            received_at=received_at,
            service=endpoint.service,
            operation="unknown" if operation is None else operation.name,
            signing=signer.cbe_number,
            roles=signer.roles,
            proof=MessageProof(
                body_digest=message.body_digest,
                signed_info=message.signed_info,
                signature_value=message.signature_value,
                certificate_digest=signer.certificate_digest,
            ),
            replay_key=message.replay_key,
        )
        return message, context

    def check(self, message: SignedMessage, context: MessageContext) -> None:
        """Refuse a message received before (G9) or against the XSD (G10).

        Raises:
            ReplayRefused: its replay key is known.
            ContentRefused: every violation.
            GatewayUnavailable: the store cannot be read.
        """
        if self.consultations.replay_seen(context.replay_key):
            raise ReplayRefused("G9", "received before")
        lines = _Lines(message)
        self.schemas.check(message.payload, root=f"{context.operation}Request", line_of=lines.line_of)


class _Lines:
    """Lines of the received text, counted once, when a violation first asks for one."""

    def __init__(self, message: SignedMessage) -> None:
        self._message = message
        self._line_of: dict[etree._Element, int] = {}

    def line_of(self, element: etree._Element) -> int:
        if not self._line_of:
            self._line_of = dict(zip(self._message.body.iter(), self._message.lines(), strict=True))
        return self._line_of.get(element, 0)


@dataclass(frozen=True, slots=True)
class RefusalDesk:
    """Records every refusal before its fault is sent; called by the application for each of them."""

    refusals: Refusals

    def note(self, error: RseError, exchange: Exchange) -> RseError:
        """Write what the refusal leaves behind and return the error that the caller is told."""
        _security_log.warning(
            "ticketCBSS=%s service=%s signing=%s %s",
            exchange.gateway_ticket,
            exchange.service,
            None if exchange.context is None else exchange.context.signing,
            error,
        )
        if isinstance(error, GatewayUnavailable):
            return error
        if exchange.context is not None:
            code = str(getattr(error, "code", "MSG00003"))
            return self.refusals.known_sender(error, code, exchange.context)
        if isinstance(error, MessageRefused):
            self.refusals.unknown_sender(error)
        return error
