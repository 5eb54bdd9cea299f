"""What makes an admitted delivery unusable (MSG00023) before its report is looked at: one list.

The same checks, in the same order, as those of a holder's answer from the XSD on (`LEG_CHECKS`); a delivery
names neither who asked nor a period. Rules: contract page, "An answer or delivery of a holding CPAS".
"""

from collections.abc import Callable

from rse_gateway.errors import SupplierUnusable
from rse_gateway.use_cases.admission import DeliveryAdmission

Fault = tuple[str, str] | None
"""Why a delivery is unusable, without values, and which field is wrong."""


def _context(admission: DeliveryAdmission) -> Fault:
    same = admission.legal_context == admission.bound.legal_context
    return None if same else ("another legal context than the question's", "legalContext")


def _person(admission: DeliveryAdmission) -> Fault:
    person = admission.sources.directory.numbers_of(admission.bound.niss)
    admission.numbers = frozenset({one.value for one in person.all} | {admission.stored.niss.value})
    if admission.request.ssin not in admission.numbers:
        return "answers about another person", "ssin"
    return None


DELIVERED_CHECKS: tuple[tuple[str, Callable[[DeliveryAdmission], Fault]], ...] = (
    ("legalContext", _context),
    ("person", _person),
)


def check_delivered(admission: DeliveryAdmission) -> None:
    """Run the checks in their order; the person's numbers stand in ``admission`` afterwards.

    Raises:
        SupplierUnusable: the first check that fails.
    """
    for name, check in DELIVERED_CHECKS:
        if (fault := check(admission)) is not None:
            reason, field = fault
            raise SupplierUnusable(reason, check=name, field=field)
