"""From what the core decided to a signed message: compose, validate against the XSD, sign; nothing is sent.

Implements `ports.Answers`; the same order holds for every answer and fault, so nothing of ours leaves that
breaks the contract. Every answer carries the Body digest of its question. Rules: trail page ("Order for
every answer"), contract page ("Checks and their answers").
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from rse_gateway.contract.access_messages import access_response
from rse_gateway.contract.connection_messages import (
    ConnectionSeen,
    MessageRequest,
    message_request,
    message_response,
)
from rse_gateway.contract.consult_messages import consult_response
from rse_gateway.contract.delivery_messages import delivery_response
from rse_gateway.contract.faults import FaultFrame, fault_envelope_body
from rse_gateway.contract.list_messages import list_response
from rse_gateway.contract.retrieve_messages import retrieve_response
from rse_gateway.contract.rights_messages import rights_response
from rse_gateway.contract.schemas import Schemas
from rse_gateway.contract.trail_header import trail_header
from rse_gateway.domain.consultation import (
    ConsultAnswer,
    ConsultRequest,
    CustomerInformation,
    DeliveryAnswer,
    DeliveryRequest,
    ListAnswer,
    ListRequest,
    OverallStatus,
    RequestOptions,
    RetrieveAnswer,
    RetrieveRequest,
    Status,
)
from rse_gateway.domain.directory import AccessAnswer, AccessRequest
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.domain.rights import RightsAnswer, RightsRequest
from rse_gateway.errors import GatewayFault, RequestRefused, RseError
from rse_gateway.ports import Clock, Registry
from rse_gateway.security.signing import MessageSigner

_Asked = (
    ConsultRequest
    | RetrieveRequest
    | ListRequest
    | DeliveryRequest
    | AccessRequest
    | MessageRequest
    | RightsRequest
)


class SignedAnswers:
    """Composes, validates and signs the gateway's answers; safe to share between threads."""

    def __init__(
        self, schemas: Schemas, signer: MessageSigner, registry: Registry, *, environment: str
    ) -> None:
        """Sign with ``signer``; ``registry`` knows each institution's language."""
        self._schemas = schemas
        self._signer = signer
        self._registry = registry
        self._environment = environment
        self._certificate_digest = hashlib.sha256(signer.certificate_der).hexdigest()

    def consult(self, answer: ConsultAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `consultSocialReport` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = consult_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def test_message(
        self,
        payload: etree._Element,
        context: MessageContext,
        *,
        replied_at: datetime,
        refusal: RequestRefused | None = None,
    ) -> SealedMessage:
        """Return the signed answer to a valid ``sendTestMessageRequest``: an echo, or why there is none.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        request = message_request(payload)
        status = Status(OverallStatus.DATA_FOUND, "MSG00000")
        if refusal is not None:
            status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
        response = message_response(
            request,
            status,
            context,
            seen=ConnectionSeen(self._environment, replied_at),
            language=self._language_of(request),
        )
        return self._seal(response, replied_at, context)

    def retrieve(self, answer: RetrieveAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `retrieveSocialReport` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = retrieve_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def listed(self, answer: ListAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `listSocialReports` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = list_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def delivery(self, answer: DeliveryAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `deliverSocialReport` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = delivery_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def access(self, answer: AccessAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `manageAccess` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = access_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def rights(self, answer: RightsAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `listRights` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """
        response = rights_response(answer, self._language_of(answer.request))
        return self._seal(response, answer.replied_at, context)

    def _language_of(self, request: _Asked) -> str | None:
        return self._language(request.options, request.customer)

    def _language(self, options: RequestOptions, customer: CustomerInformation) -> str | None:
        if options.language is not None:
            return options.language
        try:
            number = CbeNumber(customer.cbe_number or "")
        except ValueError:
            return None
        return _registered_language(self._registry, number)

    def _seal(self, response: etree._Element, created: datetime, context: MessageContext) -> SealedMessage:
        self._schemas.check_own(response)
        trail = trail_header(context.proof.body_digest)
        signed = self._signer.sign(response, created=created, trail=trail)
        proof = MessageProof(
            signed.body_digest, signed.signed_info, signed.signature_value, self._certificate_digest
        )
        return SealedMessage(signed.raw, proof)


@dataclass(frozen=True, slots=True)
class SignedFaults:
    """Writes signed faults; safe to share between threads."""

    schemas: Schemas
    signer: MessageSigner
    registry: Registry
    clock: Clock
    environment: str

    def write(
        self,
        error: RseError,
        *,
        service: str | None,
        gateway_ticket: GatewayTicket,
        received_at: datetime,
        context: MessageContext | None = None,
        customer: etree._Element | None = None,
        language: str | None = None,
    ) -> bytes:
        """Return the signed envelope of the fault that answers ``error``.

        Args:
            error: what went wrong.
            service: whose fault element is used.
            gateway_ticket: the number of the message.
            received_at: when the message came.
            context: None before somebody is authenticated; names the question, and the institution whose
                language the fault speaks, violations of the XSD included.
            customer: ``informationCustomer`` of a message that followed the XSD; left out when it does not.
            language: what ``requestOptions`` of a message that followed the XSD ask for; goes before the
                institution's. Those of a message that broke the XSD are not read.

        Raises:
            GatewayFault: the fault cannot be signed, or breaks the XSD itself.
        """
        replied_at = self.clock.now()
        frame = FaultFrame(
            service=service,
            gateway_ticket=gateway_ticket,
            received_at=received_at,
            replied_at=replied_at,
            environment=self.environment,
            customer=customer,
            language=language or self._language_of(context),
        )
        fault = fault_envelope_body(error, frame)
        self._check(fault, with_customer=customer is not None)
        trail = None if context is None else trail_header(context.proof.body_digest)
        return self.signer.sign(fault, created=replied_at, trail=trail).raw

    def _language_of(self, context: MessageContext | None) -> str | None:
        return None if context is None else _registered_language(self.registry, context.signing)

    def _check(self, fault: etree._Element, *, with_customer: bool) -> None:
        element = fault[-1][0]
        try:
            self.schemas.check_own(element)
        except GatewayFault:
            if not with_customer:
                raise
            element.remove(element[0])
            self.schemas.check_own(element)


def _registered_language(registry: Registry, number: CbeNumber) -> str | None:
    institution = registry.institution(number)
    return None if institution is None else institution.language
