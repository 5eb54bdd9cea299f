"""How old a decision may be is counted from the day of acceptance, whenever and wherever it is passed on."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from gateway_fakes import (
    CAP,
    NOW,
    OLDEST,
    ONE,
    PERIOD,
    PERSON,
    MemoryWorld,
    a_world,
    consult,
    held_by,
    message,
    request,
    retrieve,
)

from rse_gateway.domain.consultation import (
    DisclosedPerson,
    OverallStatus,
    Period,
    RequestOptions,
    RetrieveRequest,
    SocialReport,
    SupplierReply,
)
from rse_gateway.domain.decisions import oldest_told
from rse_gateway.domain.leg import LegState
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.use_cases.results import DecisionCap, Telling, note_too_old, status_of, supplier_results

SAID = (("decisionsRatifiedFrom", "2021-11-21"),)
LEFT = SocialReport(b"<socialReport/>", b"d" * 32, (DisclosedPerson(PERSON.value, "BENEFICIARY"),))


@pytest.mark.parametrize(
    ("accepted", "years", "oldest"),
    [
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), 5, date(2021, 11, 20)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), 5, date(2021, 11, 21)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), 5, date(2021, 7, 1)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), 5, date(2023, 2, 28)),
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), 3, date(2025, 2, 28)),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), 3, date(2023, 11, 21)),
    ],
)
def test_the_cap_is_counted_from_the_day_of_acceptance_in_brussels(accepted, years, oldest):
    assert oldest_told(accepted, years) == oldest


def asked_of(reply: SupplierReply, report: SocialReport | None) -> MemoryWorld:
    world = held_by(a_world(), ONE, reply)
    world.report = report
    consult(world)(request(), message())
    return world


def test_every_answer_to_an_accepted_consultation_says_how_far_back_decisions_go():
    nobody = a_world()
    consult(nobody)(request(), message())
    assert nobody.answers[-1].status.information == SAID
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    consult(world)(request(), replace(message(), replay_key=b"another"))
    assert [answer.status.information for answer in world.answers] == [SAID, SAID]
    asked = RetrieveRequest(
        request().customer, request().legal_context, RequestOptions(), world.answers[0].gateway_ticket, None
    )
    retrieve(world)(asked, replace(message(operation="retrieveSocialReport"), replay_key=b"third"))
    assert world.answers[-1].status.information == SAID


def test_a_refusal_and_a_dry_run_name_only_what_has_to_be_mended():
    world = a_world()
    consult(world)(request(ssin="85073003329"), message())
    consult(world)(request(options=RequestOptions(dry_run=True)), replace(message(), replay_key=b"dry"))
    fields = [name for answer in world.answers for name, _value in answer.status.information]
    assert "decisionsRatifiedFrom" not in fields


def test_a_report_of_which_nothing_is_left_is_no_data_with_its_counts_and_names_nobody():
    empty = SocialReport(b"", b"d" * 32, (), omitted=2, contradictory=1, too_old=3, oldest=OLDEST)
    world = asked_of(SupplierReply.NO_DATA, empty)
    (result,) = world.answers[-1].results
    assert (result.outcome.value, result.code, result.report) == ("NO_DATA", "MSG00100", None)
    assert result.information == (("decisionsOutsidePeriod", "2"), ("decisionsContradictory", "1"))
    assert result.persons == ()
    assert world.answers[-1].status.value is OverallStatus.NO_DATA_FOUND


def test_what_the_cap_left_out_stands_in_no_answer_and_no_row_and_the_operator_hears_a_number(caplog):
    caplog.set_level(logging.INFO)
    empty = SocialReport(b"", b"d" * 32, (), too_old=3, oldest=OLDEST)
    world = asked_of(SupplierReply.NO_DATA, empty)
    (result,) = world.answers[-1].results
    assert result.information == ()
    (told,) = [one.getMessage() for one in caplog.records if one.name == "rse_gateway.decisions"]
    assert told == f"CPAS {ONE}: 3 decisions older than the cap left out"
    assert not empty.tells


def test_a_count_of_nothing_is_not_told(caplog):
    caplog.set_level(logging.INFO)
    note_too_old(None, ONE)
    note_too_old(LEFT, ONE)
    assert caplog.records == []


def stored(oldest: date | None) -> tuple[MemoryWorld, StoredLeg]:
    world = asked_of(SupplierReply.REPORT, replace(LEFT, oldest=OLDEST))
    (leg,) = world.legs_of(world.answers[-1].gateway_ticket)
    return world, replace(leg, oldest=oldest)


def cut_all(report: SocialReport, _period: Period, oldest: date) -> SocialReport:
    return SocialReport(b"", report.digest, (), too_old=1, oldest=oldest)


@pytest.mark.parametrize("oldest", [None, OLDEST - timedelta(days=1)], ids=["stored by 0.1.0", "earlier cap"])
def test_an_answer_stored_under_older_rules_is_cut_anew_when_it_is_told(oldest):
    world, leg = stored(oldest)
    telling = DecisionCap(5, cut_all).telling(NOW, PERIOD)
    (result,) = supplier_results([leg], NOW, world, telling=telling)
    assert (result.outcome.value, result.code, result.report, result.persons) == (
        "NO_DATA",
        "MSG00100",
        None,
        (),
    )
    assert status_of((result,), telling).information == SAID


def test_an_answer_stored_under_the_same_cap_is_told_as_it_is():
    world, leg = stored(OLDEST)
    (result,) = supplier_results([leg], NOW, world, telling=DecisionCap(5, cut_all).telling(NOW, PERIOD))
    assert result.report == b"<socialReport/>"


def test_without_a_rule_of_telling_no_report_is_given():
    world, leg = stored(OLDEST)
    (result,) = supplier_results([leg], NOW, world, telling=None)
    assert (result.report, result.persons) == (b"", ())


def test_a_cut_that_leaves_nothing_is_no_data_only_for_who_is_told():
    _world, leg = stored(None)
    told = Telling(cut_all, PERIOD, OLDEST).told(leg)
    assert (leg.leg.state, told.leg.state) == (LegState.ANSWERED, LegState.NO_DATA)
    assert CAP.telling(NOW, PERIOD).oldest == OLDEST
