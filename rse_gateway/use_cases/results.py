"""The answer of each holding CPAS as it stands at one moment: the same for an answer, a repeat, a pick-up."""

from collections.abc import Iterable
from datetime import datetime

from rse_gateway.domain.consultation import Outcome, Supplier, SupplierResult
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import outcome_of
from rse_gateway.ports import Registry, StoredLeg

OMITTED_FIELD = "decisionsOutsidePeriod"


def supplier_results(
    stored: Iterable[StoredLeg], now: datetime, registry: Registry
) -> tuple[SupplierResult, ...]:
    """Return one result per holding CPAS, in the order given."""
    return tuple(_result(leg, now, registry) for leg in stored)


def _result(stored: StoredLeg, now: datetime, registry: Registry) -> SupplierResult:
    leg = stored.leg
    supplier = supplier_of(leg.holding_cpas, registry)
    if not stored.connected:
        return SupplierResult(supplier, Outcome.NOT_CONNECTED, leg.since, "MSG00020")
    outcome, since = outcome_of(leg, now)
    answered = outcome is Outcome.ANSWERED
    omitted = ((OMITTED_FIELD, str(stored.omitted)),) if answered and stored.omitted else ()
    return SupplierResult(
        supplier=supplier,
        outcome=outcome,
        since=since,
        code=leg.code,
        late=leg.late,
        information=omitted,
        report=stored.report if answered else None,
        persons=stored.persons if answered else (),
    )


def supplier_of(cbe_number: CbeNumber, registry: Registry) -> Supplier:
    """Return the public identity of a holding CPAS; its number stands in for missing names."""
    institution = registry.institution(cbe_number)
    if institution is None:
        return Supplier(cbe_number, cbe_number.value, cbe_number.value, None)
    return Supplier(cbe_number, institution.name_fr, institution.name_nl, institution.telephone)
