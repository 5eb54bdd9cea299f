"""In-memory twins of the ports, for the tests of use cases: no network, no file, a clock that stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.consultation import (
    ConsultAnswer,
    ConsultRequest,
    CustomerInformation,
    DisclosedPerson,
    Period,
    RequestOptions,
    SocialReport,
    SupplierQuestion,
    SupplierReply,
)
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import ReminderPlan
from rse_gateway.domain.message import MessageContext, MessageProof, SealedMessage
from rse_gateway.errors import GatewayUnavailable, ReplayRefused
from rse_gateway.ports import (
    BoundConsultation,
    FenceLost,
    HolderAnswer,
    PreparedQuestion,
    StoredLeg,
    TicketTaken,
    UnitOfWork,
    Work,
)
from rse_gateway.trail.entry import EntryMaker, HmacSearchKey
from rse_gateway.trail.month_keys import MonthKeys
from rse_gateway.use_cases.admission import AccessRules, Sources
from rse_gateway.use_cases.attempt import Attempt
from rse_gateway.use_cases.consult import Consult, ConsultRules
from rse_gateway.use_cases.rows import Rows

ASKER, ONE, TWO = CbeNumber("0299990019"), CbeNumber("0299990118"), CbeNumber("0299990217")
PERSON = Niss("85073003328")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
PERSONS = (DisclosedPerson(PERSON.value, "BENEFICIARY"),)
CONTEXT = "PCSA:SOCIAL_INQUIRY"
PERIOD = Period(date(2024, 1, 1), date(2024, 12, 31))
PLAN = ReminderPlan()


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
        rights=(Right("consultSocialReport", CONTEXT),),
    )


@dataclass
class MemoryWorld:
    """Registry, directory, store and holders in one; what was written and sent can be looked at."""

    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    lines: list[DirectoryLine] = field(default_factory=list)
    replies: dict[CbeNumber, SupplierReply | Exception] = field(default_factory=dict)
    written: list[UnitOfWork] = field(default_factory=list)
    asked: list[SupplierQuestion] = field(default_factory=list)
    asked_directory: int = 0
    answers: list[ConsultAnswer] = field(default_factory=list)
    broken: bool = False
    events: list[str] = field(default_factory=list)

    # ports.Registry, ports.Directory
    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        return self.institutions.get(cbe_number)

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        self.asked_directory += 1
        return tuple(line for line in self.lines if line.niss == niss)

    # ports.Writer
    def commit(self, unit: UnitOfWork) -> None:
        if self.broken:
            raise GatewayUnavailable("the disk is full")
        if unit.replay_key and self.replay_seen(unit.replay_key[0]):
            raise ReplayRefused("G9", "seen")
        new = unit.consultation
        if new and self.bound_to(new.requesting_cpas, new.ticket):
            raise TicketTaken
        change = unit.leg_change
        if (
            change
            and self._leg(change.leg.gateway_ticket, change.leg.holding_cpas).leg.fence
            != change.expected_fence
        ):
            raise FenceLost
        self.written.append(unit)
        self.events += [entry.parsed().fields["kind"] for entry in unit.log]

    # ports.Consultations
    def replay_seen(self, key: bytes) -> bool:
        return any(unit.replay_key and unit.replay_key[0] == key for unit in self.written)

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        for unit in self.written:
            new = unit.consultation
            if new and (new.requesting_cpas, new.ticket) == (requesting_cpas, ticket):
                return BoundConsultation(
                    gateway_ticket=new.gateway_ticket,
                    requesting_cpas=new.requesting_cpas,
                    ticket=new.ticket,
                    niss=new.niss,
                    period=new.period,
                    legal_context=new.legal_context,
                    accepted_at=new.accepted_at,
                )
        return None

    def legs_of(self, gateway_ticket: GatewayTicket) -> tuple[StoredLeg, ...]:
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
                    found = replace(found, report=report.canonical, persons=report.persons)
        assert found is not None
        return found

    # ports.HoldingCpas
    def prepare(self, question: SupplierQuestion, endpoint: str) -> PreparedQuestion:
        return PreparedQuestion(question, SealedMessage(b"<question/>", proof("question")), endpoint)

    def ask(self, prepared: PreparedQuestion) -> HolderAnswer:
        self.asked.append(prepared.question)
        self.events.append("ASKED")
        reply = self.replies[prepared.question.holding_cpas]
        if isinstance(reply, Exception):
            raise reply
        report = (
            SocialReport(b"<socialReport/>", b"d" * 32, PERSONS) if reply is SupplierReply.REPORT else None
        )
        context = message(operation="provideSocialReport", signing=prepared.question.holding_cpas)
        return HolderAnswer(reply, "MSG00000", report, context)

    # ports.Answers
    def consult(self, answer: ConsultAnswer, _context: MessageContext) -> SealedMessage:
        self.answers.append(answer)
        return SealedMessage(b"<answer/>", proof("answer"))

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


def sources(world: MemoryWorld) -> Sources:
    return Sources(registry=world, directory=world, consultations=world)


def consult(world: MemoryWorld, *, collect_window: int = 5) -> Consult:
    keys = MonthKeys([ec.generate_private_key(ec.SECP256R1()).public_key()], lambda _wrapped: None)
    maker = EntryMaker("hub/1", "test", month_keys=keys, search_key=HmacSearchKey("k1", b"s" * 32))
    rows, clock = Rows(maker), StandingClock()
    return Consult(
        clock=clock,
        sources=sources(world),
        writer=world,
        holders=world,
        pool=world,
        attempt=Attempt(clock, world, world, rows, PLAN),
        answers=world,
        rows=rows,
        rules=ConsultRules(AccessRules("test"), collect_window, PLAN, "here"),
    )
