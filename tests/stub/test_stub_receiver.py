"""The receiver of a requesting CPAS: verifies what is pushed, logs and keeps it, answers OK."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from serving import opened, partners, post, table, write_toml, write_world
from stub_gateway import GATEWAY_TICKET, JEANNE, NOW, TICKET, pushed
from stub_pki import HOLDER, HUB, REQUESTER, authority, identity

from rse_cpas_stub import contract
from rse_cpas_stub.command import run
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import read_log
from rse_cpas_stub.names import REPORT, SOAP, tag
from rse_cpas_stub.signature import sign, verify
from rse_gateway.trail import Kind, Person, PrivateReader, Role

RESPONSE = tag(REPORT, "receiveSocialReportResponse")


@pytest.fixture
def config(tmp_path: Path, auditor_file: Path) -> Path:
    write_world(tmp_path, REQUESTER)
    assert auditor_file.parent == tmp_path
    return write_toml(tmp_path / "stub.toml", table(REQUESTER, received="inbox"))


@contextmanager
def receiver(config: Path) -> Iterator[str]:
    with partners(config) as running:
        yield running.served[0].receiver_url


def push(config: Path, raw: bytes | None = None) -> tuple[int, bytes]:
    with receiver(config) as url:
        assert url.endswith("/SocialReportReceiverService/v1")
        return post(url, sign(pushed(), identity(HUB), NOW).raw if raw is None else raw)


def rows(config: Path) -> list[Kind]:
    return [row.parsed().kind for row in read_log(config.parent / f"{REQUESTER}.db").by_ticket(TICKET)]


def test_a_push_is_answered_ok_and_names_its_question(config: Path) -> None:
    raw = sign(pushed(), identity(HUB), NOW)
    status, body = push(config, raw.raw)
    answer = verify(body, Trust(REQUESTER, (authority().certificate,)), NOW)
    contract.check(answer.payload, RESPONSE)
    assert (status, answer.payload.findtext("status/value")) == (200, "OK")
    assert answer.trail is not None
    assert answer.trail.findtext("requestDigest")


def test_it_is_a_row_with_every_person(config: Path, auditor: ec.EllipticCurvePrivateKey) -> None:
    push(config)
    log = read_log(config.parent / f"{REQUESTER}.db")
    (row,) = log.by_ticket(GATEWAY_TICKET)
    record = row.parsed()
    assert (record.kind, record.get("operation")) == (Kind.ANSWER_RECEIVED, "receiveSocialReport")
    assert (record.get("asking"), record.get("holding"), record.get("signing")) == (REQUESTER, HOLDER, HUB)
    assert (record.get("ticket"), record.get("outcome")) == (TICKET, "MSG00000")
    private = PrivateReader(log.month_keys(), auditor).open(row)
    assert Person("80010100107", Role.PARTNER) in private.persons


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"customer": HOLDER}, "customerIdentification"), ({"environment": "acpt"}, "environment")],
)
def test_what_is_not_for_us_is_not_taken(config: Path, changes: dict[str, str], field: str) -> None:
    _, body = push(config, sign(pushed(**changes), identity(HUB), NOW).raw)
    answer = opened(body, REQUESTER)
    contract.check(answer, RESPONSE)
    assert (answer.findtext("status/value"), answer.findtext("status/code")) == ("NOK", "MSG00008")
    assert answer.findtext("status/information/fieldName") == field
    assert rows(config) == []
    assert not (config.parent / "inbox").exists()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (sign(pushed(), identity(HOLDER), NOW).raw, "RSE00001"),
        (sign(pushed(environment="staging"), identity(HUB), NOW).raw, "MSG00004"),
    ],
    ids=["signer", "xsd"],
)
def test_what_may_not_be_believed_gets_a_signed_fault(config: Path, raw: bytes, code: str) -> None:
    status, body = push(config, raw)
    root = opened(body, REQUESTER)
    assert (status, root.tag) == (500, tag(SOAP, "Fault"))
    contract.check(root.find("detail")[0], tag(REPORT, "socialReportReceiverFault"))
    assert root.findtext("detail/*/detail/reasonCode") == code
    assert rows(config) == []


def test_received_shows_it_in_words_and_for_programs(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push(config)
    assert run(["received", "--config", str(config)]) == 0
    words = capsys.readouterr().out
    assert f"the gateway pushed a late answer of {HOLDER} to us (MSG00000)" in words
    assert "beneficiary Modèle Jeanne" in words
    assert run(["received", "--config", str(config), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["ticketCBSS"], row["kind"]) == (GATEWAY_TICKET, "ANSWER_RECEIVED")
    assert row["supplier"]["socialReport"]["beneficiary"]["ssin"] == JEANNE


def test_without_a_folder_nobody_is_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    push(config)
    log = str(config.parent / f"{REQUESTER}.db")
    assert run(["received", "--log", log]) == 0
    assert JEANNE not in capsys.readouterr().out
    assert run(["received", "--log", log, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["supplier"] is None


def test_what_is_kept_is_readable_by_its_owner_only(config: Path) -> None:
    push(config)
    (kept,) = (config.parent / "inbox").iterdir()
    assert kept.name == f"{GATEWAY_TICKET}-{HOLDER}.xml"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_kept_file_that_was_changed_is_named_without_its_content(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    push(config)
    (kept,) = (config.parent / "inbox").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"<ssin>", b"<ssin>x", 1))
    assert run(["received", "--config", str(config)]) == 2
    printed = capsys.readouterr()
    assert JEANNE not in printed.out + printed.err


def test_nothing_received_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with receiver(config):
        pass
    assert run(["received", "--config", str(config)]) == 0
    assert "nothing was pushed" in capsys.readouterr().err
