"""``rse-gateway institutions check``: a right partner, and each way to be wrong, as processes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cli_runs import CPAS, HUB, NISS, OTHER_CPAS, ROOT, call, institutions_text

SUPPLIER, RECEIVER = "/SocialReportSupplierService/v1", "/SocialReportReceiverService/v1"
Serve = Callable[..., dict[str, str]]
Register = Callable[..., Path]


@pytest.fixture
def serve(pki: Path, tmp_path: Path) -> Iterator[Serve]:
    """Start a partner as a process of its own; ``arguments`` say how it fails."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path) -> dict[str, str]:
        command = [
            sys.executable, "-m", "rse_cpas_stub.command", "serve", "--json", "--cbe-number", CPAS,
            "--key", pki / f"test-cpas-{CPAS}.key.pem", "--certificate", pki / f"test-cpas-{CPAS}.cert.pem",
            "--gateway-number", HUB, "--trusted-ca", pki / "test-ca.cert.pem",
            "--log", tmp_path / "partner.db", "--auditor-key", pki / "test-auditor.cert.pem",
            "--persons", ROOT / "samples" / "persons" / f"{CPAS}.json", *arguments,
        ]  # fmt: skip
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [str(one) for one in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environ,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        ready: dict[str, str] = json.loads(process.stdout.readline())
        return ready

    yield start
    for process in running:
        process.terminate()
        process.wait(30)


@pytest.fixture
def register(settings: Path, institutions_file: Callable[[str], Path]) -> Register:
    """Register the partner with these fields; return the settings file."""

    def put(**changes: str) -> Path:
        file = institutions_file(institutions_text(**changes))
        assert call("institutions", "import", file, settings=settings).code == 0
        return settings

    return put


def checked(settings: Path, *arguments: str, given: bytes = b"") -> tuple[int, dict[str, Any]]:
    """Return exit code and steps, by name."""
    ended = call("institutions", "check", CPAS, "--json", *arguments, settings=settings, given=given)
    verdict = json.loads(ended.out)
    assert verdict["right"] is (ended.code == 0), ended.err
    return ended.code, {step["step"]: step for step in verdict["steps"]}


def rows_of(settings: Path) -> list[dict[str, str]]:
    """Return the rows of the trial, oldest first."""
    found = call("log", "find", "--holding", CPAS, "--reason", "test", "--json", settings=settings)
    return [row["record"] for row in reversed(json.loads(found.out)) if "ticketCBSS" in row["record"]]


def results(steps: dict[str, Any]) -> dict[str, str]:
    return {name: step["result"] for name, step in steps.items()}


def test_a_partner_that_is_right_passes_every_step(serve: Serve, register: Register) -> None:
    ready = serve()
    settings = register(endpoint=f'"{ready["url"]}"', receiver_endpoint=f'"{ready["receiverUrl"]}"')
    code, steps = checked(settings)
    assert code == 0
    assert list(steps) == [
        "registration", "keys", "address", "connection", "WSDL", "reply", "signature", "structure", "content",
        "status", "receiver address", "receiver connection", "receiver WSDL",
    ]  # fmt: skip
    assert set(results(steps).values()) == {"ok"}
    assert f"signed by {CPAS}" in steps["signature"]["seen"]
    assert "MSG00100" in steps["status"]["seen"]


def test_the_verdict_is_readable(serve: Serve, register: Register) -> None:
    settings = register(endpoint=f'"{serve()["url"]}"')
    ended = call("institutions", "check", CPAS, settings=settings)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "verdict: all right")
    assert "  ok         signature     signed by" in ended.out


def test_nothing_is_sent_that_is_not_logged(serve: Serve, register: Register) -> None:
    settings = register(endpoint=f'"{serve()["url"]}"')
    checked(settings)
    sent, answered = rows_of(settings)
    assert [sent["kind"], answered["kind"]] == ["FORWARDED", "SUPPLIER_ANSWERED"]
    assert (sent["asking"], sent["holding"], answered["outcome"]) == (HUB, CPAS, "MSG00100")
    assert sent["ticket"].startswith("RSE-CHECK-")


WRONG = {
    "bad-signature": ("signature", "digest"),
    "wrong-signer": ("signature", ""),
    "wrong-xsd": ("structure", "breaks the XSD: line"),
    "fault": ("structure", "a signed fault: Server: "),
    "wrong-ticket": ("content", "another ticket"),
    "wrong-addressee": ("content", "another institution"),
    "wrong-environment": ("content", "another environment"),
    "wrong-person": ("content", "another person"),
    "refuse": ("status", "MSG00027"),
    "unknown-code": ("status", "outside the catalogue"),
    "empty": ("status", "contradict"),
    "unavailable": ("reply", "HTTP status 503"),
    "hang-up": ("reply", "no reply"),
}


