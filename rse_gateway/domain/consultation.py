"""One question with all its answers: the values that a consultation is made of, and its overall status.

Rules: contract page, `consultSocialReport` and the table of outcomes. No XML, SQL or clock here: a report
is opaque canonical bytes that the contract layer has checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket


class Outcome(StrEnum):
    """What one holding CPAS gave so far."""

    ANSWERED = "ANSWERED"
    NO_DATA = "NO_DATA"
    PENDING = "PENDING"
    UNANSWERED = "UNANSWERED"
    REFUSED = "REFUSED"
    NOT_CONNECTED = "NOT_CONNECTED"


class OverallStatus(StrEnum):
    """Value and meaning of the ``status`` of a whole answer."""

    DATA_FOUND = "DATA_FOUND"
    NO_DATA_FOUND = "NO_DATA_FOUND"
    NO_RESULT = "NO_RESULT"
    INCOMPLETE_DATA = "INCOMPLETE_DATA"


STATUS_CODE = {
    OverallStatus.DATA_FOUND: "MSG00000",
    OverallStatus.NO_DATA_FOUND: "MSG00100",
    OverallStatus.INCOMPLETE_DATA: "RSE00020",
}
_INCOMPLETE = frozenset({Outcome.PENDING, Outcome.UNANSWERED, Outcome.REFUSED, Outcome.NOT_CONNECTED})


@dataclass(frozen=True, slots=True)
class Period:
    """A period of whole days, both ends included (dates in Europe/Brussels)."""

    begin: date
    end: date

    def overlaps(self, begin: date, end: date | None) -> bool:
        """Tell whether [begin, end] (open when ``end`` is None) shares a day with this period."""
        return begin <= self.end and (end is None or end >= self.begin)


@dataclass(frozen=True, slots=True)
class CustomerInformation:
    """Who asks (``informationCustomer``), as stated in the signed Body: structure checked, nothing else."""

    ticket: Ticket
    cbe_number: str | None
    user_reference: str
    user_role: str
    environment: str
    timestamp_sent: str | None = None
    sector: str | None = None
    institution: str | None = None
    file_reference: str | None = None


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What a request may ask about its own handling; never part of the idempotence digest."""

    language: str | None = None
    collect_window: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ConsultRequest:
    """A `consultSocialReport` request whose structure is right; ``ssin`` is not yet a checked NISS."""

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    ssin: str
    period: Period


@dataclass(frozen=True, slots=True)
class Supplier:
    """Public identity of a holding CPAS as it stands in an answer."""

    cbe_number: CbeNumber
    name_fr: str
    name_nl: str
    telephone: str | None


@dataclass(frozen=True, slots=True, repr=False)
class DisclosedPerson:
    """One person a message discloses something about; role BENEFICIARY, PARTNER or COHABITANT."""

    niss: str
    role: str


@dataclass(frozen=True, slots=True, repr=False)
class SocialReport:
    """What of a holder's report may be passed on: it passed every check of the contract.

    Attributes:
        canonical: exclusive C14N of the `socialReport` element without the decisions left out; empty when
            none is left: then nothing of it is passed on but the counts.
        digest: SHA-256 of the canonical `socialReport` as the holder sent it.
        persons: everyone it discloses something about.
        omitted: number of decisions left out because they are outside the period.
        contradictory: number of decisions left out because an aid ends before it begins.
        too_old: number of decisions ratified before ``oldest``; never stored, never told to who asks.
        oldest: the first day of ratification that was let through; None: it was not looked at.
    """

    canonical: bytes
    digest: bytes
    persons: tuple[DisclosedPerson, ...]
    omitted: int = 0
    contradictory: int = 0
    too_old: int = 0
    oldest: date | None = None

    @property
    def empty(self) -> bool:
        """Tell whether no decision is left: the outcome is NO_DATA."""
        return not self.canonical

    @property
    def tells(self) -> bool:
        """Tell whether anything of it, be it a count, may be passed on: else nothing of it is kept."""
        return bool(self.canonical or self.omitted or self.contradictory)


