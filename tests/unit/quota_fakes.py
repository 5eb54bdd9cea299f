"""The part of the memory world that knows quotas."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.ports import LineRegistered, QuotaUsedUp, UnitOfWork


@dataclass
class MemoryQuotas:
    """Nobody has a quota unless a test says so. ``hides_accepted``: as if others were not committed yet."""

    quotas: dict[CbeNumber, int] = field(default_factory=dict)
    register_quotas: dict[CbeNumber, int] = field(default_factory=dict)
    hides_accepted: bool = False
    written: list[UnitOfWork] = field(default_factory=list)
    lines: list[DirectoryLine] = field(default_factory=list)

    def quota_of(self, cbe_number: CbeNumber) -> int | None:
        return self.quotas.get(cbe_number)

    def register_quota_of(self, cbe_number: CbeNumber, _day: date) -> int | None:
        return self.register_quotas.get(cbe_number)

    def registered_since(self, cbe_number: CbeNumber, since: datetime) -> int:
        new = [unit.access for unit in self.written if isinstance(unit.access, LineRegistered)]
        return sum(one.line.cbe_number == cbe_number and one.at > since for one in new)

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        return 0 if self.hides_accepted else self._accepted(requesting_cpas, since)

    def take_quota(self, unit: UnitOfWork) -> None:
        claim, line = unit.quota, unit.access
        if claim is None or (isinstance(line, LineRegistered) and self._knows(line.line)):
            return
        count = self.registered_since if line else self._accepted
        if count(claim.cbe_number, claim.since) >= claim.most:
            raise QuotaUsedUp

    def _accepted(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        new = [unit.consultation for unit in self.written if unit.consultation]
        return sum(one.requesting_cpas == requesting_cpas and one.accepted_at > since for one in new)

    def _knows(self, line: DirectoryLine) -> bool:
        return any(replace(one, end=line.end) == line for one in self.lines)
