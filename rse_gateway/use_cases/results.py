"""The answer of each holding CPAS as it stands at one moment: the same for an answer, a repeat, a pick-up."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rse_gateway.domain.consultation import (
    Outcome,
    OverallStatus,
    Status,
    Supplier,
    SupplierResult,
    overall_status,
)
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import outcome_of
from rse_gateway.ports import Registry, StoredLeg

OMITTED_FIELD = "decisionsOutsidePeriod"
FETCH_APART = "RSE00021"
NO_LONGER_KEPT = "RSE00010"
AGGREGATE_BYTES = 4 * 1024 * 1024 - 128 * 1024
"""Reports in one answer: its 4 MiB less the envelope and the signature."""


def supplier_results(
    stored: Iterable[StoredLeg], now: datetime, registry: Registry, *, room: int = AGGREGATE_BYTES
) -> tuple[SupplierResult, ...]:
    """Return one result per holding CPAS, in the order given.

    A report that does not fit into ``room`` bytes any more is left out, to be fetched by supplier.
    """
    return tuple(_results(stored, now, registry, room))


def status_of(results: Iterable[SupplierResult]) -> Status:
    """Return the status of an accepted consultation.

    When everybody answered and nothing of it is kept any more, that is no result: RSE00010.
    """
    results = tuple(results)
    status = overall_status(result.outcome for result in results)
    gone = any(result.code == NO_LONGER_KEPT for result in results)
    kept = any(result.report is not None or result.code == FETCH_APART for result in results)
    if status.value is OverallStatus.DATA_FOUND and gone and not kept:
        return Status(OverallStatus.NO_RESULT, NO_LONGER_KEPT)
    return status


def disclosed_by(results: Iterable[SupplierResult]) -> frozenset[CbeNumber]:
    """Return the holding CPAS whose report stands in the results."""
    return frozenset(result.supplier.cbe_number for result in results if result.report is not None)


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
        return SupplierResult(supplier, outcome, since, leg.code, late=leg.late)
    if stored.report is None or not fits:
        code = NO_LONGER_KEPT if stored.report is None else FETCH_APART
        return SupplierResult(supplier, outcome, since, code, late=leg.late)
    return SupplierResult(
        supplier=supplier,
        outcome=outcome,
        since=since,
        code=leg.code,
        late=leg.late,
        information=((OMITTED_FIELD, str(stored.omitted)),) if stored.omitted else (),
        report=stored.report,
        persons=stored.persons,
    )


def supplier_of(cbe_number: CbeNumber, registry: Registry) -> Supplier:
    """Return the public identity of a holding CPAS; its number stands in for missing names."""
    institution = registry.institution(cbe_number)
    if institution is None:
        return Supplier(cbe_number, cbe_number.value, cbe_number.value, None)
    return Supplier(cbe_number, institution.name_fr, institution.name_nl, institution.telephone)
