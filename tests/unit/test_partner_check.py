"""A partner tried without a network: what production leaves out, what is warned of."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from gateway_fakes import NOW, ONE, TWO, MemoryWorld, StandingClock, a_world, institution

from rse_gateway.adapters.address_judge import AddressJudge
from rse_gateway.adapters.connecting import Connector
from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.partner_probe import PartnerProbe, Reached, TlsSeen
from rse_gateway.conformance.explanations import fault_in
from rse_gateway.conformance.findings import Finding, all_right
from rse_gateway.conformance.partner_check import Network, PartnerCheck
from rse_gateway.conformance.trial import NOBODY
from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.errors import SupplierUnreachable
from rse_gateway.security.allowed_hosts import AllowedHosts
from rse_gateway.store.key_list import ListedKey

KEY = ListedKey("ab" * 32, frozenset({"cpas"}), NOW - timedelta(days=1), None)
HERE = AllowedHosts.of(["no-such.invalid"], "test")
SECURE = replace(institution(ONE), endpoint="https://rse.cpas.example/supplier")
FAR = NOW + timedelta(days=400)


class Trial:
    """Stands for `Trial`; knows whether it was asked."""

    def __init__(self) -> None:
        self.asked: list[Niss | None] = []

    def __call__(self, _holder: CbeNumber, _endpoint: str, person: Niss | None) -> list[Finding]:
        self.asked.append(person)
        return []


def tried(
    partner: Institution,
    *,
    environment: str = "test",
    keys: tuple[ListedKey, ...] = (KEY,),
    world: MemoryWorld | None = None,
    tls_until: datetime = FAR,
) -> tuple[dict[str, Finding], Trial]:
    """Return the findings by step, and whether a question was asked."""
    trial, tls = Trial(), TlsSeen("TLSv1.3", 0.02, tls_until)
    check = PartnerCheck(
        registry=world or a_world(),
        keys_of=lambda _number: keys,
        network=Network(
            lambda _address: None, lambda _address: Reached(0.01, tls), lambda _address: HttpReply(404, b"")
        ),
        trial=trial,  # type: ignore[arg-type]
        clock=StandingClock(),
        environment=environment,
    )
    return {finding.step: finding for finding in check(partner)}, trial


def test_production_asks_nothing_about_anybody() -> None:
    found, trial = tried(SECURE, environment="prod")
    assert trial.asked == []
    assert found["question"].result == "not tried"
    assert found["connection"].result == "ok"
    assert all_right(found.values())


def test_production_sends_nothing_in_clear() -> None:
    def never(_address: str) -> Reached:
        raise AssertionError("something was sent in clear")

    partner = replace(institution(ONE), endpoint="http://rse.cpas.example/supplier")
    check = PartnerCheck(
        registry=a_world(),
        keys_of=lambda _number: (KEY,),
        network=Network(AddressJudge(AllowedHosts.of((), "prod")), never, never),  # type: ignore[arg-type]
        trial=Trial(),  # type: ignore[arg-type]
        clock=StandingClock(),
        environment="prod",
    )
    found = {finding.step: finding.result for finding in check(partner)}
    assert (found["address"], found["connection"], found["question"]) == ("wrong", "not tried", "not tried")


@pytest.mark.parametrize("environment", ["test", "acpt"])
def test_elsewhere_a_question_about_nobody_is_asked_once(environment: str) -> None:
    _, trial = tried(SECURE, environment=environment)
    assert trial.asked == [None]


@pytest.mark.parametrize(("days", "result"), [(29, "warning"), (30, "ok")])
def test_a_tls_certificate_that_ends_within_thirty_days_is_warned_of(days: int, result: str) -> None:
    found, _ = tried(SECURE, tls_until=NOW + timedelta(days=days))
    assert found["connection"].result == result


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        ((), "wrong"),
        ((replace(KEY, roles=frozenset({"statistics"})),), "wrong"),
        ((replace(KEY, active_from=NOW + timedelta(seconds=1)),), "wrong"),
        ((replace(KEY, active_until=NOW),), "wrong"),
        ((replace(KEY, active_until=NOW + timedelta(days=29)),), "warning"),
        ((replace(KEY, active_until=NOW + timedelta(days=31)),), "ok"),
        ((replace(KEY, active_until=NOW), KEY), "ok"),
    ],
)
def test_keys_count_when_they_are_active_and_of_a_cpas(keys: tuple[ListedKey, ...], result: str) -> None:
    found, _ = tried(SECURE, keys=keys)
    assert found["keys"].result == result


def test_who_is_signed_for_by_mandate_needs_no_key_of_its_own() -> None:
    world = a_world()
    world.held = [HeldMandate(TWO, ONE, "provideSocialReport")]
    found, _ = tried(SECURE, keys=(), world=world)
    assert found["keys"].result == "ok"


def test_a_successor_is_named() -> None:
    world = a_world()
    world.successors[ONE] = TWO
    found, _ = tried(SECURE, world=world)
    assert TWO.value in found["successor"].seen


def test_nobody_is_a_valid_number_that_the_register_never_gives() -> None:
    assert NOBODY.value[6:9] == "999"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    ],
)
def test_bytes_without_a_fault_hold_none(raw: bytes) -> None:
    assert fault_in(raw) is None


def test_a_fault_is_told_in_one_line_that_is_cut_short() -> None:
    text = "out of\n order " * 100
    fault = f"<faultcode>s:Server</faultcode><faultstring>{text}</faultstring>"
    body = f"<s:Body><s:Fault>{fault}</s:Fault></s:Body>"
    raw = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{body}</s:Envelope>'.encode()
    told = fault_in(raw) or ""
    assert told.startswith("Server: out of order out of")
    assert len(told) <= 200


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Serve TLS on the loopback interface; give port and certificate."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.NameAttribute(NameOID.COMMON_NAME, "localhost")
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([name]))
        .issuer_name(x509.Name([name]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listening = create_server(("localhost", 0))

    def answer() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()

    Thread(target=answer, daemon=True).start()
    yield listening.getsockname()[1], pem
    listening.close()


def test_a_tls_connection_tells_its_version_and_the_end_of_its_certificate(
    tls_port: tuple[int, Path],
) -> None:
    port, pem = tls_port
    reached = PartnerProbe(Connector(HERE, context=ssl.create_default_context(cafile=pem))).reach(
        f"https://localhost:{port}/x"
    )
    assert reached.tls is not None
    assert (reached.tls.version, reached.tls.not_after.year) == ("TLSv1.3", 2099)


def test_a_tls_certificate_of_an_unknown_authority_is_refused(tls_port: tuple[int, Path]) -> None:
    with pytest.raises(SupplierUnreachable, match="TLS certificate is refused: self-signed"):
        PartnerProbe(Connector(HERE)).reach(f"https://localhost:{tls_port[0]}/x")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "http://no-such.invalid/"]
)
def test_who_is_not_there_is_told_in_words(address: str) -> None:
    with pytest.raises(SupplierUnreachable, match=r"no connection|name is not found"):
        PartnerProbe(Connector(HERE)).reach(address)
    with pytest.raises(SupplierUnreachable, match=r"no connection|name is not found"):
        PartnerProbe(Connector(HERE)).fetch_wsdl(address)
