"""Holding CPAS that fail in every way: the asker learns it at once, the log says why, nobody else suffers."""

import pytest
from invented_world import AT_FAILING, CLOSED, FAILING, HOLDING, KNOWN, MISDIRECTED, SLOW, TWICE
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, wait_for
from signed_messages import as_plain, new_ticket

CODES = {
    CLOSED: "MSG00020",
    MISDIRECTED: "MSG00020",
    "fault": "MSG00020",
    "wrong-xsd": "MSG00023",
    "wrong-person": "MSG00023",
    "wrong-signer": "MSG00020",
    "wrong-ticket": "MSG00020",
}


@pytest.mark.parametrize("failure", CODES)
def test_a_holder_that_fails_is_pending_with_the_reason_in_the_log(gateway: Gateway, failure: str) -> None:
    ticket = new_ticket("fail")
    outcome = gateway.ask(AT_FAILING[failure], ticket)
    assert (outcome.status.value, outcome.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    (result,) = outcome.results
    assert (result.cbe_number, result.outcome) == (FAILING[failure], "PENDING")
    assert (result.code, result.report) == (CODES[failure], None)
    trail = gateway_trail(gateway)
    assert trail.kinds(ticket) == ["REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_FAILED", "ANSWER_SENT"]
    failed = trail.only(ticket, "SUPPLIER_FAILED")
    assert (failed.fields["outcome"], failed.fields["holding"]) == (CODES[failure], FAILING[failure])
    assert gateway.ask(KNOWN[0], new_ticket("meanwhile")).status.value == "DATA_FOUND"


def test_a_holder_that_promises_an_answer_is_pending_and_its_promise_is_logged(gateway: Gateway) -> None:
    ticket = new_ticket("promise")
    outcome = gateway.ask(AT_FAILING["promise"], ticket)
    assert (outcome.status.value, outcome.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    assert [(one.outcome, one.code, one.report) for one in outcome.results] == [("PENDING", "MSG00020", None)]
    answered = gateway_trail(gateway).only(ticket, "SUPPLIER_ANSWERED")
    assert answered.fields["outcome"] == "MSG00020"


def test_a_slow_holder_is_pending_after_the_window_and_its_report_is_there_when_asked_again(
    gateway: Gateway,
) -> None:
    ticket, person = new_ticket("slow"), AT_FAILING[SLOW]
    first = gateway.ask(person, ticket, window=1)
    assert (first.status.value, first.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    assert [(one.outcome, one.code, one.report) for one in first.results] == [("PENDING", "MSG00020", None)]
    assert gateway.ask(KNOWN[0], new_ticket("meanwhile")).status.value == "DATA_FOUND"

    trail = gateway_trail(gateway)
    wait_for("the slow answer", lambda: "SUPPLIER_ANSWERED" in trail.kinds(ticket), 20)
    second = gateway.ask(person, ticket)
    assert second.gateway_ticket == first.gateway_ticket
    assert (second.status.value, second.results[0].outcome) == ("DATA_FOUND", "ANSWERED")
    assert second.results[0].report.findtext("beneficiary/lastName") == person.last_name
    assert len(holder_trail(gateway, FAILING[SLOW]).rows(ticket)) == 2


def test_one_holder_that_fails_does_not_hide_the_report_of_another(gateway: Gateway) -> None:
    outcome = gateway.ask(TWICE, new_ticket("both"))
    assert (outcome.status.value, outcome.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    by_cpas = {result.cbe_number: result for result in outcome.results}
    assert by_cpas.keys() == {HOLDING, FAILING["fault"]}
    assert by_cpas[HOLDING].outcome == "ANSWERED"
    assert as_plain(by_cpas[HOLDING].report)["beneficiary"]["ssin"] == TWICE.ssin
    assert (by_cpas[FAILING["fault"]].outcome, by_cpas[FAILING["fault"]].report) == ("PENDING", None)
