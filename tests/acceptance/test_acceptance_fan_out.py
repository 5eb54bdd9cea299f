"""Many holding CPAS at once: asked in parallel, an outcome for each, one status, and what does not fit."""

import time
from collections.abc import Mapping

from invented_world import InventedPerson
from lxml import etree
from partner_gateway import outcomes, pick_up
from partner_world import (
    ASKS,
    BULKY,
    EVERY_SWITCH,
    HOLDS,
    HUGE,
    IN_MAINTENANCE,
    NUMBER,
    SLOW,
    SLOW_SECONDS,
    SLOWLY,
    SWITCHED,
)
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, wait_for
from signed_messages import new_ticket

PENDING, UNUSABLE = ("PENDING", "MSG00020"), ("PENDING", "MSG00023")
OF_SWITCH = {
    "down": PENDING,
    "hang-up": PENDING,
    "unavailable": PENDING,
    "drip": PENDING,
    "fault": PENDING,
    "bad-signature": PENDING,
    "wrong-xsd": UNUSABLE,
    "wrong-person": UNUSABLE,
    "wrong-addressee": PENDING,
    "wrong-signer": PENDING,
    "wrong-ticket": PENDING,
    "wrong-environment": PENDING,
    "refuse": ("REFUSED", "MSG00027"),
    "unknown-code": UNUSABLE,
    "empty": UNUSABLE,
    "huge": ("ANSWERED", "MSG00000"),
    "promise": PENDING,
    "holds": ("ANSWERED", "MSG00000"),
    "no data": ("NO_DATA", "MSG00100"),
    "unconnected": ("NOT_CONNECTED", "MSG00020"),
}
SILENT = ("drip", "promise", "huge", "holds", "no data", "refuse", "unconnected")


def test_every_switch_of_a_holder_leads_to_its_outcome_its_code_and_its_row(partners: Gateway) -> None:
    ticket = new_ticket("switches")
    outcome = partners.ask(EVERY_SWITCH, ticket, number=ASKS)
    assert (outcome.status.value, outcome.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    found = outcomes(outcome)
    assert {name: found[NUMBER[name]] for name in OF_SWITCH} == OF_SWITCH
    assert len(found) == len(OF_SWITCH)
    by_cpas = {one.cbe_number: one for one in outcome.results}
    assert by_cpas[NUMBER["unconnected"]].telephone == f"+32 2 000 00 {NUMBER['unconnected'][-2:]}"
    assert {cpas for cpas, one in by_cpas.items() if one.report is not None} == {HOLDS, NUMBER["huge"]}
    rows = [row.fields for row in gateway_trail(partners).rows(ticket)]
    hub = partners.world.gateway_trust.institution
    assert [(row["asking"], row.get("signing")) for row in rows] == [
        (ASKS, _signing_of(row, hub)) for row in rows
    ]
    forwarded = {row["holding"] for row in rows if row["kind"] == "FORWARDED"}
    assert forwarded == set(found) - {NUMBER["unconnected"]}
    failed = {row["holding"]: row["outcome"] for row in rows if row["kind"] == "SUPPLIER_FAILED"}
    expected = {NUMBER[name]: code for name, (_, code) in OF_SWITCH.items() if name not in SILENT}
    assert {cpas: code for cpas, code in failed.items() if cpas != NUMBER["drip"]} == expected


def _signing_of(fields: Mapping[str, str], hub: str) -> str | None:
    """Who signed what a row of this consultation records; a failed attempt brought nothing."""
    by_others = {
        "REQUEST_RECEIVED": ASKS,
        "SUPPLIER_ANSWERED": fields.get("holding"),
        "SUPPLIER_FAILED": None,
    }
    return by_others.get(fields["kind"], hub)


def test_holders_are_asked_in_parallel_and_each_report_arrives_as_it_was_signed(partners: Gateway) -> None:
    started = time.monotonic()
    outcome = partners.ask(SLOWLY, new_ticket("parallel"), number=ASKS)
    seconds = time.monotonic() - started
    assert outcomes(outcome) == dict.fromkeys(SLOW, ("ANSWERED", "MSG00000"))
    assert outcome.status.value == "DATA_FOUND"
    assert seconds < len(SLOW) * SLOW_SECONDS
    canonical = {etree.tostring(one.report, method="c14n", exclusive=True) for one in outcome.results}
    assert len(canonical) == 1
    for cpas in SLOW:
        assert holder_trail(partners, cpas).kinds(outcome.ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]


def test_what_does_not_fit_into_one_answer_is_fetched_by_supplier(partners: Gateway) -> None:
    ticket = new_ticket("bulky")
    outcome = partners.ask(BULKY, ticket, number=ASKS)
    wait_for(
        "all reports", lambda: gateway_trail(partners).kinds(ticket).count("SUPPLIER_ANSWERED") == len(HUGE)
    )
    whole = pick_up(partners, outcome)
    assert whole.status.value == "DATA_FOUND"
    assert {one.outcome for one in whole.results} == {"ANSWERED"}
    apart = [one.cbe_number for one in whole.results if one.code == "RSE00021"]
    assert len(apart) == 2
    assert [one.report is None for one in whole.results].count(True) == len(apart)
    for cpas in apart:
        (one,) = pick_up(partners, outcome, supplier=cpas).results
        assert (one.cbe_number, one.outcome, one.code) == (cpas, "ANSWERED", "MSG00000")
        assert len(one.report.findall("decision/aid")) > 900


def test_a_holder_in_maintenance_is_not_asked_and_is_pending(partners: Gateway) -> None:
    ticket = new_ticket("maintenance")
    outcome = partners.ask(IN_MAINTENANCE, ticket, number=ASKS)
    assert outcomes(outcome) == {NUMBER["maintenance"]: PENDING}
    assert gateway_trail(partners).kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    assert holder_trail(partners, NUMBER["maintenance"]).rows(ticket) == []


def _outcome_after_the_deadline(
    hasty: Gateway, person: InventedPerson
) -> tuple[tuple[str, str], tuple[str, str]]:
    outcome = hasty.ask(person, new_ticket("deadline"), number=ASKS, window=1)
    (before,) = outcomes(outcome).values()
    (after,) = wait_for(
        "the deadline",
        lambda: [one for one in outcomes(pick_up(hasty, outcome)).values() if one[0] != "PENDING"],
        20,
    )
    return before, after


def test_the_deadline_alone_makes_a_holder_unanswered(hasty: Gateway) -> None:
    before, after = _outcome_after_the_deadline(hasty, SWITCHED["down"])
    assert (before, after) == (PENDING, ("UNANSWERED", "MSG00020"))


def test_the_statuses_of_one_holder(partners: Gateway) -> None:
    outcome = partners.ask(SWITCHED["refuse"], new_ticket("refuse"), number=ASKS)
    assert (outcome.status.value, outcome.status.code) == ("INCOMPLETE_DATA", "RSE00020")
    assert outcomes(outcome) == {NUMBER["refuse"]: ("REFUSED", "MSG00027")}
