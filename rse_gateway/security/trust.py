"""Step G7: certificate → institution, by configuration only.

Guaranteed of a `Signer`: its certificate was issued directly by a configured CA and is valid now, may sign
(digitalSignature, no CA, RSA ≥ 2048 or P-256), is not revoked, names exactly one institution by that CA's
rule, and its public key is registered to that same institution and active now. Not guaranteed: what the
institution may ask (contract page, check 4). Rules: security page, "Trust"; RFC 5280 §4.2, §6.1.

Path validation is remembered per certificate; validity, revocation and registration are looked at every time,
so a change of the registry acts at once.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final, Literal, Protocol

from cryptography import x509

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SecurityRefused, SetupError
from rse_gateway.security.certificate_names import SubjectRule
from rse_gateway.security.certificates import (
    MALFORMED,
    TrustAnchor,
    judge_authority,
    judge_certificate,
    key_id_of,
)
from rse_gateway.security.signature import PublicKey

__all__ = [
    "AdmittedCertificate",
    "KeyRegistry",
    "Profile",
    "RegisteredKey",
    "Revocation",
    "Signer",
    "SubjectRule",
    "TrustAnchor",
    "TrustPolicy",
    "key_id_of",
]

_STEP: Final = "G7"

Profile = Literal["strict", "toolkit"]


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
        not_of: frozenset[str] = frozenset(),
        cache_size: int = 4096,
    ) -> None:
        """Trust certificates issued directly by ``anchors`` for keys in ``registry``, but none of ``not_of``.

        ``not_of`` are key ids: the hub's own key is never an institution's.

        Raises:
            SetupError: no anchor, or one that can never be trusted.
        """
        if not anchors:
            raise SetupError("no CA is trusted: configure at least one trust anchor")
        for anchor in anchors:
            against = judge_authority(anchor.certificate, anchor.certificate.not_valid_before_utc)
            if against:
                raise SetupError(f"a trusted CA: {'; '.join(reason.text for reason in against)}")
        self._anchors = tuple(anchors)
        self._not_of = not_of
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
        except MALFORMED:
            raise SecurityRefused(_STEP, "the certificate is malformed or not supported") from None
        judged = judge_certificate(certificate, now, self._anchors, not_of=self._not_of)
        anchor, public_key, cbe_number = judged.anchor, judged.key, judged.institution
        if judged.reasons or anchor is None or public_key is None or cbe_number is None:
            raise SecurityRefused(_STEP, "; ".join(reason.text for reason in judged.reasons))
        chain = (certificate, anchor.certificate)
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
