"""What the tests of the store write: invented persons, consultations, legs, answers and log rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import DisclosedPerson, Period, SocialReport
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import Leg, ReminderPlan, first_leg
from rse_gateway.ports import NewConsultation, NewLeg, NotConnected, UnitOfWork
from rse_gateway.store.log_rows import save_month_keys
from rse_gateway.trail import EntryIds, EntryMaker, Kind, MonthKeys, Person, PrivatePart, Role
from rse_gateway.trail.entry import LogEntry

AT = datetime(2026, 11, 21, 9, 30, 0, 123_456, tzinfo=UTC)
NISS = Niss("85073003328")
PARTNER = Niss("80010100107")
ASKING = CbeNumber("0299990019")
HOLDING = CbeNumber("0299990118")
ALSO_HOLDING = CbeNumber("0299990217")
UNCONNECTED = CbeNumber("0299990316")
PERIOD = Period(date(2022, 1, 1), date(2026, 11, 1))
MASTER = bytes(range(32))
REPORT = SocialReport(
    canonical=b"<socialReport>\xc3\xa9</socialReport>",
    digest=sha256(b"report").digest(),
    persons=(DisclosedPerson(NISS.value, "BENEFICIARY"), DisclosedPerson(PARTNER.value, "PARTNER")),
    omitted=2,
)
_ids = EntryIds()


def new_id() -> UUID:
    return _ids(AT)


def new_ticket() -> GatewayTicket:
    return GatewayTicket(new_id())


def replay_key(name: object) -> bytes:
    return sha256(str(name).encode()).digest()


def consultation(
    ticket: str, gateway_ticket: GatewayTicket | None = None, legal_context: str = "PCSA:SOCIAL_INQUIRY"
) -> NewConsultation:
    return NewConsultation(
        gateway_ticket=gateway_ticket or new_ticket(),
        requesting_cpas=ASKING,
        signing=ASKING,
        ticket=Ticket(ticket),
        niss=NISS,
        period=PERIOD,
        legal_context=legal_context,
        quality_code=2,
        accepted_at=AT,
    )


def leg(gateway_ticket: GatewayTicket, holding_cpas: CbeNumber = HOLDING) -> Leg:
    return first_leg(gateway_ticket, holding_cpas, AT, owner="node-1", plan=ReminderPlan())


def accepted(ticket: str, *log: LogEntry, key: object = None) -> tuple[GatewayTicket, UnitOfWork]:
    """A consultation with two legs and one unconnected holder."""
    new = consultation(ticket)
    number = new.gateway_ticket
    unit = UnitOfWork(
        replay_key=(replay_key(key or ticket), AT),
        consultation=new,
        legs=(NewLeg(leg(number), NISS), NewLeg(leg(number, ALSO_HOLDING), PARTNER)),
        not_connected=(NotConnected(number, UNCONNECTED, AT),),
        log=log,
    )
    return number, unit


def entry_maker(engine: Engine, keys: DataKeys) -> EntryMaker:
    auditor = ec.generate_private_key(ec.SECP256R1())
    month_keys = MonthKeys([auditor.public_key()], lambda wrapped: save_month_keys(engine, wrapped))
    return EntryMaker("hub/1", "test", month_keys=month_keys, search_key=keys.search_key)


def received_row(maker: EntryMaker, ticket: str, gateway_ticket: GatewayTicket) -> LogEntry:
    """A REQUEST_RECEIVED row about the person and the partner."""
    fields = {
        "ticketCBSS": str(gateway_ticket),
        "ticket": ticket,
        "service": "ElectronicSocialReportService",
        "operation": "consultSocialReport",
        "asking": ASKING.value,
        "signing": ASKING.value,
        "legalContext": "PCSA:SOCIAL_INQUIRY",
        "userReference": "u-7f3a",
        "userRole": "SOCIAL_WORKER",
    }
    persons = (Person(NISS.value, Role.BENEFICIARY), Person(PARTNER.value, Role.PARTNER))
    return maker.make(Kind.REQUEST_RECEIVED, AT, fields, PrivatePart(persons=persons))


class FixedClock:
    """A clock that stands where the test puts it."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()


Counter = Callable[[str], int]
