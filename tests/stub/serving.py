"""Partners on real sockets, and questions to them, at the fixed time of the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from stub_gateway import NOW, asked
from stub_pki import HOLDER, HUB, SAMPLES, authority, identity

from rse_cpas_stub import contract
from rse_cpas_stub.configuration import read_all_settings
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.names import REPORT, tag
from rse_cpas_stub.partner import Partners
from rse_cpas_stub.signature import verify

SUPPLIED = tag(REPORT, "provideSocialReportResponse")


def write_identity(folder: Path, number: str) -> None:
    who = identity(number)
    (folder / f"{number}.cert.pem").write_bytes(who.certificate.public_bytes(Encoding.PEM))
    key = who.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{number}.key.pem").write_bytes(key)


def write_world(folder: Path, *numbers: str) -> None:
    """Write the authority and the keys of the hub and of CPAS."""
    (folder / "ca.pem").write_bytes(authority().certificate.public_bytes(Encoding.PEM))
    for number in (HUB, *numbers):
        write_identity(folder, number)


def table(number: str, **changes: object) -> dict[str, object]:
    """Return the settings of one CPAS."""
    return {
        "cbe_number": number,
        "key": f"{number}.key.pem",
        "certificate": f"{number}.cert.pem",
        "log": f"{number}.db",
        "persons": str(SAMPLES / f"{number}.json"),
        **changes,
    }


COMMON = {
    "gateway_certificate": f"{HUB}.cert.pem",
    "trusted_ca": "ca.pem",
    "auditor_key": "auditor.pub.pem",
}


def lines(values: dict[str, object]) -> str:
    said = {name: f'"{value}"' if isinstance(value, str) else value for name, value in values.items()}
    return "".join(f"{name} = {value}\n" for name, value in said.items())


def write_toml(file: Path, *tables: dict[str, object], **above: object) -> Path:
    """Write one CPAS, or several in tables below what they share."""
    if len(tables) == 1:
        file.write_text(lines({**COMMON, **above, **tables[0]}), "utf-8")
    else:
        every = [f"\n[[cpas]]\n{lines(one)}" for one in tables]
        file.write_text(lines({**COMMON, **above}) + "".join(every), "utf-8")
    return file


@contextmanager
def partners(*files: Path, tell: Callable[[str], None] = print, **options: object) -> Iterator[Partners]:
    """Serve what the files describe."""
    running = Partners(read_all_settings(files, options), clock=lambda: NOW, tell=tell)
    running.start()
    try:
        yield running
    finally:
        running.close()


def post(url: str, raw: bytes | None = None, *, timeout: float = 10) -> tuple[int, bytes]:
    """Ask, and give back HTTP status and body; nothing is tried twice."""
    response = urllib3.request(
        "POST", url, body=asked() if raw is None else raw, timeout=timeout, retries=False
    )
    return response.status, response.data


def opened(raw: bytes, signer: str = HOLDER) -> etree._Element:
    """Return the verified payload of an answer."""
    return verify(raw, Trust(signer, (authority().certificate,)), NOW).payload


def status_of(root: etree._Element) -> tuple[str | None, str | None]:
    """Return value and code of an answer that is valid."""
    contract.check(root, SUPPLIED)
    return root.findtext("status/value"), root.findtext("status/code")
