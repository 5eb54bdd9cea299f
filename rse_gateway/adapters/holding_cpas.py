"""The holding CPAS as the gateway sees it: a signed question out, a checked answer in.

Zeep builds the message from the local WSDL and owns binding and address; signature, transport and gate are
ours. An answer passes the same gate and XSD as a request, then the checks of its leg: the signer is the
leg's holder, and it answers this ticket, as this addressee, about this person (contract page, "An answer or
delivery of a holding CPAS"). Order of the leg's checks: `LEG_ORDER`.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import zeep

from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.partner_reply import open_reply
from rse_gateway.contract.files import contract_path
from rse_gateway.contract.messages import (
    ParsedSupplierAnswer,
    answer_digest,
    supplier_answer,
    supplier_question_values,
    supplier_reply,
)
from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import Bounds
from rse_gateway.contract.report import check_report, reply_of
from rse_gateway.contract.schemas import Schemas
from rse_gateway.domain.consultation import SocialReport, SupplierQuestion, SupplierReply
from rse_gateway.domain.decisions import oldest_told
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.errors import (
    ContentRefused,
    GatewayFault,
    KeptConnectionLost,
    SupplierUnusable,
)
from rse_gateway.ports import Clock, HolderAnswer, PreparedQuestion, Registry
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.signing import MessageSigner

SERVICE = "SocialReportSupplierService"
OPERATION = "provideSocialReport"
MAX_ANSWER_BYTES = 1024 * 1024
_BOUNDS = Bounds(max_bytes=MAX_ANSWER_BYTES, max_elements=25_000)
_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": f'"urn:rse-gateway:intf:{SERVICE}:v1/{OPERATION}"',
}
_RESPONSE = "provideSocialReportResponse"


@dataclass(frozen=True, slots=True, repr=False)
class LegAnswer:
    """A verified answer beside the question it must fit."""

    question: SupplierQuestion
    sent: MessageProof
    message: SignedMessage
    answer: ParsedSupplierAnswer
    mandated: bool


def _signer(leg: LegAnswer) -> str | None:
    if leg.message.signer.cbe_number != leg.question.holding_cpas and not leg.mandated:
        return "signed by another institution than the one that was asked"
    return None if "cpas" in leg.message.signer.roles else "signed with a key that is no CPAS key"


def _environment(leg: LegAnswer) -> str | None:
    same = leg.answer.environment == leg.question.environment
    return None if same else "made for another environment"


def _ticket(leg: LegAnswer) -> str | None:
    asked = (str(leg.question.gateway_ticket), leg.question.ticket.value)
    return None if (leg.answer.ticket_cbss, leg.answer.ticket) == asked else "answers another ticket"


def _question_digest(leg: LegAnswer) -> str | None:
    stated = None if leg.message.trail is None else leg.message.trail.findtext("requestDigest")
    if stated is None:
        return None
    same = "".join(stated.split()) == b64encode(leg.sent.body_digest).decode()  # the header has no XSD check
    return None if same else "its trail header names another question"


def _addressee(leg: LegAnswer) -> str | None:
    same = leg.answer.holding_cpas == leg.question.holding_cpas.value
    return None if same else "answers as another institution"


def _person(leg: LegAnswer) -> str | None:
    same = leg.answer.ssin == leg.question.niss.value and leg.answer.period == leg.question.period
    return None if same else "answers about another person or period"


LEG_ORDER: tuple[tuple[str, Callable[[LegAnswer], str | None]], ...] = (
    ("signer", _signer),
    ("environment", _environment),
    ("ticket", _ticket),
    ("questionDigest", _question_digest),
    ("addressee", _addressee),
    ("person", _person),
)


class ZeepHoldingCpas:
    """Implements `ports.HoldingCpas`."""

    def __init__(
        self,
        *,
        signer: MessageSigner,
        gate: Gate,
        schemas: Schemas,
        clock: Clock,
        registry: Registry,
        transport: HolderTransport,
        decision_years: int,
    ) -> None:
        """Read the local WSDL once."""
        settings = zeep.Settings(
            strict=True, forbid_dtd=True, forbid_external=True, xml_huge_tree=False, raw_response=True
        )
        wsdl = contract_path(f"wsdl/{SERVICE}-v1.wsdl")
        self._client = zeep.Client(str(wsdl), transport=transport, settings=settings)
        self._service = self._client.service
        self._transport = transport
        self._signer = signer
        self._certificate_digest = sha256(signer.certificate_der).hexdigest()
        self._gate = gate
        self._schemas = schemas
        self._clock = clock
        self._registry = registry
        self._decision_years = decision_years

    def prepare(self, question: SupplierQuestion, endpoint: str) -> PreparedQuestion:
        """Return the signed question; nothing is sent.

        Raises:
            GatewayFault: our own question is invalid or cannot be signed.
        """
        try:
            envelope = self._client.create_message(
                self._service, OPERATION, **supplier_question_values(question)
            )
        except (zeep.exceptions.Error, TypeError, ValueError) as error:
            raise GatewayFault("the question to a holding CPAS cannot be built") from error
        payload = envelope.find(f"{{{SOAP11}}}Body")[0]
        self._schemas.check_own(payload)
        signed = self._signer.sign(payload, created=question.sent_at)
        proof = MessageProof(
            signed.body_digest, signed.signed_info, signed.signature_value, self._certificate_digest
        )
        return PreparedQuestion(question, SealedMessage(signed.raw, proof), endpoint)

    def ask(self, prepared: PreparedQuestion, *, after: KeptConnectionLost | None = None) -> HolderAnswer:
        """Send the question once and return the checked answer; ``after``: see `HolderTransport.post`.

        Raises:
            KeptConnectionLost: a kept connection died before the reply began.
            SupplierUnreachable: nothing attributable to the holder came back.
            SupplierUnusable: what came back breaks the contract.
        """
        reply = self._transport.post(prepared.endpoint, prepared.sealed.raw, _HEADERS, after=after)
        received_at = self._clock.now()
        message = open_reply(self._gate, reply, _BOUNDS, received_at)
        try:
            self._schemas.check(message.payload, root=_RESPONSE)
        except ContentRefused as error:
            raise SupplierUnusable("breaks the XSD", content_digest=message.body_digest) from error
        answer = supplier_answer(message.payload)
        leg = LegAnswer(
            prepared.question, prepared.sealed.proof, message, answer, self._mandated(prepared, message)
        )
        for check, run in LEG_ORDER:
            if (reason := run(leg)) is not None:
                digest = answer_digest(answer.status_value, answer.code, answer.report)
                raise SupplierUnusable(f"{check}: {reason}", content_digest=digest)
        return self._usable(leg, received_at)

    def _mandated(self, prepared: PreparedQuestion, message: SignedMessage) -> bool:
        """Tell whether the signer may answer for the holder: its successor today, or its mandatary."""
        holder, signer, day = prepared.question.holding_cpas, message.signer.cbe_number, self._clock.today()
        return self._registry.successor_of(holder, day) == signer or self._registry.may_sign(
            signer, holder, OPERATION, day
        )

    def _usable(self, leg: LegAnswer, received_at: datetime) -> HolderAnswer:
        answer = leg.answer
        reply = supplier_reply(answer.status_value, answer.code, answer.report)
        code, report = answer.code, None
        if reply is SupplierReply.REPORT:
            report = self._report(leg)
            reply, code = reply_of(report, code)
        message = leg.message
        context = MessageContext(
            gateway_ticket=leg.question.gateway_ticket,
            received_at=received_at,
            service=SERVICE,
            operation=OPERATION,
            signing=message.signer.cbe_number,
            roles=message.signer.roles,
            proof=MessageProof(
                message.body_digest,
                message.signed_info,
                message.signature_value,
                message.signer.certificate_digest,
            ),
            replay_key=message.replay_key,
        )
        digest = answer_digest(answer.status_value, answer.code, answer.report)
        return HolderAnswer(reply, code, report, context, digest)

    def _report(self, leg: LegAnswer) -> SocialReport:
        question = leg.question
        if leg.answer.report is None:
            raise SupplierUnusable("says DATA_FOUND and holds no report")
        return check_report(
            leg.answer.report,
            expected=frozenset(one.value for one in question.known_numbers | {question.niss}),
            period=question.period,
            oldest=oldest_told(question.received_at, self._decision_years),
        )
