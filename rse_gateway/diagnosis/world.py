"""A world in a file: who is registered, who holds which file, which consultations are stored.

`samples/messages/world.json` is one; the README beside it says what the fields mean. It stands in for store
and registry, so that checks 4 to 6 can be made without a gateway. Nothing can be written into it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from cryptography import x509

from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.directory import DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.quota import DefaultQuotas, Quotas
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.ports import BoundConsultation
from rse_gateway.security.signature import PublicKey
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, key_id_of


@dataclass(slots=True, repr=False)
class World:
    """Implements `ports.Registry`, `ports.Directory`, `ports.Consultations` and `trust.KeyRegistry`.

    Attributes:
        environment: in which all this is true; ``today``: the date on which it is true.
        anchors: the CAs that it trusts.
        public_keys: every registered key itself, with the number of its institution.
        successors: who stands for an institution, and from which day.
        replaced: a number and the one that replaced it, None where it was cancelled.
    """

    environment: str
    today: date
    period_years: int
    anchors: tuple[TrustAnchor, ...] = ()
    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    keys: dict[str, RegisteredKey] = field(default_factory=dict)
    public_keys: list[tuple[PublicKey, str]] = field(default_factory=list)
    mandates: list[HeldMandate] = field(default_factory=list)
    successors: dict[CbeNumber, tuple[CbeNumber, date]] = field(default_factory=dict)
    quotas: dict[CbeNumber, Quotas] = field(default_factory=dict)
    replaced: dict[Niss, Niss | None] = field(default_factory=dict)
    own: list[OwnLine] = field(default_factory=list)
    bound: list[BoundConsultation] = field(default_factory=list)
    stored: dict[GatewayTicket, tuple[StoredLeg, ...]] = field(default_factory=dict)

    def key_of(self, certificate: x509.Certificate) -> RegisteredKey | None:
        """Return what is registered for the key of a certificate."""
        key = certificate.public_key()
        return self.registered_key(key_id_of(key)) if isinstance(key, PublicKey) else None

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        """Return what is registered for the key with this name."""
        return self.keys.get(key_id)

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        """Return the institution, or None when nobody has that number."""
        return self.institutions.get(cbe_number)

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, day: date) -> bool:
        """Tell whether ``signing`` holds a mandate of ``cpas`` for the operation on that day."""
        wanted = (signing, cpas, operation)
        return any(
            (one.mandatary, one.cpas, one.operation) == wanted
            and (one.valid_from is None or one.valid_from <= day)
            and (one.valid_until is None or day <= one.valid_until)
            for one in self.mandates
        )

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[HeldMandate, ...]:
        """Return every mandate that the institution holds or gave."""
        return tuple(one for one in self.mandates if cbe_number in (one.mandatary, one.cpas))

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:
        """Return who stands for that institution on that day."""
        seen = set[CbeNumber]()
        while cbe_number not in seen:
            seen.add(cbe_number)
            following, since = self.successors.get(cbe_number, (cbe_number, day))
            if since <= day:
                cbe_number = following
        return cbe_number

    def predecessors_of(self, cbe_number: CbeNumber, day: date) -> frozenset[CbeNumber]:
        """Return everyone for whom it stands on that day, without itself."""
        return frozenset(one for one in self.successors if self.successor_of(one, day) == cbe_number) - {
            cbe_number
        }

    def quota_of(self, cbe_number: CbeNumber) -> int | None:
        """Return how many consultations it may ask per hour, None for no bound."""
        return DefaultQuotas().consultations_of(self.quotas.get(cbe_number, Quotas()))

    def register_quota_of(self, cbe_number: CbeNumber, day: date) -> int | None:
        """Return how many new lines it may register per hour on that day, None for no bound."""
        return DefaultQuotas().lines_of(self.quotas.get(cbe_number, Quotas()), day)

    def maintenance_until(self, cbe_number: CbeNumber) -> datetime | None:  # noqa: ARG002
        """Return None: in a world nobody is in maintenance."""
        return None

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        """Return every number of the person who has, or had, this one."""
        current: Niss | None = niss
        for _ in self.replaced:
            current = self.replaced.get(current, current) if current is not None else None
        chain = {niss, *([current] if current else [])}
        for _ in self.replaced:
            chain |= {old for old, new in self.replaced.items() if new in chain}
        return PersonNumbers(niss, current, frozenset(chain))

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        """Return all lines of that person, under every number."""
        numbers = self.numbers_of(niss).all
        return tuple(one.line for one in self.own if one.line.niss in numbers)

    def own_lines(
        self, numbers: frozenset[CbeNumber], niss: Niss | None, *, offset: int, limit: int
    ) -> tuple[OwnLine, ...]:
        """Return lines of these institutions (for one person under any number, or for all), oldest first."""
        wanted = None if niss is None else self.numbers_of(niss).all
        mine = [
            one
            for one in self.own
            if one.line.cbe_number in numbers and (wanted is None or one.line.niss in wanted)
        ]
        mine.sort(key=lambda one: one.line.begin)
        return tuple(mine[offset : offset + limit])

    def registered_since(self, cbe_number: CbeNumber, since: datetime) -> int:  # noqa: ARG002
        """Return 0: a world does not tell how its lines came."""
        return 0

    def replay_seen(self, key: bytes) -> bool:  # noqa: ARG002
        """Return False: every message is the first."""
        return False

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        """Return what the requester's ticket is bound to."""
        wanted = (requesting_cpas, ticket)
        return next((one for one in self.bound if (one.requesting_cpas, one.ticket) == wanted), None)

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        """Return the consultation with that number."""
        return next((one for one in self.bound if one.gateway_ticket == gateway_ticket), None)

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        """Return how many consultations of that institution were accepted after ``since``."""
        return sum(one.requesting_cpas == requesting_cpas and one.accepted_at > since for one in self.bound)

    def changed_between(
        self,
        requesting: frozenset[CbeNumber],  # noqa: ARG002
        since: datetime | None,  # noqa: ARG002
        until: datetime,  # noqa: ARG002
        *,
        limit: int,  # noqa: ARG002
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        """Return nothing: no check reads it."""
        return ()

    def kept_answers(self, requesting: frozenset[CbeNumber] | None = None) -> tuple[BoundConsultation, ...]:
        """Return every consultation of which at least one answer is still kept."""
        own = [one for one in self.bound if requesting is None or one.requesting_cpas in requesting]
        return tuple(one for one in own if any(leg.report for leg in self.legs_of(one.gateway_ticket)))

    def legs_of(
        self,
        gateway_ticket: GatewayTicket,
        *,
        with_reports: bool = True,  # noqa: ARG002 - the port's form
    ) -> tuple[StoredLeg, ...]:
        """Return all legs of a consultation, sorted by holding CPAS."""
        return self.stored.get(gateway_ticket, ())
