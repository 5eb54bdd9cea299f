"""Late answers: what a holder delivers to the gateway, and what the gateway passes on to who asked."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree
from message_samples import (
    ASKING,
    CONSULTATION,
    FORWARDED,
    FRAME,
    NISS,
    PERIOD,
    REPLIED,
    REPORT_NS,
    SUPPLIER,
    TICKET,
    aid,
    decision,
    report,
    report_of,
    request,
)

from rse_gateway.contract.messages import (
    delivery_request,
    delivery_response,
    receiver_answer,
    receiver_request,
    receiver_request_values,
)
from rse_gateway.contract.report import check_report
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import (
    DeliveryAnswer,
    Outcome,
    PushedAnswer,
    SupplierReply,
    SupplierResult,
)
from rse_gateway.errors import GatewayFault, SupplierUnusable

SCHEMAS = load_schemas()
OLDEST = date(2021, 6, 1)
EXPECTED = frozenset({NISS})
IN_PERIOD = decision(date(2024, 1, 15), aid=aid())
OUTSIDE = decision(date(2021, 11, 15), duration=(1, "MONTHS"))
REPORT_BYTES = check_report(
    report_of(report(IN_PERIOD)), expected=EXPECTED, period=PERIOD, oldest=OLDEST
).canonical


def delivered(value: str = "DATA_FOUND", code: str = "MSG00000", social_report: str | None = None):
    payload = request("deliverSocialReportRequest")
    payload.find("supplierStatus/value").text = value
    payload.find("supplierStatus/code").text = code
    if social_report is not None:
        payload.append(etree.fromstring(social_report.encode()))
    SCHEMAS.check(payload)
    return delivery_request(payload)


def test_a_delivery_names_its_sender_environment_ticket_and_person():
    delivery = delivered("NO_DATA_FOUND", "MSG00100")
    assert (delivery.customer.cbe_number, delivery.customer.environment) == (ASKING.value, "test")
    assert (delivery.delivered_ticket, delivery.ssin) == (TICKET, NISS)
    assert NISS not in repr(delivery)
    assert NISS not in repr(delivery.content)


@pytest.mark.parametrize(
    ("value", "code", "reply"),
    [
        ("NO_DATA_FOUND", "MSG00100", SupplierReply.NO_DATA),
        ("NO_RESULT", "MSG00027", SupplierReply.REFUSED),
    ],
)
def test_a_delivery_without_a_report_says_no_data_or_refuses(value, code, reply):
    content = delivered(value, code).content
    assert content.checked(EXPECTED, PERIOD, OLDEST) == (reply, code, None)
    assert content.digest == hashlib.sha256(f"{value} {code}".encode()).digest()


def test_a_delivered_report_comes_out_checked_and_cut_to_the_period():
    content = delivered(social_report=report(IN_PERIOD, OUTSIDE)).content
    reply, code, found = content.checked(EXPECTED, PERIOD, OLDEST)
    assert (reply, code, found.omitted) == (SupplierReply.REPORT, "MSG00000", 1)
    assert found.digest == content.digest
    assert {person.niss for person in found.persons} >= {NISS}


def test_the_cap_on_the_age_of_decisions_holds_for_deliveries():
    short = decision(date(2022, 2, 1), duration=(1, "MONTHS"))
    content = delivered(social_report=report(short)).content
    assert content.checked(EXPECTED, PERIOD, date(2022, 2, 1))[0] is SupplierReply.REPORT
    reply, code, found = content.checked(EXPECTED, PERIOD, date(2022, 2, 2))
    assert (reply, code, found.canonical, found.persons) == (SupplierReply.NO_DATA, "MSG00100", b"", ())
    assert (found.too_old, found.omitted) == (1, 0)
    assert found.digest == content.digest


def test_the_same_content_has_the_same_digest_and_other_content_another():
    first, again = (delivered(social_report=report(IN_PERIOD)).content.digest for _ in range(2))
    other = delivered(social_report=report(OUTSIDE)).content.digest
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("value", "code", "social_report"),
    [
        ("DATA_FOUND", "MSG00000", None),
        ("NO_DATA_FOUND", "MSG00100", report(IN_PERIOD)),
        ("NO_RESULT", "MSG00005", None),
        ("DATA_FOUND", "MSG00000", report(IN_PERIOD, niss="80010100206")),
        ("DATA_FOUND", "MSG00000", report(decision(kind="REFUSAL", aid=aid()))),
    ],
)
def test_a_delivery_that_breaks_the_contract_is_unusable_and_the_field_is_told(value, code, social_report):
    content = delivered(value, code, social_report).content
    with pytest.raises(SupplierUnusable) as caught:
        content.checked(EXPECTED, PERIOD, OLDEST)
    assert caught.value.field
    assert NISS not in str(caught.value)


@pytest.mark.parametrize(("accepted", "code"), [(True, "MSG00000"), (False, "RSE00006"), (False, "RSE00005")])
def test_a_delivery_is_answered_ok_or_not(accepted, code):
    delivery = delivered("NO_DATA_FOUND", "MSG00100")
    response = delivery_response(DeliveryAnswer(delivery, **FRAME, accepted=accepted, code=code), "NL")
    SCHEMAS.check_own(response)
    assert response.findtext("status/value") == ("OK" if accepted else "NOK")
    assert response.findtext("criteria/ticketCBSS") == str(TICKET)
    assert response.findtext("informationCBSS/ticketCBSS") == str(FRAME["message_ticket"])


def pushed(**fields) -> PushedAnswer:
    values = {"outcome": Outcome.ANSWERED, "code": "MSG00000", "late": True, "report": REPORT_BYTES} | fields
    result = SupplierResult(SUPPLIER, since=REPLIED, **values)
    return PushedAnswer(CONSULTATION, ASKING, "PCSA:SOCIAL_INQUIRY", "test", REPLIED, result)


@pytest.mark.parametrize("language", [None, "FR", "NL", "DE", "EN"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"outcome": Outcome.NO_DATA, "code": "MSG00100", "report": None},
        {"outcome": Outcome.REFUSED, "code": "MSG00027", "report": None, "late": False},
        {"code": "RSE00021", "report": None},
    ],
)
def test_a_pushed_answer_follows_the_xsd(fields, language):
    SCHEMAS.check_own(receiver_request(pushed(**fields), language))


def test_a_pushed_answer_carries_the_tickets_the_criteria_and_the_report_byte_for_byte():
    payload = receiver_request(pushed(), "FR")
    assert payload.findtext("informationCustomer/ticket") == "T-1"
    assert payload.findtext("informationCustomer/timestampSent") == "2026-06-01T12:00:02.123Z"
    assert payload.findtext("informationCustomer/customerIdentification/cbeNumber") == ASKING.value
    assert payload.findtext("informationCustomer/environment") == "test"
    assert payload.findtext("informationCBSS/ticketCBSS") == str(TICKET)
    assert payload.find("informationCBSS/timestampReply") is None
    assert payload.findtext("criteria/ssin") == NISS
    assert payload.findtext("supplierResult/late") == "true"
    assert REPORT_BYTES in etree.tostring(payload, method="c14n", exclusive=True)


def test_the_values_of_a_pushed_answer_stand_in_the_order_of_the_contract():
    payload = receiver_request(pushed(), None)
    assert [child.tag for child in payload] == list(receiver_request_values(pushed(), None))


def test_a_pushed_answer_with_an_unknown_code_is_our_fault():
    broken = replace(pushed(), result=replace(pushed().result, code="MSG99999"))
    with pytest.raises(GatewayFault):
        receiver_request(broken, None)


@pytest.mark.parametrize("value", ["OK", "NOK"])
def test_a_receivers_answer_is_read(value):
    name = "receiveSocialReportResponse"
    sent = receiver_request(pushed(), None)
    criteria = etree.tostring(sent.find("criteria"), encoding="unicode").replace(
        f' xmlns:rse="{REPORT_NS}"', ""
    )
    text = f"""<r:{name} xmlns:r="{REPORT_NS}">{FORWARDED}<informationCBSS><ticketCBSS>{TICKET}</ticketCBSS>
    <timestampReceive>2026-06-01T12:00:00Z</timestampReceive></informationCBSS>
    <legalContext>PCSA:SOCIAL_INQUIRY</legalContext>{criteria}<status><value>{value}</value>
    <code>MSG00000</code><description>Reçu</description></status></r:{name}>"""
    payload = etree.fromstring(text.encode())
    SCHEMAS.check(payload)
    seen = receiver_answer(payload)
    assert (seen.ticket_cbss, seen.ticket) == (str(TICKET), "T-1")
    assert (seen.status_value, seen.code) == (value, "MSG00000")
    assert (seen.environment, seen.requesting_cpas) == ("test", ASKING.value)
