"""Several CPAS in one process, and a shared host whose one key signs for those that gave it a mandate."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import urllib3
from serving import opened, partners, post, status_of, table, write_toml, write_world
from stub_gateway import (
    GATEWAY_TICKET,
    JEANNE,
    NOW,
    answering,
    answering_to,
    asked,
    listening,
    question,
    status_xml,
)
from stub_pki import HOLDER, HUB, REQUESTER, authority, identity

from rse_cpas_stub.command import run
from rse_cpas_stub.configuration import read_all_settings, read_settings
from rse_cpas_stub.errors import SetupRefused
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import read_log
from rse_cpas_stub.partner import Partners
from rse_cpas_stub.server import PATH
from rse_cpas_stub.signature import sign, verify

SOUTH = "0299990316"
HOST = "0299990415"


@pytest.fixture
def folder(tmp_path: Path, auditor_file: Path) -> Path:
    write_world(tmp_path, HOLDER, REQUESTER, SOUTH, HOST)
    assert auditor_file.parent == tmp_path
    return tmp_path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def three(folder: Path, **above: object) -> Path:
    return write_toml(folder / "all.toml", table(REQUESTER), table(HOLDER), table(SOUTH), **above)


def hosted(number: str, **changes: object) -> dict[str, object]:
    one = table(number, **changes)
    return {name: value for name, value in one.items() if name not in {"key", "certificate"}}


def host_file(folder: Path, **above: object) -> Path:
    """Write a shared host: its key above, its CPAS in tables."""
    key = {"signing_number": HOST, "key": f"{HOST}.key.pem", "certificate": f"{HOST}.cert.pem"}
    return write_toml(folder / "host.toml", hosted(REQUESTER), hosted(HOLDER), hosted(SOUTH), **key, **above)


def test_each_has_a_port_of_its_own_by_default(folder: Path) -> None:
    with partners(three(folder)) as running:
        urls = [cpas.url for cpas in running.served]
        assert len({url.removesuffix(PATH) for url in urls}) == 3
        for number, url in zip((REQUESTER, HOLDER, SOUTH), urls, strict=True):
            root = opened(post(url, asked(addressee=number))[1], number)
            assert root.findtext("status/value") in {"DATA_FOUND", "NO_DATA_FOUND"}


def test_on_one_port_each_answers_below_its_own_path_and_logs_by_itself(folder: Path) -> None:
    port = free_port()
    with partners(three(folder, port=port)) as running:
        urls = {cpas.cbe_number: cpas.url for cpas in running.served}
        assert urls[HOLDER] == f"http://127.0.0.1:{port}/{HOLDER}{PATH}"
        assert status_of(opened(post(urls[HOLDER])[1]))[0] == "DATA_FOUND"
        refused = opened(post(urls[SOUTH], asked(addressee=HOLDER))[1], SOUTH)
        assert status_of(refused) == ("NO_RESULT", "MSG00008")
        assert post(f"http://127.0.0.1:{port}{PATH}") == (404, b"")
        assert urllib3.request("GET", f"{urls[HOLDER]}?wsdl").data.count(urls[HOLDER].encode()) == 1
    rows = {
        n: len(read_log(folder / f"{n}.db").by_ticket(GATEWAY_TICKET)) for n in (REQUESTER, HOLDER, SOUTH)
    }
    assert rows == {REQUESTER: 0, HOLDER: 2, SOUTH: 2}


def test_each_misbehaves_for_itself(folder: Path) -> None:
    port = free_port()
    above = {"port": port, "environment": "test"}
    file = write_toml(
        folder / "all.toml",
        table(HOLDER, fail="refuse"),
        table(REQUESTER, path="north", delay=0.01),
        table(SOUTH, fail="down"),
        **above,
    )
    with partners(file) as running:
        holder, north, south = (cpas.url for cpas in running.served)
        assert north == f"http://127.0.0.1:{port}/north{PATH}"
        assert status_of(opened(post(holder)[1])) == ("NO_RESULT", "MSG00027")
        assert status_of(opened(post(north, asked(addressee=REQUESTER))[1], REQUESTER))[0] == "NO_DATA_FOUND"
        with pytest.raises(urllib3.exceptions.ProtocolError):
            post(south)


def test_files_of_one_each_make_several(folder: Path) -> None:
    files = [write_toml(folder / f"{number}.toml", table(number)) for number in (HOLDER, SOUTH)]
    with partners(*files) as running:
        assert [cpas.cbe_number for cpas in running.served] == [HOLDER, SOUTH]


@pytest.mark.parametrize(
    "tables",
    [
        (table(HOLDER), table(HOLDER, log="other.db")),
        (table(HOLDER), table(SOUTH, log=f"{HOLDER}.db")),
        (table(HOLDER, port=1, path="same"), table(SOUTH, port=1, path="/same/")),
    ],
    ids=["number", "log", "path"],
)
def test_two_that_are_the_same_are_refused(folder: Path, tables: tuple[dict[str, object], ...]) -> None:
    file = write_toml(folder / "all.toml", *tables)
    with pytest.raises(SetupRefused):
        Partners(read_all_settings([file], {}), clock=lambda: NOW, tell=print)


def test_a_taken_port_is_refused(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        file = write_toml(folder / "one.toml", table(HOLDER, port=taken.getsockname()[1]))
        with pytest.raises(SetupRefused, match="cannot listen"):
            Partners(read_all_settings([file], {}), clock=lambda: NOW, tell=print)


def test_a_host_answers_for_each_of_its_cpas_with_its_own_key(folder: Path) -> None:
    with partners(host_file(folder)) as running:
        url = {cpas.cbe_number: cpas.url for cpas in running.served}[HOLDER]
        root = opened(post(url)[1], HOST)
    assert status_of(root)[0] == "DATA_FOUND"
    assert root.findtext("informationSupplier/supplierIdentification/cbeNumber") == HOLDER
    _, sent = read_log(folder / f"{HOLDER}.db").by_ticket(GATEWAY_TICKET)
    assert (sent.parsed().get("holding"), sent.parsed().get("signing")) == (HOLDER, HOST)


def test_a_host_asks_for_one_of_its_cpas(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str | None] = []

    def reply(raw: bytes) -> bytes:
        now = datetime.now(UTC)
        payload = verify(raw, Trust(HOST, (authority().certificate,)), now).payload
        seen.append(payload.findtext("informationCustomer/customerIdentification/cbeNumber"))
        rest = status_xml("NO_RESULT", "MSG00012")
        return answering_to(raw, "consultSocialReport", rest, asking=HOST, now=now)

    today = date(2025, 1, 1).isoformat()
    with listening(answering(reply)) as url:
        file = str(host_file(folder, gateway_url=url))
        asking = [
            "ask",
            "--config",
            file,
            "--ssin",
            JEANNE,
            "--begin",
            today,
            "--end",
            today,
            "--ticket",
            "T-9",
        ]
        assert run([*asking, "--cbe-number", SOUTH]) == 1
        assert run(asking) == 2
        assert "choose one" in capsys.readouterr().err
        assert run([*asking, "--cbe-number", HOST]) == 2
    assert seen == [SOUTH]
    log = str(folder / f"{SOUTH}.db")
    capsys.readouterr()
    assert run(["log", "show", "T-9", "--log", log]) == 0
    assert f"signed by {HOST} for us" in capsys.readouterr().out


def test_a_key_of_somebody_else_without_signing_number_is_refused(folder: Path) -> None:
    file = write_toml(
        folder / "one.toml", table(HOLDER, key=f"{HOST}.key.pem", certificate=f"{HOST}.cert.pem")
    )
    with pytest.raises(SetupRefused, match=f"names institution {HOST}"):
        read_settings(file, {}).identity()
    assert read_settings(file, {"signing_number": HOST}).identity().cbe_number == HOLDER


def test_a_table_wins_over_what_stands_above_and_an_option_over_both(folder: Path) -> None:
    file = write_toml(folder / "all.toml", table(HOLDER, delay=2), table(SOUTH), delay=1, fail="empty")
    assert [one.delay for one in read_all_settings([file], {})] == [2.0, 1.0]
    given = read_all_settings([file], {"delay": 0.5, "cbe_number": SOUTH})
    assert [(one.cbe_number, one.delay, one.fail) for one in given] == [(SOUTH, 0.5, "empty")]


@pytest.mark.parametrize("text", ["cpas = 1\n", "[cpas]\nfail = 1\n", "[[cpas]]\nunknown = 'x'\n", "x"])
def test_a_configuration_of_another_form_is_refused(folder: Path, text: str) -> None:
    file = folder / "bad.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SetupRefused):
        read_all_settings([file], {})


def test_serve_names_every_cpas_and_stops(folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "rse_cpas_stub.command", "serve", "--json", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--config", str(host_file(folder))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout is not None
        started = [json.loads(process.stdout.readline()) for _ in range(3)]
        raw = sign(question(), identity(HUB), datetime.now(UTC)).raw
        response = urllib3.request("POST", started[1]["url"], body=raw)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert [cpas["cbeNumber"] for cpas in started] == [REQUESTER, HOLDER, SOUTH]
    assert started[0]["receiverUrl"].endswith(f"/{REQUESTER}/SocialReportReceiverService/v1")
    root = verify(response.data, Trust(HOST, (authority().certificate,)), datetime.now(UTC)).payload
    assert root.findtext("status/value") == "DATA_FOUND"
