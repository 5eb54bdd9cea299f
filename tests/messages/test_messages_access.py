"""A CPAS's own lines: three actions in, one answer out, valid whatever it holds."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import ASKED, ASKING, LINES, MOMENTS, NISS, OWN_MESSAGE, RECEIVED, request

from rse_gateway.contract.messages import access_request, access_response
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.directory import AccessAction, AccessRequest
from rse_gateway.errors import GatewayFault

SCHEMAS = load_schemas()
LINE = f"<ssin>{NISS}</ssin><qualityCode>902</qualityCode><beginDate>2026-01-01</beginDate>"
END = "<endDate>2026-03-31</endDate>"
FILE = "<fileReference>D-1</fileReference>"
WRITTEN = {
    "ssin": NISS,
    "quality_code": 902,
    "begin": date(2026, 1, 1),
    "file_reference": "D-1",
}
REQUESTS = {
    f"<register>{LINE}{FILE}</register>": AccessRequest(**ASKED, action=AccessAction.REGISTER, **WRITTEN),
    f"<register>{LINE}{END}{FILE}</register>": AccessRequest(
        **ASKED, action=AccessAction.REGISTER, end=date(2026, 3, 31), **WRITTEN
    ),
    f"<unregister>{LINE}{END}{FILE}</unregister>": AccessRequest(
        **ASKED, action=AccessAction.UNREGISTER, end=date(2026, 3, 31), **WRITTEN
    ),
    "<list/>": AccessRequest(**ASKED, action=AccessAction.LIST),
    f"<list><ssin>{NISS}</ssin><offset>500</offset></list>": AccessRequest(
        **ASKED, action=AccessAction.LIST, ssin=NISS, offset=500
    ),
}
DATES = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def asking(criteria: str):
    payload = request("manageAccessRequest")
    payload.replace(payload.find("criteria"), etree.fromstring(f"<criteria>{criteria}</criteria>"))
    return payload


@pytest.mark.parametrize("criteria", REQUESTS)
def test_every_action_is_read_as_it_was_asked(criteria):
    payload = asking(criteria)
    SCHEMAS.check(payload)
    asked = access_request(payload)
    assert asked == REQUESTS[criteria]
    assert NISS not in repr(asked)


@pytest.mark.parametrize("criteria", REQUESTS)
def test_the_criteria_are_copied_into_the_answer(criteria):
    payload = asking(criteria)
    answer = replace(LINES, request=access_request(payload), value="NO_RESULT", code="MSG00016", lines=())
    response = access_response(answer, None)
    SCHEMAS.check_own(response)
    copied, asked = (
        etree.tostring(tree.find("criteria"), method="c14n", exclusive=True) for tree in (response, payload)
    )
    assert copied == asked


@pytest.mark.parametrize(
    ("value", "code"),
    [("OK", "MSG00000"), ("NOK", "MSG00008"), ("NO_RESULT", "MSG00014"), ("NO_DATA_FOUND", "MSG00100")],
)
def test_an_answer_without_lines_says_nothing_of_more(value, code):
    answer = replace(LINES, value=value, code=code, lines=(), information=(("beginDate", "2026-01-01"),))
    response = access_response(answer, "DE")
    SCHEMAS.check_own(response)
    assert response.findtext("status/value") == value
    assert response.findtext("status/information/fieldName") == "beginDate"
    assert response.find("more") is None


def test_a_list_shows_ones_own_lines_an_active_one_without_end():
    response = access_response(replace(LINES, more=True), "EN")
    SCHEMAS.check_own(response)
    assert response.findtext("informationCBSS/ticketCBSS") == str(OWN_MESSAGE)
    active, closed = response.iterfind("accessLine")
    assert [(e.tag, e.text) for e in active] == [
        ("ssin", NISS),
        ("sector", "17"),
        ("cbeNumber", ASKING.value),
        ("qualityCode", "2"),
        ("beginDate", "2024-01-01"),
        ("changedAt", "2026-06-01T12:00:00.123Z"),
    ]
    assert closed.findtext("endDate") == "2023-12-31"
    assert response.findtext("more") == "true"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*range(8), 902, 999]), DATES, st.none() | DATES), max_size=5),
    MOMENTS,
    st.booleans(),
)
def test_every_list_of_lines_follows_the_xsd(lines, changed_at, more):
    one = LINES.lines[0]
    own = tuple(
        replace(one, line=replace(one.line, quality_code=code, begin=begin, end=end), changed_at=changed_at)
        for code, begin, end in lines
    )
    response = access_response(replace(LINES, lines=own, more=more), None)
    SCHEMAS.check_own(response)
    assert len(response.findall("accessLine")) == len(lines)


def test_a_code_outside_the_catalogue_is_our_fault():
    with pytest.raises(GatewayFault):
        access_response(replace(LINES, code="MSG99999"), None)


def test_more_lines_than_the_contract_allows_never_leave():
    with pytest.raises(GatewayFault):
        SCHEMAS.check_own(access_response(replace(LINES, lines=LINES.lines[:1] * 501), None))


def test_the_lines_change_is_told_in_milliseconds_of_utc():
    assert access_response(LINES, None).findtext("accessLine/changedAt").startswith(f"{RECEIVED:%Y-%m-%dT}")
