"""``rse-gateway sign``: what comes out is a message that the gate opens."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_runs import CPAS, call, run
from cryptography import x509
from lxml import etree

from rse_gateway.contract.namespaces import REPORT, SOAP11
from rse_gateway.contract.parsing import Bounds
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, TrustPolicy

PAYLOAD = (
    f'<r:consultSocialReportRequest xmlns:r="{REPORT}"><informationCustomer><ticket>OLD</ticket>'
    "</informationCustomer></r:consultSocialReportRequest>"
)
ENVELOPE = (
    f'<soap:Envelope xmlns:soap="{SOAP11}"><soap:Header><x:y xmlns:x="urn:x:y"/></soap:Header>'
    f"<soap:Body>{PAYLOAD}</soap:Body></soap:Envelope>"
)


class EveryKey:
    """A registry in which every key is the CPAS's."""

    def registered_key(self, _key_id: str) -> RegisteredKey:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        return RegisteredKey(CbeNumber(CPAS), frozenset({"cpas"}), "strict", start, None)


@pytest.fixture
def pair(pki: Path) -> tuple[Path, Path]:
    return pki / f"test-cpas-{CPAS}.key.pem", pki / f"test-cpas-{CPAS}.cert.pem"


@pytest.fixture
def opened(pki: Path):
    ca = x509.load_pem_x509_certificate((pki / "test-ca.cert.pem").read_bytes())
    gate = Gate(TrustPolicy([TrustAnchor(ca, "ou")], EveryKey()))

    def open_it(raw: bytes) -> SignedMessage:
        return gate.open(raw, bounds=Bounds(256 * 1024, 2000), now=datetime.now(UTC))

    return open_it


def _ticket(message: SignedMessage) -> str | None:
    return message.payload.findtext("informationCustomer/ticket")


@pytest.mark.parametrize("content", [PAYLOAD, ENVELOPE])
def test_payload_and_envelope_become_a_message_that_the_gate_opens(tmp_path, pair, opened, content) -> None:
    (tmp_path / "sample.xml").write_text(content)
    ended = run("sign", tmp_path / "sample.xml", "--key", pair[0], "--certificate", pair[1])
    message = opened(ended.raw)
    assert (ended.code, ended.err) == (0, "")
    assert (message.signer.cbe_number.value, _ticket(message)) == (CPAS, "OLD")


def test_a_signed_message_may_come_from_standard_input_and_be_signed_again(pair, opened, tmp_path) -> None:
    once = call("sign", "-", "--as", *pair, given=PAYLOAD.encode())
    again = call("sign", "-", "--as", *pair, "-o", tmp_path / "again.xml", given=once.raw)
    assert again.raw == b""
    assert etree.QName(opened((tmp_path / "again.xml").read_bytes()).payload).namespace == REPORT


def test_a_fresh_ticket_is_new_each_time_and_a_given_one_is_taken(pair, opened) -> None:
    tickets = [
        _ticket(opened(call("sign", "-", "--as", *pair, "--ticket", ticket, given=PAYLOAD.encode()).raw))
        for ticket in ("NEW", "NEW", "MINE-1")
    ]
    assert len(set(tickets)) == 3
    assert tickets[2] == "MINE-1"
    assert "OLD" not in tickets


def test_a_key_that_others_can_read_serves_with_a_test_certificate(pki, tmp_path, opened) -> None:
    key = tmp_path / "open.key.pem"
    key.write_bytes((pki / f"test-cpas-{CPAS}.key.pem").read_bytes())
    key.chmod(0o644)
    certificate = pki / f"test-cpas-{CPAS}.cert.pem"
    assert opened(call("sign", "-", "--as", key, certificate, given=PAYLOAD.encode()).raw).signer


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"not XML", (), 1),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a xmlns="urn:a">&e;</a>', (), 1),
        (b"<without-namespace/>", (), 1),
        (f'<e:Envelope xmlns:e="{SOAP11}"><e:Body/></e:Envelope>'.encode(), (), 1),
        (b'<a xmlns="urn:a:b"/>', ("--ticket", "NEW"), 1),
        (PAYLOAD.encode(), ("--ticket", "no ticket!"), 2),
        (PAYLOAD.encode(), ("--lifetime", "301"), 2),
        (PAYLOAD.encode(), ("--key", "x.pem"), 2),
    ],
)
def test_what_cannot_be_signed_is_refused_without_output(pair, content, options, code) -> None:
    ended = call("sign", "-", "--as", *pair, *options, given=content)
    assert (ended.code, ended.raw) == (code, b"")
    assert ended.err


def test_key_and_certificate_of_different_pairs_are_refused(pki, pair) -> None:
    ended = call("sign", "-", "--as", pair[0], pki / "test-gateway.cert.pem", given=PAYLOAD.encode())
    assert (ended.code, ended.raw) == (2, b"")
    assert "another key" in ended.err
