"""``rse-gateway log``: the story of a consultation, and that no look goes unrecorded."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_runs import CPAS, HUB, NISS, OTHER_CPAS, call, run

from rse_gateway.bootstrap.store import hub_log, open_store
from rse_gateway.ports import UnitOfWork
from rse_gateway.settings import load_settings
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import Kind, Person, PrivatePart, Role

GATEWAY_TICKET = "019a0000-0000-7000-8000-000000000001"
TICKET = "R-2026-000123"
START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BENEFICIARY = PrivatePart(persons=(Person(NISS, Role.BENEFICIARY),), message_digest=b"\x07" * 32)
FIELDS = {"ticketCBSS": GATEWAY_TICKET, "asking": CPAS, "signing": CPAS, "operation": "consultSocialReport"}
STORY = [
    (Kind.REQUEST_RECEIVED, {"ticket": TICKET, "userReference": "u-7f3a", "userRole": "SOCIAL_WORKER"}),
    (Kind.FORWARDED, {"holding": OTHER_CPAS, "reminderNumber": "0"}),
    (Kind.FORWARDED, {"holding": OTHER_CPAS, "reminderNumber": "1"}),
    (Kind.SUPPLIER_ANSWERED, {"holding": OTHER_CPAS, "outcome": "MSG00000"}),
    (Kind.ANSWER_SENT, {"ticket": TICKET, "outcome": "MSG00000"}),
]


@pytest.fixture
def told(settings: Path) -> Path:
    """An environment whose log holds one consultation."""
    loaded = load_settings(settings, {})
    store = open_store(loaded)
    maker = hub_log(loaded, store).maker
    rows = tuple(
        maker.make(kind, START + timedelta(seconds=at), FIELDS | fields, BENEFICIARY)
        for at, (kind, fields) in enumerate(STORY)
    )
    writer = GroupWriter(store.engine, store.keys)
    writer.commit(UnitOfWork(log=rows))
    writer.close()
    return settings


@pytest.fixture
def key(pki: Path) -> Path:
    return pki / "test-auditor.key.pem"


def _looks(settings: Path) -> list[dict[str, str]]:
    """The recorded looks, oldest first, read from the database itself."""
    with sqlite3.connect(settings.parent / "rse-gateway.sqlite") as connection:
        query = "SELECT record FROM log_entries WHERE kind = 'LOG_CONSULTED' ORDER BY entry_id"
        return [json.loads(record) for (record,) in connection.execute(query)]


@pytest.mark.parametrize("ticket", [TICKET, GATEWAY_TICKET, GATEWAY_TICKET.upper()])
def test_either_ticket_tells_the_whole_consultation_in_the_order_of_time(told: Path, ticket: str) -> None:
    ended = run("log", "show", ticket, "--reason", "complaint 12", settings=told)
    sentences = [line.split("Z  ", 1)[1] for line in ended.out.splitlines() if "Z  " in line]
    assert ended.code == 0
    assert sentences == [
        f"{CPAS} asked: consultSocialReport; user u-7f3a, SOCIAL_WORKER",
        f"the question may have left for {OTHER_CPAS}",
        f"the question may have left for {OTHER_CPAS}, reminder 1",
        f"{OTHER_CPAS} answered (MSG00000)",
        f"the answer to {CPAS} was handed over (MSG00000): consultSocialReport",
    ]


def test_without_an_auditors_key_no_person_is_shown(told: Path) -> None:
    ended = call("log", "show", TICKET, "--reason", "complaint 12", settings=told)
    assert NISS not in ended.out
    assert "readable with an auditor's key" in ended.out


def test_with_the_auditors_key_persons_and_proofs_are_shown(told: Path, key: Path) -> None:
    command = ("log", "show", TICKET, "--reason", "complaint 12", "--auditor-key", key)
    assert f"beneficiary: {NISS}" in call(*command, settings=told).out
    rows = json.loads(call(*command, "--json", settings=told).out)
    assert rows[0]["private"]["persons"] == [{"niss": NISS, "role": "BENEFICIARY"}]
    assert rows[0]["private"]["messageDigest"] == "07" * 32


def test_a_key_of_nobody_configured_opens_nothing_and_shows_nothing(told: Path, pki: Path) -> None:
    stranger = pki / f"test-cpas-{CPAS}.key.pem"
    ended = call("log", "show", TICKET, "--reason", "x", "--auditor-key", stranger, settings=told)
    assert (ended.code, ended.out, _looks(told)) == (2, "", [])


def test_a_look_is_a_row_with_reason_ticket_count_and_who_looked(told: Path, key: Path) -> None:
    call("log", "show", TICKET, "--reason", "complaint 12", settings=told)
    call("log", "show", TICKET, "--reason", "complaint 13", "--auditor-key", key, settings=told)
    operator, auditor = _looks(told)
    assert (operator["reason"], operator["ticket"], operator["count"]) == ("complaint 12", TICKET, "5")
    assert operator["userReference"].startswith("operator:")
    assert (auditor["asking"], len(auditor["certificate"])) == (HUB, 64)


def test_earlier_looks_belong_to_the_story(told: Path) -> None:
    call("log", "show", GATEWAY_TICKET, "--reason", "complaint 12", settings=told)
    again = call("log", "show", GATEWAY_TICKET, "--reason", "complaint 13", settings=told)
    assert "reason: complaint 12" in again.out
    assert "complaint 13" not in again.out


@pytest.mark.parametrize("verb", [("show", TICKET), ("find",)])
def test_nothing_is_shown_when_the_look_cannot_be_recorded(told: Path, verb: tuple[str, ...]) -> None:
    with sqlite3.connect(told.parent / "rse-gateway.sqlite") as connection:
        connection.execute("DROP TABLE log_pending")
    ended = call("log", *verb, "--reason", "complaint 12", settings=told)
    assert (ended.code, ended.out) == (3, "")


@pytest.mark.parametrize("reason", ["", "x" * 1025, "line\nbreak", f"about {NISS}"])
def test_a_reason_that_no_row_may_hold_shows_nothing(told: Path, reason: str) -> None:
    ended = call("log", "show", TICKET, "--reason", reason, settings=told)
    assert (ended.code, ended.out, _looks(told)) == (2, "", [])


def test_a_look_without_reason_is_no_look(told: Path) -> None:
    assert call("log", "show", TICKET, settings=told).code == 2


def test_a_ticket_that_nobody_has_is_refused_and_the_look_recorded(told: Path) -> None:
    ended = call("log", "show", "nobody", "--reason", "complaint 12", settings=told)
    assert (ended.code, ended.out) == (1, "")
    assert [look["count"] for look in _looks(told)] == ["0"]


def test_a_person_is_found_by_a_number_from_standard_input_and_the_look_is_about_the_person(
    told: Path, key: Path
) -> None:
    command = (
        "log",
        "find",
        "--person-file",
        "-",
        "--reason",
        "citizen asks",
        "--auditor-key",
        key,
        "--json",
    )
    first = json.loads(run(*command, settings=told, given=f"{NISS}\n".encode()).out)
    second = json.loads(run(*command, settings=told, given=NISS.encode()).out)
    assert [row["record"]["kind"] for row in reversed(first)] == [kind.value for kind, _ in STORY]
    assert second[0]["record"]["kind"] == "LOG_CONSULTED"
    assert NISS not in json.dumps(_looks(told))


def test_another_person_is_not_found(told: Path, key: Path, tmp_path: Path) -> None:
    (tmp_path / "person").write_text("17073003384\n")
    options = ("--person-file", tmp_path / "person", "--reason", "x", "--auditor-key", key, "--json")
    assert json.loads(call("log", "find", *options, settings=told).out) == []


def test_only_an_auditor_may_look_for_a_person(told: Path) -> None:
    ended = run("log", "find", "--person-file", "-", "--reason", "x", settings=told, given=NISS.encode())
    assert (ended.code, ended.out, _looks(told)) == (2, "", [])


def test_a_person_file_with_anything_else_is_refused_without_being_quoted(told: Path, key: Path) -> None:
    options = ("--person-file", "-", "--reason", "x", "--auditor-key", key)
    ended = call("log", "find", *options, settings=told, given=b"85073003329")
    assert (ended.code, ended.out) == (1, "")


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (("--kind", "FORWARDED"), 2),
        (("--holding", OTHER_CPAS), 3),
        (("--asking", CPAS, "--outcome", "MSG00000"), 2),
        (("--user-reference", "u-7f3a"), 1),
        (("--ticket", TICKET), 2),
        (("--ticket", GATEWAY_TICKET), 5),
        (("--from", "2026-11-20T09:30:02"), 3),
        (("--until", "2026-11-20T09:30:02"), 2),
        (("--limit", "4"), 4),
        (("--signing", OTHER_CPAS), 0),
        (("--legal-context", "PCSA:OTHER"), 0),
    ],
)
def test_all_criteria_given_must_fit(told: Path, criteria: tuple[str, ...], found: int) -> None:
    ended = call("log", "find", *criteria, "--reason", "review", "--json", settings=told)
    assert (ended.code, len(json.loads(ended.out))) == (0, found)


def test_what_was_looked_for_stands_behind_the_reason(told: Path) -> None:
    call("log", "find", "--asking", CPAS, "--kind", "REFUSED", "--reason", "review", settings=told)
    assert [look["reason"] for look in _looks(told)] == [f"review [kind REFUSED, asking {CPAS}]"]


def test_a_spreadsheet_gets_every_field_and_the_persons(told: Path, key: Path) -> None:
    options = ("--ticket", TICKET, "--reason", "review", "--csv", "--auditor-key", key)
    header, *rows = call("log", "find", *options, settings=told).out.splitlines()
    assert header.startswith("v,id,log,kind,at,environment,ticketCBSS")
    assert [row.endswith(f",BENEFICIARY:{NISS}") for row in rows] == [True, True]


@pytest.mark.parametrize(
    "options",
    [
        ("--asking", "0299990119"),
        ("--ticket", NISS),
        ("--ticket", "a b"),
        ("--json", "--csv"),
        ("--limit", "0"),
    ],
)
def test_criteria_that_make_no_sense_are_refused_before_anything_is_read(
    told: Path, options: tuple[str, ...]
) -> None:
    ended = call("log", "find", "--reason", "x", *options, settings=told)
    assert (ended.code, ended.out, _looks(told)) == (2, "", [])
