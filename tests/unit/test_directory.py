"""Who holds the person in the period, and who may ask about her."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.domain.consultation import Outcome, OverallStatus, Period, overall_status
from rse_gateway.domain.day import brussels_date
from rse_gateway.domain.directory import (
    HOLDING_CODES,
    INTEGRATION_CODES,
    DirectoryLine,
    active_line,
    holding_cpas,
)
from rse_gateway.domain.identifiers import CbeNumber, Niss

ASKER, ONE, TWO = CbeNumber("0299990019"), CbeNumber("0299990118"), CbeNumber("0299990217")
PERSON = Niss("85073003328")
TODAY = date(2026, 11, 21)
PERIOD = Period(date(2024, 1, 1), date(2024, 12, 31))


def line(
    cpas: CbeNumber, quality: int = 2, begin: date = date(2024, 3, 1), end: date | None = None
) -> DirectoryLine:
    return DirectoryLine(PERSON, cpas, quality, begin, end)


def test_every_cpas_with_a_line_in_the_period_holds_the_person_once_and_the_asker_never() -> None:
    lines = [line(TWO), line(ONE), line(ONE, 1), line(ASKER)]
    assert [h.cbe_number for h in holding_cpas(lines, PERIOD, without={ASKER}, codes=HOLDING_CODES)] == [
        ONE,
        TWO,
    ]


def test_a_closed_line_inside_the_period_counts() -> None:
    closed = line(ONE, end=date(2024, 3, 1))
    assert holding_cpas([closed], PERIOD, without=set(), codes=HOLDING_CODES)


def test_a_person_only_ever_refused_after_examination_is_held() -> None:
    assert holding_cpas([line(ONE, 1)], PERIOD, without=set(), codes=HOLDING_CODES)


def test_a_line_of_another_quality_does_not_hold() -> None:
    assert not holding_cpas([line(ONE, 5), line(TWO, 7)], PERIOD, without=set(), codes=HOLDING_CODES)


@given(st.integers(-800, 800), st.integers(0, 400))
def test_a_line_holds_exactly_when_its_days_and_the_period_share_one(start: int, length: int) -> None:
    begin = PERIOD.begin + timedelta(days=start)
    end = begin + timedelta(days=length)
    days = {begin + timedelta(days=n) for n in range(length + 1)}
    period_days = {PERIOD.begin + timedelta(days=n) for n in range((PERIOD.end - PERIOD.begin).days + 1)}
    held = bool(holding_cpas([line(ONE, begin=begin, end=end)], PERIOD, without=set(), codes=HOLDING_CODES))
    assert held == bool(days & period_days)


def test_an_active_line_gives_the_right_to_ask() -> None:
    assert active_line([line(ONE), line(ASKER, 3)], {ASKER}, TODAY, codes=INTEGRATION_CODES) == line(ASKER, 3)


def test_a_closed_line_a_future_line_or_another_quality_gives_no_right() -> None:
    lines = [
        line(ASKER, end=TODAY - timedelta(days=1)),
        line(ASKER, begin=TODAY + timedelta(days=1)),
        line(ASKER, 6),
        line(ONE),
    ]
    assert active_line(lines, {ASKER}, TODAY, codes=INTEGRATION_CODES) is None


@given(st.lists(st.sampled_from(Outcome), max_size=6))
def test_the_overall_status_is_the_first_that_fits(outcomes: list[Outcome]) -> None:
    status = overall_status(outcomes)
    incomplete = {Outcome.PENDING, Outcome.UNANSWERED, Outcome.REFUSED, Outcome.NOT_CONNECTED}
    if any(o in incomplete for o in outcomes):
        expected = (OverallStatus.INCOMPLETE_DATA, "RSE00020")
    elif Outcome.ANSWERED in outcomes:
        expected = (OverallStatus.DATA_FOUND, "MSG00000")
    else:
        expected = (OverallStatus.NO_DATA_FOUND, "MSG00100")
    assert (status.value, status.code) == expected


def test_the_day_changes_at_midnight_in_brussels_summer_and_winter() -> None:
    winter, summer = datetime(2026, 1, 31, 22, 59, tzinfo=UTC), datetime(2026, 6, 30, 21, 59, tzinfo=UTC)
    assert [brussels_date(moment) for moment in (winter, summer)] == [date(2026, 1, 31), date(2026, 6, 30)]
    minute = timedelta(minutes=1)
    assert [brussels_date(moment + minute) for moment in (winter, summer)] == [
        date(2026, 2, 1),
        date(2026, 7, 1),
    ]
