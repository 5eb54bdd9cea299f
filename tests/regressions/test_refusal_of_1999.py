"""0.1.0 passed on a refusal of 1999 in a five-year question: a decision without duration never ended."""

from datetime import date

import pytest
from lxml import etree

from rse_gateway.contract.report import check_report, reply_of
from rse_gateway.domain.consultation import Period, SupplierReply

SSIN = "85073003328"
ASKED = Period(date(2021, 11, 21), date(2026, 11, 21))
OLDEST = date(2021, 11, 21)
KINDS = ("GRANT", "REFUSAL", "REVISION", "EXTENSION", "SUSPENSION", "SANCTION", "RECOVERY")
TOLD = {"1999-03-02": False, "2021-11-20": False, "2021-11-21": True}


def report_with(kind: str, ratified: str) -> etree._Element:
    return etree.fromstring(
        f"<socialReport><beneficiary><ssin>{SSIN}</ssin></beneficiary>"
        f"<partner><ssin>17073003384</ssin></partner>"
        f"<decision><decisionType>{kind}</decisionType><ratificationDate>{ratified}</ratificationDate>"
        "</decision></socialReport>"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ratified", TOLD)
def test_no_kind_of_decision_is_told_that_was_ratified_before_the_cap(kind: str, ratified: str) -> None:
    report = check_report(
        report_with(kind, ratified), expected=frozenset({SSIN}), period=ASKED, oldest=OLDEST
    )
    assert reply_of(report, "MSG00000")[0] is (
        SupplierReply.REPORT if TOLD[ratified] else SupplierReply.NO_DATA
    )
    assert (report.omitted, report.contradictory) == (0, 0)
    assert bool(report.persons) == TOLD[ratified]
