"""What a `socialReport` must satisfy beyond the XSD, and the part of it that answers the question.

Guaranteed of a report that comes out: it is about the person asked, no refusal carries aid, no period ends
before it begins, and it holds only decisions that belong to the period. It is read in place, never mapped.
Rules: contract page ("socialReport"), domain page §3 and the row "how far back" of §2.
"""

import calendar
import hashlib
from copy import deepcopy
from datetime import date, timedelta
from typing import Final

from lxml import etree

from rse_gateway.contract.supplier_messages import canonical_report
from rse_gateway.domain.consultation import DisclosedPerson, Period, SocialReport
from rse_gateway.errors import SupplierUnusable

_REFUSALS_WITH_AID: Final = etree.XPath("decision[decisionType = 'REFUSAL' and aid]")
_CLOSED_PERIODS: Final = etree.XPath("decision/aid/period[endDate]")
_PERSONS: Final = (
    ("BENEFICIARY", etree.XPath("beneficiary/ssin")),
    ("PARTNER", etree.XPath("partner/ssin")),
    ("COHABITANT", etree.XPath("decision/aid/calculationElement/cohabitantIncome/ssin")),
)


def check_report(
    report: etree._Element,
    *,
    expected: frozenset[str],
    period: Period,
    decision_years_cap: date | None = None,
) -> SocialReport:
    """Return the report, decisions outside the period left out and counted; ``report`` is not changed.

    Args:
        report: a ``socialReport`` element that passed the XSD.
        expected: the numbers (chain of replacements) under which the beneficiary may stand.
        period: the period asked.
        decision_years_cap: the first day that the cap on the age of decisions allows; it shortens the period.

    Raises:
        SupplierUnusable: another person, a refusal with aid, or a period that ends before it begins; its
            digest is that of the report as received.
    """
    canonical = canonical_report(report)
    digest = hashlib.sha256(canonical).digest()
    if (fault := _breach(report, expected)) is not None:
        raise SupplierUnusable(fault, content_digest=digest)
    belongs = [_belongs(decision, period, decision_years_cap) for decision in report.iterfind("decision")]
    if all(belongs):
        return SocialReport(canonical, digest, _persons(report))
    kept = deepcopy(report)
    for decision, stays in zip(kept.findall("decision"), belongs, strict=True):
        if not stays:
            kept.remove(decision)
    return SocialReport(canonical_report(kept), digest, _persons(kept), belongs.count(False))


def decision_in_period(
    in_force: date, duration: tuple[int, str] | None, period: Period, first_day: date | None = None
) -> bool:
    """Tell whether a decision belongs to the period.

    Args:
        in_force: its entry into force, or the ratification date where that is absent.
        duration: number and unit (MONTHS, WEEKS, DAYS); None = open.
        period: the period asked; both ends included, as is the last day of the decision.
        first_day: nothing before it counts.
    """
    begin = period.begin if first_day is None else max(period.begin, first_day)
    if in_force > period.end or begin > period.end:
        return False
    return duration is None or end_of(in_force, *duration) >= begin


def end_of(begin: date, value: int, unit: str) -> date:
    """Return ``begin`` + the duration; months keep the day, or end on the last day of a shorter month."""
    if unit == "DAYS":
        return begin + timedelta(days=value)
    if unit == "WEEKS":
        return begin + timedelta(weeks=value)
    months = begin.month - 1 + value
    year, month = begin.year + months // 12, months % 12 + 1
    return date(year, month, min(begin.day, calendar.monthrange(year, month)[1]))


def _breach(report: etree._Element, expected: frozenset[str]) -> str | None:
    if report.findtext("beneficiary/ssin") not in expected:
        return "the report is about another person"
    if _elements(_REFUSALS_WITH_AID, report):
        return "a refusal carries aid"
    for period in _elements(_CLOSED_PERIODS, report):
        if _required_date(period, "endDate") < _required_date(period, "beginDate"):
            return "a period of aid ends before it begins"
    return None


def _belongs(decision: etree._Element, period: Period, first_day: date | None) -> bool:
    in_force = _date(decision, "entryIntoForceDate") or _required_date(decision, "ratificationDate")
    duration: tuple[int, str] | None = None
    value, unit = decision.findtext("duration/value"), decision.findtext("duration/unit")
    if value is not None and unit is not None:
        duration = int(value), unit
    return decision_in_period(in_force, duration, period, first_day)


def _persons(report: etree._Element) -> tuple[DisclosedPerson, ...]:
    found: dict[DisclosedPerson, None] = {}
    for role, path in _PERSONS:
        found.update((DisclosedPerson(element.text or "", role), None) for element in _elements(path, report))
    return tuple(found)


def _elements(path: etree.XPath, report: etree._Element) -> list[etree._Element]:
    found = path(report)
    return [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []


def _date(parent: etree._Element, name: str) -> date | None:
    text = parent.findtext(name)
    return None if text is None else date.fromisoformat(text.strip())


def _required_date(parent: etree._Element, name: str) -> date:
    return date.fromisoformat((parent.findtext(name) or "").strip())
