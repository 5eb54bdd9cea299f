"""The holding CPAS as the gateway sees it: a signed question out, a checked answer in.

Zeep builds the message from the local WSDL and owns binding and address; signature, transport and gate are
ours. An answer passes the same gate as a request, then the checks of its leg in the order of `LEG_CHECKS`:
only what the leg's holder, its successor or a mandatary of either signed, for this question, is its answer;
from the XSD on a breach makes it unusable (contract page, "An answer or delivery of a holding CPAS").
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

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
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.errors import (
    ContentRefused,
    GatewayFault,
    KeptConnectionLost,
    SupplierUnreachable,
    SupplierUnusable,
    Unheard,
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


@dataclass(slots=True, repr=False)
class LegAnswer:
    """A signed answer beside the question it must fit; ``answer`` is there once it passed the XSD.

    Attributes:
        sent: the proof of the question that was sent.
        mandated: the signer is the holder's successor, or a mandatary of either.
    """

    question: SupplierQuestion
    sent: MessageProof
    message: SignedMessage
    mandated: bool
    schemas: Schemas
    answer: ParsedSupplierAnswer = field(init=False)

    def text(self, path: str) -> str:
        """Return a value of the signed Body that the XSD has not judged yet; empty where there is none."""
        return " ".join((self.message.payload.findtext(path) or "").split())


def _signer(leg: LegAnswer) -> str | None:
    if leg.message.signer.cbe_number != leg.question.holding_cpas and not leg.mandated:
        return "signed by another institution than the one that was asked"
    return None if "cpas" in leg.message.signer.roles else "signed with a key that is no CPAS key"


def _environment(leg: LegAnswer) -> str | None:
    same = leg.text("informationCustomer/environment") == leg.question.environment
    return None if same else "made for another environment"


def _ticket(leg: LegAnswer) -> str | None:
    asked = (str(leg.question.gateway_ticket), leg.question.ticket.value)
    stated = (leg.text("informationCBSS/ticketCBSS"), leg.text("informationCustomer/ticket"))
    return None if stated == asked else "answers another ticket"


def _addressee(leg: LegAnswer) -> str | None:
    stated = leg.text("informationSupplier/supplierIdentification/cbeNumber")
    return None if stated == leg.question.holding_cpas.value else "answers as another institution"


def _question_digest(leg: LegAnswer) -> str | None:
    stated = None if leg.message.trail is None else leg.message.trail.findtext("requestDigest")
    if stated is None:
        return None
    same = "".join(stated.split()) == b64encode(leg.sent.body_digest).decode()  # the header has no XSD check
    return None if same else "its trail header names another question"


def _structure(leg: LegAnswer) -> str | None:
    leg.schemas.check(leg.message.payload, root=_RESPONSE)
    leg.answer = supplier_answer(leg.message.payload)
    return None


def _legal_context(leg: LegAnswer) -> str | None:
    same = leg.answer.legal_context == leg.question.legal_context
    return None if same else "answers for another legal context"


def _asker(leg: LegAnswer) -> str | None:
    same = leg.answer.requesting_cpas == leg.question.requesting_cpas.value
    return None if same else "answers to another institution than the one that asks"


def _person(leg: LegAnswer) -> str | None:
    known = {one.value for one in leg.question.known_numbers | {leg.question.niss}}
    return None if leg.answer.ssin in known else "answers about another person"


def _period(leg: LegAnswer) -> str | None:
    return None if leg.answer.period == leg.question.period else "answers about another period"


class LegCheck(NamedTuple):
    """One check of a holder's answer; ``unheard`` says why it is none, None = it is one, and unusable."""

    name: str
    run: Callable[[LegAnswer], str | None]
    unheard: Unheard | None = None


LEG_CHECKS: tuple[LegCheck, ...] = (
    LegCheck("signer", _signer, Unheard.FOREIGN_SIGNER),
    LegCheck("environment", _environment, Unheard.OTHER_TICKET),
    LegCheck("ticket", _ticket, Unheard.OTHER_TICKET),
    LegCheck("addressee", _addressee, Unheard.OTHER_TICKET),
    LegCheck("questionDigest", _question_digest, Unheard.OTHER_TICKET),
    LegCheck("structure", _structure),
    LegCheck("legalContext", _legal_context),
    LegCheck("asker", _asker),
    LegCheck("person", _person),
    LegCheck("period", _period),
)
LEG_ORDER = tuple((check.name, check.run) for check in LEG_CHECKS if check.name != "structure")
"""The checks that compare an answer with its question; the XSD stands after ``questionDigest``."""


def check_leg(leg: LegAnswer, order: Sequence[LegCheck] = LEG_CHECKS) -> None:
    """Run the checks in their order: what the holder did not say to this question is no answer of it.

    Raises:
        SupplierUnreachable: signed by another, or for another question.
        SupplierUnusable: it answers this question against the contract.
    """
    for check in order:
        try:
            reason = check.run(leg)
        except ContentRefused as error:
            raise SupplierUnusable("breaks the XSD", check=check.name, field="") from error
        if reason is None:
            continue
        if check.unheard is not None:
            raise SupplierUnreachable(f"{check.name}: {reason}", why=check.unheard)
        raise SupplierUnusable(f"{check.name}: {reason}", check=check.name, field=check.name)


def may_answer(registry: Registry, signer: CbeNumber, holder: CbeNumber, day: date) -> bool:
    """Tell whether another may sign for the holder that day: its successor, or a mandatary of either."""
    successor = registry.successor_of(holder, day)
    if signer == successor:
        return True
    return any(registry.may_sign(signer, cpas, OPERATION, day) for cpas in {holder, successor})


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
        question = prepared.question
        mandated = may_answer(
            self._registry, message.signer.cbe_number, question.holding_cpas, self._clock.today()
        )
        leg = LegAnswer(question, prepared.sealed.proof, message, mandated, self._schemas)
        check_leg(leg)
        return self._usable(leg, received_at)

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
            raise SupplierUnusable("says DATA_FOUND and holds no report", check="reply")
        return check_report(
            leg.answer.report,
            expected=frozenset(one.value for one in question.known_numbers | {question.niss}),
            period=question.period,
            oldest=oldest_told(question.received_at, self._decision_years),
        )
