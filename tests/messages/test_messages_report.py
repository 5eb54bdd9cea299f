"""A holder's report is passed on when it is about the person asked, as far as the period goes."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from message_samples import COHABITANT, NISS, PARTNER, PERIOD, aid, decision, report, report_of

from rse_gateway.contract.components import verdict_schema
from rse_gateway.contract.messages import report_element
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.report import ReportCutter, check_report, reply_of
from rse_gateway.domain.consultation import DisclosedPerson, Period, SupplierReply
from rse_gateway.domain.decisions import end_of
from rse_gateway.errors import SupplierUnusable

DATES = st.dates(date(1999, 1, 1), date(2031, 12, 31))


def checked(received, period: Period = PERIOD, oldest: date | None = None):
    return check_report(received, expected=frozenset({NISS}), period=period, oldest=oldest)


def months_later(begin: date, months: int) -> date:
    """The rule in other words: the latest day of the month reached that is no later in it than ``begin``."""
    day = date(begin.year, begin.month, 1)
    for _ in range(months):
        day = (day + timedelta(days=31)).replace(day=1)
    last = day
    while (last + timedelta(days=1)).month == day.month and last.day < begin.day:
        last += timedelta(days=1)
    return last


@given(DATES, st.integers(1, 60))
@example(date(2024, 2, 29), 12)
@example(date(2023, 1, 31), 1)
@example(date(2024, 1, 31), 1)
@example(date(2023, 12, 31), 2)
def test_months_end_on_the_same_day_or_on_the_last_day_of_a_shorter_month(begin, months):
    assert end_of(begin, months, "MONTHS") == months_later(begin, months)


@pytest.mark.parametrize(
    ("begin", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 10, 31), 1, date(2023, 11, 30)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
    ],
)
def test_month_ends_and_leap_days_by_example(begin, months, end):
    assert end_of(begin, months, "MONTHS") == end


def test_what_is_left_out_is_counted_and_the_rest_stays_in_its_order():
    texts = [
        decision(date(2023, 5, 1), aid=aid(cohabitant=COHABITANT)),
        decision(date(2021, 12, 1), duration=(3, "WEEKS")),
        decision(date(2020, 1, 1)),
        decision(aid=aid(begin="2024-02-01", end="2024-01-31")),
        decision(date(2024, 6, 1), kind="REFUSAL"),
    ]
    received = report_of(report(*texts))
    before = etree.tostring(received)
    result = checked(received, oldest=date(2021, 6, 1))
    left = [etree.tostring(d, with_tail=False) for d in report_element(result.canonical).iter("decision")]
    assert left == [
        etree.tostring(etree.fromstring(etree.tostring(etree.fromstring(text), method="c14n")))
        for text in (texts[0], texts[4])
    ]
    assert (result.omitted, result.contradictory, result.too_old) == (1, 1, 1)
    assert etree.tostring(received) == before
    assert [person.role for person in result.persons] == ["BENEFICIARY", "PARTNER", "COHABITANT"]


@pytest.mark.parametrize(
    "texts",
    [(), (decision(date(2020, 1, 1)),), (decision(date(2030, 1, 1)),)],
    ids=["none", "old", "outside"],
)
def test_a_report_of_which_nothing_is_left_names_nobody(texts):
    result = checked(report_of(report(*texts)), oldest=date(2021, 6, 1))
    assert (result.canonical, result.persons, result.empty) == (b"", (), True)
    assert reply_of(result, "MSG00000") == (SupplierReply.NO_DATA, "MSG00100")


def test_a_stored_report_is_cut_anew_by_a_later_cap_and_keeps_its_counts():
    kept = checked(
        report_of(report(decision(date(2023, 5, 1)), decision(date(2025, 5, 1)), decision(date(2030, 1, 1))))
    )
    again = ReportCutter()(kept, PERIOD, date(2024, 1, 1))
    assert (again.omitted, again.too_old, again.oldest) == (1, 1, date(2024, 1, 1))
    dates = [one.text for one in report_element(again.canonical).iter("ratificationDate")]
    assert dates == ["2025-05-01"]


def test_the_digest_is_that_of_the_report_as_received_whatever_is_left_out():
    inside, outside = decision(), decision(date(2030, 1, 1))
    received = report_of(report(inside, outside))
    compact = etree.fromstring(etree.tostring(received), etree.XMLParser(remove_blank_text=True))
    canonical = etree.tostring(compact, method="c14n", exclusive=True, with_tail=False)
    result = checked(received)
    assert result.digest == hashlib.sha256(canonical).digest()
    assert result.canonical != canonical
    assert result.omitted == 1


def test_the_canonical_report_declares_no_namespace_and_is_valid_where_it_is_grafted():
    canonical = checked(report_of(report(decision(aid=aid())))).canonical
    assert b"xmlns" not in canonical
    assert canonical.startswith(b"<socialReport><beneficiary>")
    assert canonical.endswith(b"</socialReport>")


def test_a_pruned_report_still_follows_the_xsd():
    received = report_of(report(decision(date(2030, 1, 1)), decision()))
    parent = received.getparent()
    parent.replace(received, report_element(checked(received).canonical))
    assert verdict_schema(REPORT).validate(parent)


def unusable(text: str, **options) -> str:
    with pytest.raises(SupplierUnusable) as caught:
        checked(report_of(text), **options)
    assert caught.value.field
    assert not any(number in str(caught.value) for number in (NISS, PARTNER, COHABITANT))
    return caught.value.reason


def test_a_report_about_another_person_is_unusable():
    assert "another person" in unusable(report(niss=PARTNER))


def test_a_report_under_another_number_of_the_same_person_is_usable():
    received = report_of(report(decision(), niss=PARTNER, partner=None))
    assert check_report(
        received, expected=frozenset({NISS, PARTNER}), period=PERIOD, oldest=None
    ).persons == (DisclosedPerson(PARTNER, "BENEFICIARY"),)


def test_a_refusal_with_aid_is_unusable():
    assert "refusal" in unusable(report(decision(kind="REFUSAL", aid=aid())))


def test_a_refusal_without_aid_is_passed_on():
    assert checked(report_of(report(decision(kind="REFUSAL")))).omitted == 0


def test_a_cohabitant_named_twice_is_disclosed_once():
    twice = decision(aid=aid(cohabitant=COHABITANT) * 2)
    persons = checked(report_of(report(twice, partner=None))).persons
    assert [p.role for p in persons] == ["BENEFICIARY", "COHABITANT"]


def test_the_value_that_is_kept_shows_nothing_of_the_person():
    assert NISS not in repr(checked(report_of(report(decision()))))
