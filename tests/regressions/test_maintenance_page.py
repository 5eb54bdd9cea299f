"""0.1.0 took a page of a web server for a holder's answer: unusable, and after three of them final.

Wanted: what no holder signed says nothing about the holder's data; it is asked again by the plan of minutes.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from partner_gateway import outcomes
from partner_world import ASKS, HOLDS, KEPT
from reading_trails import gateway_trail
from running_world import Gateway
from signed_messages import new_ticket
from sqlalchemy import select

from regressions.silent_town import WordlessHolder
from rse_gateway.store.engine import open_engine
from rse_gateway.store.tables import legs

PAGE = (Path(__file__).parent / "inputs" / "reply-200-maintenance-page.http").read_bytes()
FAULT = (
    b'<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    b"<faultcode>s:Server</faultcode><faultstring>down</faultstring></s:Fault></s:Body></s:Envelope>"
)


def _reply(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n" % (
        status,
        len(body),
    )
    return head + b"Connection: close\r\n\r\n" + body


REPLIES = {
    "a maintenance page": PAGE,
    "an empty body": _reply(b"200 OK", b""),
    "an unsigned fault": _reply(b"500 Internal Server Error", FAULT),
    "an unsigned fault with status 200": _reply(b"200 OK", FAULT),
}


@pytest.mark.parametrize(("place", "name"), list(enumerate(REPLIES)))
def test_what_no_holder_signed_leaves_the_leg_due_in_a_minute(
    town: tuple[Gateway, WordlessHolder], place: int, name: str
) -> None:
    gateway, holder = town
    holder.reply, before = REPLIES[name], holder.asked
    outcome = gateway.ask(KEPT[place], new_ticket("page"), number=ASKS)
    assert holder.asked == before + 1
    assert outcomes(outcome) == {HOLDS: ("PENDING", "MSG00020")}
    engine = open_engine(gateway.database)
    with engine.connect() as connection:
        query = select(legs).where(legs.c.gateway_ticket == outcome.gateway_ticket)
        (leg,) = connection.execute(query).all()
    engine.dispose()
    assert (leg.state, leg.attempt, leg.unusable_count, leg.unusable_reason) == ("DUE", 1, 0, "")
    wait = leg.next_attempt_at - leg.accepted_at
    assert timedelta(seconds=48) <= wait <= timedelta(seconds=72)
    failed = gateway_trail(gateway).only(outcome.ticket, "SUPPLIER_FAILED").fields
    assert failed["outcome"] == "MSG00020"
