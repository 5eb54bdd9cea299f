"""Kept answers are deleted when their time is over, and at once when the requester's right has ended.

The time of each answer stands with it (`delete_at`, kept by the store); here the rights are looked at, for
lines that ended by their own date or by an import. Rules: contract page, "Idempotence".
"""

from dataclasses import dataclass

from rse_gateway.ports import BoundConsultation, Clock, UnitOfWork, Writer
from rse_gateway.use_cases.admission import AccessRules, Sources
from rse_gateway.use_cases.rights_on_person import right_on


@dataclass(frozen=True, slots=True)
class Forget:
    """Deletes every kept answer whose requester has no right on the person today."""

    clock: Clock
    sources: Sources
    writer: Writer
    rules: AccessRules

    def __call__(self) -> int:
        """Delete, and return for how many consultations.

        Raises:
            GatewayUnavailable: the store cannot be read or written; nothing was deleted.
        """
        ended = tuple(
            bound.gateway_ticket
            for bound in self.sources.consultations.kept_answers()
            if not self._has_right(bound)
        )
        if ended:
            self.writer.commit(UnitOfWork(forgotten=ended))
        return len(ended)

    def _has_right(self, bound: BoundConsultation) -> bool:
        directory, registry, today = self.sources.directory, self.sources.registry, self.clock.today()
        requesting = registry.successor_of(bound.requesting_cpas, today)
        numbers = registry.predecessors_of(requesting, today) | {requesting}
        codes = self.rules.integration_codes
        return right_on(directory, numbers, bound.niss, today, codes=codes) is not None
