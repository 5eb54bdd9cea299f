"""Step G7: certificate → institution, by configuration only.

Guaranteed of a `Signer`: its certificate was issued directly by a configured CA and is valid now, may sign
(digitalSignature, no CA, RSA ≥ 2048 or P-256), is not revoked, names exactly one institution by that CA's
rule, and its public key is registered to that same institution and active now. Not guaranteed: what the
institution may ask (contract page, check 4). Rules: security page, "Trust"; RFC 5280 §4.2, §6.1.

Path validation is remembered per certificate; validity, revocation and registration are looked at every time,
so a change of the registry acts at once.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, Literal, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SecurityRefused, SetupError
from rse_gateway.security.signature import PublicKey

_STEP: Final = "G7"
_MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 8192
_OU_PREFIX: Final = "urn:be:fgov:kbo-bce:organization:cbe-number:"
_IDENTIFIER_PREFIX: Final = "NTRBE-"
_NUMBER: Final = re.compile(r"[01][0-9]{9}", re.ASCII)
_MALFORMED: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

Profile = Literal["strict", "toolkit"]
SubjectRule = Literal["ou", "organization_identifier"]


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """A CA whose certificates are accepted, and the subject attribute in which it writes the institution."""

    certificate: x509.Certificate
    subject_rule: SubjectRule


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """What the registry says of one public key; it belongs to exactly one institution."""

    cbe_number: CbeNumber
    roles: frozenset[str]
    profile: Profile
    active_from: datetime
    active_until: datetime | None


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the institution, by which key and certificate, with which roles.

    Attributes:
        cbe_number: of the institution.
        key_id: SHA-256 of the public key's SubjectPublicKeyInfo, lower-case hexadecimal.
        certificate_digest: SHA-256 of the DER certificate, lower-case hexadecimal.
        roles: as registered for this key.
        profile: how strictly its messages are read.
    """

    cbe_number: CbeNumber
    key_id: str
    certificate_digest: str
    roles: frozenset[str]
    profile: Profile


class KeyRegistry(Protocol):
    """Where public keys are registered to institutions."""

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        """Return what is registered for the key with this SPKI SHA-256 (hexadecimal), if anything."""
        ...


class Revocation(Protocol):
    """What is known of withdrawn certificates."""

    def is_revoked(self, issuer: str, serial: int) -> bool:
        """Return whether ``serial`` of the CA with this subject (RFC 4514 text) may no longer be accepted."""
        ...


@dataclass(frozen=True, slots=True)
class AdmittedCertificate:
    """A signer and the public key that its signature has to be checked with."""

    signer: Signer
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class _VerifiedPath:
    """What one successful path validation established; all of it is fixed by the certificates' bytes."""

    public_key: PublicKey
    key_id: str
    certificate_digest: str
    cbe_number: CbeNumber
    issuer: str
    serial: int
    not_before: datetime
    not_after: datetime


class TrustPolicy:
    """Decides which institution a certificate stands for; safe to share between threads."""

    def __init__(
        self,
        anchors: Sequence[TrustAnchor],
        registry: KeyRegistry,
        *,
        revocation: Revocation | None = None,
        cache_size: int = 4096,
    ) -> None:
        """Trust certificates issued directly by ``anchors`` for keys in ``registry``.

        Raises:
            SetupError: no anchor, or one that is too weak to be trusted.
        """
        if not anchors:
            raise SetupError("no CA is trusted: configure at least one trust anchor")
        for anchor in anchors:
            if not _strong_enough(anchor.certificate.public_key()):
                raise SetupError("a trusted CA has a key weaker than RSA-2048 or P-256: replace it")
        self._anchors = {anchor.certificate: anchor for anchor in anchors}
        self._store = Store(list(self._anchors))
        self._registry = registry
        self._revocation = revocation
        self._cache: OrderedDict[bytes, _VerifiedPath] = OrderedDict()
        self._cache_size = cache_size
        self._lock = Lock()

    def signer_of(self, der: bytes, now: datetime) -> Signer:
        """Return whom the certificate ``der`` stands for at ``now`` (with a time zone).

        Raises:
            SecurityRefused: step G7.
        """
        return self.admit(der, now).signer

    def admit(self, der: bytes, now: datetime) -> AdmittedCertificate:
        """Return whom the certificate ``der`` stands for at ``now``, and its public key.

        Raises:
            SecurityRefused: step G7.
        """
        path = self._verified_path(der, now)
        if not path.not_before <= now <= path.not_after:
            raise SecurityRefused(_STEP, "the certificate or its CA is not valid now")
        if self._revocation is not None and self._revocation.is_revoked(path.issuer, path.serial):
            raise SecurityRefused(_STEP, "the certificate is revoked")
        key = self._registry.registered_key(path.key_id)
        if key is None:
            raise SecurityRefused(_STEP, "the key is not registered")
        if key.cbe_number != path.cbe_number:
            raise SecurityRefused(
                _STEP, "the key is registered to another institution than the certificate names"
            )
        if now < key.active_from or (key.active_until is not None and now >= key.active_until):
            raise SecurityRefused(_STEP, "the key is registered but not active now")
        signer = Signer(path.cbe_number, path.key_id, path.certificate_digest, key.roles, key.profile)
        return AdmittedCertificate(signer, path.public_key)

    def _verified_path(self, der: bytes, now: datetime) -> _VerifiedPath:
        digest = hashlib.sha256(der).digest()
        with self._lock:
            if digest in self._cache:
                self._cache.move_to_end(digest)
                return self._cache[digest]
        path = self._verify_path(der, now)  # only success is remembered: refusals cannot displace it
        with self._lock:
            self._cache[digest] = path
            if len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return path

    def _verify_path(self, der: bytes, now: datetime) -> _VerifiedPath:
        try:
            certificate = x509.load_der_x509_certificate(der)
            public_key = _accepted_key(certificate)
            _check_extensions(certificate.extensions)
            chain = _client_path(self._store, certificate, now)
            anchor = self._anchors[chain[-1]]
            cbe_number = institution_named(certificate, anchor.subject_rule)
        except VerificationError:
            raise SecurityRefused(_STEP, "no valid path to a trusted CA") from None
        except _MALFORMED:
            raise SecurityRefused(_STEP, "the certificate is malformed or not supported") from None
        return _VerifiedPath(
            public_key=public_key,
            key_id=key_id_of(public_key),
            certificate_digest=hashlib.sha256(der).hexdigest(),
            cbe_number=cbe_number,
            issuer=anchor.certificate.subject.rfc4514_string(),
            serial=certificate.serial_number,
            not_before=max(link.not_valid_before_utc for link in chain),
            not_after=min(link.not_valid_after_utc for link in chain),
        )


