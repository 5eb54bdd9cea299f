"""May this be asked? Checks 4 to 6 of the contract for every operation, each operation's as one ordered list.

The lists below (`COMMON_ORDER` and the five that begin with it) are the only place that knows the order; a
test fails when two checks are swapped or one is dropped. Each check looks at the `Admission`, adds what it
found out, or raises `RequestRefused`. Of the directory nothing but the caller's own lines is read before one
of them gives it the right (check 6); who else holds the person is read after all checks (`fan_out`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rse_gateway.domain import access
from rse_gateway.domain.access import Institution
from rse_gateway.domain.consultation import (
    ConsultRequest,
    CustomerInformation,
    DeliveryRequest,
    ListRequest,
    RetrieveRequest,
)
from rse_gateway.domain.directory import (
    INTEGRATION_CODES,
    AccessAction,
    AccessRequest,
    DirectoryLine,
    PersonNumbers,
)
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.domain.message import MessageContext
from rse_gateway.domain.quota import QUOTA_WINDOW
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import BoundConsultation, Consultations, Directory, QuotaClaim, Registry
from rse_gateway.trail.national_numbers import holds_number, looks_like_niss
from rse_gateway.use_cases.rights_on_person import MOST_LINES, right_on


@dataclass(frozen=True, slots=True)
class AccessRules:
    """The settings that checks 4 to 6 depend on."""

    environment: str
    period_years: int = 5
    integration_codes: frozenset[int] = INTEGRATION_CODES


@dataclass(frozen=True, slots=True)
class Sources:
    """What checks may look up."""

    registry: Registry
    directory: Directory
    consultations: Consultations


@dataclass(slots=True, kw_only=True)
class Admission:
    """One message on its way through the checks, with what they found out.

    Attributes:
        today: the date in Europe/Brussels at acceptance; checked once, never again on reminders.
        institution: the calling institution as registered (set by the signer check).
        own_numbers: its number and those of the CPAS that it took over: their lines and tickets are its own.
    """

    customer: CustomerInformation
    legal_context: str
    context: MessageContext
    now: datetime
    today: date
    rules: AccessRules
    sources: Sources
    institution: Institution = field(init=False)
    own_numbers: frozenset[CbeNumber] = field(init=False)

    @property
    def caller(self) -> CbeNumber:
        """Return the number of the calling institution, once the signer check has passed."""
        return self.institution.cbe_number


@dataclass(slots=True, kw_only=True)
class PersonAdmission(Admission):
    """A message about one person.

    Attributes:
        niss: the number that was asked about, its check digits right.
        person: all numbers of the person (set by the integration check).
        right: the line that gives the caller its right.
    """

    niss: Niss = field(init=False)
    person: PersonNumbers = field(init=False)
    right: DirectoryLine = field(init=False)


@dataclass(slots=True, kw_only=True)
class ConsultAdmission(PersonAdmission):
    """A question to other CPAS.

    Attributes:
        bound: the consultation that the ticket is already bound to, with the same content: a repeat.
        quota: what the accepting transaction counts against; None for a repeat, and without a bound.
    """

    request: ConsultRequest
    bound: BoundConsultation | None = None
    quota: QuotaClaim | None = None


@dataclass(slots=True, kw_only=True)
class RetrieveAdmission(PersonAdmission):
    """``bound``: the consultation that is picked up."""

    request: RetrieveRequest
    bound: BoundConsultation = field(init=False)


@dataclass(slots=True, kw_only=True)
class ListAdmission(Admission):
    """A list of the caller's own consultations."""

    request: ListRequest


@dataclass(slots=True, kw_only=True)
class AccessAdmission(Admission):
    """A change or a list of own lines.

    Attributes:
        niss: the checked number, None where LIST names none.
        quota: what a new line counts against; None without a bound.
    """

    request: AccessRequest
    niss: Niss | None = None
    quota: QuotaClaim | None = None


@dataclass(slots=True, kw_only=True)
class DeliveryAdmission(Admission):
    """A late answer of a holding CPAS.

    Attributes:
        replay_key: to be written with the answer; None when an earlier try has written it.
        bound, stored: the consultation that is answered and the caller's leg of it.
        numbers: every number under which the person asked about may stand.
    """

    request: DeliveryRequest
    replay_key: tuple[bytes, datetime] | None = None
    bound: BoundConsultation = field(init=False)
    stored: StoredLeg = field(init=False)
    numbers: frozenset[str] = field(init=False)

    @property
    def asking(self) -> CbeNumber | None:
        """Return who asked the question that is answered, None before it was found."""
        return self.bound.requesting_cpas if hasattr(self, "bound") else None


