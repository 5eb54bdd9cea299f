"""A small test PKI: one authority, a gateway and two CPAS; new keys in every run."""

import functools
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from rse_cpas_stub.identity import Identity, SigningKey

SAMPLES = Path(__file__).parents[2] / "samples" / "persons"
HUB = "0299990019"
REQUESTER = "0299990118"
HOLDER = "0299990217"
FROM = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2046, 1, 1, tzinfo=UTC)


def name_of(common: str, number: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if number is not None:
        ou = f"urn:be:fgov:kbo-bce:organization:cbe-number:{number}"
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ou))
    return x509.Name(attributes)


def certificate(
    subject: x509.Name,
    key: SigningKey,
    issuer: x509.Name,
    issuer_key: SigningKey,
    *,
    ca: bool = False,
    until: datetime = UNTIL,
) -> x509.Certificate:
    usage = {
        "content_commitment": False,
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "crl_sign": ca,
        "encipher_only": False,
        "decipher_only": False,
    }
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, **usage), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


@functools.cache
def authority() -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = name_of("TEST CA")
    return Identity("", key, certificate(subject, key, subject, key, ca=True))


@functools.cache
def identity(number: str, kind: str = "p256") -> Identity:
    key: SigningKey = ec.generate_private_key(ec.SECP256R1())
    if kind == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ca = authority()
    leaf = certificate(name_of(f"TEST {number}", number), key, ca.certificate.subject, ca.key)
    return Identity(number, key, leaf)
