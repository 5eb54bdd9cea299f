"""What is stored of a report that was cut: counts and the cap it was cut by, never what the cap left out."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select
from store_samples import AT, REPORT, accepted, leg

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import SocialReport
from rse_gateway.domain.leg import Event, Happening, ReminderPlan, step
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.ports import LegChange, UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.leg_rows import answer_of, answer_row
from rse_gateway.store.tables import answers
from rse_gateway.store.writer import GroupWriter

CUT = replace(REPORT, contradictory=1, too_old=4, oldest=date(2021, 11, 21))


@pytest.fixture
def after(writer: GroupWriter, stored: SqlConsultations):
    """Store a report, and return its leg as read again."""

    def store(report: SocialReport, event: Event) -> StoredLeg:
        number, unit = accepted("T-1")
        writer.commit(unit)
        done = step(leg(number), Happening(event, AT), ReminderPlan())
        writer.commit(UnitOfWork(leg_change=LegChange(done, 1, report)))
        (found,) = [one for one in stored.legs_of(number) if one.leg.holding_cpas == done.holding_cpas]
        return found

    return store


def test_counts_and_cap_come_back_as_they_were_stored(after) -> None:
    found = after(CUT, Event.REPORT)
    assert (found.omitted, found.contradictory, found.oldest) == (2, 1, date(2021, 11, 21))


def test_of_a_report_of_which_nothing_is_left_the_counts_are_kept(after) -> None:
    found = after(replace(CUT, canonical=b"", persons=()), Event.NO_DATA)
    assert (found.report, found.persons, found.omitted, found.contradictory) == (None, (), 2, 1)


def test_what_the_cap_left_out_alone_leaves_no_trace_in_the_store(after, engine: Engine) -> None:
    after(SocialReport(b"", b"d" * 32, (), too_old=4, oldest=date(2021, 11, 21)), Event.NO_DATA)
    with engine.connect() as connection:
        assert connection.execute(select(answers)).all() == []


def test_an_answer_stored_by_the_first_version_says_no_cap() -> None:
    keys = DataKeys(bytes(range(32)))
    number, _unit = accepted("T-1")
    mine = leg(number)
    head = json.dumps({"omitted": 2, "persons": [["85073003328", "BENEFICIARY"]]}).encode()
    plain = len(head).to_bytes(4) + head + b"<socialReport/>"
    found = answer_of(keys.encrypt_answer(plain, number, mine.holding_cpas), mine, keys)
    assert (found.canonical, found.omitted, found.oldest) == (b"<socialReport/>", 2, None)
    again = answer_of(answer_row(mine, CUT, keys)["sealed"], mine, keys)
    assert (again.oldest, again.too_old) == (date(2021, 11, 21), 0)
