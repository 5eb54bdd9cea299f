"""Every way to fail on purpose, over a real socket: exactly what its name says is wrong, and nothing else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
import zeep
from lxml import etree
from serving import SUPPLIED, opened, partners, post, status_of, table, write_toml, write_world
from stub_gateway import GATEWAY_TICKET, JEANNE, NOW, asked
from stub_pki import HOLDER, REQUESTER, authority

from rse_cpas_stub import contract
from rse_cpas_stub.configuration import read_settings
from rse_cpas_stub.errors import ContractBroken, SetupRefused, SignatureRefused
from rse_cpas_stub.failures import Failure
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import read_log
from rse_cpas_stub.names import REPORT, SOAP, tag
from rse_cpas_stub.server import PATH, RECEIVER_PATH
from rse_cpas_stub.signature import verify
from rse_cpas_stub.skeleton import parse_unverified
from rse_gateway.trail import Kind

MIB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path, auditor_file: Path) -> Path:
    write_world(tmp_path, HOLDER, REQUESTER)
    assert auditor_file.parent == tmp_path
    return tmp_path


@contextmanager
def holder(folder: Path, **changes: object) -> Iterator[str]:
    """Serve one holder with these settings and give its address."""
    file = write_toml(folder / "stub.toml", table(HOLDER, **changes))
    with partners(file) as running:
        yield running.served[0].url


def answer(folder: Path, raw: bytes | None = None, **changes: object) -> etree._Element:
    with holder(folder, **changes) as url:
        status, body = post(url, raw)
    assert status == 200
    return opened(body)


def kinds(folder: Path) -> list[Kind]:
    return [row.parsed().kind for row in read_log(folder / f"{HOLDER}.db").by_ticket(GATEWAY_TICKET)]


def test_without_a_switch_it_answers(folder: Path) -> None:
    assert status_of(answer(folder)) == ("DATA_FOUND", "MSG00000")


def test_slow_holds_every_answer_back(folder: Path) -> None:
    with holder(folder, delay=0.6) as url:
        started = time.monotonic()
        status, body = post(url)
        assert time.monotonic() - started >= 0.6
    assert (status, status_of(opened(body))[0]) == (200, "DATA_FOUND")


def test_down_refuses_connections_and_keeps_its_port(folder: Path) -> None:
    with holder(folder, fail="down") as url, pytest.raises(urllib3.exceptions.NewConnectionError):
        post(url)
    assert read_log(folder / f"{HOLDER}.db").by_ticket(GATEWAY_TICKET) == []


def test_hang_up_closes_without_a_byte(folder: Path) -> None:
    with holder(folder, fail="hang-up") as url, pytest.raises(urllib3.exceptions.ProtocolError):
        post(url)


def test_unavailable_answers_503_and_nothing(folder: Path) -> None:
    with holder(folder, fail="unavailable") as url:
        assert post(url) == (503, b"")


def test_drip_sends_a_whole_answer_slowly(folder: Path) -> None:
    with holder(folder, fail="drip", drip_rate=6000) as url:
        started = time.monotonic()
        status, body = post(url)
        took = time.monotonic() - started
    assert (status, status_of(opened(body))[0]) == (200, "DATA_FOUND")
    assert took >= len(body) / 6000 * 0.9


def test_drip_outlasts_a_reader_without_patience(folder: Path) -> None:
    with holder(folder, fail="drip") as url:
        response = urllib3.request(
            "POST", url, body=asked(), preload_content=False, retries=False, timeout=10
        )
        first = response.read1(64)
        response.close()
    assert 0 < len(first) < 64


def test_fault_is_signed_and_valid(folder: Path) -> None:
    with holder(folder, fail="fault") as url:
        status, body = post(url)
    root = opened(body)
    assert (status, root.tag) == (500, tag(SOAP, "Fault"))
    contract.check(root.find("detail")[0], tag(REPORT, "socialReportSupplierFault"))


def test_bad_signature_is_a_valid_message_altered_after_signing(folder: Path) -> None:
    with holder(folder, fail="bad-signature") as url:
        _, body = post(url)
    with pytest.raises(SignatureRefused, match="does not verify"):
        opened(body)
    payload = parse_unverified(body).root.find(tag(SOAP, "Body"))[0]
    contract.check(payload, SUPPLIED)


def test_wrong_signer_without_another_key_signs_with_an_unknown_one(folder: Path) -> None:
    with holder(folder, fail="wrong-signer") as url:
        _, body = post(url)
    with pytest.raises(SignatureRefused):
        opened(body)


def test_wrong_signer_signs_truly_as_another_institution(folder: Path) -> None:
    other = {"other_key": f"{REQUESTER}.key.pem", "other_certificate": f"{REQUESTER}.cert.pem"}
    with holder(folder, fail="wrong-signer", **other) as url:
        _, body = post(url)
    with pytest.raises(SignatureRefused, match="another institution"):
        opened(body)
    root = verify(body, Trust(REQUESTER, (authority().certificate,)), NOW).payload
    assert status_of(root)[0] == "DATA_FOUND"
    assert root.findtext("informationSupplier/supplierIdentification/cbeNumber") == HOLDER


def test_wrong_xsd_is_signed_and_invalid(folder: Path) -> None:
    with pytest.raises(ContractBroken):
        contract.check(answer(folder, fail="wrong-xsd"), SUPPLIED)


@pytest.mark.parametrize(
    ("fail", "path", "right"),
    [
        ("wrong-person", "criteria/ssin", JEANNE),
        ("wrong-person", "socialReport/beneficiary/ssin", JEANNE),
        ("wrong-addressee", "informationSupplier/supplierIdentification/cbeNumber", HOLDER),
        ("wrong-ticket", "informationCBSS/ticketCBSS", GATEWAY_TICKET),
        ("wrong-environment", "informationCustomer/environment", "test"),
    ],
)
def test_one_field_is_wrong_in_a_valid_answer(folder: Path, fail: str, path: str, right: str) -> None:
    root = answer(folder, fail=fail)
    assert status_of(root) == ("DATA_FOUND", "MSG00000")
    assert root.findtext(path) not in {None, right}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fail": "refuse"}, ("NO_RESULT", "MSG00027")),
        ({"fail": "refuse", "refuse_code": "MSG00021"}, ("NO_RESULT", "MSG00021")),
        ({"fail": "unknown-code"}, ("NO_RESULT", "MSG99999")),
        ({"fail": "empty"}, ("DATA_FOUND", "MSG00000")),
        ({"fail": "promise"}, ("ACCEPTED", "MSG00020")),
    ],
)
def test_valid_answers_without_a_report(
    folder: Path, changes: dict[str, object], expected: tuple[str, str]
) -> None:
    root = answer(folder, **changes)
    assert status_of(root) == expected
    assert root.find("socialReport") is None


@pytest.mark.parametrize("ssin", [JEANNE, "17073003384"], ids=["known", "unknown"])
def test_huge_is_valid_and_just_below_one_mib(folder: Path, ssin: str) -> None:
    with holder(folder, fail="huge") as url:
        _, body = post(url, asked(ssin=ssin))
    assert 0.95 * MIB < len(body) < MIB
    root = opened(body)
    assert status_of(root) == ("DATA_FOUND", "MSG00000")
    assert root.findtext("socialReport/beneficiary/ssin") == ssin
    assert sum(1 for _ in root.iter()) < 25_000
    assert {found.text for found in root.iter("ratificationDate")} == {"2024-01-01"}


@pytest.mark.parametrize(
    "fail", [failure for failure in Failure if failure not in {"down", "hang-up", "unavailable"}]
)
def test_what_is_answered_is_logged_whatever_is_wrong_with_it(folder: Path, fail: str) -> None:
    with holder(folder, fail=fail, drip_rate=60_000) as url:
        post(url)
    expected = [Kind.REQUEST_RECEIVED, Kind.ANSWER_SENT]
    assert kinds(folder) == (expected[:1] if fail == "fault" else expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"fail": "sometimes"},
        {"delay": "long"},
        {"port": True},
        {"port": 80.5},
        {"delay": -1},
        {"deliver": "x"},
    ],
)
def test_a_switch_that_is_none_is_refused(folder: Path, changes: dict[str, object]) -> None:
    toml = {name: str(value).lower() if isinstance(value, bool) else value for name, value in changes.items()}
    file = write_toml(folder / "stub.toml", table(HOLDER, **toml))
    with pytest.raises(SetupRefused):
        read_settings(file, {})


@pytest.mark.parametrize("path", [PATH, RECEIVER_PATH])
def test_its_wsdls_are_complete_and_name_their_address(folder: Path, path: str) -> None:
    with holder(folder) as url:
        address = url.replace(PATH, path)
        client = zeep.Client(f"{address}?wsdl", settings=zeep.Settings(strict=True, forbid_external=True))
    assert client.service._binding_options["address"] == address


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [("GET", PATH, None, 405), ("POST", "/other", b"x", 404), ("POST", PATH, b"x" * 300_000, 413)],
)
def test_another_call_gets_an_empty_answer(
    folder: Path, method: str, path: str, body: bytes | None, status: int
) -> None:
    with holder(folder) as url:
        response = urllib3.request(method, url.replace(PATH, path), body=body)
    assert (response.status, response.data) == (status, b"")
