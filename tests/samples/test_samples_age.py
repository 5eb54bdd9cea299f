"""No decision that a sample passes on was ratified before the cap that its answer names."""

from datetime import date

import pytest
from sample_pack import by_file, select, world_file

from rse_gateway.domain.access import five_years_before

ANSWERS = [
    sample
    for operation in ("consultSocialReport", "retrieveSocialReport")
    for sample in select(operation=operation, direction="answer", signed=False)
    if sample.file.startswith(("messages/good/", "messages/replies/"))
]
PUSHES = [
    sample
    for sample in select(operation="receiveSocialReport", direction="request", signed=False)
    if sample.file.startswith("messages/good/")
]


def dates_of(payload) -> list[str]:
    return [one.text for one in payload.iter("ratificationDate")]


def ratified_from(payload) -> list[str]:
    return [
        one.findtext("fieldValue")
        for one in payload.iterfind("status/information")
        if one.findtext("fieldName") == "decisionsRatifiedFrom"
    ]


@pytest.mark.parametrize("sample", ANSWERS, ids=by_file)
def test_an_answer_says_how_far_back_it_goes_unless_it_refuses(sample):
    payload = sample.payload
    said = ratified_from(payload)
    refused = (
        payload.findtext("status/value") == "NO_RESULT" and payload.findtext("status/code") != "RSE00010"
    )
    assert len(said) == (0 if refused else 1)
    assert all(ratified >= said[0] for ratified in dates_of(payload))


@pytest.mark.parametrize("sample", PUSHES, ids=by_file)
def test_a_push_holds_nothing_older_than_five_years(sample):
    oldest = five_years_before(date.fromisoformat(world_file()["today"])).isoformat()
    assert dates_of(sample.payload)
    assert all(ratified >= oldest for ratified in dates_of(sample.payload))


def test_there_is_something_to_look_at():
    assert len(ANSWERS) > 10
    assert len(PUSHES) > 0
