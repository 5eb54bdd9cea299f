"""Messages become domain values, and answers become valid messages in the order of the contract."""

from dataclasses import replace

import pytest
from lxml import etree
from message_samples import (
    CONSULT_REQUEST,
    CUSTOMER,
    HOLDING,
    NISS,
    PERIOD,
    QUESTION,
    REQUESTS,
    TICKET,
    aid,
    consult_answer,
    decision,
    report,
    report_of,
    request,
    result,
    supplier_answer_payload,
)

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.mapper import mapper_for
from rse_gateway.contract.messages import (
    consult_request,
    consult_response,
    customer_of,
    legal_context_of,
    options_of,
    supplier_answer,
    supplier_question_values,
    supplier_reply,
)
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.report import check_report
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import Outcome, OverallStatus, RequestOptions, Status, SupplierReply
from rse_gateway.errors import GatewayFault, SupplierUnusable

SCHEMAS = load_schemas()


def test_a_request_becomes_the_domain_value_it_states():
    asked = consult_request(request())
    assert asked == CONSULT_REQUEST
    assert NISS not in repr(asked)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_customer_legal_context_and_options_are_read_from_any_request(name):
    wishes = "<language>DE</language><collectWindow>0</collectWindow><dryRun>true</dryRun>"
    options = f"<requestOptions>{wishes}</requestOptions>"
    payload = request(name, options=options)
    assert customer_of(payload) == CONSULT_REQUEST.customer
    assert legal_context_of(payload) == "PCSA:SOCIAL_INQUIRY"
    assert options_of(payload) == RequestOptions("DE", 0, dry_run=True)


def test_an_identification_by_sector_and_institution_is_read_as_such():
    old = "<sector>17</sector><institution>44</institution>"
    customer = CUSTOMER.replace("<cbeNumber>0299990019</cbeNumber>", old)
    seen = customer_of(request(body=customer + "".join(_rest())))
    assert (seen.cbe_number, seen.sector, seen.institution) == (None, "17", "44")


def _rest() -> list[str]:
    return [etree.tostring(child, encoding="unicode") for child in request()[1:]]


REPORT_BYTES = check_report(
    report_of(report(decision(aid=aid()))), expected=frozenset({NISS}), period=PERIOD, oldest=None
).canonical
RESULTS = (
    result(Outcome.ANSWERED, "MSG00000", report=REPORT_BYTES, information=(("decisionsOutsidePeriod", "2"),)),
    result(Outcome.ANSWERED, "MSG00000", report=REPORT_BYTES, late=True),
    result(Outcome.ANSWERED, "RSE00021"),
    result(Outcome.ANSWERED, "RSE00010", late=True),
    result(Outcome.NO_DATA, "MSG00100"),
    result(Outcome.PENDING, "MSG00020"),
    result(Outcome.UNANSWERED, "MSG00023"),
    result(Outcome.REFUSED, "MSG00021"),
    result(Outcome.NOT_CONNECTED, "MSG00020"),
)


@pytest.mark.parametrize("language", [None, "FR", "NL", "DE", "EN"])
@pytest.mark.parametrize("results", [(), *[(r,) for r in RESULTS], RESULTS])
def test_every_answer_follows_the_xsd_in_every_language(results, language):
    response = consult_response(consult_answer(*results), language)
    SCHEMAS.check_own(response)
    assert [etree.QName(child).localname for child in response][:5] == [
        "informationCustomer", "informationCBSS", "legalContext", "criteria", "status",
    ]  # fmt: skip
    code = response.findtext("status/code")
    assert response.findtext("status/description") == load_catalogue().text(code, language)


def test_customer_and_criteria_are_copied_as_they_were_asked():
    asked, answered = request(), consult_response(consult_answer(), None)
    for block in ("informationCustomer", "legalContext", "criteria"):
        seen = {e.tag: (e.text or "").strip() for e in answered.find(block).iter()}
        assert seen == {e.tag: (e.text or "").strip() for e in asked.find(block).iter()}


