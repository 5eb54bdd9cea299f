"""What one may call, as a message: valid whatever is registered, and never more than the XSD bounds."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import ASKED, OWN_MESSAGE, RECEIVED, request

from rse_gateway.contract.messages import rights_request, rights_response
from rse_gateway.contract.rights_messages import EARLIEST, MAX_MANDATES, MAX_RIGHTS
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import OverallStatus, Status
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.rights import GrantedMandate, GrantedRight, RightsAnswer, RightsRequest

SCHEMAS = load_schemas()
HOST, CPAS = CbeNumber("0299990019"), CbeNumber("0299990118")
RIGHT = GrantedRight("TestConnectionService", "v1", "listRights", ("PCSA:SOCIAL_INQUIRY",), None, None)
MANDATE = GrantedMandate(HOST, CPAS, ("consultSocialReport",), None, None)
FOUND = Status(OverallStatus.DATA_FOUND, "MSG00000")
ANSWER = RightsAnswer(
    RightsRequest(**ASKED, service=None), OWN_MESSAGE, RECEIVED, RECEIVED, FOUND, (RIGHT,), (MANDATE,)
)
DAYS = st.none() | st.dates()
NOT_OVER = st.none() | st.dates(date(2020, 1, 1))
NAMES = st.text("abcXYZ", min_size=1, max_size=64)
RIGHTS = st.builds(
    GrantedRight,
    service=NAMES,
    version=st.sampled_from(["v1", "v12", "v999"]),
    operation=NAMES,
    legal_contexts=st.lists(
        st.from_regex(r"[A-Z0-9_]{1,31}:[A-Z0-9_]{1,31}", fullmatch=True), min_size=1, max_size=50
    ).map(tuple),
    begin=DAYS,
    end=NOT_OVER,
)
MANDATES = st.builds(
    GrantedMandate,
    mandatary=st.just(HOST),
    cpas=st.just(CPAS),
    operations=st.lists(NAMES, min_size=1, max_size=50).map(tuple),
    begin=DAYS,
    end=NOT_OVER,
)


def written(answer: RightsAnswer, language: str | None = "EN"):
    response = rights_response(answer, language)
    SCHEMAS.check_own(response)
    return response


@pytest.mark.parametrize("service", [None, "ManageAccessService"])
def test_the_request_is_read_as_it_was_asked_and_its_criteria_are_copied(service):
    payload = request("listRightsRequest")
    if service is not None:
        etree.SubElement(payload.find("criteria"), "service").text = service
    SCHEMAS.check(payload)
    asked = rights_request(payload)
    assert asked == RightsRequest(**ASKED, service=service)
    assert written(replace(ANSWER, request=asked)).findtext("criteria/service") == service


def test_an_open_right_has_no_dates_and_an_open_mandate_begins_on_the_earliest_day():
    response = written(ANSWER)
    assert response.find("right/beginDate") is None
    assert response.findtext("mandate/beginDate") == EARLIEST.isoformat()
    assert response.find("mandate/endDate") is None
    assert response.findtext("mandate/cbeNumber") == CPAS.value


def test_dates_beyond_the_xsd_s_stand_as_its_first_or_as_open():
    far = replace(RIGHT, begin=date(1066, 10, 14), end=date(9999, 12, 31))
    response = written(replace(ANSWER, rights=(far,)))
    assert response.findtext("right/beginDate") == EARLIEST.isoformat()
    assert response.find("right/endDate") is None


def test_more_than_twenty_grounds_of_one_operation_take_several_elements():
    grounds = tuple(f"PCSA:G{number}" for number in range(45))
    response = written(replace(ANSWER, rights=(replace(RIGHT, legal_contexts=grounds),)))
    shares = [len(right.findall("legalContext")) for right in response.findall("right")]
    assert shares == [20, 20, 5]


def test_what_does_not_fit_is_counted():
    many = replace(ANSWER, rights=(RIGHT,) * (MAX_RIGHTS + 3), mandates=(MANDATE,) * (MAX_MANDATES + 1))
    response = written(many)
    assert (len(response.findall("right")), len(response.findall("mandate"))) == (MAX_RIGHTS, MAX_MANDATES)
    counted = {one.findtext("fieldName"): one.findtext("fieldValue") for one in response.iter("information")}
    assert counted == {"rightsNotShown": "3", "mandatesNotShown": "1"}


def test_a_refusal_holds_its_code_and_nothing_else():
    status = Status(OverallStatus.NO_RESULT, "MSG00015", (("userRole", "AUDITOR"),))
    response = written(replace(ANSWER, status=status, rights=(), mandates=()), None)
    assert response.findtext("status/code") == "MSG00015"
    assert response.find("right") is response.find("mandate") is None


@settings(max_examples=60, deadline=None)
@given(rights=st.lists(RIGHTS, max_size=8), mandates=st.lists(MANDATES, max_size=8))
def test_every_answer_is_valid(rights, mandates):
    written(replace(ANSWER, rights=tuple(rights), mandates=tuple(mandates)))
