"""Our log in sentences: what happened, with what to compare it by, and persons for an auditor only."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from stub_gateway import GATEWAY_TICKET, JEANNE, NOW, TICKET, asked
from stub_pki import HOLDER, HUB, REQUESTER, authority

from rse_cpas_stub.command import run
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log_words import plain_text, sentence
from rse_cpas_stub.signature import verify
from rse_gateway.trail import Kind, Record

STORY = f"""Log {HOLDER}/1: ticket {TICKET}, ticketCBSS {GATEWAY_TICKET}
  2026-11-21T09:30:00.000Z  the gateway asked us on behalf of {REQUESTER}, for 2024-01-01 to 2024-12-31, \
on the ground PCSA:SOCIAL_INQUIRY, reminder 2
  2026-11-21T09:30:00.000Z  we answered the question of {REQUESTER} (MSG00000)
"""


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def private_key(tmp_path: Path, auditor: ec.EllipticCurvePrivateKey) -> str:
    path = tmp_path / "auditor.key.pem"
    path.write_bytes(pem(auditor))
    return str(path)


@pytest.fixture
def raw() -> bytes:
    return asked(reminder="2")


@pytest.fixture
def log_file(tmp_path: Path, holder: Callable[..., Holder], raw: bytes) -> str:
    holder().handle(raw)
    return str(tmp_path / f"{HOLDER}.db")


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["log", "show", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("ticket", [TICKET, GATEWAY_TICKET])
def test_the_story_reads_as_sentences(log_file: str, capsys: pytest.CaptureFixture[str], ticket: str) -> None:
    told = shown(capsys, ticket, "--log", log_file)
    assert "".join(line for line in told.splitlines(keepends=True) if not line.startswith("      ")) == STORY
    assert told.count("kind=") == told.count("leaf=") == 2
    assert JEANNE not in told


def test_an_auditor_sees_persons_and_the_digest_that_the_gateway_has_too(
    log_file: str, private_key: str, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    told = shown(capsys, TICKET, "--log", log_file, "--auditor-key", private_key)
    assert f"beneficiary: {JEANNE}" in told
    assert "file: C-2023-014" in told
    assert told.count("message digest ") == 2
    rows = json.loads(shown(capsys, TICKET, "--log", log_file, "--auditor-key", private_key, "--json"))
    assert rows[1]["private"]["persons"] == [{"niss": JEANNE, "role": "BENEFICIARY"}]
    digest = verify(raw, Trust(HUB, (authority().certificate,)), NOW).proof.body_digest.hex()
    assert rows[0]["private"]["messageDigest"] == digest
    assert f"message digest {digest}" in told


def test_json_without_a_key_is_record_and_leaf(log_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(shown(capsys, TICKET, "--log", log_file, "--json"))
    assert [row["kind"] for row in rows] == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    assert all("private" not in row and len(row["leaf"]) == 64 for row in rows)


def test_another_auditors_key_opens_nothing(
    log_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.key.pem"
    other.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    assert run(["log", "show", TICKET, "--log", log_file, "--auditor-key", str(other)]) == 3
    printed = capsys.readouterr()
    assert (JEANNE in printed.out, "not wrapped for this auditor" in printed.err) == (False, True)


def test_a_file_that_is_no_private_key_is_refused(log_file: str, auditor_file: Path) -> None:
    assert run(["log", "show", TICKET, "--log", log_file, "--auditor-key", str(auditor_file)]) == 2


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_row_is_a_sentence(kind: Kind) -> None:
    moment = "2026-11-21T09:30:00.000Z"
    fields = {
        "v": "1",
        "id": "019a0000-0000-7000-8000-000000000001",
        "log": f"{HOLDER}/1",
        "kind": kind.value,
        "at": moment,
        "environment": "test",
        "ticketCBSS": GATEWAY_TICKET,
        "ticket": TICKET,
        "operation": "somethingNew",
        "holding": HOLDER,
        "outcome": "MSG00000",
        "check": "x",
        "reminderNumber": "0",
        "from": moment,
        "until": moment,
        "count": "1",
        "fileDigest": "a" * 64,
        "reason": "why",
    }
    assert sentence(Record(fields)) == f"{kind} somethingNew (MSG00000)"


def test_nothing_in_a_row_steers_a_terminal() -> None:
    assert plain_text("a\x1b[31mb\u202ec") == "a?[31mb?c"
    assert os.linesep not in plain_text("a\nb")
