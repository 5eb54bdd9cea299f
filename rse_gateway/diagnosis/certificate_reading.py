"""The certificate of a message and its time window: every fact, and each that would refuse it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from rse_gateway.contract.namespaces import WSU
from rse_gateway.diagnosis.causes import Cause
from rse_gateway.errors import SecurityRefused
from rse_gateway.security.certificate_reasons import Reason
from rse_gateway.security.certificates import MALFORMED, judge_certificate
from rse_gateway.security.freshness import (
    MAX_CLOCK_SKEW_SECONDS,
    MAX_LIFETIME_SECONDS,
    fresh_validity,
    nanoseconds_of,
)
from rse_gateway.security.signature import PublicKey
from rse_gateway.security.trust import KeyRegistry, RegisteredKey, TrustAnchor, key_id_of

_HOUR: Final = 3600
_SECOND: Final = 1_000_000_000
_ZONES: Final = (1, 2)
_USE: Final = {
    "is_ca": "is_ca",
    "no_key_usage": "key_usage",
    "key_usage": "key_usage",
    "extended_key_usage": "extended_key_usage",
    "weak_key": "weak_key",
    "hub_key": "hub_key",
    "malformed": "malformed",
}
_INSTITUTION: Final = frozenset(
    {"no_institution", "several_institutions", "several_values", "number_malformed", "check_digits"}
)
_AUTHORITY: Final = {
    "authority_not_yet_valid": "authority_time",
    "authority_expired": "authority_time",
    "authority_no_key_usage": "authority_no_key_usage",
    "authority_key_usage": "authority_key_usage",
    "authority_weak_key": "weak_key",
    "no_ca": "no_ca",
    "malformed": "malformed",
}
"""Name of a reason → the detail that says it in the reader's language."""


@dataclass(frozen=True, slots=True, repr=False)
class CertificateExplained:
    """Facts of one certificate; ``registered`` is None where no registry was given."""

    subject: str
    issuer: str
    institution: str
    serial: str
    not_before: datetime
    not_after: datetime
    key: PublicKey | None
    key_words: str
    key_id: str
    usage: tuple[str, ...]
    trusted: bool | None
    registered: bool | None
    causes: tuple[Cause, ...]

    def values(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "subject": self.subject,
            "institution": self.institution,
            "issuer": self.issuer,
            "serial": self.serial,
            "notBefore": self.not_before.isoformat(),
            "notAfter": self.not_after.isoformat(),
            "key": self.key_words,
            "keyId": self.key_id,
            "usage": list(self.usage),
            "trusted": self.trusted,
            "registered": self.registered,
        }


