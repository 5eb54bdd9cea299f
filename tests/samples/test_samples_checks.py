"""Requests through the checks of their operation, in the world that `world.json` describes."""

import pytest
from sample_calls import ORDERS, admission_of, answer_to, failing_check, plain, pushed_after, served
from sample_pack import Listed, by_file, opened, samples, select

from rse_gateway.domain.consultation import OverallStatus
from rse_gateway.use_cases.admission import CONSULT_ORDER, ConsultAdmission, admit

BEYOND_THE_ORDERS = frozenset(
    {"dryRun", "supplier", "noLongerKept", "line", "conflict", "leg.person", "leg.report", "leg.reply"}
)
"""What stops a request, or only changes its answer, after every check of its order has passed."""
REACHING = [
    s
    for s in select(direction="request", signed=True)
    if s.operation in ORDERS and (s.expected in ("accepted", "NO_RESULT", "NOK"))
]
ASKS_HOLDERS = [s for s in REACHING if s.operation == "consultSocialReport" and s.expected == "accepted"]
ANSWERED = [s for s in REACHING if s not in ASKS_HOLDERS or "repeat" in s.file]
QUESTIONS = {s.file: s for s in REACHING}


@pytest.mark.parametrize("sample", REACHING, ids=by_file)
def test_each_request_is_stopped_by_the_listed_check_with_the_listed_code(sample):
    stopped, code = failing_check(sample)
    if sample.stoppedAt in BEYOND_THE_ORDERS:
        assert stopped == ""
    else:
        assert (stopped, code) == (sample.stoppedAt, sample.code)


@pytest.mark.parametrize("sample", ASKS_HOLDERS, ids=by_file)
def test_a_good_consultation_is_admitted_and_only_a_repeat_has_a_bound_ticket(sample):
    asked = admission_of(sample)
    assert isinstance(asked, ConsultAdmission)
    admit(CONSULT_ORDER, asked)
    assert (asked.bound is not None) == ("repeat" in sample.file)


@pytest.mark.parametrize("sample", ANSWERED, ids=by_file)
def test_the_gateway_answers_each_request_as_listed(sample):
    answer = answer_to(sample)
    value, code = answer.findtext("status/value"), answer.findtext("status/code")
    if sample.expected == "accepted":
        assert value not in ("NO_RESULT", "NOK")
    else:
        assert (value, code) == (sample.expected, sample.code)


def refers(answer: Listed) -> bool:
    return answer.direction == "answer" and answer.question in QUESTIONS


@pytest.mark.parametrize("answer", [s for s in samples() if refers(s)], ids=by_file)
def test_an_answer_of_the_pack_is_the_one_that_the_gateway_gives(answer):
    said = opened(answer).payload if answer.signed else answer.payload
    assert plain(said) == plain(answer_to(QUESTIONS[answer.question]))


@pytest.mark.parametrize("pushed", select(operation="receiveSocialReport", direction="request"), ids=by_file)
def test_a_late_answer_that_goes_on_is_the_one_that_the_gateway_pushes(pushed):
    payload = opened(pushed).payload if pushed.signed else pushed.payload
    assert plain(payload) == plain(pushed_after(QUESTIONS[pushed.question]))


def test_nothing_that_institutions_call_is_answered_by_msg00025():
    called = {s.operation for s in select(direction="request", expected="accepted")}
    assert called - {"provideSocialReport", "receiveSocialReport"} == set(served()) == set(ORDERS)


def test_every_overall_status_is_given_in_the_world_of_the_samples():
    given = {answer_to(sample).findtext("status/value") for sample in ANSWERED}
    assert {status.value for status in OverallStatus} | {"OK", "NOK"} <= given