def test_the_gateways_block_holds_its_ticket_and_times_in_milliseconds():
    block = consult_response(consult_answer(), None).find("informationCBSS")
    assert [child.text for child in block] == [
        str(TICKET), "2026-06-01T12:00:00.123Z", "2026-06-01T12:00:02.123Z",
    ]  # fmt: skip


def test_a_report_is_grafted_byte_for_byte():
    response = consult_response(consult_answer(*RESULTS), "FR")
    assert etree.tostring(response, method="c14n", exclusive=True).count(REPORT_BYTES) == 2


def test_the_answer_declares_its_own_namespace_only():
    text = etree.tostring(consult_response(consult_answer(*RESULTS), None))
    assert text.count(b"xmlns") == 1


@pytest.mark.parametrize("stored", [b"", b"<socialReport>", b"<other/>", b"<socialReport/>" * 2])
def test_a_stored_report_that_cannot_be_read_is_our_fault(stored):
    with pytest.raises(GatewayFault):
        consult_response(consult_answer(result(Outcome.ANSWERED, "MSG00000", report=stored)), None)


def test_a_code_outside_the_catalogue_is_our_fault():
    with pytest.raises(GatewayFault):
        consult_response(consult_answer(result(Outcome.REFUSED, "MSG99999")), None)


def test_the_question_to_a_holder_names_it_and_follows_the_xsd():
    payload = mapper_for(REPORT).write("provideSocialReportRequest", supplier_question_values(QUESTION))
    SCHEMAS.check_own(payload)
    assert payload.findtext("supplierIdentification/cbeNumber") == HOLDING.value
    assert payload.findtext("criteria/ssin") == NISS
    assert payload.findtext("reminderNumber") == "0"


def test_a_holders_answer_is_read_with_its_report_as_received():
    payload = supplier_answer_payload(report(decision()))
    SCHEMAS.check(payload)
    seen = supplier_answer(payload)
    assert (seen.ticket, seen.ticket_cbss, seen.ssin) == ("T-1", str(TICKET), NISS)
    assert (seen.status_value, seen.code, seen.period) == ("DATA_FOUND", "MSG00000", PERIOD)
    assert seen.report is payload.find("socialReport")
    assert NISS not in repr(seen)


@pytest.mark.parametrize(
    ("value", "code", "with_report", "reply"),
    [
        ("DATA_FOUND", "MSG00000", True, SupplierReply.REPORT),
        ("NO_DATA_FOUND", "MSG00100", False, SupplierReply.NO_DATA),
        ("NO_RESULT", "MSG00021", False, SupplierReply.REFUSED),
        ("NO_RESULT", "MSG00015", False, SupplierReply.REFUSED),
        ("ACCEPTED", "MSG00000", False, SupplierReply.PROMISED),
    ],
)
def test_status_and_report_together_say_what_a_holder_replied(value, code, with_report, reply):
    assert supplier_reply(value, code, report_of(report()) if with_report else None) is reply


@pytest.mark.parametrize(
    ("value", "code", "with_report"),
    [
        ("DATA_FOUND", "MSG00000", False),
        ("NO_DATA_FOUND", "MSG00100", True),
        ("ACCEPTED", "MSG00000", True),
        ("NO_RESULT", "MSG00021", True),
        ("NO_RESULT", "MSG99999", False),
        ("NO_RESULT", "MSG00005", False),
        ("NO_RESULT", "MSG00000", False),
    ],
)
def test_a_reply_that_contradicts_itself_or_uses_an_unknown_code_is_unusable(value, code, with_report):
    with pytest.raises(SupplierUnusable) as caught:
        supplier_reply(value, code, report_of(report()) if with_report else None)
    assert caught.value.check == "reply"


@pytest.mark.parametrize("value", ["a\tb\x85c", "x" * 300, "\u202e", "é"])
def test_information_is_cleaned_and_cut_so_that_no_answer_becomes_invalid(value):
    status = Status(OverallStatus.NO_RESULT, "MSG00008", ((value, value),) * 20)
    response = consult_response(replace(consult_answer(), status=status), None)
    SCHEMAS.check_own(response)
    assert len(response.findall("status/information")) == 15
