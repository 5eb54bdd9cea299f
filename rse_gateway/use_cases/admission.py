"""May this question be asked? Checks 4 to 6 of the contract for a consultation, as one ordered list.

`CONSULT_ORDER` is the only place that knows the order; a test fails when two checks are swapped or one is
dropped. Each check looks at the `Admission`, adds what it found out, or raises `RequestRefused`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from rse_gateway.domain import access
from rse_gateway.domain.access import Institution
from rse_gateway.domain.consultation import ConsultRequest, CustomerInformation
from rse_gateway.domain.directory import DirectoryLine, active_line
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import BoundConsultation, Consultations, Directory, Registry
from rse_gateway.trail.record import looks_like_niss


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The settings that checks 4 to 6 depend on."""

    environment: str
    period_years: int = 5


@dataclass(frozen=True, slots=True)
class Sources:
    """What checks may look up; nothing is asked of the directory before check 6."""

    registry: Registry
    directory: Directory
    consultations: Consultations


@dataclass(slots=True)
class Admission:
    """One question on its way through the checks, with what they found out.

    Attributes:
        today: the date in Europe/Brussels at acceptance; checked once, never again on reminders.
        institution: the requesting CPAS as registered (set by the signer check).
        bound: the consultation that the ticket is already bound to, with the same content: a repeat.
        niss: the checked number (set by the ssin check, or by the repeat).
        lines: all directory lines of the person (set by the integration check).
        right: the line that gives the requester its right.
    """

    request: ConsultRequest
    context: MessageContext
    today: date
    rules: AccessRules
    sources: Sources
    institution: Institution = field(init=False)
    niss: Niss = field(init=False)
    right: DirectoryLine = field(init=False)
    bound: BoundConsultation | None = None
    lines: tuple[DirectoryLine, ...] = ()

    @property
    def requesting_cpas(self) -> CbeNumber:
        """Return the number of the requesting CPAS, once the signer check has passed."""
        return self.institution.cbe_number


def _environment(admission: Admission) -> None:
    access.check_environment(admission.request.customer, admission.rules.environment)


def _customer_form(admission: Admission) -> None:
    access.check_customer_form(admission.request.customer)


def _references(admission: Admission) -> None:
    for name, text in (
        ("ticket", admission.request.customer.ticket.value),
        ("userReference", admission.request.customer.user_reference),
    ):
        if looks_like_niss(text):
            raise RequestRefused("MSG00008", name, information=((name, ""),))


def _signer(admission: Admission) -> None:
    admission.institution = signing_institution(
        admission.request.customer, admission.context, admission.sources.registry
    )


def _legal_context(admission: Admission) -> None:
    access.check_legal_context(admission.institution, admission.request.legal_context, admission.today)


def _user_role(admission: Admission) -> None:
    access.check_role(admission.context.operation, admission.request.customer.user_role)


def _operation(admission: Admission) -> None:
    access.check_operation(
        admission.institution,
        admission.context.operation,
        admission.request.legal_context,
        admission.today,
    )


def _reciprocity(admission: Admission) -> None:
    access.check_reciprocity(admission.institution, admission.today)


def _ticket(admission: Admission) -> None:
    request = admission.request
    bound = admission.sources.consultations.bound_to(admission.requesting_cpas, request.customer.ticket)
    if bound is None:
        return
    same = (
        bound.niss.value == request.ssin
        and bound.period == request.period
        and bound.legal_context == request.legal_context
    )
    if not same:
        raise RequestRefused("MSG00008", "ticket", information=(("ticket", request.customer.ticket.value),))
    admission.bound = bound


def _ssin(admission: Admission) -> None:
    if admission.bound is not None:
        admission.niss = admission.bound.niss
        return
    admission.niss = access.check_ssin(admission.request.ssin)


def _period(admission: Admission) -> None:
    if admission.bound is None:
        access.check_period(admission.request.period, admission.today, admission.rules.period_years)


def _integration(admission: Admission) -> None:
    admission.lines = admission.sources.directory.lines_of(admission.niss)
    right = active_line(admission.lines, {admission.requesting_cpas}, admission.today)
    if right is None:
        raise RequestRefused("MSG00012", "integration")
    admission.right = right


CONSULT_ORDER: tuple[tuple[str, Callable[[Admission], None]], ...] = (
    ("environment", _environment),
    ("customerIdentification", _customer_form),
    ("references", _references),
    ("signer", _signer),
    ("legalContext", _legal_context),
    ("userRole", _user_role),
    ("operation", _operation),
    ("reciprocity", _reciprocity),
    ("ticket", _ticket),
    ("ssin", _ssin),
    ("period", _period),
    ("integration", _integration),
)


def admit(admission: Admission) -> Admission:
    """Return the admission with everything found out, or refuse at the first check that fails.

    Raises:
        RequestRefused: the code of the contract and the name of the check.
    """
    for _name, check in CONSULT_ORDER:
        check(admission)
    return admission


def signing_institution(
    customer: CustomerInformation, context: MessageContext, registry: Registry
) -> Institution:
    """Return the institution that the customer claims to be, proven by the signature.

    Raises:
        RequestRefused: the key asks no CPAS question, the signer is another institution, or the institution
            is not registered (MSG00014).
    """
    access.check_key_role(context.roles)
    access.check_signer(customer, context.signing)
    institution = registry.institution(context.signing)
    if institution is None:
        raise RequestRefused("MSG00014", "signer")
    return institution
