"""Which decisions are passed on: gateway and stub implement the table apart and say the same."""

from datetime import date

import pytest
from generated_files import ASKED, DAYS, files
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from rse_cpas_stub.contract import check_report as check_against_xsd
from rse_cpas_stub.period import Period, cut
from rse_cpas_stub.report import report_of
from rse_gateway.contract.report import check_report
from rse_gateway.domain.consultation import Period as AskedPeriod

SSIN, PARTNER = "85073003328", "17073003384"
EXAMPLES = 150


def passed_on(report: etree._Element, begin: date, end: date, oldest: date | None):
    return check_report(
        report, expected=frozenset({SSIN}), period=AskedPeriod(begin, end), oldest=oldest
    )  # fmt: skip


def agree(file, asked, oldest) -> None:
    """Compare what gateway and stub leave of a file, and what they count."""
    report = report_of(file)
    check_against_xsd(report)
    theirs = cut(file["decision"], Period(*asked), oldest=oldest)
    ours = passed_on(report, *asked, oldest)
    assert (ours.omitted, ours.contradictory, ours.too_old) == (
        theirs.outside,
        theirs.contradictory,
        theirs.too_old,
    )
    kept = report_of({**file, "decision": theirs.inside})
    kept.tag = "socialReport"
    etree.cleanup_namespaces(kept)
    expected = etree.tostring(kept, method="c14n", exclusive=True) if theirs.inside else b""
    found = ours.canonical
    if found:
        element = etree.fromstring(found)
        element.tag = "socialReport"
        etree.cleanup_namespaces(element)
        found = etree.tostring(element, method="c14n", exclusive=True)
    assert found == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(files(SSIN, PARTNER), ASKED, st.none() | DAYS)
def test_gateway_and_stub_pass_on_the_same_decisions_of_a_report(file, asked, oldest):
    agree(file, asked, oldest)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None)
@given(files(SSIN, PARTNER), ASKED, st.none() | DAYS)
def test_gateway_and_stub_agree_on_many_thousand_reports(file, asked, oldest):
    agree(file, asked, oldest)


@settings(max_examples=EXAMPLES, deadline=None)
@given(files(SSIN, PARTNER), ASKED, DAYS)
def test_no_decision_passed_on_was_ratified_before_the_cap(file, asked, oldest):
    found = passed_on(report_of(file), *asked, oldest)
    dates = [] if found.empty else etree.fromstring(found.canonical).findall("decision/ratificationDate")
    assert all(date.fromisoformat(one.text) >= oldest for one in dates)
    assert found.empty == (not dates)
    assert not (found.empty and found.persons)


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(files(SSIN, PARTNER), ASKED, DAYS)
def test_what_a_holder_cut_by_the_period_loses_only_by_the_cap(file, asked, oldest):
    theirs = cut(file["decision"], Period(*asked))
    again = passed_on(report_of({**file, "decision": theirs.inside}), *asked, oldest)
    assert (again.omitted, again.contradictory) == (0, 0)
