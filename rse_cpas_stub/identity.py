"""Who we are (number, key, certificate) and whom we believe (authorities, registered keys, number).

The institution of a certificate stands in its subject: ``OU=urn:be:fgov:kbo-bce:organization:cbe-number:…``
or ``organizationIdentifier=NTRBE-…`` (domain page §4).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from rse_cpas_stub.errors import SetupRefused, SignatureRefused

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_OU = re.compile(r"urn:be:fgov:kbo-bce:organization:cbe-number:([01][0-9]{9})", re.ASCII)
_ORGANIZATION = re.compile(r"NTRBE-([01][0-9]{9})", re.ASCII)
_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Our own number, signing key and certificate; ``host``: whose key it is where a shared host signs."""

    cbe_number: str
    key: SigningKey
    certificate: x509.Certificate
    host: str | None = None

    @property
    def signing_number(self) -> str:
        """The institution that the certificate names: ours, or the host's that holds a mandate of ours."""
        return self.host or self.cbe_number


def key_digest(certificate: x509.Certificate) -> str:
    """Return SHA-256 of the certificate's public key (SubjectPublicKeyInfo), hex."""
    key = certificate.public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def certificate_digest(certificate: x509.Certificate) -> str:
    """Return SHA-256 of the certificate (DER), hex: how the log names it."""
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def institution_of(certificate: x509.Certificate) -> str:
    """Return the one institution number in the certificate's subject.

    Raises:
        SignatureRefused: none or more than one.
    """
    found = []
    for oid, pattern in (
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _OU),
        (NameOID.ORGANIZATION_IDENTIFIER, _ORGANIZATION),
    ):
        for attribute in certificate.subject.get_attributes_for_oid(oid):
            match = pattern.fullmatch(str(attribute.value))
            if match:
                found.append(match[1])
    if len(found) != 1:
        raise SignatureRefused("the certificate does not name exactly one institution")
    return found[0]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose messages we believe: those of ``institution``, by an authority and with a registered key.

    ``registered_keys`` are SHA-256 digests of public keys (``key_digest``); empty means any key that an
    authority certified for the institution.
    """

    institution: str
    authorities: tuple[x509.Certificate, ...] = ()
    registered_keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a trust that believes everybody.

        Raises:
            SetupRefused: neither an authority nor a registered key.
        """
        if not self.authorities and not self.registered_keys:
            raise SetupRefused("name a trusted authority or the peer's certificate")

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """Return only where ``certificate`` may sign for the institution at ``now``.

        Raises:
            SignatureRefused: another institution, unknown key or authority, not valid now, or no signing key.
        """
        if institution_of(certificate) != self.institution:
            raise SignatureRefused("signed by another institution")
        if self.registered_keys and key_digest(certificate) not in self.registered_keys:
            raise SignatureRefused("signed with a key that is not registered")
        if self.authorities and not any(_issued(certificate, issuer, now) for issuer in self.authorities):
            raise SignatureRefused("the certificate comes from no trusted authority")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise SignatureRefused("the certificate is not valid now")
        _check_leaf(certificate)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        is_ca = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return is_ca and issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc


def _check_leaf(certificate: x509.Certificate) -> None:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise SignatureRefused("the certificate does not say what its key may do") from error
    if constraints.ca or not usage.digital_signature:
        raise SignatureRefused("the certificate may not sign messages")
    key = certificate.public_key()
    strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    )
    if not strong:
        raise SignatureRefused("only RSA of at least 2048 bits and P-256 keys sign messages")


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file.

    Raises:
        SetupRefused: unreadable, or no certificate in it.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise SetupRefused(f"no certificate can be read from {path}") from error


def load_identity(
    cbe_number: str, key: Path, certificate: Path, signing_number: str | None = None
) -> Identity:
    """Return our identity from two PEM files; ``signing_number``: the host whose key signs for us.

    Raises:
        SetupRefused: unreadable, key and certificate do not fit, or another institution is named.
    """
    leaf = load_certificates(certificate)[0]
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SetupRefused(f"no private key without password can be read from {key}") from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SetupRefused("the private key is neither RSA nor P-256")
    if private.public_key() != leaf.public_key():
        raise SetupRefused("key and certificate do not belong together")
    try:
        named = institution_of(leaf)
    except SignatureRefused as error:
        raise SetupRefused(str(error)) from error
    if named != (signing_number or cbe_number):
        raise SetupRefused(f"the certificate names institution {named}, not {signing_number or cbe_number}")
    return Identity(cbe_number, private, leaf, signing_number)
