"""The sectoral directory: which institution holds a file on a person, and what that means for a question.

Rules: domain page §5 (sector 17, quality codes, overlap of periods, active line of the requester).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from rse_gateway.domain.consultation import Period
from rse_gateway.domain.identifiers import CbeNumber, Niss

HELD_QUALITY_CODES = frozenset({1, 2, 3, 4})
INTEGRATION_QUALITY_CODES = frozenset({1, 2, 3, 4})


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


@dataclass(frozen=True, slots=True)
class Holder:
    """A holding CPAS to ask, and the number under which it knows the person."""

    cbe_number: CbeNumber
    niss: Niss


def active_line(
    lines: Iterable[DirectoryLine], requesting_cpas: Collection[CbeNumber], today: date
) -> DirectoryLine | None:
    """Return a line that gives the requester its right on the person today, or None (MSG00012).

    ``requesting_cpas`` is the requester and its predecessors.
    """
    for line in lines:
        if (
            line.cbe_number in requesting_cpas
            and line.quality_code in INTEGRATION_QUALITY_CODES
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
    quality_codes: Collection[int] = HELD_QUALITY_CODES,
) -> tuple[Holder, ...]:
    """Return who holds the person in the period, once each, sorted by number, requester left out."""
    found: dict[CbeNumber, Holder] = {}
    for line in lines:
        if (
            line.cbe_number not in without
            and line.quality_code in quality_codes
            and period.overlaps(line.begin, line.end)
        ):
            found.setdefault(line.cbe_number, Holder(line.cbe_number, line.niss))
    return tuple(found[number] for number in sorted(found))
