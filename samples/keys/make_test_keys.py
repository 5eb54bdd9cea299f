"""Make a test PKI: TEST authorities and keys of fictitious institutions, for tests and the demo.

    python samples/keys/make_test_keys.py FOLDER [--institution 0299990118 …]

Every name carries TEST and every key is worthless: prod refuses these authorities. Keys are new at each run;
times are fixed (2026-01-01 to 2046-01-01), so that samples stay valid. Key files are made with mode 0600.

Files, all starting with ``test-``: ``ca`` (trusted, rule ``ou``), ``rogue-ca`` (same name, never to be
trusted), ``gateway`` (P-256), ``gateway-rsa``, ``auditor`` (P-256, institution of the gateway), and per
institution ``cpas-<number>`` (P-256) and ``cpas-<number>-rsa`` (RSA-2048); each as ``….cert.pem`` and
``….key.pem``.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

GATEWAY: Final = "0299990019"
INSTITUTIONS: Final = ("0299990118", "0299990217", "0299990316", "0200000043")
VALID_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)
VALID_UNTIL: Final = datetime(2046, 1, 1, tzinfo=UTC)
CA_NAME: Final = "RSE TEST CA - not for production"
OU_PREFIX: Final = "urn:be:fgov:kbo-bce:organization:cbe-number:"


@dataclass(frozen=True, slots=True, repr=False)
class Issued:
    """A private key and the certificate issued for it."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def certificate_der(self) -> bytes:
        """The certificate as it stands in a BinarySecurityToken."""
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True, repr=False)
class Pki:
    """Everything `make_pki` made; ``issued`` is keyed by file stem without ``test-``."""

    ca: Issued
    rogue_ca: Issued
    issued: dict[str, Issued]


def new_key(kind: str) -> PrivateKey:
    """Return a new ``p256`` or ``rsa`` (2048 bits) key."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def subject_of(common_name: str, cbe_number: str | None = None) -> x509.Name:
    """Return a Belgian TEST subject; with a number, its OU names that institution."""
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "RSE TEST"),
    ]
    if cbe_number is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, OU_PREFIX + cbe_number))
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_ca(name: str = CA_NAME) -> Issued:
    """Return a self-signed P-256 test authority."""
    key = new_key("p256")
    subject = subject_of(name)
    builder = _builder(subject, subject, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(sign=False, issue=True), critical=True)
    return Issued(key, builder.sign(key, hashes.SHA256()))


def issue(ca: Issued, subject: x509.Name, key: PrivateKey) -> Issued:
    """Return a certificate for ``key`` that may sign messages and nothing else."""
    builder = _builder(subject, ca.certificate.subject, key)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(sign=True, issue=False), critical=True)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    builder = builder.add_extension(authority, critical=False)
    return Issued(key, builder.sign(ca.key, hashes.SHA256()))


def make_pki(folder: Path | None = None, *, institutions: Sequence[str] = INSTITUTIONS) -> Pki:
    """Return a new test PKI; with a folder, write its files there too."""
    ca, rogue_ca = make_ca(), make_ca()
    issued = {
        "gateway": issue(ca, subject_of("RSE TEST gateway", GATEWAY), new_key("p256")),
        "gateway-rsa": issue(ca, subject_of("RSE TEST gateway RSA", GATEWAY), new_key("rsa")),
        "auditor": issue(ca, subject_of("RSE TEST auditor", GATEWAY), new_key("p256")),
    }
    for number in institutions:
        name = f"RSE TEST CPAS {number}"
        issued[f"cpas-{number}"] = issue(ca, subject_of(name, number), new_key("p256"))
        issued[f"cpas-{number}-rsa"] = issue(ca, subject_of(f"{name} RSA", number), new_key("rsa"))
    pki = Pki(ca, rogue_ca, issued)
    if folder is not None:
        _write(folder, pki)
    return pki


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(VALID_FROM).not_valid_after(VALID_UNTIL)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, sign: bool, issue: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issue,
        crl_sign=issue,
        encipher_only=False,
        decipher_only=False,
    )


def _write(folder: Path, pki: Pki) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    everything = {"ca": pki.ca, "rogue-ca": pki.rogue_ca, **pki.issued}
    for stem, issued in everything.items():
        (folder / f"test-{stem}.cert.pem").write_bytes(issued.certificate.public_bytes(Encoding.PEM))
        key_file = folder / f"test-{stem}.key.pem"
        key_file.unlink(missing_ok=True)
        key_file.touch(mode=0o600)
        key_file.write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def main() -> None:
    """Make the files that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make a test PKI for the RSE gateway.")
    parser.add_argument("folder", type=Path, help="where the files go; existing ones are replaced")
    parser.add_argument(
        "--institution", action="append", metavar="CBE", help="number of a CPAS; may be repeated"
    )
    options = parser.parse_args()
    pki = make_pki(options.folder, institutions=options.institution or INSTITUTIONS)
    print(f"{2 + len(pki.issued)} certificates and keys in {options.folder}")


if __name__ == "__main__":
    main()
