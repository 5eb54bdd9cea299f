"""Requests through checks 4 to 6, in the world that `world.json` describes."""

from datetime import date
from typing import Any, cast

import pytest
from sample_pack import Listed, by_file, context_of, opened, select, world, world_file

from rse_gateway.contract.messages import consult_request, customer_of
from rse_gateway.errors import RequestRefused
from rse_gateway.use_cases.admission import CONSULT_ORDER, AccessRules, Admission, Sources, admit
from rse_gateway.use_cases.test_connection import TestConnection

DRY_RUN = "dryRun"
SIGNED = select(operation="consultSocialReport", direction="request", signed=True)
REFUSED = [s for s in SIGNED if s.expected == "NO_RESULT" and s.stoppedAt != DRY_RUN]
ADMITTED = [s for s in SIGNED if s.expected == "accepted" or s.stoppedAt == DRY_RUN]


def admission(sample: Listed) -> Admission:
    message, read, known = opened(sample), world_file(), world()
    return Admission(
        request=consult_request(message.payload),
        context=context_of(sample, message),
        today=date.fromisoformat(read["today"]),
        rules=AccessRules(read["environment"], read["periodYears"]),
        sources=Sources(registry=known, directory=known, consultations=known),
    )


def failing_check(asked: Admission) -> str:
    """Return the name, in the list of checks, of the first that refuses."""
    for name, check in CONSULT_ORDER:
        try:
            check(asked)
        except RequestRefused:
            return name
    return ""


@pytest.mark.parametrize("sample", REFUSED, ids=by_file)
def test_a_bad_consultation_is_refused_with_the_listed_code_at_the_listed_check(sample):
    with pytest.raises(RequestRefused) as refusal:
        admit(admission(sample))
    assert refusal.value.code == sample.code
    assert failing_check(admission(sample)) == sample.stoppedAt


@pytest.mark.parametrize("sample", ADMITTED, ids=by_file)
def test_a_good_consultation_is_admitted(sample):
    admitted = admit(admission(sample))
    assert admitted.request.options.dry_run == (sample.stoppedAt == DRY_RUN)
    assert (admitted.bound is not None) == ("repeat" in sample.file)


TEST_MESSAGES = select(operation="sendTestMessage", direction="request", signed=True)


def refused_test_message(sample: Listed) -> RequestRefused | None:
    """Return the refusal of a test message, None when it is echoed."""
    message, known = opened(sample), world()
    unused = cast("Any", None)
    case = TestConnection(known, unused, unused, world_file()["environment"])
    try:
        case.check(customer_of(message.payload), context_of(sample, message))
    except RequestRefused as refusal:
        return refusal
    return None


@pytest.mark.parametrize("sample", TEST_MESSAGES, ids=by_file)
def test_a_test_message_is_echoed_or_refused_as_listed(sample):
    refusal = refused_test_message(sample)
    told = ("", "") if refusal is None else (refusal.code, refusal.check)
    assert told == (sample.code, sample.stoppedAt)
