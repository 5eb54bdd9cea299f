"""Where the core meets the world: every port has a real implementation and one for tests.

The core (`domain`, `use_cases`, `ports`, `errors`) knows no XML, SOAP, SQL, HTTP, clock, environment or
file; it calls these protocols. `rse_gateway.trail` values (records, private parts, entries) are part of the
vocabulary: the trail is a package of its own that everyone in the exchange shares.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.consultation import (
    ConsultAnswer,
    DeliveryAnswer,
    ListAnswer,
    Period,
    PushedAnswer,
    RetrieveAnswer,
    SocialReport,
    SupplierQuestion,
    SupplierReply,
)
from rse_gateway.domain.directory import AccessAnswer, DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import Leg
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.domain.rights import RightsAnswer
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.errors import KeptConnectionLost
from rse_gateway.trail.entry import LogEntry


class Clock(Protocol):
    """The one clock."""

    def now(self) -> datetime:
        """Return the moment, in UTC, with its time zone."""

    def today(self) -> date:
        """Return the date in Europe/Brussels."""


class Ids(Protocol):
    """The one source of identifiers."""

    def gateway_ticket(self) -> GatewayTicket:
        """Return a new UUIDv7."""


class Registry(Protocol):
    """Who is registered (read through a cache that follows changes within 2 s)."""

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        """Return the institution, or None when nobody has that number."""

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, day: date) -> bool:
        """Tell whether ``signing`` holds a mandate of ``cpas`` for the operation on that day."""

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[HeldMandate, ...]:
        """Return every mandate that the institution holds or gave, past and future ones too."""

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:
        """Return who stands for that institution on that day: itself, or the last of its successors."""

    def predecessors_of(self, cbe_number: CbeNumber, day: date) -> frozenset[CbeNumber]:
        """Return everyone for whom it stands on that day, without itself."""

    def quota_of(self, cbe_number: CbeNumber) -> int | None:
        """Return how many consultations it may ask per hour, None for no bound."""

    def register_quota_of(self, cbe_number: CbeNumber, day: date) -> int | None:
        """Return how many new lines it may register by message per hour on that day, None for no bound."""

    def maintenance_until(self, cbe_number: CbeNumber) -> datetime | None:
        """Return until when nothing is sent to it, None when it is reachable."""


class Directory(Protocol):
    """The sectoral directory, for reading."""

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        """Return all lines for that number and every number it replaced, whatever their period."""

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        """Return every number of the person who has, or had, this one."""

    def own_lines(
        self, numbers: frozenset[CbeNumber], niss: Niss | None, *, offset: int, limit: int
    ) -> tuple[OwnLine, ...]:
        """Return lines of these institutions (for one person under any number, or for all), oldest first."""

    def registered_since(self, cbe_number: CbeNumber, since: datetime) -> int:
        """Return how many lines of that institution were new by message after ``since``."""


@dataclass(frozen=True, slots=True, repr=False)
class NewConsultation:
    """An accepted consultation: binds (requesting_cpas, ticket) to this content.

    A repeat is recognised by comparing the stored criteria themselves: a digest of them, stored in clear,
    could be tried against every valid number.
    """

    gateway_ticket: GatewayTicket
    requesting_cpas: CbeNumber
    signing: CbeNumber
    ticket: Ticket
    niss: Niss
    period: Period
    legal_context: str
    quality_code: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class NewLeg:
    """A leg as accepted, and the number under which its holder knows the person."""

    leg: Leg
    niss: Niss


@dataclass(frozen=True, slots=True, repr=False)
class NotConnected:
    """A holder without endpoint: nothing is sent, but the answer names it."""

    gateway_ticket: GatewayTicket
    holding_cpas: CbeNumber
    since: datetime


@dataclass(frozen=True, slots=True, repr=False)
class LegChange:
    """A leg after an event; written only while the stored fence is still ``expected_fence``.

    ``report`` is stored encrypted in the same transaction.
    """

    leg: Leg
    expected_fence: int
    report: SocialReport | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LineRegistered:
    """A new line of the directory. The same person, institution, quality and begin again changes its end."""

    line: DirectoryLine
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class LineEnded:
    """An existing line gets its last day; lines are never deleted."""

    line_id: str
    end: date
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class QuotaClaim:
    """The unit's consultation or new line counts for this institution: at most ``most`` after ``since``."""

    cbe_number: CbeNumber
    most: int
    since: datetime


