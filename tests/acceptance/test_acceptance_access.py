"""A CPAS keeps its own lines of the sectoral directory, and nobody else's; all of it is logged."""

from datetime import date, timedelta

from invented_world import InventedPerson
from lxml import etree
from partner_gateway import access_payload, outcomes, said_to, send
from partner_world import ALSO_ASKS, ASKS, HOLDS, NEWCOMER, NUMBER, OUTSIDE, PLAIN, write_stub_configuration
from reading_trails import TrailRow, gateway_trail
from running_world import Gateway, command
from signed_messages import new_ticket

from rse_cpas_stub.messages import read_status, text

DONE = ("OK", "MSG00000")


def _line(person: InventedPerson, begin: date, **more: object) -> dict[str, object]:
    return {"ssin": person.ssin, "qualityCode": 1, "beginDate": begin, "fileReference": "2026/0815", **more}


def _lines(answer: etree._Element) -> set[tuple[str, str, str, str]]:
    names = ("ssin", "qualityCode", "beginDate", "endDate")
    return {tuple(text(line, name) for name in names) for line in answer.findall("accessLine")}


def _rows(partners: Gateway, answer: etree._Element) -> list[TrailRow]:
    return gateway_trail(partners).rows(text(answer, "informationCBSS/ticketCBSS"))


def test_a_line_gives_a_right_from_its_registration_until_it_is_ended(partners: Gateway) -> None:
    begin = partners.world.today - timedelta(days=10)
    assert partners.ask(NEWCOMER, new_ticket("before"), number=ALSO_ASKS).status.code == "MSG00012"
    registered = send(
        partners, access_payload("register", number=ALSO_ASKS, **_line(NEWCOMER, begin)), by=ALSO_ASKS
    )
    assert (read_status(registered).value, read_status(registered).code) == DONE
    outcome = partners.ask(NEWCOMER, new_ticket("after"), number=ALSO_ASKS)
    assert outcomes(outcome) == {HOLDS: ("ANSWERED", "MSG00000")}
    line = _line(NEWCOMER, begin, endDate=partners.world.today - timedelta(days=1))
    ended = send(partners, access_payload("unregister", number=ALSO_ASKS, **line), by=ALSO_ASKS)
    assert (read_status(ended).value, read_status(ended).code) == DONE
    assert partners.ask(NEWCOMER, new_ticket("ended"), number=ALSO_ASKS).status.code == "MSG00012"
    listed = send(partners, access_payload("list", number=ALSO_ASKS, ssin=NEWCOMER.ssin), by=ALSO_ASKS)
    assert _lines(listed) == {(NEWCOMER.ssin, "1", str(begin), str(line["endDate"]))}
    for answer, kind in (
        (registered, "ACCESS_REGISTERED"),
        (ended, "ACCESS_ENDED"),
        (listed, "ACCESS_LISTED"),
    ):
        did, sent = _rows(partners, answer)
        assert (did.kind, sent.kind) == (kind, "ANSWER_SENT")
        assert did.persons == sent.persons == {(NEWCOMER.ssin, "BENEFICIARY")}
        assert (did.fields["asking"], did.fields["signing"]) == (ALSO_ASKS, ALSO_ASKS)
        assert sent.fields["signing"] == partners.world.gateway_trust.institution
        assert did.private is not None
        assert did.private.file_reference == "2026/0815"


def test_a_list_shows_own_lines_only(partners: Gateway) -> None:
    mine = send(partners, access_payload("list"), by=ASKS)
    assert PLAIN.ssin in {line[0] for line in _lines(mine)}
    assert OUTSIDE.ssin not in {line[0] for line in _lines(mine)}
    foreign = access_payload("list", ssin=OUTSIDE.ssin)
    assert said_to(partners, foreign, by=ASKS) == ("NO_DATA_FOUND", "MSG00100")


def test_nobody_ends_the_line_of_another(partners: Gateway) -> None:
    today = partners.world.today
    line = _line(OUTSIDE, today - timedelta(days=1200), qualityCode=2, endDate=today)
    payload = access_payload("unregister", **line)
    answer = send(partners, payload, by=ASKS)
    assert (read_status(answer).value, read_status(answer).code) == ("NOK", "MSG00100")
    refused, _sent = _rows(partners, answer)
    assert (refused.kind, refused.fields["outcome"], refused.fields["check"]) == (
        "REFUSED",
        "MSG00100",
        "line",
    )
    theirs = send(partners, access_payload("list", number=HOLDS, ssin=OUTSIDE.ssin), by=HOLDS)
    assert _lines(theirs) == {(OUTSIDE.ssin, "2", str(today - timedelta(days=1200)), "")}


def test_a_person_registers_ends_and_lists_with_the_command(partners: Gateway) -> None:
    file = write_stub_configuration(partners.world, partners.url)
    number = NUMBER["host"]
    own = ("--config", file, "--cbe-number", number, "--json")
    own = (*own, "--log", partners.folder / "access-log.sqlite")
    today = partners.world.today
    line = ("--ssin-file", "-", "--quality-code", "4", "--begin", str(today), "--file-reference", "x-1")
    person = OUTSIDE.ssin.encode()
    assert '"OK"' in command("rse-cpas-stub", "access", "register", *own, *line, stdin=person)
    ended = command("rse-cpas-stub", "access", "unregister", *own, *line, "--end", str(today), stdin=person)
    assert '"OK"' in ended
    listed = command("rse-cpas-stub", "access", "list", *own, "--ssin-file", "-", stdin=person)
    assert OUTSIDE.ssin in listed
    assert f'"endDate": "{today}"' in listed
