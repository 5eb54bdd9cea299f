"""A holder's report is passed on when it is about the person asked, as far as the period goes."""

import hashlib
from copy import deepcopy
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import COHABITANT, NISS, PARTNER, PERIOD, aid, decision, report, report_of

from rse_gateway.contract.components import verdict_schema
from rse_gateway.contract.messages import report_element
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.report import check_report, decision_in_period, end_of
from rse_gateway.domain.consultation import DisclosedPerson, Period
from rse_gateway.errors import SupplierUnusable

DATES = st.dates(date(1999, 1, 1), date(2031, 12, 31))
DURATIONS = st.tuples(st.integers(1, 500), st.sampled_from(["MONTHS", "WEEKS", "DAYS"]))
PERIODS = st.tuples(DATES, DATES).map(lambda days: Period(min(days), max(days)))


def checked(received, period: Period = PERIOD, **options):
    return check_report(received, expected=frozenset({NISS}), period=period, **options)


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


@given(DATES, DURATIONS, PERIODS)
def test_a_decision_with_a_duration_belongs_when_one_of_its_days_is_in_the_period(begin, duration, period):
    last = end_of(begin, *duration)
    shares_a_day = max(begin, period.begin) <= min(last, period.end)
    assert decision_in_period(begin, duration, period) == shares_a_day


@given(DATES, PERIODS)
def test_a_decision_without_duration_belongs_once_it_is_in_force_by_the_end_of_the_period(begin, period):
    assert decision_in_period(begin, None, period) == (begin <= period.end)


@given(DATES, DURATIONS | st.none(), PERIODS, DATES)
def test_the_cap_on_age_only_shortens_the_period(begin, duration, period, first_day):
    capped = decision_in_period(begin, duration, period, first_day)
    if first_day > period.end:
        assert not capped
    else:
        shorter = Period(max(period.begin, first_day), period.end)
        assert capped == decision_in_period(begin, duration, shorter)


CASE = st.tuples(DATES, DATES | st.none(), DURATIONS | st.none())


@settings(max_examples=150, deadline=None)
@given(st.lists(CASE, max_size=6), PERIODS)
def test_exactly_the_decisions_of_the_period_remain_in_their_order_and_the_rest_is_counted(cases, period):
    texts = [decision(r, entry=e, duration=d, aid=aid(cohabitant=COHABITANT)) for r, e, d in cases]
    received = report_of(report(*texts))
    before = etree.tostring(received)
    result = checked(received, period)
    kept = [
        text for text, (ratified, entry, duration) in zip(texts, cases, strict=True)
        if decision_in_period(entry or ratified, duration, period)
    ]  # fmt: skip
    left = [etree.tostring(d, with_tail=False) for d in report_element(result.canonical).iter("decision")]
    assert left == [
        etree.tostring(etree.fromstring(etree.tostring(etree.fromstring(text), method="c14n")))
        for text in kept
    ]
    assert result.omitted == len(cases) - len(kept)
    assert etree.tostring(received) == before
    cohabitants = {DisclosedPerson(COHABITANT, "COHABITANT")} if kept else set()
    first = {DisclosedPerson(NISS, "BENEFICIARY"), DisclosedPerson(PARTNER, "PARTNER")}
    assert set(result.persons) == first | cohabitants


def test_the_ratification_date_counts_where_there_is_no_entry_into_force():
    early, late = decision(date(2020, 1, 1), duration=(1, "MONTHS")), decision(date(2023, 1, 1))
    assert checked(report_of(report(early, late))).omitted == 1


def test_the_digest_is_that_of_the_report_as_received_whatever_is_left_out():
    inside, outside = decision(), decision(date(2030, 1, 1))
    received = report_of(report(inside, outside))
    canonical = etree.tostring(deepcopy(received), method="c14n", exclusive=True, with_tail=False)
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
    assert len(caught.value.content_digest) == 32
    assert not any(number in str(caught.value) for number in (NISS, PARTNER, COHABITANT))
    return caught.value.reason


def test_a_report_about_another_person_is_unusable():
    assert "another person" in unusable(report(niss=PARTNER))


def test_a_report_under_another_number_of_the_same_person_is_usable():
    received = report_of(report(niss=PARTNER, partner=None))
    assert check_report(received, expected=frozenset({NISS, PARTNER}), period=PERIOD).persons == (
        DisclosedPerson(PARTNER, "BENEFICIARY"),
    )


def test_a_refusal_with_aid_is_unusable():
    assert "refusal" in unusable(report(decision(kind="REFUSAL", aid=aid())))


def test_a_refusal_without_aid_is_passed_on():
    assert checked(report_of(report(decision(kind="REFUSAL")))).omitted == 0


def test_a_period_of_aid_that_ends_before_it_begins_is_unusable_even_in_a_decision_left_out():
    wrong = decision(date(2030, 1, 1), aid=aid(begin="2030-02-01", end="2030-01-31"))
    assert "ends before" in unusable(report(wrong))


def test_a_cohabitant_named_twice_is_disclosed_once():
    twice = decision(aid=aid(cohabitant=COHABITANT) * 2)
    persons = checked(report_of(report(twice, partner=None))).persons
    assert [p.role for p in persons] == ["BENEFICIARY", "COHABITANT"]


def test_the_value_that_is_kept_shows_nothing_of_the_person():
    assert NISS not in repr(checked(report_of(report(decision()))))
