"""The receiver services of requesting CPAS: a late answer out, a signed OK in, through the same gate."""

from base64 import b64encode
from hashlib import sha256

from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.partner_reply import open_reply
from rse_gateway.contract.messages import receiver_answer, receiver_request
from rse_gateway.contract.parsing import Bounds
from rse_gateway.contract.schemas import Schemas
from rse_gateway.domain.consultation import PushedAnswer
from rse_gateway.domain.message import MessageProof, SealedMessage
from rse_gateway.errors import ContentRefused, SupplierUnusable
from rse_gateway.ports import Clock, Registry
from rse_gateway.security.gate import Gate
from rse_gateway.security.signing import MessageSigner

SERVICE = "SocialReportReceiverService"
OPERATION = "receiveSocialReport"
_BOUNDS = Bounds(max_bytes=256 * 1024, max_elements=2_000)
_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": f'"urn:rse-gateway:intf:{SERVICE}:v1/{OPERATION}"',
}


class SoapReceivers:
    """Implements `ports.Receivers`."""

    def __init__(
        self,
        *,
        signer: MessageSigner,
        gate: Gate,
        schemas: Schemas,
        clock: Clock,
        registry: Registry,
        transport: HolderTransport,
    ) -> None:
        """Keep what signs, opens and sends."""
        self._signer = signer
        self._certificate_digest = sha256(signer.certificate_der).hexdigest()
        self._gate = gate
        self._schemas = schemas
        self._clock = clock
        self._registry = registry
        self._transport = transport

    def prepare(self, pushed: PushedAnswer) -> SealedMessage:
        """Return the signed late answer; nothing is sent.

        Raises:
            GatewayFault: our own message is invalid or cannot be signed.
        """
        institution = self._registry.institution(pushed.requesting_cpas)
        payload = receiver_request(pushed, None if institution is None else institution.language)
        self._schemas.check_own(payload)
        signed = self._signer.sign(payload, created=pushed.sent_at)
        proof = MessageProof(
            signed.body_digest, signed.signed_info, signed.signature_value, self._certificate_digest
        )
        return SealedMessage(signed.raw, proof)

    def push(self, sealed: SealedMessage, pushed: PushedAnswer, endpoint: str) -> None:
        """Send it; returns when the receiver said OK under its signature.

        Raises:
            SupplierUnreachable: nothing attributable to the receiver came back.
            SupplierUnusable: what came back breaks the contract, or says NOK.
        """
        reply = self._transport.post(endpoint, sealed.raw, _HEADERS, fresh=True)  # never asked twice
        message = open_reply(self._gate, reply, _BOUNDS, self._clock.now())
        signer, requesting = message.signer.cbe_number, pushed.requesting_cpas
        day = self._clock.today()
        if signer != requesting and not self._registry.may_sign(signer, requesting, OPERATION, day):
            raise SupplierUnusable("signed by another institution than the receiver's")
        try:
            self._schemas.check(message.payload, root=f"{OPERATION}Response")
        except ContentRefused as error:
            raise SupplierUnusable("the receiver's answer breaks the XSD") from error
        answer = receiver_answer(message.payload)
        consultation = pushed.consultation
        sent = (str(consultation.gateway_ticket), consultation.ticket.value, pushed.environment)
        if (answer.ticket_cbss, answer.ticket, answer.environment) != sent:
            raise SupplierUnusable("the receiver answers another ticket, or in another environment")
        if answer.requesting_cpas != requesting.value:
            raise SupplierUnusable("the receiver answers as another institution")
        stated = None if message.trail is None else message.trail.findtext("requestDigest")
        if stated is not None and "".join(stated.split()) != b64encode(sealed.proof.body_digest).decode():
            raise SupplierUnusable("the receiver's trail header names another question")
        if answer.status_value != "OK":
            raise SupplierUnusable(f"the receiver says NOK ({answer.code})")