@dataclass(frozen=True, slots=True, repr=False)
class UnitOfWork:
    """What one message writes, all or nothing.

    Attributes:
        replay_key: key of the authenticated message that this unit ends, with the moment it came.
        repeat_of_replay: raise the counter of that key instead (a further replay).
        disclosed: consultation whose stored answers are being disclosed now (starts their 72 h), and by
            which holding CPAS (None = all).
        confirmed: consultations whose disclosed answers the requester keeps itself: they are deleted.
        forgotten: consultations on whose person the requester's right has ended: all answers are deleted.
        quota: what bounds the unit's consultation or new line; None = nothing does.
    """

    replay_key: tuple[bytes, datetime] | None = None
    replayed_again: bytes | None = None
    consultation: NewConsultation | None = None
    legs: tuple[NewLeg, ...] = ()
    not_connected: tuple[NotConnected, ...] = ()
    leg_change: LegChange | None = None
    disclosed: tuple[GatewayTicket, datetime, frozenset[CbeNumber] | None] | None = None
    confirmed: tuple[GatewayTicket, ...] = ()
    forgotten: tuple[GatewayTicket, ...] = ()
    access: "LineRegistered | LineEnded | None" = None
    quota: QuotaClaim | None = None
    log: tuple[LogEntry, ...] = field(default=())


class TicketTaken(Exception):
    """(requesting_cpas, ticket) is already bound: the caller looks at what it is bound to."""


class QuotaUsedUp(Exception):
    """The institution has no consultation or new line left in this hour: nothing was written."""


class FenceLost(Exception):
    """Somebody else took or finished the leg: nothing of the unit was written but the replay key."""


class Writer(Protocol):
    """The only way to write: durable when it returns."""

    def commit(self, unit: UnitOfWork) -> None:
        """Write the unit, or nothing of it.

        Raises:
            ReplayRefused: the replay key is already there.
            TicketTaken: the ticket is already bound.
            QuotaUsedUp: one more than the unit's quota allows.
            FenceLost: the leg was changed by somebody else.
            GatewayUnavailable: the store cannot be written, or the outcome of the COMMIT is unknown.
        """


@dataclass(frozen=True, slots=True, repr=False)
class BoundConsultation:
    """A consultation as stored, enough to recognise a repeat and to answer it."""

    gateway_ticket: GatewayTicket
    requesting_cpas: CbeNumber
    ticket: Ticket
    niss: Niss
    period: Period
    legal_context: str
    accepted_at: datetime


