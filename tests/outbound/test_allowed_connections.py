"""Who may be called is judged at every connection; the judged address is the one connected to."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import AF_INET, AF_INET6, EAI_NONAME, SOCK_STREAM, create_server, gaierror, socket
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from rse_gateway.adapters.address_judge import AddressJudge
from rse_gateway.adapters.connecting import Connector, HostNotAllowed
from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.name_lookup import NameLookup
from rse_gateway.adapters.partner_probe import PartnerProbe
from rse_gateway.security.allowed_hosts import AllowedHosts
from tests.outbound.dripping import Listening, answering, reply, serving

NAME = "rse.cpas.example"


class Names:
    """Answers every look-up of a name with the next of these addresses (each may be several)."""

    def __init__(self, *answers: tuple[str, ...] | OSError) -> None:
        self.answers = list(answers)

    def __call__(self, _host: str, port: int, *, flags: int, **_: object) -> list[tuple[Any, ...]]:
        if flags:
            raise gaierror(EAI_NONAME, "a name")
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return [
            (
                AF_INET6 if ":" in one else AF_INET,
                SOCK_STREAM,
                6,
                "",
                (one, port, 0, 0)[: 4 if ":" in one else 2],
            )
            for one in answer
        ]


def connector(names: Names, *listed: str, environment: str = "test", **how: Any) -> Connector:
    return Connector(AllowedHosts.of(listed, environment), lookup=NameLookup(names), **how)


def at_name(holder: Listening) -> str:
    return holder.url.replace("127.0.0.1", NAME)


@pytest.mark.parametrize(
    ("environment", "listed", "addresses"),
    [
        ("prod", (), ("127.0.0.1",)),
        ("prod", (NAME,), ("127.0.0.1",)),
        ("prod", ("127.0.0.0/8",), ("127.0.0.1", "10.0.0.1")),
        ("test", (), ("10.0.0.1", "127.0.0.1")),
        ("test", (NAME,), ("127.0.0.1", "169.254.169.254")),
        ("test", (), ("127.0.0.1", "::ffff:10.0.0.1")),
    ],
)
def test_nothing_is_sent_when_one_address_of_the_name_is_not_allowed(
    environment: str, listed: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    with serving(answering(reply())) as holder:
        connections = connector(Names(addresses, addresses, addresses), *listed, environment=environment)
        transport = HolderTransport(connector=connections, max_reply_bytes=1_000)
        for call in (
            lambda: transport.post(at_name(holder), b"<question/>", {}),
            lambda: PartnerProbe(connections).reach(at_name(holder)),
            lambda: PartnerProbe(connections).fetch_wsdl(at_name(holder)),
        ):
            with pytest.raises(HostNotAllowed):
                call()
        assert holder.connections == 0


def test_the_address_that_was_judged_is_connected_to_and_a_name_that_changes_is_judged_anew() -> None:
    with serving(answering(reply())) as holder:
        names = Names(("127.0.0.1",), ("10.0.0.1",))
        transport = HolderTransport(connector=connector(names), max_reply_bytes=1_000)
        assert transport.post(at_name(holder), b"<question/>", {}).raw == b"<ok/>"
        assert len(names.answers) == 1  # looked up once
        assert f"Host: {NAME}:{holder.port}\r\n".encode() in holder.requests[0]
        with pytest.raises(HostNotAllowed):
            transport.post(at_name(holder), b"<question/>", {}, fresh=True)


def test_tls_keeps_the_name_although_the_judged_address_is_connected_to(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "tls.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    seen: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)

    def answer(listening: socket) -> None:
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True) as secured:
            secured.recv(65_536)
            secured.sendall(reply())

    with create_server(("127.0.0.1", 0)) as listening:
        Thread(target=answer, args=(listening,), daemon=True).start()
        trusted = ssl.create_default_context(cafile=str(pem))
        connections = connector(Names(("127.0.0.1",)), context=trusted)
        transport = HolderTransport(connector=connections, max_reply_bytes=1_000)
        address = f"https://{NAME}:{listening.getsockname()[1]}/x"
        assert transport.post(address, b"<question/>", {}).raw == b"<ok/>"
    assert seen == [NAME]


def test_an_import_judges_names_by_their_addresses_and_unknown_names_by_the_name() -> None:
    unknown = gaierror(EAI_NONAME, "unknown")
    names = Names(("10.0.0.1",), ("8.8.8.8",), unknown)
    judge = AddressJudge(AllowedHosts.of((), "prod"), NameLookup(names))
    told = [judge(f"https://{NAME}/x") is None for _ in range(3)]
    assert told == [False, True, True]
    number = AddressJudge(AllowedHosts.of((), "prod"))
    assert number("https://127.0.0.1/x") is not None
    assert number("ftp://cpas.example/x") is not None


def test_an_import_waits_for_one_silent_look_up_alone() -> None:
    names = Names(TimeoutError(), ("10.0.0.1",))
    judge = AddressJudge(AllowedHosts.of((), "prod"), NameLookup(names))
    assert [judge(f"https://{NAME}/x") for _ in range(3)] == [None] * 3
    assert len(names.answers) == 1
