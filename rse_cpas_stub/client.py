"""The requesting CPAS as a small library: signed question out, verified answer in, both in its own log.

Order: own XSD → signature → row REQUEST_SENT committed → out → answer verified → XSD → answers this
question → row ANSWER_RECEIVED committed → shown.
"""

from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.errors import ContractBroken, FaultReceived, SetupRefused
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import (
    Customer,
    Options,
    Status,
    SupplierResult,
    consult_request,
    message_request,
    read_results,
    read_status,
    text,
)
from rse_cpas_stub.names import REPORT, REPORT_SERVICE, SOAP, TEST, TEST_SERVICE, TRAIL, soap_action, tag
from rse_cpas_stub.period import Period
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.signature import SignedMessage, VerifiedMessage, sign, verify
from rse_cpas_stub.transport import post
from rse_gateway.trail import Kind, Person, Role

LEGAL_CONTEXT = "PCSA:SOCIAL_INQUIRY"
_TIMEOUT_SECONDS = 75.0


@dataclass(frozen=True, slots=True)
class User:
    """Who asks inside the CPAS: the pseudonym that leaves, the role, the person behind it (own log only)."""

    reference: str
    role: str = "SOCIAL_WORKER"
    real_name: str | None = None
    file_reference: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ConsultOutcome:
    """A verified answer: both tickets, status, and what each holding CPAS answered."""

    ticket: str
    gateway_ticket: str
    status: Status
    results: Sequence[SupplierResult]

    @property
    def refused(self) -> bool:
        """Whether nothing was looked up (status NO_RESULT)."""
        return self.status.value == "NO_RESULT"


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What the gateway saw of us: echo, its time and environment, certificate digest, institution."""

    __test__ = False
    message: str
    gateway_time: str
    environment: str
    certificate: str
    institution: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One consultation to ask: about whom, which period, by whom; same ticket = same consultation."""

    ssin: str = field(repr=False)
    period: Period
    user: User
    ticket: str = field(default_factory=lambda: str(uuid4()))
    legal_context: str = LEGAL_CONTEXT
    options: Options = field(default_factory=Options)


