"""A decision ratified five years and a day ago is told to nobody, however it comes; one of five years is."""

from datetime import timedelta

from lxml import etree
from partner_gateway import retrieve_payload, send
from partner_world import AGED, AGED_SECRETS, HOLDS, NUMBER, PROMISING, oldest_told
from reading_trails import Trail, gateway_trail, holder_trail
from running_world import Gateway, command, contains, wait_for
from signed_messages import answer_in, new_ticket, post, question, signed

from rse_cpas_stub.messages import read_results, read_status

RECEIVER, LATER = NUMBER["receives"], PROMISING["once"]


def told_of(partners: Gateway, answer: etree._Element) -> set[str]:
    """Return whose report stands in an answer; each holds the younger decision, and nothing of the older."""
    oldest = oldest_told(partners.world.today)
    status = read_status(answer)
    assert dict(status.information) == {"decisionsRatifiedFrom": oldest.isoformat()}
    assert nothing_of_the_older(partners, etree.tostring(answer))
    told = [one for one in read_results(answer) if one.report is not None]
    for one in told:
        assert [found.text for found in one.report.iterfind("decision/ratificationDate")] == [
            oldest.isoformat()
        ]
    assert not list(answer.iterfind(".//supplierResult/information"))
    return {one.cbe_number for one in told}


def nothing_of_the_older(partners: Gateway, content: bytes) -> bool:
    """Tell whether neither its day nor its amount nor its cohabitant stands in ``content``."""
    day = (oldest_told(partners.world.today) - timedelta(days=1)).isoformat()
    return contains(content, (*AGED_SECRETS, day)) == []


def persons_of(trail: Trail, ticket: str) -> set[str]:
    return {person for row in trail.rows(ticket) for person, _ in row.persons}


def test_only_the_decision_within_the_cap_is_passed_on_by_consult_retrieve_delivery_and_push(
    partners: Gateway,
) -> None:
    world, ticket, trail = partners.world, new_ticket("aged"), gateway_trail(partners)
    asked = question(world, AGED.ssin, ticket=ticket, asking=RECEIVER)
    answer = answer_in(world, post(partners, signed(world, asked, by=RECEIVER)))
    assert HOLDS in told_of(partners, answer)
    gateway_ticket = answer.findtext("informationCBSS/ticketCBSS")
    assert gateway_ticket

    file = world.folder / "received" / f"{gateway_ticket}-{LATER}.xml"
    wait_for("what is pushed", lambda: file.exists() and file.read_bytes().endswith(b">"), 20)
    pushed = file.read_bytes()
    assert nothing_of_the_older(partners, pushed)
    day = oldest_told(world.today).isoformat()
    assert etree.fromstring(pushed).findtext(".//decision/ratificationDate") == day

    again = send(partners, retrieve_payload(gateway_ticket, number=RECEIVER), by=RECEIVER)
    assert told_of(partners, again) == {HOLDS, LATER}
    # the holders did send it: what is looked for can be found
    assert AGED_SECRETS[1] in persons_of(holder_trail(partners, HOLDS), gateway_ticket)
    assert AGED_SECRETS[1] in persons_of(holder_trail(partners, LATER), gateway_ticket)
    for kept in (trail, holder_trail(partners, RECEIVER)):
        persons = persons_of(kept, gateway_ticket)
        assert AGED.cohabitant in persons
        assert AGED_SECRETS[1] not in persons
    for words in everything_said(partners, gateway_ticket):
        assert AGED.cohabitant in words
        assert nothing_of_the_older(partners, words.encode())
    assert nothing_of_the_older(partners, partners.talk().encode())


def everything_said(partners: Gateway, gateway_ticket: str) -> tuple[str, str]:
    """Return what an auditor is told by the gateway's log, and by the requester's."""
    world, key = partners.world, ("--auditor-key", partners.world.auditor_key)
    settings = ("--settings", partners.settings, "--reason", "an audit")
    log = ("--log", world.holder_log(RECEIVER))
    return (
        command("rse-gateway", "log", "show", gateway_ticket, *key, *settings),
        command("rse-cpas-stub", "log", "show", gateway_ticket, *key, *log),
    )
