"""What our two services answer with: signed bytes over HTTP, and the steps that both go alike.

Order: signature → replay → XSD → what the service does; every refusal before that is a signed fault.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.errors import ContractBroken, LogUnwritable, SignatureRefused
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.messages import answering_trail, service_fault
from rse_cpas_stub.names import REPORT, tag
from rse_cpas_stub.replays import Replays
from rse_cpas_stub.signature import SignedMessage, VerifiedMessage, sign, verify


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status and signed bytes."""

    http_status: int
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a service of ours takes messages of the gateway in and hands signed answers out."""

    operation: str
    fault_element: str
    gateway: Trust
    signs_as: Identity
    clock: Callable[[], datetime]
    replays: Replays = field(default_factory=Replays)

    def handle(self, raw: bytes, serve: Callable[[VerifiedMessage, datetime], Reply]) -> Reply:
        """Return what ``serve`` answers to a verified and valid request, or a signed fault; never raises."""
        received = self.clock()
        try:
            message = verify(raw, self.gateway, received)
        except SignatureRefused:
            return self.fault("RSE00001", "the message is not signed as it must be", None)
        if not self.replays.first(message.proof.signed_info, received):
            return self.fault("RSE00002", "already received; sign again with the same ticket", message)
        try:
            contract.check(message.payload, tag(REPORT, f"{self.operation}Request"))
        except ContractBroken:
            return self.fault("MSG00004", "the structure of the message is invalid", message)
        try:
            return serve(message, received)
        except LogUnwritable:
            return self.fault("MSG00001", "the service is not available", message, by_caller=False)
        except ContractBroken:
            return self.fault("MSG00003", "internal error", message, by_caller=False)

    def sign(self, payload: etree._Element, message: VerifiedMessage | None) -> SignedMessage:
        """Return the signed answer, which names the digest of the message it answers."""
        trail = None
        if message is not None:
            trail = answering_trail(b64encode(message.proof.body_digest).decode("ascii"))
        return sign(payload, self.signs_as, self.clock(), trail=trail)

    def fault(
        self, code: str, diagnostic: str, message: VerifiedMessage | None, *, by_caller: bool = True
    ) -> Reply:
        """Return a signed fault; the gateway's ticket is copied where the message is valid."""
        named = None if message is None else message.payload.findtext("informationCBSS/ticketCBSS")
        known = message is not None and code != "MSG00004" and named
        fault = service_fault(
            self.fault_element,
            code,
            diagnostic,
            by_caller=by_caller,
            ticket_cbss=named if known and named else str(uuid4()),
            now=self.clock(),
        )
        return Reply(500, self.sign(fault, message).raw)
