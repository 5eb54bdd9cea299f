"""Key files: read once per process, refused when others on the machine can read them.

Loading an RSA key costs 29–89 ms, so nothing here is called per message. A hardware module takes the place of
a file by implementing `RSAPrivateKey` or `EllipticCurvePrivateKey` of the cryptography package for
`MessageSigner`.
Rules: security page, "Trust".
"""

import stat
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from rse_gateway.errors import SetupError
from rse_gateway.security.signing import MessageSigner, PrivateKey


def load_private_key(path: Path, *, password: bytes | None = None) -> PrivateKey:
    """Return the RSA or P-256 key in a PEM file that only its owner can read (mode 0600 or 0400).

    Raises:
        SetupError: absent, readable by others, no such key, or the wrong password.
    """
    _require_private(path)
    return load_private_key_unsafe(path, password=password)


def load_private_key_unsafe(path: Path, *, password: bytes | None = None) -> PrivateKey:
    """Return the key in a PEM file without looking at who else can read it: for published test keys only.

    Raises:
        SetupError: absent, no RSA or elliptic-curve key, or the wrong password.
    """
    try:
        key = load_pem_private_key(_bytes_of(path), password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SetupError(f"{path.name}: no PEM private key, or the wrong password") from error
    return _signing_key(key, path)


def load_certificate(path: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file.

    Raises:
        SetupError: absent or no certificate.
    """
    try:
        return x509.load_pem_x509_certificate(_bytes_of(path))
    except ValueError as error:
        raise SetupError(f"{path.name}: no PEM certificate") from error


def signer_from_pem(
    key_file: Path, certificate_file: Path, *, password: bytes | None = None
) -> MessageSigner:
    """Return a signer for the key and certificate in two PEM files.

    Raises:
        SetupError: as `load_private_key`, `load_certificate` and `MessageSigner` say.
    """
    certificate = load_certificate(certificate_file)
    return MessageSigner(
        load_private_key(key_file, password=password), certificate.public_bytes(Encoding.DER)
    )


def signer_from_pkcs12(path: Path, *, password: bytes | None) -> MessageSigner:
    """Return a signer for the key and certificate in a PKCS#12 file that only its owner can read.

    Raises:
        SetupError: absent, readable by others, the wrong password, or without key or certificate.
    """
    _require_private(path)
    try:
        key, certificate, _ = load_key_and_certificates(_bytes_of(path), password)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SetupError(f"{path.name}: no PKCS#12 file, or the wrong password") from error
    if key is None or certificate is None:
        raise SetupError(f"{path.name}: holds no key with its certificate")
    return MessageSigner(_signing_key(key, path), certificate.public_bytes(Encoding.DER))


def _signing_key(key: object, path: Path) -> PrivateKey:
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise SetupError(f"{path.name}: the key is neither RSA nor P-256")


def _require_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SetupError(f"{path.name}: cannot be read: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SetupError(f"{path.name}: others can read this private key: chmod 600 it")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path.name}: cannot be read: {error.strerror}") from error