@dataclass(frozen=True, slots=True, repr=False)
class SupplierResult:
    """One holding CPAS's part of an answer."""

    supplier: Supplier
    outcome: Outcome
    since: datetime
    code: str
    late: bool = False
    information: tuple[tuple[str, str], ...] = ()
    report: bytes | None = None
    persons: tuple[DisclosedPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The ``status`` block: value, code of the catalogue, and fields to mend."""

    value: OverallStatus
    code: str
    information: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class ConsultAnswer:
    """Everything a `consultSocialReport` response says."""

    request: ConsultRequest
    gateway_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    status: Status
    results: tuple[SupplierResult, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class SupplierQuestion:
    """What the gateway asks one holding CPAS (`provideSocialReport`).

    ``niss`` is the number under which the holder registered the person, ``known_numbers`` all that she had:
    the report may name any of them. ``received_at`` is when the consultation was accepted, on reminders too:
    its day decides how old a decision may be.
    """

    gateway_ticket: GatewayTicket
    ticket: Ticket
    requesting_cpas: CbeNumber
    holding_cpas: CbeNumber
    legal_context: str
    niss: Niss
    period: Period
    reminder_number: int
    environment: str
    received_at: datetime
    sent_at: datetime
    known_numbers: frozenset[Niss] = frozenset()


@dataclass(frozen=True, slots=True)
class RetrieveRequest:
    """A `retrieveSocialReport` request: a consultation, and a holder where only its part is wanted."""

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    gateway_ticket: GatewayTicket
    supplier: str | None


@dataclass(frozen=True, slots=True, repr=False)
class RetrieveAnswer:
    """Everything a `retrieveSocialReport` response says; ``consultation`` is None when it was refused."""

    request: RetrieveRequest
    message_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    status: Status
    consultation: "AcceptedConsultation | None" = None
    results: tuple[SupplierResult, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class AcceptedConsultation:
    """An accepted consultation as its requester knows it."""

    gateway_ticket: GatewayTicket
    ticket: Ticket
    niss: Niss
    period: Period
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A `listSocialReports` request: what arrived ``since`` (None = all that is kept), what is confirmed.

    ``since_text`` is ``since`` as it was written: the answer repeats it to the letter.
    """

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    since: datetime | None
    confirmed: tuple[GatewayTicket, ...]
    since_text: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ListedSupplier:
    """How one holding CPAS stands, without what it said."""

    cbe_number: CbeNumber
    outcome: Outcome
    since: datetime
    code: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class ListedConsultation:
    """One of the requester's own consultations and how it stands; names no person."""

    gateway_ticket: GatewayTicket
    ticket: Ticket
    accepted_at: datetime
    status: OverallStatus
    suppliers: tuple[ListedSupplier, ...]


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """Everything a `listSocialReports` response says; ``as_of`` is the next request's ``since``."""

    request: ListRequest
    message_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    status: Status
    as_of: datetime | None = None
    consultations: tuple[ListedConsultation, ...] = ()
    more: bool = False


class DeliveredContent(Protocol):
    """What a delivery says, still to be checked against the question it answers."""

    @property
    def digest(self) -> bytes:
        """Return SHA-256 of the canonical `socialReport`, or of the status where there is none."""

    def checked(
        self, expected: frozenset[str], period: Period, oldest: date
    ) -> "tuple[SupplierReply, str, SocialReport | None]":
        """Return what it says, its code, and the report without what is not passed on.

        Raises:
            SupplierUnusable: another person, or a breach that the XSD cannot express.
        """


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryRequest:
    """A `deliverSocialReport` request; ``customer`` is the holding CPAS, ``ssin`` not yet checked."""

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    delivered_ticket: GatewayTicket
    ssin: str
    content: DeliveredContent


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryAnswer:
    """Everything a `deliverSocialReport` response says: accepted (OK), or not (NOK) and why."""

    request: DeliveryRequest
    message_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    accepted: bool
    code: str
    information: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class PushedAnswer:
    """A late answer that goes to the requester's own receiver service (`receiveSocialReport`)."""

    consultation: AcceptedConsultation
    requesting_cpas: CbeNumber
    legal_context: str
    environment: str
    sent_at: datetime
    result: SupplierResult


class SupplierReply(StrEnum):
    """What a usable answer of a holding CPAS says."""

    REPORT = "REPORT"
    NO_DATA = "NO_DATA"
    REFUSED = "REFUSED"
    PROMISED = "PROMISED"


def overall_status(outcomes: Iterable[Outcome]) -> Status:
    """Return the status of an accepted consultation: first that fits, in the contract's order.

    REFUSED before the look-up (NO_RESULT) never comes here: nothing was looked up then.
    """
    seen = set(outcomes)
    if seen & _INCOMPLETE:
        value = OverallStatus.INCOMPLETE_DATA
    elif Outcome.ANSWERED in seen:
        value = OverallStatus.DATA_FOUND
    else:
        value = OverallStatus.NO_DATA_FOUND
    return Status(value, STATUS_CODE[value])