@pytest.mark.parametrize("failure", WRONG)
def test_each_way_to_be_wrong_is_named_with_its_step_and_what_to_mend(
    failure: str, serve: Serve, register: Register
) -> None:
    settings = register(endpoint=f'"{serve("--fail", failure)["url"]}"')
    code, steps = checked(settings)
    step, seen = WRONG[failure]
    assert code == 1
    assert [name for name, result in results(steps).items() if result == "wrong"] == [step]
    assert seen in steps[step]["seen"]
    assert steps[step]["mend"]
    order = ["reply", "signature", "structure", "content", "status"]
    at = order.index(step)
    assert {steps[name]["result"] for name in order[:at]} <= {"ok"}
    assert {steps[name]["result"] for name in order[at + 1 :]} <= {"not tried"}
    came_back = "SUPPLIER_ANSWERED" if failure == "refuse" else "SUPPLIER_FAILED"
    assert [row["kind"] for row in rows_of(settings)] == ["FORWARDED", came_back]


def test_another_institution_s_signature_is_named(serve: Serve, register: Register, pki: Path) -> None:
    other = [pki / f"test-cpas-{OTHER_CPAS}.{kind}.pem" for kind in ("key", "cert")]
    failing = ("--fail", "wrong-signer", "--other-key", other[0], "--other-certificate", other[1])
    settings = register(endpoint=f'"{serve(*failing)["url"]}"')
    code, steps = checked(settings)
    assert (code, steps["signature"]["result"]) == (1, "wrong")
    assert "not registered" in steps["signature"]["seen"]


def test_a_partner_that_is_down_is_not_asked(serve: Serve, register: Register) -> None:
    settings = register(endpoint=f'"{serve("--fail", "down")["url"]}"')
    code, steps = checked(settings)
    assert (code, steps["connection"]["result"], steps["question"]["result"]) == (1, "wrong", "not tried")
    assert "refused" in steps["connection"]["seen"]
    assert rows_of(settings) == []


def test_an_answer_that_comes_later_is_a_warning(serve: Serve, register: Register) -> None:
    settings = register(endpoint=f'"{serve("--fail", "promise")["url"]}"')
    code, steps = checked(settings)
    assert (code, steps["status"]["result"]) == (0, "warning")


@pytest.mark.parametrize("place", ["file", "-"])
def test_a_person_of_one_s_own_can_be_asked_about(
    place: str, serve: Serve, register: Register, tmp_path: Path
) -> None:
    settings = register(endpoint=f'"{serve()["url"]}"')
    (tmp_path / "file").write_text(f"{NISS}\n")
    where = place if place == "-" else str(tmp_path / place)
    code, steps = checked(settings, "--ssin-file", where, given=NISS.encode())
    assert (code, steps["status"]["result"]) == (0, "ok")


@pytest.mark.parametrize("content", ["", "85073003329", "nobody"])
def test_what_is_no_national_number_is_refused_and_never_shown(content: str, register: Register) -> None:
    ended = call(
        "institutions", "check", CPAS, "--ssin-file", "-", settings=register(), given=content.encode()
    )
    assert ended.code == 1
    assert "one NISS expected" in ended.err


def test_a_person_s_number_is_refused_in_production(serve: Serve, register: Register) -> None:
    settings = register(endpoint=f'"{serve()["url"]}"')
    settings.write_text(settings.read_text().replace('environment = "test"', 'environment = "prod"'))
    ended = call("institutions", "check", CPAS, "--ssin-file", "-", settings=settings, given=NISS.encode())
    assert (ended.code, "production" in ended.err) == (2, True)
    assert rows_of(settings) == []


def test_who_is_not_registered_is_refused(settings: Path) -> None:
    ended = call("institutions", "check", OTHER_CPAS, settings=settings)
    assert (ended.code, "not registered" in ended.err) == (1, True)


def test_without_endpoint_or_key_a_partner_is_wrong_and_an_exemption_is_a_warning(register: Register) -> None:
    code, steps = checked(register(endpoint="", certificates=""))
    assert code == 1
    assert results(steps) == {"registration": "wrong", "keys": "wrong"}
    _, steps = checked(register(endpoint="", exempt_until="2099-01-01"))
    assert results(steps) == {"registration": "warning", "keys": "ok"}


