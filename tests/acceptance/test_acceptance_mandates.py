"""A host that signs for three CPAS with one key: each stays itself, and one without a mandate is refused."""

import pytest
from partner_gateway import (
    access_payload,
    list_payload,
    outcomes,
    pick_up,
    retrieve_payload,
    said_to,
)
from partner_world import ASKS, HOLDS, HOST, HOSTED, HOSTED_PERSONS, UNMANDATED, WITHOUT_MANDATE
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway
from signed_messages import new_ticket, question


@pytest.mark.parametrize("place", range(len(HOSTED)))
def test_a_hosted_cpas_asks_and_another_answers_with_the_key_of_their_host(
    partners: Gateway, place: int
) -> None:
    asking, holding, ticket = HOSTED[place], HOSTED[(place + 1) % 3], new_ticket("hosted")
    outcome = partners.ask(HOSTED_PERSONS[place], ticket, number=asking)
    assert outcomes(outcome) == {holding: ("ANSWERED", "MSG00000")}
    hub, trail = partners.world.gateway_trust.institution, gateway_trail(partners)
    rows = [row.fields for row in trail.rows(ticket)]
    assert [(row["kind"], row["asking"], row.get("holding"), row["signing"]) for row in rows] == [
        ("REQUEST_RECEIVED", asking, None, HOST),
        ("FORWARDED", asking, holding, hub),
        ("SUPPLIER_ANSWERED", asking, holding, HOST),
        ("ANSWER_SENT", asking, None, hub),
    ]
    sent = holder_trail(partners, holding).only(ticket, "ANSWER_SENT").fields
    assert (sent["asking"], sent["holding"], sent["signing"]) == (asking, holding, HOST)
    assert pick_up(partners, outcome, number=asking).status.value == "DATA_FOUND"


def test_one_hosted_cpas_sees_nothing_of_another(partners: Gateway) -> None:
    outcome = partners.ask(HOSTED_PERSONS[0], new_ticket("neighbour"), number=HOSTED[0])
    other = retrieve_payload(outcome.gateway_ticket, number=HOSTED[1])
    assert said_to(partners, other, by=HOSTED[1]) == ("NO_RESULT", "RSE00004")
    as_itself = retrieve_payload(outcome.gateway_ticket, number=HOST)
    assert said_to(partners, as_itself, by=HOST) == ("NO_RESULT", "RSE00004")


@pytest.mark.parametrize("number", [WITHOUT_MANDATE, ASKS, HOLDS])
def test_a_host_is_refused_for_a_cpas_that_gave_it_no_mandate(partners: Gateway, number: str) -> None:
    ticket, world = new_ticket("unmandated"), partners.world
    asked = question(world, UNMANDATED.ssin, ticket=ticket, asking=number)
    # both sign with the key of the host
    assert said_to(partners, asked, by=HOST) == ("NO_RESULT", "MSG00014")
    row = gateway_trail(partners).only(ticket, "REFUSED").fields
    assert (row["asking"], row["signing"], row["check"]) == (number, HOST, "signer")
    for payload in (list_payload(number=number), access_payload("list", number=number)):
        assert said_to(partners, payload, by=HOST) == ("NO_RESULT", "MSG00014")


def test_an_answer_that_a_host_signs_without_a_mandate_is_none(partners: Gateway) -> None:
    ticket = new_ticket("unmandated-holder")
    outcome = partners.ask(UNMANDATED, ticket, number=ASKS)
    assert outcomes(outcome) == {WITHOUT_MANDATE: ("PENDING", "MSG00020")}
    failed = gateway_trail(partners).only(ticket, "SUPPLIER_FAILED").fields
    assert (failed["asking"], failed["holding"], failed["outcome"]) == (ASKS, WITHOUT_MANDATE, "MSG00020")
    assert failed["reason"] == "foreign signer"