class Requester:
    """Asks for one CPAS; holds no state but its log, safe between threads."""

    def __init__(
        self,
        identity: Identity,
        gateway: Trust,
        *,
        gateway_url: str,
        log: OwnLog,
        environment: str,
        clock: Callable[[], datetime],
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        """Take who we are, whom we believe, and where the gateway is (``http://host:port``)."""
        self._identity = identity
        self._gateway = gateway
        self._gateway_url = gateway_url.rstrip("/")
        self._log = log
        self._environment = environment
        self._clock = clock
        self._timeout_seconds = timeout_seconds

    def consult(self, question: Question) -> ConsultOutcome:
        """Return the gateway's verified answer; both messages are in our log before anything is shown.

        Raises:
            SetupRefused: the question breaks the XSD; nothing was sent.
            LogUnwritable: a row could not be written; nothing was sent, or nothing is shown.
            Unreachable, SignatureRefused, ContractBroken: no answer, or none that may be believed.
            FaultReceived: the gateway's signed fault.
        """
        request = consult_request(
            self._customer(question.ticket, question.user),
            self._clock(),
            legal_context=question.legal_context,
            ssin=question.ssin,
            period=question.period,
            options=question.options,
        )
        signed = self._signed(request, tag(REPORT, "consultSocialReportRequest"))
        about = (Person(question.ssin, Role.BENEFICIARY),)
        self._write(Kind.REQUEST_SENT, question, signed, about)
        answer = self._exchange(REPORT_SERVICE, "consultSocialReport", signed)
        root = answer.payload
        if root.tag == tag(SOAP, "Fault"):
            fault = _read_fault(root, tag(REPORT, "electronicSocialReportFault"))
            self._write_answer(question, answer, about, (fault.codes[0], _fault_ticket(root)))
            raise fault
        contract.check(root, tag(REPORT, "consultSocialReportResponse"))
        _check_same(root, question)
        results = read_results(root)
        reports = [result.report for result in results if result.report is not None]
        disclosed = about + tuple(person for report in reports for person in persons_in(report))
        status, gateway_ticket = read_status(root), text(root, "informationCBSS/ticketCBSS")
        self._write_answer(question, answer, disclosed, (status.code, gateway_ticket))
        return ConsultOutcome(question.ticket, gateway_ticket, status, results)

    def send_test_message(self, message: str, user: User) -> TestOutcome:
        """Return what the gateway saw of us; about nobody, so no row is written.

        Raises:
            SetupRefused, Unreachable, SignatureRefused, ContractBroken, FaultReceived: as ``consult``.
        """
        request = message_request(
            self._customer(str(uuid4()), user), self._clock(), legal_context=LEGAL_CONTEXT, message=message
        )
        signed = self._signed(request, tag(TEST, "sendTestMessageRequest"))
        root = self._exchange(TEST_SERVICE, "sendTestMessage", signed).payload
        if root.tag == tag(SOAP, "Fault"):
            raise _read_fault(root, tag(TEST, "testConnectionFault"))
        contract.check(root, tag(TEST, "sendTestMessageResponse"))
        return TestOutcome(
            message=text(root, "message"),
            gateway_time=text(root, "gatewayTime"),
            environment=text(root, "environment"),
            certificate=text(root, "certificateSeen/sha256"),
            institution=text(root, "institutionSeen/cbeNumber"),
            status=read_status(root),
        )

    def _customer(self, ticket: str, user: User) -> Customer:
        return Customer(
            ticket=ticket,
            cbe_number=self._identity.cbe_number,
            user_reference=user.reference,
            user_role=user.role,
            environment=self._environment,
            file_reference=user.file_reference,
        )

    def _signed(self, request: etree._Element, expected: str) -> SignedMessage:
        try:
            contract.check(request, expected)
        except ContractBroken as error:
            raise SetupRefused(
                "the question breaks the XSD: look at number, dates, user and ticket"
            ) from error
        return sign(request, self._identity, self._clock())

    def _exchange(self, service: str, operation: str, signed: SignedMessage) -> VerifiedMessage:
        url = f"{self._gateway_url}/{service}/v1"
        action = soap_action(service, operation)
        raw = post(url, signed.raw, action, timeout_seconds=self._timeout_seconds)
        answer = verify(raw, self._gateway, self._clock())
        if answer.trail is None:
            return answer
        contract.check(answer.trail, tag(TRAIL, "trail"))
        named = answer.trail.findtext("requestDigest")
        if named is not None and b64decode(named) != signed.proof.body_digest:
            raise ContractBroken("the answer names another question")
        return answer

    def _write(
        self,
        kind: Kind,
        question: Question,
        message: SignedMessage | VerifiedMessage,
        about: tuple[Person, ...],
        *,
        signing: str | None = None,
        outcome: str | None = None,
        gateway_ticket: str | None = None,
    ) -> None:
        fields = {
            "ticket": question.ticket,
            "ticketCBSS": gateway_ticket,
            "service": REPORT_SERVICE,
            "operation": "consultSocialReport",
            "asking": self._identity.cbe_number,
            "signing": signing or self._identity.cbe_number,
            "legalContext": question.legal_context,
            "userReference": question.user.reference,
            "userRole": question.user.role,
            "periodBegin": question.period.begin.isoformat(),
            "periodEnd": question.period.end.isoformat(),
            "outcome": outcome,
        }
        self._log.write(
            kind,
            fields,
            message.proof,
            persons=about,
            file_reference=question.user.file_reference,
            real_user=question.user.real_name,
        )

    def _write_answer(
        self, question: Question, answer: VerifiedMessage, about: tuple[Person, ...], said: tuple[str, str]
    ) -> None:
        outcome, gateway_ticket = said
        self._write(
            Kind.ANSWER_RECEIVED,
            question,
            answer,
            about,
            signing=self._gateway.institution,
            outcome=outcome,
            gateway_ticket=gateway_ticket,
        )


def _check_same(root: etree._Element, question: Question) -> None:
    answered = (
        text(root, "informationCustomer/ticket"),
        text(root, "criteria/ssin"),
        text(root, "criteria/period/beginDate"),
        text(root, "criteria/period/endDate"),
    )
    period = question.period
    if answered != (question.ticket, question.ssin, period.begin.isoformat(), period.end.isoformat()):
        raise ContractBroken("the answer is one to another question")


def _fault_ticket(root: etree._Element) -> str:
    return text(root, "detail/*/informationCBSS/ticketCBSS")


def _read_fault(root: etree._Element, expected: str) -> FaultReceived:
    block = root.find("detail/*")
    if block is None:
        raise ContractBroken("a fault without detail")
    contract.check(block, expected)
    details = block.findall("detail")
    return FaultReceived(
        tuple(text(detail, "reasonCode") for detail in details),
        tuple(text(detail, "diagnostic") for detail in details),
        by_caller=text(root, "faultcode").endswith("Client"),
    )