class Consultations(Protocol):
    """Stored consultations, for reading."""

    def replay_seen(self, key: bytes) -> bool:
        """Tell whether a message with this replay key was received in the last 24 h."""

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        """Return what the requester's ticket is bound to."""

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        """Return the consultation with that number of ours."""

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        """Return how many consultations of that institution were accepted after ``since``."""

    def changed_between(
        self, requesting: frozenset[CbeNumber], since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        """Return these institutions' consultations that changed in [since, until], oldest change first.

        A change is the acceptance or a leg's new outcome (its 24 h deadline among that); each comes with the
        moment of its last change in that time. ``since`` None = as long as answers are kept.
        """

    def kept_answers(self, requesting: frozenset[CbeNumber] | None = None) -> tuple[BoundConsultation, ...]:
        """Return every consultation (of these institutions) of which at least one answer is still kept."""

    def legs_of(self, gateway_ticket: GatewayTicket, *, with_reports: bool = True) -> tuple[StoredLeg, ...]:
        """Return all legs (and unconnected holders) of a consultation, sorted by holding CPAS.

        Without reports nothing is decrypted: the report of a kept answer is empty bytes, of others None.
        """


@dataclass(frozen=True, slots=True, repr=False)
class PreparedQuestion:
    """A signed question to one holding CPAS, not yet sent."""

    question: SupplierQuestion
    sealed: SealedMessage
    endpoint: str


@dataclass(frozen=True, slots=True, repr=False)
class HolderAnswer:
    """A usable answer of a holding CPAS: it passed the gate, the XSD and the checks of the leg."""

    reply: SupplierReply
    code: str
    report: SocialReport | None
    context: MessageContext
    content_digest: bytes = b""


class HoldingCpas(Protocol):
    """The holding CPAS, seen from the gateway."""

    def prepare(self, question: SupplierQuestion, endpoint: str) -> PreparedQuestion:
        """Return the signed question; nothing is sent.

        Raises:
            GatewayFault: our own question is invalid or cannot be signed.
        """

    def ask(self, prepared: PreparedQuestion, *, after: KeptConnectionLost | None = None) -> HolderAnswer:
        """Send the question once and return the checked answer, within the call's total deadline.

        ``after``: the lost call that this one, prepared anew, repeats on a fresh connection in the same time.

        Raises:
            KeptConnectionLost: the question left on a kept connection that died before the reply began.
            SupplierUnreachable: nothing attributable to the holder came back.
            SupplierUnusable: what came back breaks the contract.
        """


class Answers(Protocol):
    """Turns what the core decided into a signed message; nothing is sent."""

    def consult(self, answer: ConsultAnswer, context: MessageContext) -> SealedMessage:
        """Return the composed, validated and signed `consultSocialReport` response.

        Raises:
            GatewayFault: the answer is invalid or cannot be signed.
        """

    def retrieve(self, answer: RetrieveAnswer, context: MessageContext) -> SealedMessage:
        """Return the signed `retrieveSocialReport` response (raises as `consult`)."""

    def listed(self, answer: ListAnswer, context: MessageContext) -> SealedMessage:
        """Return the signed `listSocialReports` response (raises as `consult`)."""

    def access(self, answer: AccessAnswer, context: MessageContext) -> SealedMessage:
        """Return the signed `manageAccess` response (raises as `consult`)."""

    def rights(self, answer: RightsAnswer, context: MessageContext) -> SealedMessage:
        """Return the signed `listRights` response (raises as `consult`)."""

    def delivery(self, answer: DeliveryAnswer, context: MessageContext) -> SealedMessage:
        """Return the signed `deliverSocialReport` response (raises as `consult`)."""


class Receivers(Protocol):
    """The receiver services of requesting CPAS, seen from the gateway."""

    def prepare(self, pushed: PushedAnswer) -> SealedMessage:
        """Return the signed late answer; nothing is sent.

        Raises:
            GatewayFault: our own message is invalid or cannot be signed.
        """

    def push(self, sealed: SealedMessage, pushed: PushedAnswer, endpoint: str) -> None:
        """Send it; returns when the receiver said OK under its signature.

        Raises:
            SupplierUnreachable: nothing attributable to the receiver came back.
            SupplierUnusable: what came back breaks the contract, or says NOK.
        """


class ReportCutter(Protocol):
    """Cuts a stored report anew, where it was cut by older rules or an earlier cap."""

    def __call__(self, report: SocialReport, period: Period, oldest: date) -> SocialReport:
        """Return the report without decisions ratified before ``oldest`` or outside the period.

        Raises:
            GatewayFault: the stored bytes are no report.
        """


class FirstAttempts(Protocol):
    """Runs work beside the request's thread, in a bounded pool."""

    def start(self, work: "list[Work]") -> "WaitHandle":
        """Start what finds a place; the rest gets one as soon as it may, while the caller waits."""


class Work(Protocol):
    """One thing to do for one partner."""

    @property
    def partner(self) -> CbeNumber:
        """Return who is called: no partner gets so many places that others find none."""

    def __call__(self) -> None:
        """Do it; it never raises."""

    def release(self) -> None:
        """Give it back undone, because no place came free in time; it never raises."""


class WaitHandle(Protocol):
    """Started work that can be waited for."""

    def wait(self, seconds: float) -> None:
        """Return when done, or after ``seconds``: what found no place is released, others go on."""
