"""Processes that die at the worst moment: what was answered is in the log, what was cut can be sent again."""

import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import pytest
from invented_world import ASKING, AT_FAILING, HOLDING, KNOWN, SLOW
from reading_trails import digest, gateway_trail, holder_trail, requester_trail
from running_world import Gateway, wait_for
from signed_messages import answer_in, as_plain, fault_in, new_ticket, post, question, signed

from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.errors import Unreachable

SERVED_AGAIN_SECONDS = 20.0


def _ask_many(
    gateway: Gateway, tickets: list[str], *, kill_after: int
) -> tuple[dict[str, ConsultOutcome], list[str]]:
    """Ask under all tickets, ten at a time, and kill a web process meanwhile; return answered and cut."""
    answered: dict[str, ConsultOutcome] = {}
    cut: list[str] = []
    killed = False
    with ThreadPoolExecutor(10) as pool:
        asked: dict[Future[ConsultOutcome], str] = {
            pool.submit(gateway.ask, KNOWN[place % len(KNOWN)], ticket): ticket
            for place, ticket in enumerate(tickets)
        }
        for done in as_completed(asked):
            try:
                answered[asked[done]] = done.result()
            except Unreachable:
                cut.append(asked[done])
            if len(answered) == kill_after and not killed:
                os.kill(gateway.busiest_web_process(), signal.SIGKILL)
                killed = True
    return answered, cut


@pytest.mark.parametrize("count", [50, pytest.param(500, marks=pytest.mark.long)])
def test_a_web_process_killed_under_load_loses_nothing_that_was_answered(
    own_gateway: Gateway, count: int
) -> None:
    for _round in range(5):
        tickets = [new_ticket("kill") for _ in range(count)]
        answered, cut = _ask_many(own_gateway, tickets, kill_after=count // 4)
        print(f"{len(answered)} answered, {len(cut)} cut by the death of a process")
        assert len(answered) + len(cut) == count
        _assert_nothing_lost(own_gateway, tickets, answered, cut)
        wait_for("another web process", lambda: len(own_gateway.web_processes()) == 2)
        if cut:
            return
    pytest.fail("no question was under way when a process was killed")


def _assert_nothing_lost(
    own_gateway: Gateway, tickets: list[str], answered: dict[str, ConsultOutcome], cut: list[str]
) -> None:
    hub, own = gateway_trail(own_gateway), requester_trail(own_gateway, ASKING)
    for ticket, outcome in answered.items():
        assert outcome.status.value == "DATA_FOUND"
        sent, received = hub.only(ticket, "ANSWER_SENT"), own.only(ticket, "ANSWER_RECEIVED")
        assert digest(sent) == digest(received)
    for place, ticket in enumerate(tickets):
        if ticket in cut:
            again = own_gateway.ask(KNOWN[place % len(KNOWN)], ticket)
            assert again.status.value in ("DATA_FOUND", "INCOMPLETE_DATA")
            assert "ANSWER_SENT" in hub.kinds(ticket)


def test_a_gateway_killed_right_after_an_answer_knows_it_after_its_restart(
    own_gateway: Gateway, record_property: pytest.FixtureRequest
) -> None:
    ticket, world = new_ticket("restart"), own_gateway.world
    raw = signed(world, question(world, KNOWN[0].ssin, ticket=ticket))
    first = answer_in(world, post(own_gateway, raw))
    own_gateway.kill_everything()

    seconds = own_gateway.start()
    print(f"served again {seconds:.1f} s after its start")
    record_property("served_again_seconds", round(seconds, 1))
    assert seconds <= SERVED_AGAIN_SECONDS

    trail = gateway_trail(own_gateway)
    assert trail.kinds(ticket) == ["REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_ANSWERED", "ANSWER_SENT"]
    assert fault_in(world, post(own_gateway, raw)).codes == ("RSE00002",)
    again = own_gateway.ask(KNOWN[0], ticket)
    assert again.gateway_ticket == first.findtext("informationCBSS/ticketCBSS")
    assert as_plain(again.results[0].report) == as_plain(first.find("supplierResult/socialReport"))
    assert holder_trail(own_gateway, HOLDING).kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]


def test_a_gateway_that_is_stopped_finishes_what_it_is_answering(own_gateway: Gateway) -> None:
    ticket, trail = new_ticket("stop"), gateway_trail(own_gateway)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(own_gateway.ask, AT_FAILING[SLOW], ticket)
        wait_for("the question to the holder", lambda: "FORWARDED" in trail.kinds(ticket), 20)
        assert own_gateway.stop() == 0
        assert asked.result().status.value == "DATA_FOUND"
    assert trail.kinds(ticket)[-1] == "ANSWER_SENT"


def test_a_question_cut_off_before_its_answer_gets_it_under_the_same_ticket(own_gateway: Gateway) -> None:
    ticket, trail = new_ticket("cut"), gateway_trail(own_gateway)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(own_gateway.ask, AT_FAILING[SLOW], ticket)
        wait_for("the question to the holder", lambda: "FORWARDED" in trail.kinds(ticket), 20)
        own_gateway.kill_everything()
        with pytest.raises(Unreachable):
            asked.result()
    own_gateway.start()
    assert trail.kinds(ticket) == ["REQUEST_RECEIVED", "FORWARDED"]
    again = own_gateway.ask(AT_FAILING[SLOW], ticket, window=0)
    assert again.status.value == "INCOMPLETE_DATA"
    assert trail.kinds(ticket) == ["REQUEST_RECEIVED", "FORWARDED", "REQUEST_REPEATED", "ANSWER_SENT"]