def _environment(admission: Admission) -> None:
    access.check_environment(admission.customer, admission.rules.environment)


def _customer_form(admission: Admission) -> None:
    access.check_customer_form(admission.customer)


def _references(admission: Admission) -> None:
    """Refuse a national number in a reference, the one that the message is about in any disguise."""
    customer, request = admission.customer, getattr(admission, "request", None)
    about = getattr(request, "ssin", None) or ""
    written = (
        ("ticket", customer.ticket.value),
        ("userReference", customer.user_reference),
        ("legalContext", admission.legal_context),
        ("fileReference", customer.file_reference or ""),
        ("fileReference", getattr(request, "file_reference", None) or ""),
    )
    for name, text in written:
        if looks_like_niss(text) or holds_number(text, about):
            raise RequestRefused("MSG00008", name, information=((name, ""),))


def _signer(admission: Admission) -> None:
    context, registry = admission.context, admission.sources.registry
    access.check_key_role(context.roles)
    try:
        number = CbeNumber(admission.customer.cbe_number or "")
    except ValueError:
        raise RequestRefused("MSG00014", "signer") from None
    mandated = registry.may_sign(context.signing, number, context.operation, admission.today)
    access.check_signer(admission.customer, context.signing, mandated=mandated)
    institution = registry.institution(number)
    if institution is None or registry.successor_of(number, admission.today) != number:
        raise RequestRefused("MSG00014", "signer")
    admission.institution = institution
    admission.own_numbers = registry.predecessors_of(number, admission.today) | {number}


def _legal_context(admission: Admission) -> None:
    access.check_legal_context(admission.institution, admission.legal_context, admission.today)


def _user_role(admission: Admission) -> None:
    access.check_role(admission.context.operation, admission.customer.user_role)


def _operation(admission: Admission) -> None:
    operation, day = admission.context.operation, admission.today
    access.check_operation(admission.institution, operation, admission.legal_context, day)


def _not_suspended(admission: Admission) -> None:
    """Stand for ``_operation`` where no right is needed."""
    access.check_not_suspended(admission.institution, admission.context.operation)


def _reciprocity(admission: Admission) -> None:
    access.check_reciprocity(admission.institution, admission.today)


def _ticket(admission: ConsultAdmission) -> None:
    request = admission.request
    for number in sorted(admission.own_numbers):
        bound = admission.sources.consultations.bound_to(number, request.customer.ticket)
        if bound is not None:
            admission.bound = bound
    if admission.bound is None:
        return
    bound = admission.bound
    content = (bound.niss.value, bound.period, bound.legal_context)
    if content != (request.ssin, request.period, request.legal_context):
        ticket = request.customer.ticket.value
        raise RequestRefused("MSG00008", "ticket", information=(("ticket", ticket),))


def _quota(admission: ConsultAdmission) -> None:
    """Refuse early what the accepting transaction, which alone decides, would refuse."""
    most = admission.sources.registry.quota_of(admission.caller)
    if most is None or admission.bound is not None:
        return
    admission.quota = QuotaClaim(admission.caller, most, admission.now - QUOTA_WINDOW)
    accepted = admission.sources.consultations.accepted_since(admission.caller, admission.quota.since)
    access.check_quota(accepted, most)


def _asked_ssin(admission: ConsultAdmission) -> None:
    bound = admission.bound
    admission.niss = access.check_ssin(admission.request.ssin) if bound is None else bound.niss


def _period(admission: ConsultAdmission) -> None:
    if admission.bound is None:
        access.check_period(admission.request.period, admission.today, admission.rules.period_years)


def _integration(admission: PersonAdmission) -> None:
    directory = admission.sources.directory
    codes = admission.rules.integration_codes
    right = right_on(directory, admission.own_numbers, admission.niss, admission.today, codes=codes)
    if right is None:
        raise RequestRefused("MSG00012", "integration")
    admission.right = right
    admission.person = directory.numbers_of(admission.niss)


def _replaced(admission: PersonAdmission) -> None:
    person = admission.person
    if person.replaced and person.current is not None:
        raise RequestRefused("MSG00006", "replaced", information=(("newSSIN", person.current.value),))


def _cancelled(admission: PersonAdmission) -> None:
    if admission.person.current is None:
        raise RequestRefused("MSG00007", "cancelled")


def _own_ticket(admission: RetrieveAdmission) -> None:
    bound = admission.sources.consultations.of_ticket(admission.request.gateway_ticket)
    if bound is None or bound.requesting_cpas not in admission.own_numbers:
        raise RequestRefused("RSE00004", "ticket")
    admission.bound = bound
    admission.niss = bound.niss


