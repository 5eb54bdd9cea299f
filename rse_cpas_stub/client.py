"""The requesting CPAS as a small library: ask, pick up, list, keep the directory lines, try the connection.

Every method sends one signed message and returns the verified answer; both are in our own log (``exchange``).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from lxml import etree

from rse_cpas_stub.errors import ContractBroken
from rse_cpas_stub.exchange import TIMEOUT_SECONDS, Answer, Errand, Exchange, Operation, User
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import (
    Options,
    Status,
    SupplierResult,
    consult_request,
    read_results,
    read_status,
    test_request,
    text,
)
from rse_cpas_stub.names import ACCESS, ACCESS_SERVICE, REPORT, REPORT_SERVICE, TEST, TEST_SERVICE
from rse_cpas_stub.outcomes import (
    AccessAction,
    AccessLine,
    AccessOutcome,
    ConsultOutcome,
    ListedConsultation,
    ListedSupplier,
    ListOutcome,
    TestOutcome,
)
from rse_cpas_stub.period import Period
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.request_messages import access_request, list_request, retrieve_request
from rse_gateway.trail import Person, Role

LEGAL_CONTEXT = "PCSA:SOCIAL_INQUIRY"
_REPORT_FAULT = "electronicSocialReportFault"
CONSULT = Operation(REPORT_SERVICE, "consultSocialReport", REPORT, _REPORT_FAULT)
RETRIEVE = Operation(REPORT_SERVICE, "retrieveSocialReport", REPORT, _REPORT_FAULT)
LIST = Operation(REPORT_SERVICE, "listSocialReports", REPORT, _REPORT_FAULT)
MANAGE_ACCESS = Operation(ACCESS_SERVICE, "manageAccess", ACCESS, "manageAccessFault")
SEND_TEST = Operation(TEST_SERVICE, "sendTestMessage", TEST, "testConnectionFault")
_NUMBER = re.compile(r"[0-9]{11}")


def new_ticket() -> str:
    """Return a new number for a message of ours."""
    return str(uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One consultation to ask: about whom, which period, by whom; same ticket = same consultation."""

    ssin: str = field(repr=False)
    period: Period
    user: User
    ticket: str = field(default_factory=new_ticket)
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
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Take who we are, whom we believe, and where the gateway is (``http://host:port``)."""
        self._exchange = Exchange(
            identity,
            gateway,
            gateway_url=gateway_url,
            log=log,
            environment=environment,
            clock=clock,
            timeout_seconds=timeout_seconds,
        )

    def consult(self, question: Question) -> ConsultOutcome:
        """Return what the holding CPAS answered so far.

        Raises:
            StubError: as ``Exchange.ask`` and ``Exchange.keep``.
        """
        period = question.period
        request = consult_request(
            self._exchange.customer(question.ticket, question.user),
            self._exchange.clock(),
            legal_context=question.legal_context,
            ssin=question.ssin,
            period=period,
            options=question.options,
        )
        errand = Errand(
            operation=CONSULT,
            request=request,
            user=question.user,
            fields={"periodBegin": period.begin.isoformat(), "periodEnd": period.end.isoformat()},
            about=_about(question.ssin),
            window=question.options.collect_window or 0,
        )
        answer = self._exchange.ask(errand)
        ticket = text(answer.root, "informationCBSS/ticketCBSS")
        status, results = self._keep_reports(errand, answer, {"ticketCBSS": ticket})
        return ConsultOutcome(question.ticket, ticket, status, results)

    def retrieve(
        self,
        gateway_ticket: str,
        user: User,
        *,
        supplier: str | None = None,
        ticket: str | None = None,
        legal_context: str = LEGAL_CONTEXT,
    ) -> ConsultOutcome:
        """Return our consultation ``gateway_ticket`` as it stands now: all, or what one CPAS answered.

        Raises:
            StubError: as ``Exchange.ask`` and ``Exchange.keep``.
        """
        request = retrieve_request(
            self._exchange.customer(ticket or new_ticket(), user),
            self._exchange.clock(),
            legal_context=legal_context,
            ticket_cbss=gateway_ticket,
            supplier=supplier,
        )
        fields = {"ticketCBSS": gateway_ticket, "holding": supplier}
        errand = Errand(operation=RETRIEVE, request=request, user=user, fields=fields)
        answer = self._exchange.ask(errand)
        found = answer.root.find("consultation")
        if found is not None and text(found, "ticketCBSS") != gateway_ticket:
            raise ContractBroken("the answer is about another consultation")
        about = () if found is None else _about(text(found, "ssin"))
        status, results = self._keep_reports(errand, answer, {}, about)
        own = "" if found is None else text(found, "ticket")
        return ConsultOutcome(own or errand.ticket, gateway_ticket, status, results)

    def list_reports(
        self,
        user: User,
        *,
        since: datetime | None = None,
        confirmed: Sequence[str] = (),
        ticket: str | None = None,
        legal_context: str = LEGAL_CONTEXT,
    ) -> ListOutcome:
        """Return our consultations that changed since a moment, and confirm answers that we keep ourselves.

        Raises:
            StubError: as ``Exchange.ask`` and ``Exchange.keep``.
        """
        request = list_request(
            self._exchange.customer(ticket or new_ticket(), user),
            self._exchange.clock(),
            legal_context=legal_context,
            since=since,
            confirmed=confirmed,
        )
        errand = Errand(operation=LIST, request=request, user=user)
        root, status = self._plain(errand)
        listed = tuple(_listed(found) for found in root.findall("consultation"))
        return ListOutcome(status, root.findtext("asOf"), _true(root, "more"), listed)

    def access(
        self,
        action: AccessAction,
        line: AccessLine,
        user: User,
        *,
        ticket: str | None = None,
        legal_context: str = LEGAL_CONTEXT,
    ) -> AccessOutcome:
        """Register, end or list our own lines of the sectoral directory.

        Raises:
            StubError: as ``Exchange.ask`` and ``Exchange.keep``.
        """
        request = access_request(
            self._exchange.customer(ticket or new_ticket(), user),
            self._exchange.clock(),
            legal_context=legal_context,
            action=action.value,
            line=line.values(),
        )
        named = {"qualityCode": line.quality_code, "periodBegin": line.begin, "periodEnd": line.end}
        fields = {name: None if value is None else str(value) for name, value in named.items()}
        about = () if line.ssin is None else _about(line.ssin)
        errand = Errand(operation=MANAGE_ACCESS, request=request, user=user, fields=fields, about=about)
        root, status = self._plain(errand, "accessLine/ssin")
        lines = tuple(
            {str(child.tag): child.text or "" for child in found} for found in root.findall("accessLine")
        )
        return AccessOutcome(status, lines, _true(root, "more"))

    def send_test_message(self, said: str, user: User) -> TestOutcome:
        """Return what the gateway saw of us; about nobody, so no row is written.

        Raises:
            StubError: as ``Exchange.ask``.
        """
        request = test_request(
            self._exchange.customer(new_ticket(), user),
            self._exchange.clock(),
            legal_context=LEGAL_CONTEXT,
            said=said,
        )
        root = self._exchange.ask(Errand(operation=SEND_TEST, request=request, user=user, kept=False)).root
        return TestOutcome(
            message=text(root, "message"),
            gateway_time=text(root, "gatewayTime"),
            environment=text(root, "environment"),
            certificate=text(root, "certificateSeen/sha256"),
            institution=text(root, "institutionSeen/cbeNumber"),
            status=read_status(root),
        )

    def _keep_reports(
        self,
        errand: Errand,
        answer: Answer,
        fields: Mapping[str, str | None],
        about: tuple[Person, ...] = (),
    ) -> tuple[Status, Sequence[SupplierResult]]:
        results, status = read_results(answer.root), read_status(answer.root)
        reports = [result.report for result in results if result.report is not None]
        persons = about + tuple(person for report in reports for person in persons_in(report))
        self._exchange.keep(errand, answer, outcome=status.code, persons=persons, fields=fields)
        return status, results

    def _plain(self, errand: Errand, persons: str | None = None) -> tuple[etree._Element, Status]:
        """Exchange a message whose answer is no report; ``persons``: where its numbers stand."""
        answer = self._exchange.ask(errand)
        status = read_status(answer.root)
        numbers = [] if persons is None else answer.root.findall(persons)
        self._exchange.keep(
            errand,
            answer,
            outcome=status.code,
            persons=tuple(Person(number.text or "", Role.BENEFICIARY) for number in numbers),
            fields={"ticketCBSS": text(answer.root, "informationCBSS/ticketCBSS")},
        )
        return answer.root, status


def _about(ssin: str) -> tuple[Person, ...]:
    """The person asked about; what is no number is refused by the XSD before any row is written."""
    return (Person(ssin, Role.BENEFICIARY),) if _NUMBER.fullmatch(ssin) else ()


def _true(element: etree._Element, path: str) -> bool:
    return text(element, path) in {"true", "1"}


def _listed(found: etree._Element) -> ListedConsultation:
    suppliers = tuple(
        ListedSupplier(
            cbe_number=text(state, "cbeNumber"),
            outcome=text(state, "outcome"),
            code=text(state, "code"),
            since=text(state, "outcomeSince"),
            late=_true(state, "late"),
        )
        for state in found.findall("supplierState")
    )
    return ListedConsultation(
        ticket=text(found, "ticket"),
        gateway_ticket=text(found, "ticketCBSS"),
        accepted_at=text(found, "acceptedAt"),
        status=text(found, "statusValue"),
        suppliers=suppliers,
    )
