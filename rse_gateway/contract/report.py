"""What a `socialReport` must satisfy beyond the XSD, and the part of it that may be passed on.

Guaranteed of a report that comes out: it is about the person asked, no refusal carries aid, it holds only
decisions that belong to the period, none of them older than the cap, and none that contradicts itself; when
nothing is left, neither is anything else of it. It is read in place, never mapped.
Rules: contract page ("socialReport", "Which decisions belong to a period"), domain page §3.
"""

from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Final

from lxml import etree

from rse_gateway.contract.decision_dates import decision_dates
from rse_gateway.contract.supplier_messages import canonical_report, report_digest
from rse_gateway.contract.supplier_result import report_element
from rse_gateway.domain.consultation import DisclosedPerson, Period, SocialReport, SupplierReply
from rse_gateway.domain.decisions import Verdict, judge_decisions
from rse_gateway.errors import SupplierUnusable

NOTHING_LEFT: Final = "MSG00100"
_REFUSALS_WITH_AID: Final = etree.XPath("decision[decisionType = 'REFUSAL' and aid]")
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
    oldest: date | None,
) -> SocialReport:
    """Return what of the report may be passed on, the rest counted; ``report`` is not changed.

    Args:
        report: a ``socialReport`` element that passed the XSD.
        expected: the numbers (chain of replacements) under which the beneficiary may stand.
        period: the period asked.
        oldest: the first day of ratification that may be told; None only where nothing is passed on.

    Raises:
        SupplierUnusable: another person, or a refusal with aid.
    """
    canonical = canonical_report(report)
    digest = report_digest(report)
    if (fault := _breach(report, expected)) is not None:
        reason, field = fault
        raise SupplierUnusable(reason, check="report", field=field)
    return _cut(report, canonical, digest, period=period, oldest=oldest)


def reply_of(report: SocialReport, code: str) -> tuple[SupplierReply, str]:
    """Return what a report says once it is cut, and its code: with nothing left, that there is no data."""
    return (SupplierReply.NO_DATA, NOTHING_LEFT) if report.empty else (SupplierReply.REPORT, code)


class ReportCutter:
    """Implements `ports.ReportCutter`."""

    def __call__(self, report: SocialReport, period: Period, oldest: date) -> SocialReport:
        """Return a stored report without what ``oldest`` does not allow any more.

        Raises:
            GatewayFault: the stored bytes are no `socialReport`.
        """
        return cut_again(report, report_element(report.canonical), period, oldest)


def cut_again(report: SocialReport, element: etree._Element, period: Period, oldest: date) -> SocialReport:
    """Return a stored report without what ``oldest`` does not allow any more, counts added to its own.

    Args:
        report: as stored: checked, and cut by an older rule or an earlier ``oldest``.
        element: its ``socialReport`` element.
        period: the period asked.
        oldest: the first day of ratification that may be told.
    """
    cut = _cut(element, report.canonical, report.digest, period=period, oldest=oldest)
    return replace(
        cut, omitted=report.omitted + cut.omitted, contradictory=report.contradictory + cut.contradictory
    )


def _cut(
    report: etree._Element, canonical: bytes, digest: bytes, *, period: Period, oldest: date | None
) -> SocialReport:
    verdicts = judge_decisions(decision_dates(report), period, oldest)
    counted = {
        "omitted": verdicts.count(Verdict.OUTSIDE),
        "contradictory": verdicts.count(Verdict.CONTRADICTORY),
        "too_old": verdicts.count(Verdict.TOO_OLD),
    }
    left = verdicts.count(Verdict.BELONGS)
    if left == 0:
        return SocialReport(b"", digest, (), **counted, oldest=oldest)
    if left == len(verdicts):
        return SocialReport(canonical, digest, _persons(report), oldest=oldest)
    kept = deepcopy(report)
    for decision, verdict in zip(kept.findall("decision"), verdicts, strict=True):
        if verdict is not Verdict.BELONGS:
            kept.remove(decision)
    return SocialReport(canonical_report(kept), digest, _persons(kept), **counted, oldest=oldest)


def _breach(report: etree._Element, expected: frozenset[str]) -> tuple[str, str] | None:
    """Return what the report breaks and in which field."""
    if report.findtext("beneficiary/ssin") not in expected:
        return "the report is about another person", "beneficiary/ssin"
    if _elements(_REFUSALS_WITH_AID, report):
        return "a refusal carries aid", "decision/aid"
    return None


def _persons(report: etree._Element) -> tuple[DisclosedPerson, ...]:
    found: dict[DisclosedPerson, None] = {}
    for role, path in _PERSONS:
        found.update((DisclosedPerson(element.text or "", role), None) for element in _elements(path, report))
    return tuple(found)


def _elements(path: etree.XPath, report: etree._Element) -> list[etree._Element]:
    found = path(report)
    return [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []
