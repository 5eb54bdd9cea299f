"""What comes back from the gateway, verified, as plain values; and what may be asked of the directory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from rse_cpas_stub.messages import Status, SupplierResult


@dataclass(frozen=True, slots=True, repr=False)
class ConsultOutcome:
    """A verified answer: both tickets, status, and what each holding CPAS answered."""

    ticket: str
    gateway_ticket: str
    status: Status
    results: Sequence[SupplierResult]

    @property
    def refused(self) -> bool:
        """Whether nothing was looked up (status NO_RESULT)."""
        return self.status.value == "NO_RESULT"


@dataclass(frozen=True, slots=True)
class ListedSupplier:
    """Where one holding CPAS of a listed consultation stands."""

    cbe_number: str
    outcome: str
    code: str
    since: str
    late: bool


@dataclass(frozen=True, slots=True)
class ListedConsultation:
    """One of our consultations as the gateway lists it; it names no person."""

    ticket: str
    gateway_ticket: str
    accepted_at: str
    status: str
    suppliers: tuple[ListedSupplier, ...]


@dataclass(frozen=True, slots=True)
class ListOutcome:
    """What changed since a moment; ``as_of`` is the ``since`` of the next list."""

    status: Status
    as_of: str | None
    more: bool
    consultations: tuple[ListedConsultation, ...]


class AccessAction(StrEnum):
    """What may be done with our own lines of the directory."""

    REGISTER = "register"
    UNREGISTER = "unregister"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLine:
    """A line to register, to end, or to list by; a list needs no more than a number, or nothing."""

    ssin: str | None = field(default=None, repr=False)
    quality_code: int | None = None
    begin: date | None = None
    end: date | None = None
    file_reference: str | None = None
    offset: int | None = None

    def values(self) -> dict[str, Any]:
        """Return the contract's names and values; None is absent."""
        return {
            "ssin": self.ssin,
            "qualityCode": self.quality_code,
            "beginDate": self.begin,
            "endDate": self.end,
            "fileReference": self.file_reference,
            "offset": self.offset,
        }


@dataclass(frozen=True, slots=True, repr=False)
class AccessOutcome:
    """What the gateway answers to an action on the directory; ``lines``: the contract's names and texts."""

    status: Status
    lines: tuple[Mapping[str, str], ...]
    more: bool

    @property
    def refused(self) -> bool:
        """Whether nothing was done or looked up."""
        return self.status.value in {"NOK", "NO_RESULT"}


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What the gateway saw of us: echo, its time and environment, certificate digest, institution."""

    __test__ = False
    message: str
    gateway_time: str
    environment: str
    certificate: str
    institution: str
    status: Status