def test_a_key_that_ends_soon_and_maintenance_are_warnings(
    register: Register, settings: Path, serve: Serve
) -> None:
    later = "2099-01-01T00:00:00Z"
    code, steps = checked(
        register(endpoint=f'"{serve()["url"]}"', maintenance_until=later, certificates="", key=_key(1))
    )
    assert code == 0
    assert results(steps)["maintenance"] == results(steps)["keys"] == "warning"
    assert "ends in" in steps["keys"]["seen"]


def test_a_registered_certificate_that_the_gate_refuses_by_now_is_named(
    register: Register, settings: Path, pki: Path
) -> None:
    registered = register(endpoint="")
    rogue = (pki / "test-rogue-ca.cert.pem").read_bytes()
    (settings.parent / "keys" / "trusted-cas.pem").write_bytes(rogue)
    code, steps = checked(registered)
    assert (code, results(steps)["keys"]) == (1, "wrong")
    assert "no valid path to a trusted CA" in steps["keys"]["seen"]


def _key(days: int) -> str:
    until = datetime.now(UTC) + timedelta(days=days)
    return f'[{{ certificate = "test-cpas-{CPAS}.cert.pem", active_until = {until:%Y-%m-%dT%H:%M:%SZ} }}]'


class _Partner(BaseHTTPRequestHandler):
    """Gives ``content`` to every GET and no answer to a question."""

    content = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.content)

    def do_POST(self) -> None:
        self.send_error(404)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def publishing() -> Iterator[Callable[[bytes], str]]:
    """Serve a WSDL and nothing else; return the address."""
    servers: list[ThreadingHTTPServer] = []

    def start(content: bytes) -> str:
        handler = type("Handler", (_Partner,), {"content": content})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/service"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


OURS = (ROOT / "wsdl" / "SocialReportSupplierService-v1.wsdl").read_bytes()
WSDLS = {
    "version": (OURS.replace(b"SupplierService:v1", b"SupplierService:v2"), "wrong", "contract version v2"),
    "namespace": (OURS.replace(b"urn:rse-gateway:intf", b"urn:other:intf"), "wrong", "namespace urn:other"),
    "operation": (
        OURS.replace(b'"provideSocialReport"', b'"give"'),
        "wrong",
        "provideSocialReport is absent",
    ),
    "action": (OURS.replace(b"v1/provideSocialReport", b"v1/give"), "wrong", "SOAPAction"),
    "rpc": (OURS.replace(b'style="document"', b'style="rpc"'), "wrong", "style rpc/literal"),
    "comment": (OURS.replace(b"<wsdl:types>", b"<!-- made by a toolkit --><wsdl:types>"), "ok", "as in the"),
    "page": (b"<html><body>welcome</body></html>", "not tried", "no WSDL"),
    "text": (b"hello", "not tried", "no WSDL"),
}


@pytest.mark.parametrize("case", WSDLS)
def test_a_published_wsdl_is_compared_with_the_contract(
    case: str, publishing: Callable[[bytes], str], register: Register
) -> None:
    content, result, seen = WSDLS[case]
    code, steps = checked(register(endpoint=f'"{publishing(content)}"'))
    assert (code, steps["WSDL"]["result"]) == (1, result)
    assert seen in steps["WSDL"]["seen"]
    assert (steps["reply"]["result"], steps["reply"]["seen"]) == ("wrong", "HTTP status 404")


def test_a_hostile_wsdl_is_no_wsdl(publishing: Callable[[bytes], str], register: Register) -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + OURS.replace(b"FR: ", b"&a;")
    _, steps = checked(register(endpoint=f'"{publishing(bomb)}"'))
    assert steps["WSDL"]["result"] == "not tried"


def test_plain_http_where_tls_is_registered_is_told(serve: Serve, register: Register) -> None:
    address = serve()["url"].replace("http://", "https://")
    code, steps = checked(register(endpoint=f'"{address}"'))
    assert (code, steps["connection"]["result"], steps["question"]["result"]) == (1, "wrong", "not tried")
    assert "TLS" in steps["connection"]["seen"]


def test_the_import_says_how_to_try_a_partner(settings: Path, institutions_file: Any) -> None:
    ended = call("institutions", "import", institutions_file(institutions_text()), settings=settings)
    assert f"rse-gateway institutions check {CPAS}" in ended.err
