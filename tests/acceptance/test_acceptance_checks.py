"""Every check of every operation: its code, its row, and its text in the language that was wished for."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from invented_world import niss
from lxml import etree
from partner_gateway import (
    access_payload,
    deliver_payload,
    in_language,
    list_payload,
    outcomes,
    retrieve_payload,
    said_to,
    send,
)
from partner_world import ALSO_ASKS, ASKS, HOLDS, LANGUAGES, LIMITED, NUMBER, OUTSIDE, PLAIN, SPOKEN
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway
from signed_messages import new_ticket, question

from rse_cpas_stub.messages import read_status, text
from rse_cpas_stub.report import add
from rse_gateway.contract.catalogue import load_catalogue

NOBODYS = "01890a5d-ac96-774b-bcce-b302099a8057"
MISPRINTED = "70021599912"


def _access(gateway: Gateway, action: str = "register", **changed: Any) -> etree._Element:
    line = {"ssin": OUTSIDE.ssin, "qualityCode": 1, "beginDate": gateway.world.today, "fileReference": "x"}
    return access_payload(action, **(line | changed))


def _days(gateway: Gateway, days: int) -> Any:
    return gateway.world.today + timedelta(days=days)


def _deliver(gateway: Gateway, ticket: str) -> etree._Element:
    return deliver_payload(gateway, ASKS, PLAIN, ticket)


def _changed(payload: etree._Element, **values: str) -> etree._Element:
    for name, value in values.items():
        payload.find(f".//{name}").text = value
    return payload


# what is wrong → the request of ASKS, value, code and check
WRONG: dict[str, tuple[Callable[[Gateway], etree._Element], str, str, str]] = {
    "pick up: nobody's ticket": (lambda _: retrieve_payload(NOBODYS), "NO_RESULT", "RSE00004", "ticket"),
    "pick up: environment": (
        lambda _: retrieve_payload(NOBODYS, environment="acpt"), "NO_RESULT", "MSG00008", "environment",
    ),
    "pick up: ground": (
        lambda _: _changed(retrieve_payload(NOBODYS), legalContext="PCSA:OTHER"),
        "NO_RESULT", "MSG00013", "legalContext",
    ),
    "pick up: role": (
        lambda _: retrieve_payload(NOBODYS, role="AUDITOR"), "NO_RESULT", "MSG00015", "userRole",
    ),
    "list: confirmed": (lambda _: list_payload(confirmed=[NOBODYS]), "NO_RESULT", "RSE00004", "confirmed"),
    "list: environment": (
        lambda _: list_payload(environment="acpt"), "NO_RESULT", "MSG00008", "environment",
    ),
    "list: role": (lambda _: list_payload(role="AUDITOR"), "NO_RESULT", "MSG00015", "userRole"),
    "line: check digits": (lambda g: _access(g, ssin=MISPRINTED), "NO_RESULT", "MSG00011", "ssin"),
    "line: ends before it begins": (
        lambda g: _access(g, endDate=_days(g, -1)), "NO_RESULT", "MSG00008", "endDate",
    ),
    "line: begins tomorrow": (
        lambda g: _access(g, beginDate=_days(g, 1)), "NO_RESULT", "MSG00008", "beginDate",
    ),
    "line: quality": (lambda g: _access(g, qualityCode=999), "NO_RESULT", "MSG00008", "qualityCode"),
    "line: role": (lambda g: _access(g, role="SOCIAL_WORKER"), "NO_RESULT", "MSG00015", "userRole"),
    "line: none such": (
        lambda g: _access(g, "unregister", endDate=g.world.today), "NOK", "MSG00100", "line",
    ),
    "delivery: nobody's ticket": (lambda g: _deliver(g, NOBODYS), "NOK", "RSE00004", "ticket"),
    "delivery: role": (
        lambda g: _changed(_deliver(g, NOBODYS), userRole="SOCIAL_WORKER"), "NOK", "MSG00015", "userRole",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_request_that_fails_a_check_gets_its_code_and_a_row_and_its_text_in_each_language(
    partners: Gateway, wrong: str
) -> None:
    make, value, code, check = WRONG[wrong]
    trail, texts = gateway_trail(partners), load_catalogue()
    for language in (None, "NL", "DE", "EN"):
        payload = make(partners)
        wished = payload if language is None else in_language(payload, language)
        answer = send(partners, wished, by=ASKS)
        status = read_status(answer)
        assert (status.value, status.code) == (value, code)
        assert status.description == texts.text(code, language or "FR")
        row = trail.only(text(wished, "informationCustomer/ticket"), "REFUSED").fields
        assert (row["outcome"], row["check"]) == (code, check)
        caller = "holding" if row["operation"] == "deliverSocialReport" else "asking"
        assert (row[caller], row["signing"]) == (ASKS, ASKS)


@pytest.mark.parametrize("name", LANGUAGES)
def test_texts_come_in_the_language_of_the_institution_unless_another_is_wished(
    partners: Gateway, name: str
) -> None:
    number, texts, world = NUMBER[name], load_catalogue(), partners.world
    for ssin, code in ((SPOKEN[name].ssin, "MSG00100"), (OUTSIDE.ssin, "MSG00012")):
        payload = question(world, ssin, ticket=new_ticket("language"), asking=number)
        status = read_status(send(partners, payload, by=number))
        assert (status.code, status.description) == (code, texts.text(code, LANGUAGES[name]))
        payload = question(world, ssin, ticket=new_ticket("language"), asking=number)
        status = read_status(send(partners, in_language(payload, "EN"), by=number))
        assert (status.code, status.description) == (code, texts.text(code, "EN"))


def test_who_asked_as_often_as_it_may_is_refused_but_a_repeat_spends_nothing(partners: Gateway) -> None:
    number, ticket = NUMBER["quota"], new_ticket("quota")
    for asked in (ticket, new_ticket("quota")):
        assert outcomes(partners.ask(LIMITED, asked, number=number)) == {HOLDS: ("ANSWERED", "MSG00000")}
    refused = partners.ask(LIMITED, new_ticket("quota"), number=number)
    assert (refused.status.value, refused.status.code) == ("NO_RESULT", "RSE00003")
    assert gateway_trail(partners).only(refused.ticket, "REFUSED").fields["check"] == "quota"
    assert holder_trail(partners, HOLDS).rows(refused.ticket) == []
    assert outcomes(partners.ask(LIMITED, ticket, number=number)) == {HOLDS: ("ANSWERED", "MSG00000")}


def _dry_runs(partners: Gateway) -> Iterator[tuple[str, tuple[str, str]]]:
    for ssin in (PLAIN.ssin, OUTSIDE.ssin, niss("700215", 998)):
        ticket = new_ticket("dry")
        payload = question(partners.world, ssin, ticket=ticket, asking=ASKS)
        options = etree.Element("requestOptions")
        payload.find("legalContext").addnext(options)
        add(options, "dryRun", True)
        yield ticket, said_to(partners, payload, by=ASKS)


def test_a_dry_run_passes_the_checks_asks_nobody_and_binds_no_ticket(partners: Gateway) -> None:
    passed, *refused = _dry_runs(partners)
    assert passed[1] == ("NO_RESULT", "RSE00007")
    assert [said for _ticket, said in refused] == [("NO_RESULT", "MSG00012")] * 2
    assert gateway_trail(partners).kinds(passed[0]) == ["DRY_RUN", "ANSWER_SENT"]
    assert holder_trail(partners, HOLDS).rows(passed[0]) == []
    assert outcomes(partners.ask(PLAIN, passed[0], number=ASKS)) == {HOLDS: ("ANSWERED", "MSG00000")}


def test_a_supplier_that_was_not_asked_is_refused_by_name(partners: Gateway) -> None:
    outcome = partners.ask(PLAIN, new_ticket("supplier"), number=ASKS)
    payload = retrieve_payload(outcome.gateway_ticket, supplier=ALSO_ASKS)
    status = read_status(send(partners, payload, by=ASKS))
    assert (status.value, status.code) == ("NO_RESULT", "MSG00008")
    assert dict(status.information) == {"supplier": ALSO_ASKS}
