"""In-memory twins of the ports, for the tests of use cases: no network, no file, a clock that stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from quota_fakes import MemoryQuotas

from rse_gateway.domain.access import HeldMandate, Institution, Right
from rse_gateway.domain.consultation import (
    ConsultRequest,
    CustomerInformation,
    DisclosedPerson,
    Period,
    PushedAnswer,
    RequestOptions,
    SocialReport,
    SupplierQuestion,
    SupplierReply,
)
from rse_gateway.domain.directory import HOLDING_CODES, DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import Leg, ReminderPlan
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.errors import GatewayUnavailable, KeptConnectionLost, ReplayRefused
from rse_gateway.ports import (
    BoundConsultation,
    FenceLost,
    HolderAnswer,
    LineEnded,
    LineRegistered,
    PreparedQuestion,
    TicketTaken,
    UnitOfWork,
    Work,
)
from rse_gateway.trail.entry import EntryMaker, HmacSearchKey
from rse_gateway.trail.month_keys import MonthKeys
from rse_gateway.use_cases.admission import AccessRules, Sources
from rse_gateway.use_cases.attempt import Attempt
from rse_gateway.use_cases.consult import Consult, ConsultRules
from rse_gateway.use_cases.deliver import Deliver
from rse_gateway.use_cases.fan_out import FanOut
from rse_gateway.use_cases.list_reports import ListReports
from rse_gateway.use_cases.manage_access import ManageAccess
from rse_gateway.use_cases.push import Push
from rse_gateway.use_cases.results import DecisionCap
from rse_gateway.use_cases.retrieve import Retrieve
from rse_gateway.use_cases.rows import Rows

HUB = CbeNumber("0200000043")
ASKER, ONE, TWO = CbeNumber("0299990019"), CbeNumber("0299990118"), CbeNumber("0299990217")
PERSON = Niss("85073003328")
OTHER_NUMBER = Niss("80010100107")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
PERSONS = (DisclosedPerson(PERSON.value, "BENEFICIARY"),)
CONTEXT = "PCSA:SOCIAL_INQUIRY"
PERIOD = Period(date(2024, 1, 1), date(2024, 12, 31))
PLAN = ReminderPlan()
RULES = AccessRules("test")
OLDEST = date(2021, 11, 21)


CAP = DecisionCap(5, lambda report, _period, _oldest: report)
OPERATIONS = (
    "consultSocialReport",
    "retrieveSocialReport",
    "listSocialReports",
    "deliverSocialReport",
    "manageAccess",
)


def proof(text: str = "body") -> MessageProof:
    return MessageProof(sha256(text.encode()).digest(), b"<SignedInfo/>", b"value", "ab" * 32)


def message(*, operation: str = "consultSocialReport", signing: CbeNumber = ASKER) -> MessageContext:
    return MessageContext(
        gateway_ticket=GatewayTicket(uuid4()),
        received_at=NOW,
        service="ElectronicSocialReportService",
        operation=operation,
        signing=signing,
        roles=frozenset({"cpas"}),
        proof=proof(),
        replay_key=uuid4().bytes * 2,
    )


def request(**changes: object) -> ConsultRequest:
    customer = CustomerInformation(Ticket("T-1"), ASKER.value, "user-7", "SOCIAL_WORKER", "test")
    asked = ConsultRequest(customer, CONTEXT, RequestOptions(), PERSON.value, PERIOD)
    return replace(asked, **changes)  # type: ignore[arg-type]


def from_customer(**changes: object) -> ConsultRequest:
    return request(customer=replace(request().customer, **changes))  # type: ignore[arg-type]


@dataclass
class Content:
    """A delivery's content: what it says once checked, or why it is unusable."""

    says: SupplierReply | Exception = SupplierReply.REPORT
    digest: bytes = b"d" * 32

    def checked(
        self, expected: frozenset[str], _period: Period, oldest: date
    ) -> tuple[SupplierReply, str, SocialReport | None]:
        assert PERSON.value in expected
        if isinstance(self.says, Exception):
            raise self.says
        report = SocialReport(b"<socialReport/>", self.digest, PERSONS, oldest=oldest)
        return self.says, "MSG00000", report if self.says is SupplierReply.REPORT else None


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return TODAY


def institution(number: CbeNumber, *, endpoint: str | None = "http://127.0.0.1:9/") -> Institution:
    return Institution(
        cbe_number=number,
        name_fr=f"CPAS {number}",
        name_nl=f"OCMW {number}",
        endpoint=endpoint,
        rights=tuple(Right(operation, CONTEXT) for operation in OPERATIONS),
    )