def _confirmed(admission: ListAdmission) -> None:
    for ticket in admission.request.confirmed:
        bound = admission.sources.consultations.of_ticket(ticket)
        if bound is None or bound.requesting_cpas not in admission.own_numbers:
            raise RequestRefused("RSE00004", "confirmed", information=(("ticketCBSS", str(ticket)),))


def _line_ssin(admission: AccessAdmission) -> None:
    if admission.request.ssin is not None:
        admission.niss = access.check_ssin(admission.request.ssin)


def _line_dates(admission: AccessAdmission) -> None:
    request = admission.request
    if request.begin is not None and request.end is not None and request.end < request.begin:
        raise RequestRefused("MSG00008", "endDate", information=(("endDate", request.end.isoformat()),))
    late = request.begin is not None and request.begin > admission.today
    if request.action is AccessAction.REGISTER and late:
        raise RequestRefused("MSG00008", "beginDate", information=(("beginDate", str(request.begin)),))


def _line_quality(admission: AccessAdmission) -> None:
    code = admission.request.quality_code
    if code in access.IMPORT_ONLY_QUALITY_CODES:
        raise RequestRefused("MSG00008", "qualityCode", information=(("qualityCode", str(code)),))


def _register_quota(admission: AccessAdmission) -> None:
    """Refuse a new line above the quota early; the registering transaction alone decides."""
    registry, directory = admission.sources.registry, admission.sources.directory
    most = registry.register_quota_of(admission.caller, admission.today)
    if admission.request.action is not AccessAction.REGISTER or admission.niss is None or most is None:
        return
    admission.quota = QuotaClaim(admission.caller, most, admission.now - QUOTA_WINDOW)
    if directory.registered_since(admission.caller, admission.quota.since) < most:
        return
    own = directory.own_lines(frozenset({admission.caller}), admission.niss, offset=0, limit=MOST_LINES)
    wanted = (admission.niss, admission.request.quality_code, admission.request.begin)
    if wanted not in {(one.line.niss, one.line.quality_code, one.line.begin) for one in own}:
        access.check_quota(most, most)


def _asked_leg(admission: DeliveryAdmission) -> None:
    consultations, ticket = admission.sources.consultations, admission.request.delivered_ticket
    bound = consultations.of_ticket(ticket)
    legs = () if bound is None else consultations.legs_of(ticket)
    mine = [leg for leg in legs if leg.connected and leg.leg.holding_cpas in admission.own_numbers]
    if bound is None or not mine:
        raise RequestRefused("RSE00004", "ticket")
    admission.bound, admission.stored = bound, mine[0]


def _horizon(admission: DeliveryAdmission) -> None:
    if admission.now >= admission.stored.leg.horizon:
        raise RequestRefused("RSE00005", "horizon")


Step = tuple[str, Callable[..., None]]
COMMON_ORDER: tuple[Step, ...] = (
    ("environment", _environment),
    ("customerIdentification", _customer_form),
    ("references", _references),
    ("signer", _signer),
    ("legalContext", _legal_context),
    ("userRole", _user_role),
    ("operation", _operation),
)
CONSULT_ORDER: tuple[Step, ...] = (
    *COMMON_ORDER,
    ("reciprocity", _reciprocity),
    ("ticket", _ticket),
    ("quota", _quota),
    ("ssin", _asked_ssin),
    ("period", _period),
    ("integration", _integration),
    ("replaced", _replaced),
    ("cancelled", _cancelled),
)
RETRIEVE_ORDER: tuple[Step, ...] = (*COMMON_ORDER, ("ticket", _own_ticket), ("integration", _integration))
LIST_ORDER: tuple[Step, ...] = (*COMMON_ORDER, ("confirmed", _confirmed))
ACCESS_ORDER: tuple[Step, ...] = (
    *COMMON_ORDER,
    ("ssin", _line_ssin),
    ("dates", _line_dates),
    ("qualityCode", _line_quality),
    ("quota", _register_quota),
)
DELIVERY_ORDER: tuple[Step, ...] = (
    *COMMON_ORDER,
    ("ticket", _asked_leg),
    ("horizon", _horizon),
)
TEST_ORDER: tuple[Step, ...] = (*COMMON_ORDER[:4], COMMON_ORDER[5], ("operation", _not_suspended))


def admit(order: Sequence[Step], admission: Admission) -> None:
    """Run the checks in their order; what they found out stands in ``admission``.

    Raises:
        RequestRefused: the code of the contract and the name of the first check that fails.
    """
    for _name, check in order:
        check(admission)
