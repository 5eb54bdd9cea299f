"""A certificate file named in an institutions file: its public key's id, its dates, whom it names."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rse_gateway.errors import SetupError
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.trust import key_id_of

_NAMED = re.compile(
    r"urn:be:fgov:kbo-bce:organization:cbe-number:([01][0-9]{9})|NTRBE-([01][0-9]{9})", re.ASCII
)
_MIN_RSA_BITS = 2048
_STRONG = "a P-256 key or an RSA key of at least 2048 bits expected"


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """What registering a key takes from its certificate; ``named`` are the BCE numbers in its subject."""

    key_id: str
    certificate_digest: str
    not_before: datetime
    not_after: datetime
    named: frozenset[str]


def read_certificate(path: Path) -> CertifiedKey:
    """Return the key of the first certificate in a PEM file.

    Raises:
        SetupError: the file cannot be read, holds no certificate, or a key that the gateway never accepts.
    """
    certificate = load_certificate(path)
    try:
        key = certificate.public_key()
        named = named_institutions(certificate)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SetupError("a certificate that can be read expected") from error
    if isinstance(key, rsa.RSAPublicKey):
        strong = key.key_size >= _MIN_RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        strong = isinstance(key.curve, ec.SECP256R1)
    else:
        raise SetupError(_STRONG)
    if not strong:
        raise SetupError(_STRONG)
    return CertifiedKey(
        key_id=key_id_of(key),
        certificate_digest=sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        named=named,
    )


def named_institutions(certificate: x509.Certificate) -> frozenset[str]:
    """Return the BCE numbers that the subject names, in either attribute that CAs use for them.

    Raises:
        ValueError: the subject cannot be read.
    """
    found = set[str]()
    for oid in (NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_IDENTIFIER):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            named = _NAMED.fullmatch(str(attribute.value))
            if named:
                found.add(named[1] or named[2])
    return frozenset(found)
