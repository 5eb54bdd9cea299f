"""A suspended institution takes no part: refused, not asked, and nobody signs for it, until it resumes."""

from collections.abc import Iterator
from contextlib import contextmanager

from partner_gateway import outcomes, said_to
from partner_world import HOST, HOSTED, HOSTED_PERSONS
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, command, utc_now, wait_for
from signed_messages import new_ticket, post, question, verified

from rse_cpas_stub import signature
from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.identity import load_identity
from rse_cpas_stub.messages import read_status

IT, ASKING = HOSTED[0], HOSTED[2]
"""IT holds a file of a person about whom ASKING may ask, and asks itself about another."""


@contextmanager
def suspended(gateway: Gateway, number: str) -> Iterator[None]:
    own = ("--reason", "an audit of its keys", "--settings", gateway.settings)
    command("rse-gateway", "institutions", "suspend", number, *own)
    try:
        yield
    finally:
        command("rse-gateway", "institutions", "resume", number, *own)


def asked_about_what_it_holds(gateway: Gateway, outcome: str) -> ConsultOutcome | None:
    asked = gateway.ask(HOSTED_PERSONS[2], new_ticket("holder"), number=ASKING)
    return asked if outcomes(asked) == {IT: (outcome, asked.results[0].code)} else None


def asks_with_its_own_key(gateway: Gateway, ticket: str) -> tuple[str, str]:
    world = gateway.world
    payload = question(world, HOSTED_PERSONS[0].ssin, ticket=ticket, asking=IT)
    message = signature.sign(payload, load_identity(IT, *world.key_files(IT)), utc_now())
    status = read_status(verified(world, post(gateway, message.raw)).payload)
    return status.value, status.code


def its_host_asks(gateway: Gateway) -> tuple[str, str]:
    payload = question(gateway.world, HOSTED_PERSONS[0].ssin, ticket=new_ticket("host"), asking=IT)
    return said_to(gateway, payload, by=HOST)


def test_a_suspended_institution_is_refused_and_not_contacted_and_its_mandatary_refused(
    partners: Gateway,
) -> None:
    assert asks_with_its_own_key(partners, new_ticket("itself"))[0] == "DATA_FOUND"
    assert its_host_asks(partners)[0] == "DATA_FOUND"
    with suspended(partners, IT):
        outcome = wait_for(
            "the holder left out", lambda: asked_about_what_it_holds(partners, "NOT_CONNECTED")
        )
        # each web process follows by itself, so that each look may have to be made again
        refused = wait_for("the refusal", lambda: _ticket_refused(partners))
        wait_for("the mandate gone", lambda: its_host_asks(partners) == ("NO_RESULT", "MSG00014"))
    assert "FORWARDED" not in gateway_trail(partners).kinds(outcome.ticket)
    assert holder_trail(partners, IT).rows(outcome.ticket) == []
    row = gateway_trail(partners).only(refused, "REFUSED").fields
    assert (row["asking"], row["signing"], row["check"]) == (IT, IT, "operation")
    wait_for("the holder back", lambda: asked_about_what_it_holds(partners, "ANSWERED"))


def _ticket_refused(gateway: Gateway) -> str | None:
    ticket = new_ticket("itself")
    return ticket if asks_with_its_own_key(gateway, ticket) == ("NO_RESULT", "MSG00016") else None
