"""May this institution ask this? Registered institutions, their rights, and checks 4 and 5 of the contract.

Every check is a pure function that raises `RequestRefused` with its code; their order is one list, in
`rse_gateway.use_cases.admission`. Rules: contract page, "Checks and their answers".
"""

from dataclasses import dataclass
from datetime import date

from rse_gateway.domain.consultation import CustomerInformation, Period, RequestOptions
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import RequestRefused

IMPORT_ONLY_QUALITY_CODES = frozenset({999})
"""Quality codes that only files of the directory bring, never a CPAS: 999 = number replaced."""

DRY_RUN_PASSED = "RSE00007"
"""The code of a dry run that every check let through."""

OPERATION_ROLES: dict[str, frozenset[str]] = {
    "consultSocialReport": frozenset({"SOCIAL_WORKER", "SERVICE_HEAD"}),
    "retrieveSocialReport": frozenset({"SOCIAL_WORKER", "SERVICE_HEAD", "ADMINISTRATION", "SYSTEM"}),
    "listSocialReports": frozenset({"SOCIAL_WORKER", "SERVICE_HEAD", "ADMINISTRATION", "SYSTEM"}),
    "manageAccess": frozenset({"ADMINISTRATION"}),
    "deliverSocialReport": frozenset({"SYSTEM"}),
    "sendTestMessage": frozenset({"SYSTEM", "SOCIAL_WORKER", "SERVICE_HEAD", "ADMINISTRATION"}),
    "listRights": frozenset({"SYSTEM", "SOCIAL_WORKER", "SERVICE_HEAD", "ADMINISTRATION"}),
}


@dataclass(frozen=True, slots=True)
class Right:
    """An institution may call ``operation`` on the ground ``legal_context``, within optional dates."""

    operation: str
    legal_context: str
    valid_from: date | None = None
    valid_until: date | None = None

    def stands_on(self, day: date) -> bool:
        """Tell whether the right stands on that day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class HeldMandate:
    """``mandatary`` may sign messages of ``operation`` for ``cpas``, within optional dates."""

    mandatary: CbeNumber
    cpas: CbeNumber
    operation: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Institution:
    """One registered institution: public identity, how to reach it, what it may do.

    Attributes:
        endpoint: address of its SocialReportSupplierService, None when it does not answer.
        exempt_until: last day on which it may ask without an endpoint (reciprocity), None for never.
        suspended: an operator suspended it: its messages are refused, nothing is sent to it, and nobody signs
            for it.
    """

    cbe_number: CbeNumber
    name_fr: str
    name_nl: str
    telephone: str | None = None
    language: str | None = None
    contact: str | None = None
    endpoint: str | None = None
    receiver_endpoint: str | None = None
    exempt_from: date | None = None
    exempt_until: date | None = None
    rights: tuple[Right, ...] = ()
    suspended: bool = False


def stop_dry_run(options: RequestOptions) -> None:
    """End a dry run that passed every check (RSE00007): nothing is written, given out or passed on."""
    if options.dry_run:
        raise RequestRefused(DRY_RUN_PASSED, "dryRun")


def check_environment(customer: CustomerInformation, environment: str) -> None:
    """Refuse a message made for another environment (MSG00008, field environment)."""
    if customer.environment != environment:
        raise RequestRefused("MSG00008", "environment", information=(("environment", customer.environment),))


def check_customer_form(customer: CustomerInformation) -> None:
    """Refuse an identification by sector and institution, which version 1 does not know (MSG00008)."""
    if customer.cbe_number is None:
        raise RequestRefused("MSG00008", "customerIdentification", information=(("cbeNumber", ""),))


def check_signer(customer: CustomerInformation, signing: CbeNumber, *, mandated: bool) -> None:
    """Refuse a signer who is neither the customer nor holds its mandate (MSG00014)."""
    if customer.cbe_number != signing.value and not mandated:
        raise RequestRefused("MSG00014", "signer")


def check_quota(asked: int, quota: int | None) -> None:
    """Refuse one consultation, or one new line, more than the institution may per hour (RSE00003)."""
    if quota is not None and asked >= quota:
        raise RequestRefused("RSE00003", "quota")


def check_key_role(roles: frozenset[str]) -> None:
    """Refuse a key without the role cpas: an auditor's key asks no CPAS question (MSG00014)."""
    if "cpas" not in roles:
        raise RequestRefused("MSG00014", "keyRole")


def check_legal_context(institution: Institution, legal_context: str, day: date) -> None:
    """Refuse a legal context that the institution holds for no operation (MSG00013)."""
    if not any(r.legal_context == legal_context and r.stands_on(day) for r in institution.rights):
        raise RequestRefused("MSG00013", "legalContext", information=(("legalContext", legal_context),))


def check_role(operation: str, user_role: str) -> None:
    """Refuse a user role that may not use the operation (MSG00015, field userRole)."""
    if user_role not in OPERATION_ROLES[operation]:
        raise RequestRefused("MSG00015", "userRole", information=(("userRole", user_role),))


def check_not_suspended(institution: Institution, operation: str) -> None:
    """Refuse whatever a suspended institution sends (MSG00016)."""
    if institution.suspended:
        raise RequestRefused("MSG00016", "operation", information=(("operation", operation),))


def check_operation(institution: Institution, operation: str, legal_context: str, day: date) -> None:
    """Refuse an operation that it may not call on this ground, or any when it is suspended (MSG00016)."""
    check_not_suspended(institution, operation)
    wanted = (operation, legal_context)
    if not any((r.operation, r.legal_context) == wanted and r.stands_on(day) for r in institution.rights):
        raise RequestRefused("MSG00016", "operation", information=(("operation", operation),))


def check_reciprocity(institution: Institution, day: date) -> None:
    """Refuse a CPAS that asks but can not be asked: no endpoint and no exemption today (MSG00015)."""
    if institution.endpoint is not None:
        return
    until, since = institution.exempt_until, institution.exempt_from
    if until is None or day > until or (since is not None and day < since):
        raise RequestRefused("MSG00015", "reciprocity", information=(("endpoint", ""),))


def check_ssin(ssin: str) -> Niss:
    """Return the NISS, or refuse wrong check digits (MSG00011)."""
    try:
        return Niss(ssin)
    except ValueError:
        raise RequestRefused("MSG00011", "ssin", information=(("ssin", ""),)) from None


def five_years_before(day: date, years: int = 5) -> date:
    """Return the same day ``years`` earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def check_period(period: Period, today: date, years: int = 5) -> None:
    """Refuse a period that ends before it begins, ends after today, or begins too long ago (MSG00008)."""
    if period.begin > period.end:
        raise RequestRefused("MSG00008", "period", information=(("beginDate", period.begin.isoformat()),))
    if period.end > today:
        raise RequestRefused("MSG00008", "period", information=(("endDate", period.end.isoformat()),))
    if period.begin < five_years_before(today, years):
        raise RequestRefused("MSG00008", "period", information=(("beginDate", period.begin.isoformat()),))