def is_test_authority(certificate: x509.Certificate) -> bool:
    """Return whether a CA says in its subject that it is for tests: production refuses to trust those.

    Source: contract page, "Environments".
    """
    return any("TEST" in str(attribute.value).upper() for attribute in certificate.subject)


def key_id_of(public_key: PublicKey) -> str:
    """Return the name of a public key: SHA-256 of its SubjectPublicKeyInfo, lower-case hexadecimal."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def _strong_enough(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= ec.SECP256R1.key_size


def _accepted_key(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and _strong_enough(key):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise SecurityRefused(_STEP, "the key is neither RSA of 2048 bits or more nor P-256")


def _check_extensions(extensions: x509.Extensions) -> None:
    """Refuse a CA and a certificate that may not sign: the library's permissive policy checks neither."""
    usages = [extension.value for extension in extensions if isinstance(extension.value, x509.KeyUsage)]
    if len(usages) != 1 or not usages[0].digital_signature:
        raise SecurityRefused(_STEP, "key usage digitalSignature is absent")
    constraints = [e.value for e in extensions if isinstance(e.value, x509.BasicConstraints)]
    if usages[0].key_cert_sign or any(constraint.ca for constraint in constraints):
        raise SecurityRefused(_STEP, "a CA certificate signs no message")


def _client_path(store: Store, leaf: x509.Certificate, now: datetime) -> list[x509.Certificate]:
    """Return leaf and CA of a path without intermediates that is valid at ``now``."""
    ca_policy = (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_ca)
        .require_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign_certificates)
    )
    builder = PolicyBuilder().store(store).time(now).max_chain_depth(0)
    builder = builder.extension_policies(ca_policy=ca_policy, ee_policy=ExtensionPolicy.permit_all())
    chain = builder.build_client_verifier().verify(leaf, []).chain
    if len(chain) != 2 or chain[0] != leaf:
        raise SecurityRefused(_STEP, "the path is not certificate and CA")
    return chain


def _is_ca(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("an issuer is no CA")


def _may_sign_certificates(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.key_cert_sign:
        raise ValueError("an issuer may not sign certificates")


def institution_named(certificate: x509.Certificate, rule: SubjectRule) -> CbeNumber:
    """Return the one institution that the subject names in the attribute of its CA's rule.

    Raises:
        SecurityRefused: none, several, or a wrong number.
    """
    subject = certificate.subject
    if rule == "ou":
        oid, prefix = NameOID.ORGANIZATIONAL_UNIT_NAME, _OU_PREFIX
    else:
        oid, prefix = NameOID.ORGANIZATION_IDENTIFIER, _IDENTIFIER_PREFIX
    texts = [attribute.value for attribute in subject.get_attributes_for_oid(oid)]
    named = [
        text for text in texts if rule != "ou" or (isinstance(text, str) and "cbe-number" in text.lower())
    ]
    if len(named) != 1 or not isinstance(named[0], str) or not named[0].startswith(prefix):
        raise SecurityRefused(_STEP, "the certificate does not name exactly one institution")
    number = named[0].removeprefix(prefix)
    if not _NUMBER.fullmatch(number):
        raise SecurityRefused(_STEP, "the institution's number is malformed")
    try:
        return CbeNumber(number)
    except ValueError:
        raise SecurityRefused(_STEP, "the check digits of the institution's number are wrong") from None
