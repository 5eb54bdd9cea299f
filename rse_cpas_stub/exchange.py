"""One signed request to the gateway and its verified answer, both in our own log.

Order: own XSD → signature → row REQUEST_SENT committed → out → signature and ``requestDigest`` of the answer
verified → XSD → answers this message → row ANSWER_RECEIVED committed → shown.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.errors import ContractBroken, FaultReceived, SetupRefused
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import Customer, text
from rse_cpas_stub.names import SOAP, TRAIL, soap_action, tag
from rse_cpas_stub.signature import SignedMessage, VerifiedMessage, sign, verify
from rse_cpas_stub.transport import post
from rse_gateway.trail import Kind, Person, holds_number, looks_like_niss

TIMEOUT_SECONDS = 15.0
_BEYOND_THE_WINDOW = 10.0


@dataclass(frozen=True, slots=True)
class User:
    """Who asks inside the CPAS: the pseudonym that leaves, the role, the person behind it (own log only)."""

    reference: str
    role: str = "SOCIAL_WORKER"
    real_name: str | None = None
    file_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the gateway: service, name, and the types' namespace with the fault's element."""

    service: str
    name: str
    namespace: str
    fault: str

    @property
    def request(self) -> str:
        """The tag of its request."""
        return tag(self.namespace, f"{self.name}Request")

    @property
    def response(self) -> str:
        """The tag of its answer."""
        return tag(self.namespace, f"{self.name}Response")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Errand:
    """One request on its way: its tree, and what our log says about it.

    Attributes:
        fields: fields of the log rows beside service, operation, ticket, asking and signing.
        about: the persons that the request names or discloses.
        kept: whether the messages become rows (a message about nobody need not).
        window: seconds that the gateway was asked to wait for holding CPAS; the call may last 10 s longer.
    """

    operation: Operation
    request: etree._Element
    user: User
    fields: Mapping[str, str | None] = field(default_factory=dict)
    about: tuple[Person, ...] = ()
    kept: bool = True
    window: int = 0

    @property
    def ticket(self) -> str:
        """The number of the message."""
        return text(self.request, "informationCustomer/ticket")


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A verified and valid answer to an errand; not in the log before ``Exchange.keep``."""

    root: etree._Element
    message: VerifiedMessage


_REFERENCES = ("ticket", "userReference", "fileReference", "legalContext")


def _check_references(errand: Errand) -> None:
    """Refuse a national number in a reference: neither our log nor the gateway's may hold one.

    Raises:
        SetupRefused: a reference holds one; it is named, never shown.
    """
    about = [person.niss for person in errand.about]
    for element in errand.request.iter(*_REFERENCES):
        written = element.text or ""
        if looks_like_niss(written) or any(holds_number(written, niss) for niss in about):
            raise SetupRefused(f"{element.tag} holds a national number: give it another form, such as a UUID")


class Exchange:
    """Sends for one CPAS; holds no state but its log, safe between threads."""

    def __init__(
        self,
        identity: Identity,
        gateway: Trust,
        *,
        gateway_url: str,
        log: OwnLog,
        environment: str,
        clock: Callable[[], datetime],
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Take who we are, whom we believe, and where the gateway is (``http://host:port``)."""
        self._identity = identity
        self._gateway = gateway
        self._gateway_url = gateway_url.rstrip("/")
        self._log = log
        self._environment = environment
        self.clock = clock
        self._timeout_seconds = timeout_seconds

    def customer(self, ticket: str, user: User) -> Customer:
        """Return us as every request names us."""
        return Customer(
            ticket=ticket,
            cbe_number=self._identity.cbe_number,
            user_reference=user.reference,
            user_role=user.role,
            environment=self._environment,
            file_reference=user.file_reference,
        )

    def ask(self, errand: Errand) -> Answer:
        """Return the verified answer; REQUEST_SENT is in our log before anything leaves.

        Raises:
            SetupRefused: the request breaks the XSD; nothing was sent.
            LogUnwritable: a row could not be written; nothing was sent, or nothing is shown.
            Unreachable, SignatureRefused, ContractBroken: no answer, or none that may be believed.
            FaultReceived: the gateway's signed fault; it is in our log.
        """
        signed = self._signed(errand)
        if errand.kept:
            self._write(Kind.REQUEST_SENT, errand, signed, errand.about, {})
        message = self._sent(errand, signed)
        root = message.payload
        if root.tag == tag(SOAP, "Fault"):
            fault, ticket = _read_fault(root, tag(errand.operation.namespace, errand.operation.fault))
            answer = Answer(root, message)
            self.keep(errand, answer, outcome=fault.codes[0], fields={"ticketCBSS": ticket})
            raise fault
        if message.trail is None or message.trail.findtext("requestDigest") is None:
            raise ContractBroken("the answer does not say which question it answers")
        contract.check(root, errand.operation.response)
        for path in ("informationCustomer/ticket", "informationCustomer/customerIdentification/cbeNumber"):
            if text(root, path) != text(errand.request, path):
                raise ContractBroken("the answer is one to another question")
        if not _same(root.find("criteria"), errand.request.find("criteria")):
            raise ContractBroken("the answer is one to another question")
        return Answer(root, message)

    def keep(
        self,
        errand: Errand,
        answer: Answer,
        *,
        outcome: str,
        persons: tuple[Person, ...] = (),
        fields: Mapping[str, str | None],
    ) -> None:
        """Commit the row ANSWER_RECEIVED, before anything of the answer is shown.

        Raises:
            LogUnwritable: the row could not be written; nothing may be shown.
        """
        if errand.kept:
            said = {**fields, "signing": self._gateway.institution, "outcome": outcome}
            self._write(Kind.ANSWER_RECEIVED, errand, answer.message, errand.about + persons, said)

    def _signed(self, errand: Errand) -> SignedMessage:
        try:
            contract.check(errand.request, errand.operation.request)
        except ContractBroken as error:
            raise SetupRefused(
                "the request breaks the XSD: look at numbers, dates, codes, user and ticket"
            ) from error
        _check_references(errand)
        return sign(errand.request, self._identity, self.clock())

    def _sent(self, errand: Errand, signed: SignedMessage) -> VerifiedMessage:
        operation, window = errand.operation, errand.window
        url = f"{self._gateway_url}/{operation.service}/v1"
        action = soap_action(operation.service, operation.name)
        seconds = max(self._timeout_seconds, window + _BEYOND_THE_WINDOW if window else 0.0)
        raw = post(url, signed.raw, action, timeout_seconds=seconds)
        answer = verify(raw, self._gateway, self.clock())
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
        errand: Errand,
        message: SignedMessage | VerifiedMessage,
        persons: tuple[Person, ...],
        said: Mapping[str, str | None],
    ) -> None:
        fields = {
            "ticket": errand.ticket,
            "service": errand.operation.service,
            "operation": errand.operation.name,
            "asking": self._identity.cbe_number,
            "signing": self._identity.signing_number,
            "legalContext": text(errand.request, "legalContext"),
            "userReference": errand.user.reference,
            "userRole": errand.user.role,
            **errand.fields,
            **{name: value for name, value in said.items() if value},
        }
        self._log.write(
            kind,
            fields,
            message.proof,
            persons=persons,
            file_reference=errand.user.file_reference,
            real_user=errand.user.real_name,
        )


def _same(one: etree._Element | None, other: etree._Element | None) -> bool:
    """Whether two blocks hold the same elements with the same texts."""
    if one is None or other is None:
        return one is other
    mine, theirs = (
        [(child.tag, (child.text or "").strip()) for child in block.iter()] for block in (one, other)
    )
    return mine == theirs


def _read_fault(root: etree._Element, expected: str) -> tuple[FaultReceived, str]:
    block = root.find("detail/*")
    if block is None:
        raise ContractBroken("a fault without detail")
    contract.check(block, expected)
    details = block.findall("detail")
    fault = FaultReceived(
        tuple(text(detail, "reasonCode") for detail in details),
        tuple(text(detail, "diagnostic") for detail in details),
        by_caller=text(root, "faultcode").endswith("Client"),
    )
    return fault, text(block, "informationCBSS/ticketCBSS")
