"""Persons and institutions whose number changed: old files are found, old rights and tickets still count."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from partner_gateway import (
    access_payload,
    deliver_payload,
    outcomes,
    pick_up,
    retrieve_payload,
    said_to,
    send,
)
from partner_world import (
    ASKED_BEFORE_MERGER,
    ASKS,
    CANCELLED,
    HOLDS,
    MERGED,
    MERGING,
    MERGING_HOLDER,
    NUMBER,
    RENUMBERED,
    RENUMBERED_OLD,
    institution,
)
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, command, wait_for
from signed_messages import new_ticket, question

from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.messages import read_results, text

AFTER = NUMBER["after merger"]


def test_a_holder_is_found_and_asked_under_the_number_that_it_registered(partners: Gateway) -> None:
    ticket = new_ticket("renumbered")
    outcome = partners.ask(RENUMBERED, ticket, number=ASKS)
    assert outcomes(outcome) == {HOLDS: ("ANSWERED", "MSG00000")}
    assert outcome.results[0].report.findtext("beneficiary/ssin") == RENUMBERED_OLD.ssin
    asked = holder_trail(partners, HOLDS).only(ticket, "REQUEST_RECEIVED")
    assert asked.persons == {(RENUMBERED_OLD.ssin, "BENEFICIARY")}
    hub = gateway_trail(partners)
    assert hub.only(ticket, "REQUEST_RECEIVED").persons == {(RENUMBERED.ssin, "BENEFICIARY")}
    assert (RENUMBERED_OLD.ssin, "BENEFICIARY") in hub.only(ticket, "ANSWER_SENT").persons


def test_a_replaced_number_is_refused_with_the_new_one_and_a_cancelled_one_without(partners: Gateway) -> None:
    ticket = new_ticket("replaced")
    outcome = partners.ask(RENUMBERED_OLD, ticket, number=ASKS)
    assert (outcome.status.value, outcome.status.code) == ("NO_RESULT", "MSG00006")
    assert dict(outcome.status.information) == {"newSSIN": RENUMBERED.ssin}
    assert gateway_trail(partners).only(ticket, "REFUSED").fields["check"] == "replaced"
    ticket = new_ticket("cancelled")
    outcome = partners.ask(CANCELLED, ticket, number=ASKS)
    assert (outcome.status.value, outcome.status.code) == ("NO_RESULT", "MSG00007")
    assert gateway_trail(partners).only(ticket, "REFUSED").fields["check"] == "cancelled"


def test_who_has_no_right_does_not_learn_the_new_number(partners: Gateway) -> None:
    outcome = partners.ask(RENUMBERED_OLD, new_ticket("curious"), number=NUMBER["dutch"])
    assert (outcome.status.code, outcome.status.information) == ("MSG00012", ())


def test_the_files_of_two_merged_cpas_are_asked_once_of_their_successor(partners: Gateway) -> None:
    ticket = new_ticket("merged")
    outcome = partners.ask(MERGED, ticket, number=ASKS)
    assert outcomes(outcome) == {AFTER: ("ANSWERED", "MSG00000")}
    hub = gateway_trail(partners)
    assert hub.only(ticket, "FORWARDED").fields["holding"] == AFTER
    assert hub.only(ticket, "SUPPLIER_ANSWERED").fields["signing"] == AFTER


def test_a_successor_has_the_rights_and_lines_of_its_predecessors(partners: Gateway) -> None:
    outcome = partners.ask(ASKED_BEFORE_MERGER, new_ticket("successor"), number=AFTER)
    assert outcomes(outcome) == {HOLDS: ("ANSWERED", "MSG00000")}
    answer = send(partners, access_payload("list", number=AFTER), by=AFTER)
    lines = {text(line, "ssin") for line in answer.findall("accessLine")}
    assert {MERGED.ssin, ASKED_BEFORE_MERGER.ssin} <= lines


def test_a_merged_cpas_asks_no_more(partners: Gateway) -> None:
    gone, world = NUMBER["before merger"], partners.world
    payload = question(world, ASKED_BEFORE_MERGER.ssin, ticket=new_ticket("gone"), asking=gone)
    assert said_to(partners, payload, by=gone) == ("NO_RESULT", "MSG00014")


def test_rights_tickets_and_duties_go_over_to_the_successor_on_the_day_of_the_merger(
    partners: Gateway, tmp_path: Path
) -> None:
    old, new, world = NUMBER["merged today"], NUMBER["takes over today"], partners.world
    before = partners.ask(MERGING, new_ticket("merging"), number=old)
    promised = partners.ask(MERGING_HOLDER, new_ticket("promising"), number=ASKS)
    assert before.status.value == "DATA_FOUND"
    assert outcomes(promised) == {old: ("PENDING", "MSG00020")}
    by_new = retrieve_payload(before.gateway_ticket, number=new)
    assert said_to(partners, by_new, by=new) == ("NO_RESULT", "RSE00004")
    changed = world.folder / f"merger-{tmp_path.name}.toml"
    changed.write_text(institution(world, "merged today", successor=new, successor_since=world.today))
    command("rse-gateway", "--settings", partners.settings, "institutions", "import", changed)

    def taken_over() -> bool:
        payload = retrieve_payload(before.gateway_ticket, number=new)
        return said_to(partners, payload, by=new) == ("DATA_FOUND", "MSG00000")

    wait_for("the merger in every process", lambda: all(taken_over() for _ in range(6)), 20)
    _assert_the_successor_acts(partners, before, promised)


def _assert_the_successor_acts(partners: Gateway, before: ConsultOutcome, promised: ConsultOutcome) -> None:
    old, new = NUMBER["merged today"], NUMBER["takes over today"]
    answer = send(partners, retrieve_payload(before.gateway_ticket, number=new), by=new)
    assert [one.report is not None for one in read_results(answer)] == [True]
    again = partners.ask(MERGING, before.ticket, number=new)
    assert (again.gateway_ticket, again.status.value) == (before.gateway_ticket, "DATA_FOUND")
    refused = said_to(partners, retrieve_payload(before.gateway_ticket, number=old), by=old)
    assert refused == ("NO_RESULT", "MSG00014")
    late = deliver_payload(partners, new, MERGING_HOLDER, promised.gateway_ticket)
    assert said_to(partners, late, by=new) == ("OK", "MSG00000")
    rows = [row.fields for row in gateway_trail(partners).rows(promised.gateway_ticket)]
    (row,) = [
        row for row in rows if (row["kind"], row["operation"]) == ("SUPPLIER_ANSWERED", "deliverSocialReport")
    ]
    assert (row["asking"], row["holding"], row["signing"]) == (ASKS, new, new)
    assert {one.outcome for one in pick_up(partners, promised).results} == {"ANSWERED"}


def test_a_period_before_every_line_asks_nobody(partners: Gateway) -> None:
    begin = partners.world.today - timedelta(days=4 * 365)
    period = replace(partners.world.period, begin=begin, end=begin + timedelta(days=30))
    payload = question(
        partners.world, RENUMBERED.ssin, ticket=new_ticket("early"), asking=ASKS, period=period
    )
    assert said_to(partners, payload, by=ASKS) == ("NO_DATA_FOUND", "MSG00100")