def explain_certificate(
    der: bytes, now: datetime, anchors: Sequence[TrustAnchor], registry: KeyRegistry | None
) -> CertificateExplained | None:
    """Return what there is to say of a certificate, None when it is none."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        usage = _usage(certificate)
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    except MALFORMED:
        return None
    usable = key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None
    judged = judge_certificate(certificate, now, anchors or None)
    institution = "" if judged.institution is None else judged.institution.value
    entry = None if registry is None or usable is None else registry.registered_key(key_id_of(usable))
    causes = [
        *_causes_of(judged.reasons, certificate, issuer, path=bool(anchors)),
        *_registry_causes(entry, institution, now, asked=registry is not None),
    ]
    return CertificateExplained(
        subject=subject[:300],
        issuer=issuer[:300],
        institution=institution,
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=usable,
        key_words=_key_words(key),
        key_id="" if usable is None else key_id_of(usable),
        usage=usage,
        trusted=judged.anchor is not None if anchors else None,
        registered=None if registry is None else entry is not None,
        causes=tuple(causes),
    )


@dataclass(frozen=True, slots=True)
class TimeExplained:
    """The Timestamp, and how far the signing clock seems to be off (seconds; positive = ahead)."""

    created: str
    expires: str
    now: str
    offset: int | None
    causes: tuple[Cause, ...]

    def values(self) -> dict[str, Any]:
        """Return it for machines."""
        stated = {"created": self.created, "expires": self.expires, "now": self.now}
        return stated | {"createdMinusNowSeconds": self.offset}


def explain_time(timestamp: etree._Element | None, now: datetime) -> TimeExplained:
    """Return what there is to say of a Timestamp at ``now``."""
    created, expires = (
        ((None if timestamp is None else timestamp.findtext(f"{{{WSU}}}{name}")) or "").strip()[:40]
        for name in ("Created", "Expires")
    )
    try:
        fresh_validity(created, expires, now)
    except SecurityRefused:
        offset, causes = _time_difference(created, expires, now)
    else:
        offset, causes = round((datetime.fromisoformat(_cut(created)) - now).total_seconds()), ()
    return TimeExplained(created, expires, now.isoformat(), offset, causes)


def _time_difference(created: str, expires: str, now: datetime) -> tuple[int | None, tuple[Cause, ...]]:
    try:
        ahead = (datetime.fromisoformat(_cut(created)) - now).total_seconds()
    except (ValueError, TypeError):
        return None, (Cause("time_form"),)
    try:
        begin, end = nanoseconds_of(created), nanoseconds_of(expires)
    except SecurityRefused:
        return round(ahead), (Cause("time_form"),)
    lifetime, present = end - begin, nanoseconds_of(now.astimezone(UTC).isoformat()[:-6] + "Z")
    if not 0 < lifetime <= MAX_LIFETIME_SECONDS * _SECOND:
        told = seconds_told(lifetime, 0 if lifetime <= 0 else MAX_LIFETIME_SECONDS)
        return round(ahead), (Cause("lifetime", (told,)),)
    for hours in _ZONES:  # Brussels is one or two hours ahead of UTC
        if abs(ahead - hours * _HOUR) <= MAX_LIFETIME_SECONDS:
            return round(ahead), (Cause("local_time", (str(hours),)),)
    if begin - present > MAX_CLOCK_SKEW_SECONDS * _SECOND:
        return round(ahead), (Cause("clock_ahead", (seconds_told(begin - present, MAX_CLOCK_SKEW_SECONDS),)),)
    return round(ahead), (Cause("expired", (seconds_told(present - end, 0),)),)


def seconds_told(nanoseconds: int, limit: int) -> str:
    """Return a time in seconds, in the fewest digits that do not make it seem to keep ``limit`` seconds."""
    exact = Decimal(nanoseconds) / _SECOND
    for digits in range(10):
        told = round(exact, digits)
        if (told > limit) == (exact > limit) and (told != limit or exact == limit):
            break
    return f"{told:f}"


def _cut(text: str) -> str:
    """Return a moment with at most six digits of a second, which is what a datetime holds."""
    whole, point, rest = text.partition(".")
    if not point:
        return text
    digits = "".join(one for one in rest if one.isdigit())
    return f"{whole}.{digits[:6].ljust(6, '0')}{'Z' if text.endswith('Z') else ''}"


def _usage(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the key usages that matter here."""
    named: list[str] = []
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage):
            named += [
                name
                for name, there in (
                    ("digitalSignature", value.digital_signature),
                    ("nonRepudiation", value.content_commitment),
                    ("keyCertSign", value.key_cert_sign),
                )
                if there
            ]
    return tuple(named)


def _causes_of(
    reasons: Sequence[Reason], certificate: x509.Certificate, issuer: str, *, path: bool
) -> Iterator[Cause]:
    """Yield the words for what `judge_certificate` found; the path only where CAs are known."""
    for reason in reasons:
        if reason.name in ("expired", "not_yet_valid"):
            begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            yield Cause("certificate_time", (begin.date().isoformat(), end.date().isoformat()))
        elif reason.name in _INSTITUTION:
            yield Cause("no_institution")
        elif reason.name == "no_path" and path:
            yield Cause("untrusted", (issuer[:100],))
        elif reason.name in _USE:
            yield Cause("certificate_use", (f"={_USE[reason.name]}",))
        elif reason.name in _AUTHORITY:
            yield Cause("authority", (f"={_AUTHORITY[reason.name]}",))


def _registry_causes(
    entry: RegisteredKey | None, institution: str, now: datetime, *, asked: bool
) -> Iterator[Cause]:
    if not asked:
        return
    if entry is None:
        yield Cause("key_not_registered")
        return
    if institution and entry.cbe_number.value != institution:
        yield Cause("key_of_another", (entry.cbe_number.value,))
    if now < entry.active_from or (entry.active_until is not None and now >= entry.active_until):
        until = "…" if entry.active_until is None else entry.active_until.isoformat()
        yield Cause("key_inactive", (f"{entry.active_from.isoformat()} – {until}",))


def _key_words(key: object) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {key.curve.name}"
    return type(key).__name__.lstrip("_")