@dataclass
class MemoryWorld(MemoryQuotas):
    """Registry, directory, store and holders in one; what was written and sent can be looked at."""

    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    replies: dict[CbeNumber, SupplierReply | Exception] = field(default_factory=dict)
    report: SocialReport | None = None
    asked: list[SupplierQuestion] = field(default_factory=list)
    asked_directory: int = 0
    answers: list[Any] = field(default_factory=list)
    mandates: set[tuple[CbeNumber, CbeNumber, str]] = field(default_factory=set)
    held: list[HeldMandate] = field(default_factory=list)
    successors: dict[CbeNumber, CbeNumber] = field(default_factory=dict)
    maintenance: dict[CbeNumber, datetime] = field(default_factory=dict)
    replaced: dict[Niss, Niss | None] = field(default_factory=dict)
    pushed: list[PushedAnswer] = field(default_factory=list)
    receiver: Exception | None = None
    broken: bool = False
    events: list[str] = field(default_factory=list)

    # ports.Registry, ports.Directory
    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        return self.institutions.get(cbe_number)

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, _day: date) -> bool:
        return (signing, cpas, operation) in self.mandates

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[HeldMandate, ...]:
        return tuple(one for one in self.held if cbe_number in (one.mandatary, one.cpas))

    def successor_of(self, cbe_number: CbeNumber, _day: date) -> CbeNumber:
        return self.successors.get(cbe_number, cbe_number)

    def predecessors_of(self, cbe_number: CbeNumber, _day: date) -> frozenset[CbeNumber]:
        return frozenset(old for old, new in self.successors.items() if new == cbe_number)

    def maintenance_until(self, cbe_number: CbeNumber) -> datetime | None:
        return self.maintenance.get(cbe_number)

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        self.asked_directory += 1
        current: Niss | None = niss
        while current in self.replaced:
            current = self.replaced[current]
        chain = {niss, *([current] if current else [])}
        for _ in self.replaced:
            chain |= {old for old, new in self.replaced.items() if new in chain}
        return PersonNumbers(niss, current, frozenset(chain))

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        self.asked_directory += 1
        numbers = self.numbers_of(niss).all
        return tuple(line for line in self.lines if line.niss in numbers)

    def own_lines(
        self, numbers: frozenset[CbeNumber], niss: Niss | None, *, offset: int, limit: int
    ) -> tuple[OwnLine, ...]:
        wanted = None if niss is None else self.numbers_of(niss).all
        own = [
            OwnLine(str(at), line, NOW)
            for at, line in enumerate(self.lines)
            if line.cbe_number in numbers and (wanted is None or line.niss in wanted)
        ]
        return tuple(own[offset : offset + limit])

    # ports.Writer
    def commit(self, unit: UnitOfWork) -> None:
        if self.broken:
            raise GatewayUnavailable("the disk is full")
        if unit.replay_key and self.replay_seen(unit.replay_key[0]):
            raise ReplayRefused("G9", "seen")
        new = unit.consultation
        if new and self.bound_to(new.requesting_cpas, new.ticket):
            raise TicketTaken
        self.take_quota(unit)
        change = unit.leg_change
        if change and self._fence(change.leg) != change.expected_fence:
            self.written.append(UnitOfWork(replay_key=unit.replay_key))  # the loser's key stays
            raise FenceLost
        if isinstance(unit.access, LineRegistered):
            self.lines.append(unit.access.line)
        if isinstance(unit.access, LineEnded):
            at = int(unit.access.line_id)
            self.lines[at] = replace(self.lines[at], end=unit.access.end)
        self.written.append(unit)
        self.events += [entry.parsed().fields["kind"] for entry in unit.log]

    # ports.Consultations
    def replay_seen(self, key: bytes) -> bool:
        return any(unit.replay_key and unit.replay_key[0] == key for unit in self.written)

    def _bound(self) -> list[BoundConsultation]:
        return [
            BoundConsultation(
                gateway_ticket=new.gateway_ticket,
                requesting_cpas=new.requesting_cpas,
                ticket=new.ticket,
                niss=new.niss,
                period=new.period,
                legal_context=new.legal_context,
                accepted_at=new.accepted_at,
            )
            for unit in self.written
            if (new := unit.consultation)
        ]

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        wanted = (requesting_cpas, ticket)
        return next((one for one in self._bound() if (one.requesting_cpas, one.ticket) == wanted), None)

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        return next((one for one in self._bound() if one.gateway_ticket == gateway_ticket), None)

    def changed_between(
        self, requesting: frozenset[CbeNumber], _since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        own = [(one, until) for one in self._bound() if one.requesting_cpas in requesting]
        return tuple(own[:limit])

    def kept_answers(self, requesting: frozenset[CbeNumber] | None = None) -> tuple[BoundConsultation, ...]:
        own = [one for one in self._bound() if requesting is None or one.requesting_cpas in requesting]
        return tuple(one for one in own if any(leg.report for leg in self.legs_of(one.gateway_ticket)))

    def legs_of(self, gateway_ticket: GatewayTicket, **_form: bool) -> tuple[StoredLeg, ...]:
        holders = [
            new.leg.holding_cpas
            for unit in self.written
            for new in unit.legs
            if new.leg.gateway_ticket == gateway_ticket
        ]
        return tuple(self._leg(gateway_ticket, holder) for holder in sorted(holders))

    def _leg(self, gateway_ticket: GatewayTicket, holder: CbeNumber) -> StoredLeg:
        found: StoredLeg | None = None
        for unit in self.written:
            for new in unit.legs:
                if (new.leg.gateway_ticket, new.leg.holding_cpas) == (gateway_ticket, holder):
                    found = StoredLeg(new.leg, new.niss, None, (), 0)
            change = unit.leg_change
            if change and found and change.leg.holding_cpas == holder:
                report = change.report
                found = replace(found, leg=change.leg)
                if report:
                    found = found.with_report(report)
            if found and gateway_ticket in (*unit.confirmed, *unit.forgotten):
                found = replace(found, report=None, persons=())
        assert found is not None
        return found

    def _fence(self, leg: Leg) -> int:
        return self._leg(leg.gateway_ticket, leg.holding_cpas).leg.fence

    # ports.HoldingCpas
    def prepare(self, question: SupplierQuestion, endpoint: str) -> PreparedQuestion:
        return PreparedQuestion(question, SealedMessage(b"<question/>", proof("question")), endpoint)

    def ask(self, prepared: PreparedQuestion, **_after: KeptConnectionLost | None) -> HolderAnswer:
        self.asked.append(prepared.question)
        self.events.append("ASKED")
        reply = self.replies[prepared.question.holding_cpas]
        if isinstance(reply, Exception):
            raise reply
        report = self.report
        if report is None and reply is SupplierReply.REPORT:
            report = SocialReport(b"<socialReport/>", b"d" * 32, PERSONS, oldest=OLDEST)
        context = message(operation="provideSocialReport", signing=prepared.question.holding_cpas)
        return HolderAnswer(reply, "MSG00000", report, context, b"d" * 32)

    # ports.Answers
    def _answered(self, answer: Any, _context: MessageContext) -> SealedMessage:
        self.answers.append(answer)
        return SealedMessage(b"<answer/>", proof("answer"))

    consult = retrieve = listed = access = delivery = rights = _answered

    # ports.FirstAttempts
    def start(self, work: Sequence[Work]) -> "MemoryWorld":
        for one in work:
            one()
        return self

    def wait(self, seconds: float) -> None:
        self.events.append(f"WAITED {seconds:g}")


def a_world() -> MemoryWorld:
    world = MemoryWorld()
    for number in (ASKER, ONE, TWO):
        world.institutions[number] = institution(number)
    world.lines.append(DirectoryLine(PERSON, ASKER, 2, date(2026, 1, 1), None))
    return world


def held_by(world: MemoryWorld, holder: CbeNumber, reply: SupplierReply | Exception) -> MemoryWorld:
    world.lines.append(DirectoryLine(PERSON, holder, 2, date(2024, 2, 1), date(2024, 6, 30)))
    world.replies[holder] = reply
    return world


class MemoryReceivers:
    """ports.Receivers: keeps what was pushed, or fails as the world says."""

    def __init__(self, world: MemoryWorld) -> None:
        self._world = world

    def prepare(self, _pushed: PushedAnswer) -> SealedMessage:
        return SealedMessage(b"<pushed/>", proof("pushed"))

    def push(self, _sealed: SealedMessage, pushed: PushedAnswer, _endpoint: str) -> None:
        self._world.events.append("PUSHED")
        if self._world.receiver is not None:
            raise self._world.receiver
        self._world.pushed.append(pushed)


def sources(world: MemoryWorld) -> Sources:
    return Sources(registry=world, directory=world, consultations=world)


def rows() -> Rows:
    keys = MonthKeys([ec.generate_private_key(ec.SECP256R1()).public_key()], lambda _wrapped: None)
    return Rows(EntryMaker("hub/1", "test", month_keys=keys, search_key=HmacSearchKey("k1", b"s" * 32)), HUB)


def consult(world: MemoryWorld, *, collect_window: int = 5) -> Consult:
    log, clock = rows(), StandingClock()
    attempt = Attempt(clock, world, world, log, PLAN)
    return Consult(
        clock=clock,
        sources=sources(world),
        writer=world,
        fan_out=FanOut(clock, world, attempt, log, PLAN, "here", HOLDING_CODES),
        pool=world,
        answers=world,
        rows=log,
        rules=ConsultRules(RULES, collect_window),
        cap=CAP,
    )


def retrieve(world: MemoryWorld) -> Retrieve:
    return Retrieve(StandingClock(), sources(world), world, world, rows(), RULES, CAP)


def list_reports(world: MemoryWorld) -> ListReports:
    return ListReports(StandingClock(), sources(world), world, world, rows(), RULES)


def manage_access(world: MemoryWorld) -> ManageAccess:
    return ManageAccess(StandingClock(), sources(world), world, world, rows(), RULES)


def deliver(world: MemoryWorld) -> Deliver:
    clock, log = StandingClock(), rows()
    push = Push(clock, sources(world), world, MemoryReceivers(world), world, log, RULES, CAP)
    return Deliver(clock, sources(world), world, world, log, RULES, PLAN, push)
