"""The holding CPAS: one verified question in, one signed answer out, by itself, and both in its log.

Order: signature → XSD → row REQUEST_RECEIVED → addressee and environment → answer → own XSD → digest →
signature → row ANSWER_SENT committed → out. Rules: contract page, ``provideSocialReport``.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.errors import ContractBroken, LogUnwritable, SignatureRefused
from rse_cpas_stub.failures import Failure, broken
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import (
    Question,
    Status,
    answering_trail,
    provide_response,
    read_question,
    supplier_fault,
)
from rse_cpas_stub.names import REPORT, SUPPLIER_SERVICE, tag
from rse_cpas_stub.persons import PersonFiles
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.signature import SignedMessage, VerifiedMessage, sign, verify
from rse_gateway.trail import Kind, Person, Role

OPERATION = "provideSocialReport"
OUTSIDE_FIELD = "decisionsOutsidePeriod"
_REAL_USER = "automatic answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status and signed bytes."""

    http_status: int
    raw: bytes


class Holder:
    """Answers for one CPAS; no state but its files and log, safe between threads."""

    def __init__(
        self,
        identity: Identity,
        gateway: Trust,
        *,
        persons: PersonFiles,
        log: OwnLog,
        environment: str,
        clock: Callable[[], datetime],
        failure: Failure | None = None,
        signs_as: Identity | None = None,
    ) -> None:
        """Take who we are, whom we answer, and what we hold; ``failure`` spoils every answer on purpose."""
        self._identity = identity
        self._gateway = gateway
        self._persons = persons
        self._log = log
        self._environment = environment
        self._clock = clock
        self._failure = failure
        self._signs_as = signs_as or identity

    def handle(self, raw: bytes) -> Reply:
        """Return the signed answer to the bytes of one request; never raises on what a caller sends."""
        received = self._clock()
        try:
            message = verify(raw, self._gateway, received)
        except SignatureRefused:
            return self._fault("RSE00001", "the message is not signed as it must be", None)
        try:
            contract.check(message.payload, tag(REPORT, "provideSocialReportRequest"))
        except ContractBroken:
            return self._fault("MSG00004", "the structure of the message is invalid", message)
        question = read_question(message.payload)
        try:
            return self._answer(question, message, received)
        except LogUnwritable:
            return self._fault("MSG00001", "the service is not available", message, by_caller=False)
        except ContractBroken:
            return self._fault("MSG00003", "internal error", message, by_caller=False)

    def _answer(self, question: Question, message: VerifiedMessage, received: datetime) -> Reply:
        self._log_received(question, message)
        if self._failure is Failure.FAULT:
            return self._fault("MSG00003", "internal error (on purpose)", message, by_caller=False)
        root, file_reference = self._response(question, received)
        contract.check(root, tag(REPORT, "provideSocialReportResponse"))
        if self._failure is not None:
            root = broken(root, self._failure)
        signed = self._sign(root, message)
        self._log_sent(question, root, signed, file_reference)
        return Reply(200, signed.raw)

    def _response(self, question: Question, received: datetime) -> tuple[etree._Element, str | None]:
        refusal = self._refusal(question)
        if refusal is not None:
            return self._respond(question, refusal, None, received), None
        if self._failure is Failure.PROMISE:
            later = Status("ACCEPTED", "MSG00020", "The answer follows later by deliverSocialReport.")
            return self._respond(question, later, None, received), None
        found = self._persons.extract(question.ssin, question.period)
        information = ((OUTSIDE_FIELD, str(found.outside)),) if found.outside else ()
        if found.content is None:
            status = Status("NO_DATA_FOUND", "MSG00100", "Nothing in the period.", information)
        else:
            status = Status("DATA_FOUND", "MSG00000", "Data found.", information)
        return self._respond(question, status, found.content, received), found.file_reference

    def _respond(
        self, question: Question, status: Status, report: object | None, received: datetime
    ) -> etree._Element:
        return provide_response(question, status, report=report, received=received, now=self._clock())

    def _refusal(self, question: Question) -> Status | None:
        if question.environment != self._environment:
            return _invalid("environment", question.environment, "Another environment.")
        if question.addressee != self._identity.cbe_number:
            return _invalid("supplierIdentification", question.addressee, "Addressed to another CPAS.")
        return None

    def _sign(self, payload: etree._Element, message: VerifiedMessage | None) -> SignedMessage:
        trail = None
        if message is not None:
            trail = answering_trail(b64encode(message.proof.body_digest).decode("ascii"))
        return sign(payload, self._signs_as, self._clock(), trail=trail)

    def _fault(
        self, code: str, diagnostic: str, message: VerifiedMessage | None, *, by_caller: bool = True
    ) -> Reply:
        named = None if message is None else message.payload.findtext("informationCBSS/ticketCBSS")
        known = message is not None and code != "MSG00004" and named
        ticket = named if known and named else str(uuid4())
        fault = supplier_fault(code, diagnostic, by_caller=by_caller, ticket_cbss=ticket, now=self._clock())
        return Reply(500, self._sign(fault, message).raw)

    def _fields(self, question: Question) -> dict[str, str | None]:
        return {
            "ticketCBSS": question.ticket_cbss,
            "ticket": question.ticket,
            "service": SUPPLIER_SERVICE,
            "operation": OPERATION,
            "asking": question.asking,
            "holding": self._identity.cbe_number,
            "legalContext": question.legal_context,
            "periodBegin": question.period.begin.isoformat(),
            "periodEnd": question.period.end.isoformat(),
        }

    def _log_received(self, question: Question, message: VerifiedMessage) -> None:
        fields = {
            **self._fields(question),
            "signing": self._gateway.institution,
            "reminderNumber": str(question.reminder_number),
        }
        about = (Person(question.ssin, Role.BENEFICIARY),)
        self._log.write(Kind.REQUEST_RECEIVED, fields, message.proof, persons=about)

    def _log_sent(
        self, question: Question, root: etree._Element, signed: SignedMessage, file_reference: str | None
    ) -> None:
        report = root.find("socialReport")
        fields = {
            **self._fields(question),
            "signing": self._identity.cbe_number,
            "outcome": root.findtext("status/code"),
        }
        self._log.write(
            Kind.ANSWER_SENT,
            fields,
            signed.proof,
            persons=(Person(question.ssin, Role.BENEFICIARY),) if report is None else persons_in(report),
            file_reference=file_reference,
            real_user=_REAL_USER,
        )


def _invalid(field: str, value: str, description: str) -> Status:
    return Status("NO_RESULT", "MSG00008", description, ((field, value),))
