"""The holding CPAS: one verified question in, one signed answer out, by itself, and both in its log.

Order: signature → XSD → row REQUEST_RECEIVED → addressee and environment → answer → own XSD → digest →
signature → row ANSWER_SENT committed → out. Rules: contract page, ``provideSocialReport``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.delivery import LateAnswer
from rse_cpas_stub.failures import UNKNOWN_CODE, Failure, Switches, altered, broken, huge_content
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import Question, Status, provide_response, read_question
from rse_cpas_stub.names import REPORT, SUPPLIER_SERVICE, tag
from rse_cpas_stub.period import Period
from rse_cpas_stub.persons import PersonFiles
from rse_cpas_stub.replies import Desk, Reply
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.signature import SignedMessage, VerifiedMessage
from rse_gateway.trail import Kind, Person, Role

OPERATION = "provideSocialReport"
OUTSIDE_FIELD = "decisionsOutsidePeriod"
CONTRADICTORY_FIELD = "decisionsContradictory"
_REAL_USER = "automatic answer"


@dataclass(frozen=True, slots=True, repr=False)
class Disclosure:
    """What a CPAS says about a person in a period: status, the report's content, its own file number."""

    status: Status
    report: Mapping[str, Any] | None = None
    file_reference: str | None = None


def disclose(persons: PersonFiles, ssin: str, period: Period) -> Disclosure:
    """Return what the files say about a person in a period."""
    found = persons.extract(ssin, period)
    counts = ((OUTSIDE_FIELD, found.cut.outside), (CONTRADICTORY_FIELD, found.cut.contradictory))
    information = tuple((name, str(count)) for name, count in counts if count)
    if found.content is None:
        status = Status("NO_DATA_FOUND", "MSG00100", "Nothing in the period.", information)
    else:
        status = Status("DATA_FOUND", "MSG00000", "Data found.", information)
    return Disclosure(status, found.content, found.file_reference)


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
        switches: Switches | None = None,
        signs_as: Identity | None = None,
        promise: Callable[[LateAnswer], None] | None = None,
    ) -> None:
        """Take who we are, whom we answer, and what we hold.

        ``switches`` say how to misbehave, ``signs_as`` who signs instead of us, on purpose; ``promise``
        delivers later what is promised, and without it that never comes.
        """
        self._identity = identity
        self._gateway = gateway
        self._persons = persons
        self._log = log
        self._environment = environment
        self._clock = clock
        self._switches = switches or Switches()
        self._promise = promise
        self._desk = Desk(
            operation=OPERATION,
            fault_element="socialReportSupplierFault",
            gateway=gateway,
            signs_as=signs_as or identity,
            clock=clock,
        )

    def handle(self, raw: bytes) -> Reply:
        """Return the signed answer to the bytes of one request; never raises on what a caller sends."""
        return self._desk.handle(raw, self._answer)

    def _answer(self, message: VerifiedMessage, received: datetime) -> Reply:
        question = read_question(message.payload)
        self._log_received(question, message)
        failure = self._switches.failure
        if failure is Failure.FAULT:
            return self._desk.fault("MSG00003", "internal error (on purpose)", message, by_caller=False)
        refusal = self._refusal(question)
        said = Disclosure(refusal) if refusal is not None else self._said(question)
        root = provide_response(
            question, said.status, report=said.report, received=received, now=self._clock()
        )
        contract.check(root, tag(REPORT, f"{OPERATION}Response"))
        if failure is not None:
            root = broken(root, failure)
        signed = self._desk.sign(root, message)
        self._log_sent(question, root, signed, said.file_reference)
        if refusal is None and self._switches.promises and self._promise is not None:
            self._promise(self._late(question))
        return Reply(200, altered(signed.raw) if failure is Failure.BAD_SIGNATURE else signed.raw)

    def _refusal(self, question: Question) -> Status | None:
        if question.environment != self._environment:
            return _invalid("environment", question.environment, "Another environment.")
        if question.addressee != self._identity.cbe_number:
            return _invalid("supplierIdentification", question.addressee, "Addressed to another CPAS.")
        return None

    def _said(self, question: Question) -> Disclosure:
        if self._switches.promises:
            later = Status("ACCEPTED", "MSG00020", "The answer follows later by deliverSocialReport.")
            return Disclosure(later)
        found = disclose(self._persons, question.ssin, question.period)
        data = Status("DATA_FOUND", "MSG00000", "Data found.")
        match self._switches.failure:
            case Failure.REFUSE:
                return Disclosure(Status("NO_RESULT", self._switches.refuse_code, "Refused on purpose."))
            case Failure.UNKNOWN_CODE:
                return Disclosure(Status("NO_RESULT", UNKNOWN_CODE, "A code of no catalogue, on purpose."))
            case Failure.EMPTY:
                return Disclosure(data)
            case Failure.HUGE:
                known = {"ssin": question.ssin, "lastName": "Exemple"}
                named = known if found.report is None else found.report["beneficiary"]
                report = huge_content(named, question.period.begin.isoformat())
                return Disclosure(data, report, found.file_reference)
        return found

    def _late(self, question: Question) -> LateAnswer:
        found = disclose(self._persons, question.ssin, question.period)
        return LateAnswer(
            ticket=question.ticket,
            ticket_cbss=question.ticket_cbss,
            ssin=question.ssin,
            legal_context=question.legal_context,
            status=found.status,
            report=found.report,
            file_reference=found.file_reference,
            fields=_story(question),
        )

    def _fields(self, question: Question) -> dict[str, str | None]:
        return {
            "ticketCBSS": question.ticket_cbss,
            "ticket": question.ticket,
            "service": SUPPLIER_SERVICE,
            "operation": OPERATION,
            "holding": self._identity.cbe_number,
            "legalContext": question.legal_context,
            **_story(question),
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
            "signing": self._identity.signing_number,
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


def _story(question: Question) -> dict[str, str | None]:
    return {
        "asking": question.asking,
        "periodBegin": question.period.begin.isoformat(),
        "periodEnd": question.period.end.isoformat(),
    }


def _invalid(field: str, value: str, description: str) -> Status:
    return Status("NO_RESULT", "MSG00008", description, ((field, value),))
