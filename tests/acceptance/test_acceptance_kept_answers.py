"""Answers between two visits: kept encrypted, asked again, picked up, listed, confirmed, deleted."""

import socket
from datetime import datetime, timedelta

from invented_world import InventedPerson
from partner_gateway import (
    WORKER,
    access_payload,
    list_payload,
    outcomes,
    pick_up,
    retrieve_payload,
    said_to,
    send,
)
from partner_world import ALSO_ASKS, ASKS, HOLDS, KEPT, NUMBER, PLAIN
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, contains, utc_now, wait_for
from signed_messages import as_plain, new_ticket, question, signed
from sqlalchemy import select, update

from rse_cpas_stub.client import ConsultOutcome
from rse_cpas_stub.messages import text
from rse_gateway.store.engine import open_engine
from rse_gateway.store.tables import answers, consultations, legs


def _asked_without_waiting(partners: Gateway, person: InventedPerson) -> ConsultOutcome:
    """Ask, wait for nobody, and return when the holder's answer is in the gateway."""
    ticket = new_ticket("kept")
    outcome = partners.ask(person, ticket, number=ASKS, window=0)
    trail = gateway_trail(partners)
    wait_for("the holder's answer", lambda: "SUPPLIER_ANSWERED" in trail.kinds(ticket), 20)
    return outcome


def _kept(partners: Gateway, ticket_cbss: str) -> list[dict[str, object]]:
    engine = open_engine(partners.database)
    with engine.connect() as connection:
        found = select(answers).where(answers.c.gateway_ticket == ticket_cbss)
        rows = [dict(row) for row in connection.execute(found).mappings()]
    engine.dispose()
    return rows


def test_an_answer_is_kept_encrypted_before_anybody_has_seen_it(partners: Gateway) -> None:
    outcome = _asked_without_waiting(partners, KEPT[0])
    (row,) = _kept(partners, outcome.gateway_ticket)
    assert row["disclosed_at"] is None
    blobs = [bytes(value) for value in row.values() if isinstance(value, bytes | memoryview)]
    assert max(map(len, blobs)) > 100
    assert [found for blob in blobs for found in contains(blob, KEPT[0].secrets)] == []
    assert outcomes(pick_up(partners, outcome)) == {HOLDS: ("ANSWERED", "MSG00000")}
    (row,) = _kept(partners, outcome.gateway_ticket)
    disclosed, deleted = row["disclosed_at"], row["delete_at"]
    assert isinstance(disclosed, datetime)
    assert isinstance(deleted, datetime)
    assert deleted - disclosed == timedelta(hours=72)


