"""The sectoral directory: which institution holds a file on a person, and what that means for a question.

Rules: domain page §5 (sector 17, quality codes, overlap of periods, active line of the requester).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rse_gateway.domain.bounds import is_sayable
from rse_gateway.domain.consultation import CustomerInformation, Period, RequestOptions
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss

HOLDING_CODES = frozenset({1, 2, 3, 4})
INTEGRATION_CODES = frozenset({1, 2, 3, 4})
"""Defaults of two settings: of whom a CPAS holds a file, and which line gives it a right (domain page §5)."""


@dataclass(frozen=True, slots=True)
class DirectoryLine:
    """One line: this institution holds a file on this person, in this quality, in this period.

    ``niss`` is the number under which the institution registered the person; ``end`` None means active.
    """

    niss: Niss
    cbe_number: CbeNumber
    quality_code: int
    begin: date
    end: date | None

    @property
    def sayable(self) -> bool:
        """Tell whether a message can show the line; one that 0.1.0 imported may lie outside the bounds."""
        return is_sayable(self.begin) and (self.end is None or is_sayable(self.end))


@dataclass(frozen=True, slots=True)
class DeletedLine:
    """A line that a file takes away: only one that no message can show, known by everything but its end."""

    niss: Niss
    cbe_number: CbeNumber
    quality_code: int
    begin: date


class AccessAction(StrEnum):
    """What a CPAS does with its own lines of the directory (`manageAccess`)."""

    REGISTER = "REGISTER"
    UNREGISTER = "UNREGISTER"
    LIST = "LIST"


@dataclass(frozen=True, slots=True, repr=False)
class AccessRequest:
    """A `manageAccess` request whose structure is right; ``ssin`` is not yet a checked NISS.

    REGISTER and UNREGISTER have everything but perhaps ``end`` (REGISTER only); LIST has perhaps an ``ssin``
    and an ``offset``.
    """

    customer: CustomerInformation
    legal_context: str
    options: RequestOptions
    action: AccessAction
    ssin: str | None = None
    quality_code: int | None = None
    begin: date | None = None
    end: date | None = None
    file_reference: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class OwnLine:
    """One of the caller's own lines, as LIST shows it; ``line_id`` names it in the store."""

    line_id: str
    line: DirectoryLine
    changed_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class AccessAnswer:
    """Everything a `manageAccess` response says; ``value``: OK, NOK, DATA_FOUND, NO_DATA_FOUND, NO_RESULT."""

    request: AccessRequest
    message_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    value: str
    code: str
    information: tuple[tuple[str, str], ...] = ()
    lines: tuple[OwnLine, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class PersonNumbers:
    """All numbers that one person had, as far as the hub knows.

    Attributes:
        asked: the number that was asked.
        current: the number that stands today; None when it was cancelled.
        all: every number of the chain, the asked one among them.
    """

    asked: Niss
    current: Niss | None
    all: frozenset[Niss]

    @property
    def replaced(self) -> bool:
        """Tell whether the asked number was replaced by another."""
        return self.current is not None and self.current != self.asked


@dataclass(frozen=True, slots=True)
class Holder:
    """A holding CPAS to ask, and the number under which it knows the person."""

    cbe_number: CbeNumber
    niss: Niss


def active_line(
    lines: Iterable[DirectoryLine],
    requesting_cpas: Collection[CbeNumber],
    today: date,
    *,
    codes: Collection[int],
) -> DirectoryLine | None:
    """Return a line that gives the requester its right on the person today, or None (MSG00012).

    ``requesting_cpas`` is the requester and its predecessors; ``codes`` the setting ``integration_codes``.
    """
    for line in lines:
        if (
            line.cbe_number in requesting_cpas
            and line.quality_code in codes
            and line.begin <= today
            and (line.end is None or line.end >= today)
        ):
            return line
    return None


def holding_cpas(
    lines: Iterable[DirectoryLine],
    period: Period,
    *,
    without: Collection[CbeNumber],
    codes: Collection[int],
) -> tuple[Holder, ...]:
    """Return who holds the person in the period, once each, sorted by number, requester left out.

    ``codes`` is the setting ``holding_codes``. Of several lines of one holder
    (merged predecessors among them) the newest names the number to ask under.
    """
    found: dict[CbeNumber, Holder] = {}
    for line in sorted(lines, key=lambda one: one.begin, reverse=True):
        if (
            line.cbe_number not in without
            and line.quality_code in codes
            and period.overlaps(line.begin, line.end)
        ):
            found.setdefault(line.cbe_number, Holder(line.cbe_number, line.niss))
    return tuple(found[number] for number in sorted(found))
