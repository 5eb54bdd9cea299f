"""The business rules that need no registry: check digits, periods, references, roles, reports.

All breaches of one payload at once, each at its place. A payload comes here after it has passed the XSD. The
codes and names of checks are those of `use_cases.admission` and of the contract page, checks 4 to 6.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.decision_dates import decision_dates
from rse_gateway.diagnosis.findings import Finding, Kind, Place, Places, Rule
from rse_gateway.domain.access import IMPORT_ONLY_QUALITY_CODES, OPERATION_ROLES, five_years_before
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.decisions import DECISION_YEARS, Verdict, judge_decisions
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import Expectation
from rse_gateway.trail.national_numbers import holds_number, looks_like_niss

UNUSABLE: Final = "MSG00023"
REPLY, REPORT = "leg.reply", "leg.report"
_ANY_PERIOD: Final = Period(date.min, date.max)
_PERIODS: Final = ("criteria/period", "consultation/period")


@dataclass(frozen=True, slots=True)
class Content:
    """One payload to look at.

    Attributes:
        operation: its contract name; ``request``: whether it is the request of it.
        today: the day on which it is judged.
    """

    payload: etree._Element
    places: Places
    operation: str
    request: bool
    today: date
    period_years: int = 5
    decision_years: int = DECISION_YEARS


@dataclass(frozen=True, slots=True)
class _Breach:
    """A breach before its place is known."""

    element: etree._Element | None
    expected: Expectation
    found: Expectation
    code: str
    check: str
    note: bool = False


def content_findings(content: Content) -> list[Finding]:
    """Return everything that breaks a rule, in the order in which the gateway looks."""
    found: list[Finding] = []
    for rule in _RULES:
        for one in rule(content):
            place: Place = content.places.of(one.element)
            found.append(Finding(place, one.expected, one.found, one.code, one.check, note=one.note))
    return found


def _customer(content: Content) -> Iterator[_Breach]:
    customer = content.payload.find("informationCustomer")
    if customer is None or not content.request or content.operation not in OPERATION_ROLES:
        return
    number = customer.find("customerIdentification/cbeNumber")
    if number is None:
        whole = customer.find("customerIdentification")
        yield _Breach(whole, Rule("cbe_form"), Kind("sector"), "MSG00008", "customerIdentification")
    about = content.payload.findtext("criteria//ssin") or ""
    named = [customer.find(name) for name in ("ticket", "userReference", "fileReference")]
    for element in (
        *named,
        content.payload.find("criteria//fileReference"),
        content.payload.find("legalContext"),
    ):
        text = "" if element is None else element.text or ""
        if looks_like_niss(text) or holds_number(text, about):
            yield _Breach(element, Rule("reference"), Kind("niss_inside"), "MSG00008", "references")
    if number is not None and not _is_cbe(number.text):
        yield _Breach(number, Rule("cbe"), Kind("check_digits"), "MSG00014", "signer")
    role = customer.find("userRole")
    allowed = OPERATION_ROLES[content.operation]
    if role is not None and role.text not in allowed:
        yield _Breach(role, Rule("role", (", ".join(sorted(allowed)),)), Kind("role"), "MSG00015", "userRole")


def _criteria(content: Content) -> Iterator[_Breach]:
    if not content.request:
        return
    codes = {
        "deliverSocialReport": UNUSABLE,
        "provideSocialReport": UNUSABLE,
        "receiveSocialReport": UNUSABLE,
    }
    for element in content.payload.iterfind("criteria//ssin"):
        if not _is_niss(element.text):
            code = codes.get(content.operation, "MSG00011")
            yield _Breach(element, Rule("niss"), Kind("check_digits"), code, "ssin")
    if content.operation == "consultSocialReport":
        yield from _asked_period(content)
    if content.operation == "manageAccess":
        yield from _line_rules(content)


def _asked_period(content: Content) -> Iterator[_Breach]:
    begin, end = (content.payload.find(f"criteria/period/{name}") for name in ("beginDate", "endDate"))
    if begin is None or end is None:
        return
    first, last = _date(begin), _date(end)
    oldest = five_years_before(content.today, content.period_years)
    if last < first:
        yield _Breach(begin, Rule("period_order"), Kind("before_begin"), "MSG00008", "period")
    if last > content.today:
        limit = Rule("period_end", (content.today.isoformat(),))
        yield _Breach(end, limit, Kind("later"), "MSG00008", "period")
    if first < oldest:
        yield _Breach(
            begin, Rule("period_begin", (oldest.isoformat(),)), Kind("earlier"), "MSG00008", "period"
        )


def _line_rules(content: Content) -> Iterator[_Breach]:
    for action in content.payload.iterfind("criteria/*"):
        begin, end = action.find("beginDate"), action.find("endDate")
        if begin is not None and end is not None and _date(end) < _date(begin):
            yield _Breach(end, Rule("period_order"), Kind("before_begin"), "MSG00008", "dates")
        if begin is not None and action.tag == "register" and _date(begin) > content.today:
            limit = Rule("period_end", (content.today.isoformat(),))
            yield _Breach(begin, limit, Kind("later"), "MSG00008", "dates")
        code = action.find("qualityCode")
        if code is not None and int(code.text or "0") in IMPORT_ONLY_QUALITY_CODES:
            yield _Breach(code, Rule("quality"), Kind("code_999"), "MSG00008", "qualityCode")


def _reply(content: Content) -> Iterator[_Breach]:
    status = content.payload.find("status" if not content.request else "supplierStatus")
    if status is None or not _of_a_holder(content):
        return
    value, code = status.findtext("value"), status.find("code")
    report = content.payload.find("socialReport")
    if (report is not None) != (value == "DATA_FOUND"):
        found = Kind("no_report" if report is None else "report")
        yield _Breach(status, Rule("report_with_data"), found, UNUSABLE, REPLY)
    if value == "NO_RESULT" and code is not None:
        catalogue = load_catalogue()
        if code.text not in catalogue:
            yield _Breach(code, Rule("refusal_code"), Kind("unknown_code"), UNUSABLE, REPLY)
        elif catalogue.severity(code.text or "") == "INFORMATION":
            yield _Breach(code, Rule("refusal_code"), Kind("success_code"), UNUSABLE, REPLY)


def _reports(content: Content) -> Iterator[_Breach]:
    asked = content.payload.find("criteria/ssin") if _of_a_holder(content) else None
    period = _stated_period(content)
    for report in content.payload.iter("socialReport"):
        person = report.find("beneficiary/ssin")
        if asked is not None and person is not None and person.text != asked.text:
            yield _Breach(person, Rule("same_person"), Kind("other_person"), UNUSABLE, REPORT)
        for number in report.iter("ssin"):
            if not _is_niss(number.text):
                yield _Breach(number, Rule("niss"), Kind("check_digits"), "MSG00011", REPORT, note=True)
        for refusal in report.iterfind("decision[decisionType='REFUSAL']"):
            for aid in refusal.iterfind("aid"):
                yield _Breach(aid, Rule("refusal_aid"), Kind("aid"), UNUSABLE, REPORT)
        yield from _left_out(report, period, five_years_before(content.today, content.decision_years))


def _left_out(report: etree._Element, period: Period | None, oldest: date) -> Iterator[_Breach]:
    """Note which decisions the gateway does not pass on, counted from the day of judgment."""
    verdicts = judge_decisions(decision_dates(report), period or _ANY_PERIOD, oldest)
    for decision, verdict in zip(report.iterfind("decision"), verdicts, strict=True):
        if verdict is Verdict.TOO_OLD:
            ratified, rule = decision.find("ratificationDate"), Rule("decision_age", (oldest.isoformat(),))
            yield _Breach(ratified, rule, Kind("earlier"), "", "", note=True)
        elif verdict is Verdict.CONTRADICTORY:
            for paid in decision.iterfind("aid/period[endDate]"):
                end = paid.find("endDate")
                if end is not None and _date(end) < date.fromisoformat(paid.findtext("beginDate") or ""):
                    yield _Breach(end, Rule("aid_order"), Kind("before_begin"), "", "", note=True)
        elif verdict is Verdict.OUTSIDE:
            yield _Breach(decision, Rule("decision_in_period"), Kind("outside"), "", "", note=True)


_RULES: Final[tuple[Callable[[Content], Iterator[_Breach]], ...]] = (_customer, _criteria, _reply, _reports)


def _of_a_holder(content: Content) -> bool:
    """Tell whether a holding CPAS says it: its answer, or its delivery."""
    return content.operation == ("deliverSocialReport" if content.request else "provideSocialReport")


def _stated_period(content: Content) -> Period | None:
    for path in _PERIODS:
        period = content.payload.find(path)
        if period is not None:
            begin, end = period.find("beginDate"), period.find("endDate")
            if begin is not None and end is not None:
                return Period(_date(begin), _date(end))
    return None


def _date(element: etree._Element) -> date:
    return date.fromisoformat((element.text or "").strip())


def _is_niss(text: str | None) -> bool:
    try:
        Niss(text or "")
    except ValueError:
        return False
    return True


def _is_cbe(text: str | None) -> bool:
    try:
        CbeNumber(text or "")
    except ValueError:
        return False
    return True
