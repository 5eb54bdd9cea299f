"""What the core knows of a message: who signed it, when it came, and the proof that it was signed."""

from dataclasses import dataclass
from datetime import datetime

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket


@dataclass(frozen=True, slots=True)
class MessageProof:
    """What both sides can show of one signed message without keeping its text.

    Attributes:
        body_digest: SHA-256 DigestValue of the signed Body (32 bytes).
        signed_info: canonical SignedInfo.
        signature_value: raw SignatureValue.
        certificate_digest: SHA-256 of the signer's DER certificate (64 lowercase hex digits).
    """

    body_digest: bytes
    signed_info: bytes
    signature_value: bytes
    certificate_digest: str


@dataclass(frozen=True, slots=True)
class MessageContext:
    """One received message after the gate: its number, its signer, its proof, never its text.

    Attributes:
        gateway_ticket: the ``ticketCBSS`` given to this message.
        service: contract name, for example ``ElectronicSocialReportService``.
        operation: contract name, for example ``consultSocialReport``.
        signing: institution whose registered key signed.
        roles: roles of that key (``cpas``, ``institution-auditor``, ``hub-auditor``, ``statistics``).
        replay_key: SHA-256 of the canonical SignedInfo.
    """

    gateway_ticket: GatewayTicket
    received_at: datetime
    service: str
    operation: str
    signing: CbeNumber
    roles: frozenset[str]
    proof: MessageProof
    replay_key: bytes


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A composed, validated and signed message, ready to be sent once its log row is durable."""

    raw: bytes
    proof: MessageProof
