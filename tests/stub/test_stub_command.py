"""The command: results on stdout, talk on stderr, exit codes that scripts can rely on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3
from lxml import etree
from serving import write_identity, write_world
from stub_gateway import (
    GATEWAY_TICKET,
    JEANNE,
    answered,
    answering,
    consult_answer,
    fault,
    listening,
    question,
)
from stub_pki import HOLDER, HUB, REQUESTER, SAMPLES, authority, identity

from rse_cpas_stub.command import run
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.names import TEST, tag
from rse_cpas_stub.signature import sign, verify

ASK = ["--ssin", JEANNE, "--begin", "2024-01-01", "--end", "2024-12-31", "--ticket", "T-1"]


@pytest.fixture
def configured(tmp_path: Path, auditor_file: Path) -> Callable[..., list[str]]:
    """Write keys and a TOML file for one CPAS and give the option that names it."""
    write_world(tmp_path)

    def make(number: str, **changes: str) -> list[str]:
        write_identity(tmp_path, number)
        settings = {
            "cbe_number": number,
            "key": f"{number}.key.pem",
            "certificate": f"{number}.cert.pem",
            "gateway_certificate": f"{HUB}.cert.pem",
            "trusted_ca": "ca.pem",
            "log": f"{number}.db",
            "auditor_key": auditor_file.name,
            "persons": str(SAMPLES / f"{number}.json"),
            **changes,
        }
        file = tmp_path / "stub.toml"
        file.write_text("".join(f'{name} = "{value}"\n' for name, value in settings.items()), "utf-8")
        return ["--config", str(file)]

    return make


def replying(payload: etree._Element) -> Callable[[bytes], bytes]:
    return lambda raw: answered(raw, payload, datetime.now(UTC))


def ask(configured: Callable[..., list[str]], payload: etree._Element, *more: str) -> int:
    with listening(answering(replying(payload))) as url:
        return run(["ask", *configured(REQUESTER, gateway_url=url), *ASK, *more])


def test_ask_prints_the_answer_in_words(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(configured, consult_answer("T-1")) == 0
    printed = capsys.readouterr()
    assert "beneficiary Modèle Jeanne" in printed.out
    assert printed.err == ""


def test_ask_prints_json_for_programs(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(configured, consult_answer("T-1"), "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["suppliers"][0]["socialReport"]["beneficiary"]["ssin"] == JEANNE


def test_a_refused_question_ends_with_1(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(configured, consult_answer("T-1", status="NO_RESULT")) == 1
    assert "MSG00012" in capsys.readouterr().out


@pytest.mark.parametrize(("faultcode", "code"), [("soap:Client", 1), ("soap:Server", 3)])
def test_a_fault_ends_with_1_when_it_is_ours_and_3_when_it_is_theirs(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], faultcode: str, code: int
) -> None:
    assert ask(configured, fault("MSG00001", faultcode)) == code
    printed = capsys.readouterr()
    assert (printed.out, "MSG00001" in printed.err) == ("", True)


def test_an_unreachable_gateway_ends_with_3(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", *configured(REQUESTER, gateway_url="http://127.0.0.1:1"), *ASK]) == 3
    assert JEANNE not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "--begin", "2024-01-01", "--end", "2024-12-31"],
        ["ask", *ASK],
        ["ask", *ASK, "--config", "absent.toml"],
        ["serve", "--fail", "sometimes"],
        ["log", "show", "T-1", "--log", "absent.db"],
        ["unknown"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, "Error" in printed.err) == ("", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"cbe_number": HOLDER},
        {"key": f"{HUB}.key.pem"},
        {"environment": "staging"},
        {"unknown": "x"},
        {"auditor_key": "absent.pem"},
        {"trusted_ca": "absent.pem"},
    ],
)
def test_a_wrong_setting_ends_with_2(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], changes: dict[str, str]
) -> None:
    assert run(["ask", *configured(REQUESTER, gateway_url="http://127.0.0.1:1", **changes), *ASK]) == 2
    assert "Error" in capsys.readouterr().err


def test_the_number_can_come_from_stdin(
    configured: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "number").write_text(JEANNE + "\n")
    with listening(answering(replying(consult_answer("T-1")))) as url, (tmp_path / "number").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run(["ask", *configured(REQUESTER, gateway_url=url), "--ssin-file", "-", *ASK[2:]]) == 0


def test_log_show_tells_both_rows_and_no_person(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ask(configured, consult_answer("T-1"))
    capsys.readouterr()
    assert run(["log", "show", "T-1", "--log", str(tmp_path / f"{REQUESTER}.db"), "--json"]) == 0
    printed = capsys.readouterr().out
    assert [row["kind"] for row in json.loads(printed)] == ["REQUEST_SENT", "ANSWER_RECEIVED"]
    assert JEANNE not in printed
    assert run(["log", "show", GATEWAY_TICKET, "--log", str(tmp_path / f"{REQUESTER}.db")]) == 0
    assert "kind=ANSWER_RECEIVED" in capsys.readouterr().out
    assert run(["log", "show", "T-2", "--log", str(tmp_path / f"{REQUESTER}.db")]) == 1


def test_test_shows_what_the_gateway_saw(
    configured: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(raw: bytes) -> bytes:
        asked = verify(raw, Trust(REQUESTER, (authority().certificate,)), datetime.now(UTC)).payload
        answer = etree.Element(tag(TEST, "sendTestMessageResponse"))
        answer.append(asked.find("informationCustomer"))
        answer.extend(
            etree.fromstring(f"""<x><informationCBSS><ticketCBSS>{GATEWAY_TICKET}</ticketCBSS>
<timestampReceive>2026-11-21T09:30:00.000Z</timestampReceive></informationCBSS>
<legalContext>PCSA:SOCIAL_INQUIRY</legalContext><criteria><message>hello</message></criteria>
<status><value>DATA_FOUND</value><code>MSG00000</code><description>ok</description></status>
<message>hello</message><gatewayTime>2026-11-21T09:30:00.000Z</gatewayTime><environment>test</environment>
<certificateSeen><sha256>{"a" * 64}</sha256></certificateSeen>
<institutionSeen><cbeNumber>{REQUESTER}</cbeNumber></institutionSeen></x>""")
        )
        return answered(raw, answer, datetime.now(UTC))

    with listening(answering(reply)) as url:
        assert run(["test", *configured(REQUESTER, gateway_url=url), "--message", "hello", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["institution"] == REQUESTER


def test_serve_is_a_process_that_answers_and_stops(configured: Callable[..., list[str]]) -> None:
    command = [sys.executable, "-c", "from rse_cpas_stub.command import main; main()"]
    process = subprocess.Popen(
        [*command, "serve", *configured(HOLDER), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        now = datetime.now(UTC)
        raw = sign(question(), identity(HUB), now).raw
        response = urllib3.request("POST", started["url"], body=raw)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    answer = verify(response.data, Trust(HOLDER, (authority().certificate,)), datetime.now(UTC)).payload
    assert answer.findtext("status/value") == "DATA_FOUND"
    assert started["cbeNumber"] == HOLDER
