"""The answer of each holding CPAS as it stands at one moment: the same for an answer, a repeat, a pick-up."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from rse_gateway.domain.consultation import (
    Outcome,
    OverallStatus,
    Period,
    SocialReport,
    Status,
    Supplier,
    SupplierResult,
    overall_status,
)
from rse_gateway.domain.decisions import oldest_told
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import LegState, outcome_of
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.ports import Registry, ReportCutter

OMITTED_FIELD = "decisionsOutsidePeriod"
CONTRADICTORY_FIELD = "decisionsContradictory"
RATIFIED_FROM_FIELD = "decisionsRatifiedFrom"
FETCH_APART = "RSE00021"
NO_LONGER_KEPT = "RSE00010"
AGGREGATE_BYTES = 4 * 1024 * 1024 - 128 * 1024
"""Reports in one answer: its 4 MiB less the envelope and the signature."""


_log = logging.getLogger("rse_gateway.decisions")


@dataclass(frozen=True, slots=True)
class Telling:
    """How reports of one consultation are told: nothing ratified before ``oldest``, of its period only."""

    cutter: ReportCutter
    period: Period
    oldest: date

    @property
    def information(self) -> tuple[tuple[str, str], ...]:
        """Return what every answer to an accepted consultation says about it."""
        return ((RATIFIED_FROM_FIELD, self.oldest.isoformat()),)

    def told(self, stored: StoredLeg) -> StoredLeg:
        """Return ``stored`` as it may be told: cut anew where it was cut by older rules or an earlier cap."""
        if not stored.report or (stored.oldest is not None and stored.oldest >= self.oldest):
            return stored
        kept = SocialReport(
            stored.report, b"", stored.persons, stored.omitted, stored.contradictory, oldest=stored.oldest
        )
        cut = self.cutter(kept, self.period, self.oldest)
        note_too_old(cut, stored.leg.holding_cpas)
        leg = replace(stored.leg, state=LegState.NO_DATA, code="MSG00100") if cut.empty else stored.leg
        return replace(stored, leg=leg).with_report(cut)


@dataclass(frozen=True, slots=True)
class DecisionCap:
    """How old a decision may be that is passed on, and who cuts a stored report anew."""

    years: int
    cutter: ReportCutter

    def telling(self, accepted_at: datetime, period: Period) -> Telling:
        """Return how reports of a consultation accepted at that moment are told, whenever that happens."""
        return Telling(self.cutter, period, oldest_told(accepted_at, self.years))


def note_too_old(report: SocialReport | None, holding_cpas: CbeNumber) -> None:
    """Tell the operator how many decisions the cap left out, and nobody else: no ticket, no person."""
    if report is not None and report.too_old:
        _log.info("CPAS %s: %d decisions older than the cap left out", holding_cpas, report.too_old)


def supplier_results(
    stored: Iterable[StoredLeg],
    now: datetime,
    registry: Registry,
    *,
    telling: Telling | None,
    room: int = AGGREGATE_BYTES,
) -> tuple[SupplierResult, ...]:
    """Return one result per holding CPAS, in the order given.

    A report that does not fit into ``room`` bytes any more is left out, to be fetched by supplier. Without
    ``telling`` nobody is told a report: only how its holder stands.
    """
    if telling is not None:
        return tuple(_results((telling.told(one) for one in stored), now, registry, room))
    bare = (replace(one, report=None if one.report is None else b"", persons=()) for one in stored)
    return tuple(_results(bare, now, registry, room))


def status_of(results: Iterable[SupplierResult], telling: Telling | None = None) -> Status:
    """Return the status of an accepted consultation.

    When everybody answered and nothing of it is kept any more, that is no result: RSE00010.
    """
    return replace(_status_of(results), information=() if telling is None else telling.information)


def _status_of(results: Iterable[SupplierResult]) -> Status:
    results = tuple(results)
    status = overall_status(result.outcome for result in results)
    gone = any(result.code == NO_LONGER_KEPT for result in results)
    kept = any(result.report is not None or result.code == FETCH_APART for result in results)
    if status.value is OverallStatus.DATA_FOUND and gone and not kept:
        return Status(OverallStatus.NO_RESULT, NO_LONGER_KEPT)
    return status


def disclosed_by(results: Iterable[SupplierResult]) -> frozenset[CbeNumber]:
    """Return the holding CPAS of whose stored answer something stands in the results: report or counts."""
    return frozenset(
        result.supplier.cbe_number for result in results if result.report is not None or result.information
    )


def _results(
    stored: Iterable[StoredLeg], now: datetime, registry: Registry, room: int
) -> Iterator[SupplierResult]:
    for leg in stored:
        size = len(leg.report or b"")
        yield _result(leg, now, registry, fits=size <= room)
        if size <= room:
            room -= size


def _result(stored: StoredLeg, now: datetime, registry: Registry, *, fits: bool) -> SupplierResult:
    leg = stored.leg
    supplier = supplier_of(leg.holding_cpas, registry)
    if not stored.connected:
        return SupplierResult(supplier, Outcome.NOT_CONNECTED, leg.since, "MSG00020")
    outcome, since = outcome_of(leg, now)
    if outcome is not Outcome.ANSWERED:
        return SupplierResult(supplier, outcome, since, leg.code, late=leg.late, information=_counts(stored))
    if stored.report is None or not fits:
        code = NO_LONGER_KEPT if stored.report is None else FETCH_APART
        return SupplierResult(supplier, outcome, since, code, late=leg.late)
    return SupplierResult(
        supplier=supplier,
        outcome=outcome,
        since=since,
        code=leg.code,
        late=leg.late,
        information=_counts(stored),
        report=stored.report,
        persons=stored.persons,
    )


def _counts(stored: StoredLeg) -> tuple[tuple[str, str], ...]:
    """What was left out within the cap; what the cap left out is told to nobody."""
    counts = ((OMITTED_FIELD, stored.omitted), (CONTRADICTORY_FIELD, stored.contradictory))
    return tuple((name, str(count)) for name, count in counts if count)


def supplier_of(cbe_number: CbeNumber, registry: Registry) -> Supplier:
    """Return the public identity of a holding CPAS; its number stands in for missing names."""
    institution = registry.institution(cbe_number)
    if institution is None:
        return Supplier(cbe_number, cbe_number.value, cbe_number.value, None)
    return Supplier(cbe_number, institution.name_fr, institution.name_nl, institution.telephone)
