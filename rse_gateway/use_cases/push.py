"""A late answer goes to the requester's own receiver service, where it registered one; one attempt.

What cannot be pushed waits for pick-up. The right on the person is looked at anew, and the row is written
before anything leaves. Rules: contract page, `receiveSocialReport`.
"""

import logging
from dataclasses import dataclass

from rse_gateway.domain.consultation import AcceptedConsultation, DisclosedPerson, PushedAnswer
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import GatewayFault, GatewayUnavailable, SupplierFailed
from rse_gateway.ports import BoundConsultation, Clock, FirstAttempts, Receivers, UnitOfWork, Writer
from rse_gateway.use_cases.admission import AccessRules, Sources
from rse_gateway.use_cases.results import AGGREGATE_BYTES, DecisionCap, supplier_results
from rse_gateway.use_cases.rights_on_person import right_on
from rse_gateway.use_cases.rows import Rows

_log = logging.getLogger("rse_gateway.push")


@dataclass(frozen=True, slots=True)
class Push:
    """Sends one late answer on, beside the thread of the delivery."""

    clock: Clock
    sources: Sources
    writer: Writer
    receivers: Receivers
    pool: FirstAttempts
    rows: Rows
    rules: AccessRules
    cap: DecisionCap

    def later(self, bound: BoundConsultation, holding_cpas: CbeNumber) -> None:
        """Start the push, if the requester (today: its successor) has a receiver; never raises."""
        registry = self.sources.registry
        try:
            requesting = registry.successor_of(bound.requesting_cpas, self.clock.today())
            institution = registry.institution(requesting)
        except GatewayUnavailable as error:  # what was delivered is stored: it waits for pick-up
            _log.warning("%s: not pushed (%s)", bound.gateway_ticket, error)
            return
        if institution is None or institution.suspended:
            return
        if institution.receiver_endpoint is not None:
            work = _PushWork(self, bound, holding_cpas, requesting, institution.receiver_endpoint)
            self.pool.start([work]).wait(0)  # without a place it waits for pick-up, not for a place

    def run(
        self, bound: BoundConsultation, holding_cpas: CbeNumber, requesting: CbeNumber, *, endpoint: str
    ) -> None:
        """Push one holder's answer; what goes wrong is told to the operator, and the answer is kept."""
        try:
            pushed = self._pushed(bound, holding_cpas, requesting)
            if pushed is None:
                return
            sealed = self.receivers.prepare(pushed)
            persons = [DisclosedPerson(bound.niss.value, "BENEFICIARY"), *pushed.result.persons]
            row = self.rows.pushed(pushed, holding_cpas, proof=sealed.proof, persons=persons)
            self.writer.commit(UnitOfWork(log=(row,)))
            self.receivers.push(sealed, pushed, endpoint)
            disclosed = (bound.gateway_ticket, self.clock.now(), frozenset({holding_cpas}))
            self.writer.commit(UnitOfWork(disclosed=disclosed))  # received: its 72 h begin now
        except (SupplierFailed, GatewayUnavailable, GatewayFault) as error:
            _log.warning("%s: not pushed to %s (%s)", bound.gateway_ticket, requesting, error)

    def _pushed(
        self, bound: BoundConsultation, holding_cpas: CbeNumber, requesting: CbeNumber
    ) -> PushedAnswer | None:
        directory, registry, today = self.sources.directory, self.sources.registry, self.clock.today()
        numbers = registry.predecessors_of(requesting, today) | {requesting}
        codes = self.rules.integration_codes
        if right_on(directory, numbers, bound.niss, today, codes=codes) is None:
            return None
        stored = self.sources.consultations.legs_of(bound.gateway_ticket)
        legs = [leg for leg in stored if leg.leg.holding_cpas == holding_cpas]
        now = self.clock.now()
        telling = self.cap.telling(bound.accepted_at, bound.period)
        (result,) = supplier_results(legs, now, registry, telling=telling, room=2 * AGGREGATE_BYTES)
        consultation = AcceptedConsultation(
            bound.gateway_ticket, bound.ticket, bound.niss, bound.period, bound.accepted_at
        )
        return PushedAnswer(
            consultation, requesting, bound.legal_context, self.rules.environment, now, result
        )


@dataclass(frozen=True, slots=True)
class _PushWork:
    push: Push
    bound: BoundConsultation
    holding_cpas: CbeNumber
    requesting: CbeNumber
    endpoint: str

    @property
    def partner(self) -> CbeNumber:
        return self.requesting

    def __call__(self) -> None:
        self.push.run(self.bound, self.holding_cpas, self.requesting, endpoint=self.endpoint)

    def release(self) -> None:
        _log.warning("%s: no place to push; waits for pick-up", self.bound.gateway_ticket)
