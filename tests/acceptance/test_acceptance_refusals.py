"""Questions that may not be asked: a signed answer without a result, and a row that names the check."""

from datetime import timedelta
from typing import Any

import pytest
from invented_world import (
    ASKING,
    HOLDING,
    KNOWN,
    NARROW,
    NOWHERE,
    UNREACHABLE,
    WITHOUT_RIGHT,
    InventedWorld,
)
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway
from signed_messages import answer_in, new_ticket, post, question, signed

from rse_cpas_stub.messages import read_status, text
from rse_cpas_stub.period import Period


def _wrong_check_digits() -> str:
    ssin = KNOWN[0].ssin
    return f"{ssin[:9]}{(int(ssin[9:]) + 1) % 97:02d}"


def _period(world: InventedWorld, begin: int, end: int) -> Period:
    return Period(world.today + timedelta(days=begin), world.today + timedelta(days=end))


# what is wrong → what is asked, who signs, code and check
REFUSALS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "no right on the person": ({"ssin": WITHOUT_RIGHT.ssin}, ASKING, "MSG00012", "integration"),
    "a number with wrong check digits": ({"ssin": _wrong_check_digits()}, ASKING, "MSG00011", "ssin"),
    "a period that ends tomorrow": ({"period": (-30, 1)}, ASKING, "MSG00008", "period"),
    "a period that ends before it begins": ({"period": (-10, -30)}, ASKING, "MSG00008", "period"),
    "a period of more than five years ago": ({"period": (-1830, 0)}, ASKING, "MSG00008", "period"),
    "another environment": ({"environment": "acpt"}, ASKING, "MSG00008", "environment"),
    "a message signed by another CPAS": ({}, HOLDING, "MSG00014", "signer"),
    "a ground that it does not hold": ({"legal_context": "PCSA:OTHER"}, ASKING, "MSG00013", "legalContext"),
    "a role that may not consult": ({"role": "ADMINISTRATION"}, ASKING, "MSG00015", "userRole"),
    "an institution that cannot be asked": ({"asking": UNREACHABLE}, UNREACHABLE, "MSG00015", "reciprocity"),
    "an operation that it may not call": ({"asking": NARROW}, NARROW, "MSG00016", "operation"),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_a_question_that_may_not_be_asked_gets_no_result_and_a_row_with_its_check(
    gateway: Gateway, wrong: str
) -> None:
    asked, signer, code, check = REFUSALS[wrong]
    ticket, world = new_ticket("refused"), gateway.world
    changed = {"ssin": KNOWN[0].ssin} | asked
    if "period" in changed:
        changed["period"] = _period(world, *changed["period"])
    payload = question(world, changed.pop("ssin"), ticket=ticket, **changed)

    answer = answer_in(world, post(gateway, signed(world, payload, by=signer)))

    status = read_status(answer)
    assert (status.value, status.code) == ("NO_RESULT", code)
    assert answer.find("supplierResult") is None
    trail = gateway_trail(gateway)
    assert trail.kinds(ticket) == ["REFUSED", "ANSWER_SENT"]
    refused = trail.only(ticket, "REFUSED")
    assert (refused.fields["outcome"], refused.fields["check"]) == (code, check)
    assert refused.fields["signing"] == signer
    assert refused.persons == {(text(payload, "criteria/ssin"), "BENEFICIARY")}
    assert holder_trail(gateway, HOLDING).rows(ticket) == []


def test_a_ticket_that_is_bound_to_another_question_is_refused(gateway: Gateway) -> None:
    ticket, world = new_ticket("bound"), gateway.world
    first = gateway.ask(NOWHERE, ticket)
    payload = question(world, KNOWN[0].ssin, ticket=ticket)
    answer = answer_in(world, post(gateway, signed(world, payload)))
    status = read_status(answer)
    assert (status.value, status.code) == ("NO_RESULT", "MSG00008")
    assert dict(status.information).keys() == {"ticket"}
    assert text(answer, "informationCBSS/ticketCBSS") != first.gateway_ticket
    refused = gateway_trail(gateway).only(ticket, "REFUSED")
    assert (refused.fields["outcome"], refused.fields["check"]) == ("MSG00008", "ticket")


def test_a_refused_question_may_be_mended_and_sent_with_the_same_ticket(gateway: Gateway) -> None:
    ticket, world = new_ticket("mended"), gateway.world
    wrong = question(world, KNOWN[0].ssin, ticket=ticket, role="ADMINISTRATION")
    assert read_status(answer_in(world, post(gateway, signed(world, wrong)))).code == "MSG00015"
    assert gateway.ask(KNOWN[0], ticket).status.value == "DATA_FOUND"


def test_the_code_of_a_refusal_reaches_the_command_of_the_requesting_cpas(gateway: Gateway) -> None:
    outcome = gateway.ask(WITHOUT_RIGHT, new_ticket("library"))
    assert (outcome.refused, outcome.status.code, outcome.results) == (True, "MSG00012", ())