def test_a_lost_answer_is_given_again_under_the_same_ticket(partners: Gateway) -> None:
    ticket, world, trail = new_ticket("lost"), partners.world, gateway_trail(partners)
    raw = signed(world, question(world, KEPT[1].ssin, ticket=ticket, asking=ASKS), by=ASKS)
    head = "POST /ElectronicSocialReportService/v1 HTTP/1.1\r\nHost: here\r\nContent-Type: text/xml\r\n"
    with socket.create_connection(("127.0.0.1", partners.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        wait_for("the question to the holder", lambda: "FORWARDED" in trail.kinds(ticket), 20)
    wait_for("the answer that nobody reads", lambda: "ANSWER_SENT" in trail.kinds(ticket), 20)
    again = partners.ask(KEPT[1], ticket, number=ASKS)
    assert outcomes(again) == {HOLDS: ("ANSWERED", "MSG00000")}
    assert trail.kinds(ticket).count("FORWARDED") == 1
    assert trail.kinds(ticket)[-2:] == ["REQUEST_REPEATED", "ANSWER_SENT"]
    assert holder_trail(partners, HOLDS).kinds(ticket) == ["REQUEST_RECEIVED", "ANSWER_SENT"]


def test_an_answer_is_picked_up_by_who_asked_and_by_nobody_else(partners: Gateway) -> None:
    outcome = _asked_without_waiting(partners, KEPT[2])
    picked = pick_up(partners, outcome)
    assert (picked.ticket, picked.status.value) == (outcome.ticket, "DATA_FOUND")
    again = pick_up(partners, outcome, supplier=HOLDS)
    assert as_plain(again.results[0].report) == as_plain(picked.results[0].report)
    kinds = gateway_trail(partners).kinds(outcome.gateway_ticket)
    assert kinds.count("ANSWER_PICKED_UP") == 2
    for number in (ALSO_ASKS, HOLDS):
        payload = retrieve_payload(outcome.gateway_ticket, number=number)
        assert said_to(partners, payload, by=number) == ("NO_RESULT", "RSE00004")


def test_a_list_tells_what_changed_and_when_to_ask_the_next_time(partners: Gateway) -> None:
    begin = utc_now() - timedelta(minutes=10)
    outcome = partners.ask(PLAIN, new_ticket("listed"), number=ASKS)
    assert outcome.gateway_ticket not in _listed(partners, begin)
    _made_older(partners, outcome.gateway_ticket, timedelta(minutes=1))
    library = partners.requester(ASKS)
    listed = library.list_reports(WORKER, since=begin)
    (mine,) = [one for one in listed.consultations if one.gateway_ticket == outcome.gateway_ticket]
    assert (mine.ticket, mine.status) == (outcome.ticket, "DATA_FOUND")
    assert [(one.cbe_number, one.outcome, one.code) for one in mine.suppliers] == [
        (HOLDS, "ANSWERED", "MSG00000")
    ]
    as_of = datetime.fromisoformat(listed.as_of or "")
    assert 29 <= (utc_now() - as_of).total_seconds() < 60
    assert outcome.gateway_ticket not in _listed(partners, as_of)
    english = NUMBER["english"]
    assert said_to(partners, list_payload(number=english, since=utc_now()), by=english) == (
        "NO_DATA_FOUND",
        "MSG00100",
    )


def _listed(partners: Gateway, since: datetime) -> set[str]:
    answer = send(partners, list_payload(since=since), by=ASKS)
    return {text(one, "ticketCBSS") for one in answer.findall("consultation")}


def _made_older(partners: Gateway, ticket_cbss: str, by: timedelta) -> None:
    """Move the consultation back in time, so that no test need wait until it is settled."""
    engine = open_engine(partners.database)
    with engine.begin() as connection:
        for table, column in ((consultations, "accepted_at"), (legs, "since")):
            this = table.c.gateway_ticket == ticket_cbss
            (moment,) = connection.execute(select(table.c[column]).where(this)).one()
            connection.execute(update(table).where(this).values({column: moment - by}))
    engine.dispose()


def test_a_confirmed_answer_is_deleted_at_once(partners: Gateway) -> None:
    outcome = partners.ask(KEPT[3], new_ticket("confirmed"), number=ASKS)
    listed = partners.requester(ASKS).list_reports(WORKER, confirmed=[outcome.gateway_ticket])
    assert listed.status.value in ("DATA_FOUND", "NO_DATA_FOUND")
    assert _kept(partners, outcome.gateway_ticket) == []
    picked = pick_up(partners, outcome)
    assert (picked.status.value, picked.status.code) == ("NO_RESULT", "RSE00010")
    repeated = partners.ask(KEPT[3], outcome.ticket, number=ASKS)
    assert (repeated.status.value, repeated.status.code) == ("NO_RESULT", "RSE00010")
    foreign = list_payload(number=ALSO_ASKS, confirmed=[outcome.gateway_ticket])
    assert said_to(partners, foreign, by=ALSO_ASKS) == ("NO_RESULT", "RSE00004")


def test_an_answer_whose_time_is_over_is_not_given_any_more(partners: Gateway) -> None:
    outcome = partners.ask(KEPT[4], new_ticket("over"), number=ASKS)
    engine = open_engine(partners.database)
    past = update(answers).where(answers.c.gateway_ticket == outcome.gateway_ticket)
    with engine.begin() as connection:
        connection.execute(past.values(delete_at=utc_now() - timedelta(seconds=1)))
    engine.dispose()
    picked = pick_up(partners, outcome)
    assert outcomes(picked) == {HOLDS: ("ANSWERED", "RSE00010")}
    assert (picked.status.value, picked.status.code) == ("NO_RESULT", "RSE00010")


def test_when_the_right_on_the_person_ends_its_answers_are_deleted(partners: Gateway) -> None:
    person, today = KEPT[5], partners.world.today
    outcome = partners.ask(person, new_ticket("right"), number=ASKS)
    assert len(_kept(partners, outcome.gateway_ticket)) == 1
    line = {
        "ssin": person.ssin,
        "qualityCode": 1,
        "beginDate": today - timedelta(days=60),
        "endDate": today - timedelta(days=1),
        "fileReference": "2026/0815",
    }
    assert said_to(partners, access_payload("unregister", **line), by=ASKS) == ("OK", "MSG00000")
    assert _kept(partners, outcome.gateway_ticket) == []
    refused = said_to(partners, retrieve_payload(outcome.gateway_ticket), by=ASKS)
    assert refused == ("NO_RESULT", "MSG00012")
