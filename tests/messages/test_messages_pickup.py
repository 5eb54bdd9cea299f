"""Pick-up and list: the request as it came, the answer as it stands now, valid whatever it holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import (
    CONSULT_REQUEST,
    FRAME,
    HOLDING,
    LISTED,
    MOMENTS,
    NISS,
    OWN_MESSAGE,
    PERIOD,
    RETRIEVED,
    SUPPLIER,
    TICKET,
    aid,
    decision,
    report,
    report_of,
    request,
)

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.messages import list_request, list_response, retrieve_request, retrieve_response
from rse_gateway.contract.report import check_report
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import (
    ListedConsultation,
    ListedSupplier,
    Outcome,
    OverallStatus,
    Status,
    SupplierResult,
)
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Ticket
from rse_gateway.errors import GatewayFault

SCHEMAS = load_schemas()
REPORT_BYTES = check_report(
    report_of(report(decision(aid=aid()))), expected=frozenset({NISS}), period=PERIOD, oldest=None
).canonical
REFUSED = Status(OverallStatus.NO_RESULT, "RSE00004", (("ticketCBSS", str(TICKET)),))
CODES = st.sampled_from(sorted(c for c, e in load_catalogue().entries.items() if "supplier" in e.where))
NUMBERS = st.sampled_from([HOLDING, CbeNumber("0299990019"), CbeNumber("0212344876")])
RESULTS = st.builds(
    SupplierResult,
    supplier=st.just(SUPPLIER),
    outcome=st.sampled_from(Outcome),
    since=MOMENTS,
    code=CODES,
    late=st.booleans(),
    information=st.lists(st.tuples(st.text(max_size=70), st.text(max_size=300)), max_size=17).map(tuple),
    report=st.sampled_from([None, REPORT_BYTES]),
)
TICKETS = st.uuids().map(GatewayTicket)
CONSULTATIONS = st.builds(
    ListedConsultation,
    gateway_ticket=TICKETS,
    ticket=st.from_regex(r"[A-Za-z0-9._\-]{1,36}", fullmatch=True).map(Ticket),
    accepted_at=MOMENTS,
    status=st.sampled_from(OverallStatus),
    suppliers=st.lists(
        st.builds(
            ListedSupplier,
            cbe_number=NUMBERS,
            outcome=st.sampled_from(Outcome),
            since=MOMENTS,
            code=CODES,
            late=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)
LANGUAGES = st.sampled_from([None, "FR", "NL", "DE", "EN"])


def listing(criteria: str):
    payload = request("listSocialReportsRequest")
    payload.replace(payload.find("criteria"), etree.fromstring(f"<criteria>{criteria}</criteria>"))
    return payload


def test_a_pick_up_names_its_consultation_and_perhaps_one_holder():
    payload = request("retrieveSocialReportRequest", options="<requestOptions/>")
    asked = retrieve_request(payload)
    assert (asked.customer, asked.legal_context) == (CONSULT_REQUEST.customer, "PCSA:SOCIAL_INQUIRY")
    assert (asked.gateway_ticket, asked.supplier) == (TICKET, HOLDING.value)
    payload.find("criteria").remove(payload.find("criteria/supplier"))
    assert retrieve_request(payload).supplier is None


def test_the_answer_to_a_pick_up_tells_the_question_and_how_it_stands():
    response = retrieve_response(RETRIEVED, "EN")
    SCHEMAS.check_own(response)
    assert response.findtext("informationCBSS/ticketCBSS") == str(OWN_MESSAGE)
    assert response.findtext("criteria/ticketCBSS") == str(TICKET)
    assert response.findtext("criteria/supplier") == HOLDING.value
    assert [child.text for child in response.find("consultation")][:4] == [
        "T-1", str(TICKET), "2026-06-01T12:00:00.123Z", NISS,
    ]  # fmt: skip
    assert response.findtext("consultation/period/beginDate") == "2022-01-01"
    assert response.findtext("supplierResult/outcome") == "PENDING"


def test_a_refused_pick_up_tells_nothing_of_a_consultation():
    refused = replace(RETRIEVED, status=REFUSED, consultation=None, results=())
    response = retrieve_response(refused, None)
    SCHEMAS.check_own(response)
    assert response.find("consultation") is None
    assert response.findtext("status/code") == "RSE00004"


@pytest.mark.parametrize("code", ["RSE00021", "RSE00010"])
def test_an_answer_that_is_not_in_the_message_says_why(code):
    result = SupplierResult(SUPPLIER, Outcome.ANSWERED, FRAME["received_at"], code)
    response = retrieve_response(replace(RETRIEVED, results=(result,)), "FR")
    SCHEMAS.check_own(response)
    assert response.findtext("supplierResult/description") == load_catalogue().text(code, "FR")
    assert response.find("supplierResult/socialReport") is None


@settings(max_examples=60, deadline=None)
@given(st.lists(RESULTS, max_size=4).map(tuple), st.sampled_from(OverallStatus), LANGUAGES)
def test_every_answer_to_a_pick_up_follows_the_xsd(results, value, language):
    answer = replace(RETRIEVED, results=results, status=Status(value, "RSE00020"))
    response = retrieve_response(answer, language)
    SCHEMAS.check_own(response)
    held = etree.tostring(response, method="c14n", exclusive=True).count(REPORT_BYTES)
    assert held == sum(result.report is not None for result in results)


def test_a_list_asks_since_a_moment_and_confirms_tickets():
    confirmed = f"<confirmed>{TICKET}</confirmed><confirmed>{OWN_MESSAGE}</confirmed>"
    asked = list_request(listing(f"<since>2026-05-01T00:00:00Z</since>{confirmed}"))
    assert asked.since == datetime(2026, 5, 1, tzinfo=UTC)
    assert asked.confirmed == (TICKET, OWN_MESSAGE)


def test_a_list_without_criteria_asks_for_all_that_is_kept():
    asked = list_request(listing(""))
    assert (asked.since, asked.confirmed) == (None, ())


@settings(max_examples=100, deadline=None)
@given(MOMENTS, st.integers(0, 9))
def test_since_is_read_to_the_microsecond_and_copied_as_the_same_moment(moment, decimals):
    digits = f"{moment.microsecond:06}000"[:decimals]
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{digits}" if digits else "") + "Z"
    payload = listing(f"<since> {text} </since>")
    SCHEMAS.check(payload)
    since = list_request(payload).since
    assert since == moment.replace(microsecond=int(digits.ljust(6, "0")[:6]))
    copied = list_response(replace(LISTED, request=replace(LISTED.request, since=since)), None)
    SCHEMAS.check_own(copied)
    assert datetime.fromisoformat(copied.findtext("criteria/since")) == since


@pytest.mark.parametrize(
    "text", ["2026-05-01T00:00:00Z", "2026-05-01T00:00:00.120Z", "2026-05-01T00:00:00.000Z"]
)
def test_the_answer_repeats_since_to_the_letter(text):
    answer = replace(LISTED, request=list_request(listing(f"<since> {text} </since>")))
    assert list_response(answer, None).findtext("criteria/since") == text


def test_finer_decimals_than_microseconds_only_make_since_earlier():
    since = list_request(listing("<since>2026-05-01T00:00:00.123456999Z</since>")).since
    assert since == datetime(2026, 5, 1, 0, 0, 0, 123456, tzinfo=UTC)


def test_a_list_names_no_person():
    response = list_response(LISTED, "EN")
    SCHEMAS.check_own(response)
    assert NISS.encode() not in etree.tostring(response)
    assert response.findtext("asOf") == "2026-06-01T11:59:30.123Z"
    assert response.findtext("more") == "true"
    assert [state.findtext("late") for state in response.iterfind(".//supplierState")] == ["true", None]


def test_moments_of_other_time_zones_are_written_in_utc():
    since = LISTED.request.since.astimezone(timezone(timedelta(hours=2)))
    asked = replace(LISTED.request, since=since)
    response = list_response(replace(LISTED, request=asked), None)
    assert response.findtext("criteria/since") == "2026-06-01T11:00:00.123456Z"


def test_a_refused_list_has_neither_moment_nor_more():
    refused = replace(LISTED, status=REFUSED, as_of=None, consultations=(), more=False)
    response = list_response(refused, None)
    SCHEMAS.check_own(response)
    assert response.find("asOf") is None
    assert response.find("more") is None


@settings(max_examples=60, deadline=None)
@given(st.lists(CONSULTATIONS, max_size=4).map(tuple), st.lists(TICKETS, max_size=3).map(tuple), LANGUAGES)
def test_every_list_follows_the_xsd(consultations, confirmed, language):
    asked = replace(LISTED.request, confirmed=confirmed)
    response = list_response(replace(LISTED, request=asked, consultations=consultations), language)
    SCHEMAS.check_own(response)
    assert [e.text for e in response.iterfind("criteria/confirmed")] == [str(t) for t in confirmed]
    assert len(response.findall("consultation")) == len(consultations)


@pytest.mark.parametrize(
    ("write", "answer"), [(retrieve_response, RETRIEVED), (list_response, LISTED)], ids=["pick-up", "list"]
)
def test_a_code_outside_the_catalogue_is_our_fault(write, answer):
    with pytest.raises(GatewayFault):
        write(replace(answer, status=Status(OverallStatus.NO_RESULT, "RSE99999")), None)
