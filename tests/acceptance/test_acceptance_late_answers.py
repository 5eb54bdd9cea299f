"""Answers that come later: promised, delivered well or badly, pushed on, or waiting to be picked up."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from invented_world import InventedPerson
from partner_gateway import (
    deliver,
    deliver_payload,
    outcomes,
    pick_up,
    picked_up_when,
    said_to,
    send,
)
from partner_world import ASKS, BY_HAND, HOLDS, NUMBER, PROMISED, PROMISING, PUSHED, write_stub_configuration
from reading_trails import gateway_trail
from running_world import Gateway, command, utc_now, wait_for
from signed_messages import XML, as_plain, as_text, new_ticket, signed

from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.messages import read_status
from rse_cpas_stub.names import DELIVERY_SERVICE, soap_action

PROMISES = NUMBER["promise"]
RECEIVER = NUMBER["receives"]
ACCEPTED, FOREIGN = ("OK", "MSG00000"), ("NOK", "RSE00004")


def _promised(gateway: Gateway, person: InventedPerson) -> ConsultOutcome:
    outcome = gateway.ask(person, new_ticket("later"), number=ASKS)
    assert outcomes(outcome) == {PROMISES: ("PENDING", "MSG00020")}
    return outcome


def test_a_promised_answer_is_delivered_well_twice_and_badly_in_every_way(partners: Gateway) -> None:
    ticket = new_ticket("promised")
    outcome = partners.ask(PROMISED, ticket, number=ASKS, window=0)
    trail = gateway_trail(partners)
    wanted = {
        "once": [("SUPPLIER_ANSWERED", "MSG00000")],
        "twice": [("SUPPLIER_ANSWERED", "MSG00000")] * 2,
        "conflicting": [("SUPPLIER_ANSWERED", "MSG00000"), ("CONFLICT", "RSE00006")],
        "wrong-person": [],
        "wrong-ticket": [],
    }

    def delivered() -> dict[str, list[tuple[str, str]]]:
        rows = [row.fields for row in trail.rows(outcome.gateway_ticket)]
        kinds = ("SUPPLIER_ANSWERED", "CONFLICT")
        late = [row for row in rows if row["operation"] == "deliverSocialReport" and row["kind"] in kinds]
        return {
            name: [(row["kind"], row["outcome"]) for row in late if row["holding"] == cpas]
            for name, cpas in PROMISING.items()
        }

    wait_for("all deliveries", lambda: delivered() == wanted, 20)
    answered, pending = ("ANSWERED", "MSG00000"), ("PENDING", "MSG00020")
    bad = {"wrong-person": ("PENDING", "MSG00023"), "wrong-ticket": pending}
    assert outcomes(pick_up(partners, outcome)) == {
        cpas: bad.get(name, answered) for name, cpas in PROMISING.items()
    }


def test_deliveries_for_a_wrong_ticket_person_or_institution_are_refused_and_are_rows(
    partners: Gateway,
) -> None:
    outcome, trail = _promised(partners, BY_HAND[0]), gateway_trail(partners)
    ticket = outcome.gateway_ticket
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    assert deliver(partners, PROMISES, BY_HAND[0], nobody) == FOREIGN
    assert deliver(partners, HOLDS, BY_HAND[0], ticket) == FOREIGN
    somebody = replace(BY_HAND[0], ssin=BY_HAND[1].ssin)
    wrong = deliver_payload(partners, PROMISES, somebody, ticket)
    assert said_to(partners, wrong, by=PROMISES) == ("NOK", "MSG00023")
    forged = deliver_payload(partners, PROMISES, BY_HAND[0], ticket)
    assert said_to(partners, forged, by=HOLDS) == ("NOK", "MSG00014")
    assert trail.only(ticket, "SUPPLIER_FAILED").fields["check"] == "person"
    refused = [row.fields for row in trail.of_kind("REFUSED")]
    mine = [row for row in refused if row["operation"] == "deliverSocialReport"][:3]
    assert {(row["holding"], row["signing"], row["outcome"], row["check"]) for row in mine} == {
        (PROMISES, PROMISES, "RSE00004", "ticket"),
        (HOLDS, HOLDS, "RSE00004", "ticket"),
        (PROMISES, HOLDS, "MSG00014", "signer"),
    }
    assert outcomes(pick_up(partners, outcome)) == {PROMISES: ("PENDING", "MSG00023")}


def test_the_same_delivery_again_is_one_delivery_and_another_content_is_a_conflict(partners: Gateway) -> None:
    outcome, trail = _promised(partners, BY_HAND[1]), gateway_trail(partners)
    ticket = outcome.gateway_ticket
    assert deliver(partners, PROMISES, BY_HAND[1], ticket) == ACCEPTED
    assert deliver(partners, PROMISES, BY_HAND[1], ticket) == ACCEPTED
    other = deliver_payload(partners, PROMISES, BY_HAND[1], ticket, refused="MSG00027")
    assert said_to(partners, other, by=PROMISES) == ("NOK", "RSE00006")
    picked = pick_up(partners, outcome)
    assert outcomes(picked) == {PROMISES: ("ANSWERED", "MSG00000")}
    conflict = trail.only(ticket, "CONFLICT").fields
    assert (conflict["holding"], conflict["asking"], conflict["signing"]) == (PROMISES, ASKS, PROMISES)


def test_an_answer_after_the_deadline_counts_as_late_and_after_the_horizon_not(hasty: Gateway) -> None:
    late, too_late = _promised(hasty, BY_HAND[2]), _promised(hasty, BY_HAND[3])
    picked_up_when(hasty, late, "UNANSWERED")
    assert deliver(hasty, PROMISES, BY_HAND[2], late.gateway_ticket) == ACCEPTED
    (result,) = pick_up(hasty, late).results
    assert (result.outcome, result.late) == ("ANSWERED", True)
    trail = gateway_trail(hasty)
    asked = datetime.fromisoformat(trail.only(too_late.gateway_ticket, "FORWARDED").fields["at"])
    wait_for("the horizon", lambda: utc_now() - asked > timedelta(seconds=10.5), 20)
    assert deliver(hasty, PROMISES, BY_HAND[3], too_late.gateway_ticket) == ("NOK", "RSE00005")
    (refused,) = [row.fields for row in trail.of_kind("REFUSED") if row.fields["outcome"] == "RSE00005"]
    assert (refused["check"], refused["signing"]) == ("horizon", PROMISES)
    assert outcomes(pick_up(hasty, too_late)) == {PROMISES: ("UNANSWERED", "MSG00020")}


def test_a_late_answer_is_pushed_to_a_requester_with_a_receiver(partners: Gateway) -> None:
    world, trail = partners.world, gateway_trail(partners)
    outcome = partners.ask(PUSHED, new_ticket("pushed"), number=RECEIVER, window=0)
    ticket, holding = outcome.gateway_ticket, {PROMISING["once"], PROMISING["twice"]}

    def pushed() -> list[Mapping[str, str]]:
        rows = [row.fields for row in trail.rows(ticket)]
        return [row for row in rows if row["service"] == "SocialReportReceiverService"]

    wait_for("the pushes", lambda: len(pushed()) == len(holding), 20)
    assert {row["holding"] for row in pushed()} == holding
    hub = world.gateway_trust.institution
    assert {(row["kind"], row["asking"], row["signing"]) for row in pushed()} == {
        ("ANSWER_SENT", RECEIVER, hub)
    }
    for cpas in holding:
        wait_for("what is pushed", (world.folder / "received" / f"{ticket}-{cpas}.xml").exists, 20)
    own = ("--config", write_stub_configuration(world, partners.url), "--cbe-number", RECEIVER)

    def shown() -> bool:
        told = json.loads(command("rse-cpas-stub", "received", *own, "--json"))
        names = [
            one["supplier"]["socialReport"]["beneficiary"]["lastName"]
            for one in told
            if ticket in json.dumps(one)
        ]
        return names == [PUSHED.last_name] * len(holding)

    wait_for("the receiver's rows", shown, 20)


def test_who_has_no_receiver_finds_the_late_answer_when_it_looks(partners: Gateway) -> None:
    person = BY_HAND[4]
    outcome = _promised(partners, person)
    assert deliver(partners, PROMISES, person, outcome.gateway_ticket) == ACCEPTED
    picked = picked_up_when(partners, outcome, "ANSWERED")
    beneficiary = as_plain(picked.results[0].report)["beneficiary"]
    assert beneficiary == as_text(
        {"ssin": person.ssin, "lastName": person.last_name, "firstName": person.first_name}
    )


def test_a_delivery_whose_answer_was_lost_with_the_gateway_is_accepted_again(
    partners: Gateway,
) -> None:
    """The holder never reads the answer: the gateway is killed as soon as the delivery is committed."""
    outcome, trail = _promised(partners, BY_HAND[5]), gateway_trail(partners)
    ticket, world = outcome.gateway_ticket, partners.world
    raw = signed(world, deliver_payload(partners, PROMISES, BY_HAND[5], ticket), by=PROMISES)
    connection = http.client.HTTPConnection("127.0.0.1", partners.port, timeout=30)
    action = soap_action(DELIVERY_SERVICE, "deliverSocialReport")
    connection.request("POST", f"/{DELIVERY_SERVICE}/v1", raw, XML | {"SOAPAction": action})

    def committed() -> bool:
        return any(
            row.fields["operation"] == "deliverSocialReport" and row.fields["signing"] == PROMISES
            for row in trail.rows(ticket)
        )

    wait_for("the commit", committed, 20)
    partners.kill_everything()
    connection.close()
    partners.start()
    again = send(partners, deliver_payload(partners, PROMISES, BY_HAND[5], ticket), by=PROMISES)
    assert (read_status(again).value, read_status(again).code) == ACCEPTED
    assert outcomes(pick_up(partners, outcome)) == {PROMISES: ("ANSWERED", "MSG00000")}
    kinds = [row.kind for row in trail.rows(ticket) if row.fields["operation"] == "deliverSocialReport"]
    assert kinds.count("SUPPLIER_ANSWERED") == 2
    assert "CONFLICT" not in kinds
