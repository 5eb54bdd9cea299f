"""The main job over real processes: what is answered, and what every party's trail then holds."""

from invented_world import ASKING, HOLDING, KNOWN, NOWHERE, person_file
from reading_trails import digest, gateway_trail, holder_trail, requester_trail
from running_world import Gateway
from signed_messages import as_plain, as_text, new_ticket


def test_when_nobody_has_a_file_nobody_is_asked_and_both_trails_say_so(gateway: Gateway) -> None:
    ticket = new_ticket("nobody")
    outcome = gateway.ask(NOWHERE, ticket)
    assert (outcome.status.value, outcome.status.code) == ("NO_DATA_FOUND", "MSG00100")
    assert outcome.results == ()
    assert holder_trail(gateway, HOLDING).rows(ticket) == []
    assert gateway_trail(gateway).kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    assert requester_trail(gateway, ASKING).kinds(ticket) == ["REQUEST_SENT", "ANSWER_RECEIVED"]


def test_the_report_of_a_holding_cpas_arrives_exactly_as_it_stands_in_its_files(gateway: Gateway) -> None:
    outcome = gateway.ask(KNOWN[0], new_ticket("report"))
    assert (outcome.status.value, outcome.status.code) == ("DATA_FOUND", "MSG00000")
    (result,) = outcome.results
    assert (result.cbe_number, result.outcome, result.code) == (HOLDING, "ANSWERED", "MSG00000")
    expected = person_file(KNOWN[0], gateway.world.today)
    del expected["fileReference"]
    assert as_plain(result.report) == as_text(expected)
    assert result.report.findtext("decision/aid/amount") == KNOWN[0].aid
    assert result.report.findtext("decision/aid/calculationElement/amount") == KNOWN[0].income


def test_one_consultation_stands_in_three_trails_that_agree_about_every_message(gateway: Gateway) -> None:
    ticket = new_ticket("trails")
    outcome = gateway.ask(KNOWN[1], ticket)
    hub, asking, holding = (
        gateway_trail(gateway),
        requester_trail(gateway, ASKING),
        holder_trail(gateway, HOLDING),
    )
    assert hub.kinds(ticket) == ["REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_ANSWERED", "ANSWER_SENT"]
    assert asking.kinds(ticket) == ["REQUEST_SENT", "ANSWER_RECEIVED"]
    assert holding.kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    for sender, sent, receiver, received in (
        (asking, "REQUEST_SENT", hub, "REQUEST_RECEIVED"),
        (hub, "FORWARDED", holding, "REQUEST_RECEIVED"),
        (holding, "ANSWER_SENT", hub, "SUPPLIER_ANSWERED"),
        (hub, "ANSWER_SENT", asking, "ANSWER_RECEIVED"),
    ):
        assert digest(sender.only(ticket, sent)) == digest(receiver.only(ticket, received)), sent
    tickets = {row.fields["ticketCBSS"] for row in hub.rows(ticket) + holding.rows(ticket)}
    assert tickets == {outcome.gateway_ticket}


def test_rows_name_everybody_the_answer_speaks_of_and_who_asked_on_which_ground(gateway: Gateway) -> None:
    ticket, person = new_ticket("persons"), KNOWN[2]
    gateway.ask(person, ticket)
    hub = gateway_trail(gateway)
    everybody = {
        (person.ssin, "BENEFICIARY"),
        (person.partner, "PARTNER"),
        (person.cohabitant, "COHABITANT"),
    }
    assert hub.only(ticket, "REQUEST_RECEIVED").persons == {(person.ssin, "BENEFICIARY")}
    assert hub.only(ticket, "SUPPLIER_ANSWERED").persons == everybody
    assert hub.only(ticket, "ANSWER_SENT").persons == everybody
    assert requester_trail(gateway, ASKING).only(ticket, "ANSWER_RECEIVED").persons == everybody
    received = hub.only(ticket, "REQUEST_RECEIVED").fields
    assert received["asking"] == received["signing"] == ASKING
    assert received["legalContext"] == "PCSA:SOCIAL_INQUIRY"
    assert (received["userReference"], received["userRole"]) == ("u-4711", "SOCIAL_WORKER")
    assert received["periodBegin"] == gateway.world.period.begin.isoformat()


def test_the_person_behind_the_pseudonym_stands_at_the_institution_only(gateway: Gateway) -> None:
    ticket = new_ticket("user")
    gateway.ask(KNOWN[3], ticket)
    own = requester_trail(gateway, ASKING).only(ticket, "REQUEST_SENT").private
    assert own is not None
    assert own.real_user == "A. Assistante"
    assert all(row.private and row.private.real_user is None for row in gateway_trail(gateway).rows(ticket))


def test_the_same_ticket_again_gets_the_same_answer_and_asks_nobody_again(gateway: Gateway) -> None:
    ticket = new_ticket("again")
    first, second = gateway.ask(KNOWN[4], ticket), gateway.ask(KNOWN[4], ticket)
    assert second.gateway_ticket == first.gateway_ticket
    assert as_plain(second.results[0].report) == as_plain(first.results[0].report)
    assert holder_trail(gateway, HOLDING).kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    kinds = gateway_trail(gateway).kinds(ticket)
    assert kinds.count("REQUEST_REPEATED") == 1
    assert (kinds.count("FORWARDED"), kinds.count("ANSWER_SENT")) == (1, 2)
