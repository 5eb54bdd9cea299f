"""Who is asked, and with what: one leg per holding CPAS, signed before anything is written.

Successors are resolved first: two merged predecessors are one leg. A holder without endpoint, or suspended,
is not asked, one in maintenance is asked when that is over. Rules: reliability page; domain page §5.
"""

from dataclasses import dataclass, field, replace

from rse_gateway.domain.consultation import SupplierQuestion
from rse_gateway.domain.directory import Holder, holding_cpas
from rse_gateway.domain.leg import ReminderPlan, deferred_leg, first_leg
from rse_gateway.ports import Clock, HoldingCpas, NewLeg, NotConnected, Work
from rse_gateway.trail.entry import LogEntry
from rse_gateway.use_cases.admission import ConsultAdmission
from rse_gateway.use_cases.attempt import Attempt
from rse_gateway.use_cases.rows import Rows


@dataclass(slots=True)
class Fanned:
    """What T1 writes about the holding CPAS, and what is sent once it is durable."""

    legs: list[NewLeg] = field(default_factory=list)
    not_connected: list[NotConnected] = field(default_factory=list)
    forwarded: list[LogEntry] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FanOut:
    """Makes the legs of an admitted consultation. ``owner`` names this process in leases.

    ``codes`` are the quality codes whose lines make a holder.
    """

    clock: Clock
    holders: HoldingCpas
    attempt: Attempt
    rows: Rows
    plan: ReminderPlan
    owner: str
    codes: frozenset[int]

    def prepare(self, admission: ConsultAdmission) -> Fanned:
        """Return legs, rows and work for everyone who holds the person in the period; nothing is sent.

        Raises:
            GatewayFault: our own question is invalid or cannot be signed.
            GatewayUnavailable: the directory cannot be read.
        """
        registry, today = admission.sources.registry, admission.today
        known = admission.sources.directory.lines_of(admission.person.current or admission.niss)
        lines = [replace(line, cbe_number=registry.successor_of(line.cbe_number, today)) for line in known]
        fanned = Fanned()
        period, own = admission.request.period, admission.own_numbers
        for holder in holding_cpas(lines, period, without=own, codes=self.codes):
            self._add(fanned, admission, holder)
        return fanned

    def _add(self, fanned: Fanned, admission: ConsultAdmission, holder: Holder) -> None:
        ticket, now = admission.context.gateway_ticket, self.clock.now()
        registry = admission.sources.registry
        institution = registry.institution(holder.cbe_number)
        if institution is None or institution.endpoint is None or institution.suspended:
            fanned.not_connected.append(NotConnected(ticket, holder.cbe_number, now))
            return
        leg = first_leg(ticket, holder.cbe_number, now, owner=self.owner, plan=self.plan)
        maintenance = registry.maintenance_until(holder.cbe_number)
        if maintenance is not None and maintenance > now:
            fanned.legs.append(NewLeg(deferred_leg(leg, maintenance), holder.niss))
            return
        question = self._question(admission, holder)
        prepared = self.holders.prepare(question, institution.endpoint)
        fanned.legs.append(NewLeg(leg, holder.niss))
        fanned.forwarded.append(self.rows.forwarded(question, prepared.sealed.proof))
        fanned.work.append(self.attempt.work(leg, prepared))

    def _question(self, admission: ConsultAdmission, holder: Holder) -> SupplierQuestion:
        return SupplierQuestion(
            gateway_ticket=admission.context.gateway_ticket,
            ticket=admission.request.customer.ticket,
            requesting_cpas=admission.caller,
            holding_cpas=holder.cbe_number,
            legal_context=admission.request.legal_context,
            niss=holder.niss,
            period=admission.request.period,
            reminder_number=0,
            environment=admission.rules.environment,
            received_at=admission.context.received_at,
            sent_at=self.clock.now(),
            known_numbers=admission.person.all,
        )
