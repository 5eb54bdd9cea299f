"""What stands against a certificate or a CA: `judge_certificate`, `judge_authority`; nothing else decides.

Guaranteed: every reason is told, not the first one; the same question gets the same answer on the day a
certificate is entered (set-up, import, check, start) and on the day it signs (gate, explanation). Not
guaranteed: registration and revocation, which change without the certificate (`trust`).
Rules: security page, G7 and "Trust"; RFC 5280 §4.2, §6.1.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ObjectIdentifier
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.certificate_names import SubjectRule, institution_reasons, number_named
from rse_gateway.security.certificate_reasons import Reason
from rse_gateway.security.signature import PublicKey

MALFORMED: Final = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
"""What the library raises for a certificate that it cannot read."""
_MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 8192
_PURPOSES: Final = frozenset(
    ObjectIdentifier(oid)
    for oid in (
        "1.3.6.1.5.5.7.3.2",  # clientAuth
        "1.3.6.1.5.5.7.3.4",  # emailProtection
        "1.3.6.1.5.5.7.3.36",  # documentSigning, RFC 9336
        "2.5.29.37.0",  # anyExtendedKeyUsage
    )
)
_Use = Literal["messages", "authority"]


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """A CA whose certificates are accepted, and the subject attribute in which it writes the institution."""

    certificate: x509.Certificate
    subject_rule: SubjectRule


@dataclass(frozen=True, slots=True)
class Judgement:
    """What stands against a certificate, and what was found on the way.

    Attributes:
        reasons: all of them; empty = it may sign messages.
        institution: the one that it names, None where it names none or several.
        anchor: the CA that issued it, None where none did.
        key: its public key, where it is of an accepted kind.
    """

    reasons: tuple[Reason, ...]
    institution: CbeNumber | None = None
    anchor: TrustAnchor | None = None
    key: PublicKey | None = None


def judge_certificate(
    certificate: x509.Certificate,
    now: datetime,
    anchors: Sequence[TrustAnchor] | None,
    *,
    rule: SubjectRule | None = None,
    not_of: frozenset[str] = frozenset(),
) -> Judgement:
    """Return everything that stands against a certificate that shall sign messages at ``now``.

    Args:
        certificate: whose key signs.
        now: with a time zone.
        anchors: the trusted CAs; None: the path is not looked at (what signs is trusted otherwise).
        rule: where the institution stands when no CA says it; None: in either attribute.
        not_of: ids of keys that it may not hold: the hub's own is never a CPAS's.
    """
    try:
        issuing = tuple(one for one in anchors or () if _issued_by(certificate, one.certificate))
        rules = tuple(dict.fromkeys(one.subject_rule for one in issuing)) or ((rule,) if rule else ())
        key = accepted_key(certificate)
        reasons = [
            *_validity_reasons(certificate, now),
            *_use_reasons(certificate),
            *([] if key is not None else [Reason("weak_key")]),
            *([Reason("hub_key")] if key is not None and key_id_of(key) in not_of else []),
            *institution_reasons(certificate, rules),
            *([] if anchors is None else _path_reasons(certificate, issuing, now)),
        ]
        institution = number_named(certificate, rules)
    except MALFORMED:
        return Judgement((Reason("malformed"),))
    anchor = issuing[0] if issuing else None
    return Judgement(tuple(dict.fromkeys(reasons)), institution, anchor, key)


def judge_authority(
    certificate: x509.Certificate, now: datetime, *, production: bool = False
) -> tuple[Reason, ...]:
    """Return everything that stands against trusting a CA at ``now``; production trusts no test CA.

    Source of the last: contract page, "Environments".
    """
    try:
        reasons = [
            *_validity_reasons(certificate, now, "authority"),
            *_authority_reasons(certificate),
            *([] if _strong_enough(certificate.public_key()) else [Reason("authority_weak_key")]),
        ]
        if production and is_test_authority(certificate):
            reasons.append(Reason("test_authority"))
    except MALFORMED:
        return (Reason("malformed"),)
    return tuple(reasons)


def key_id_of(public_key: PublicKey) -> str:
    """Return the name of a public key: SHA-256 of its SubjectPublicKeyInfo, lower-case hexadecimal."""
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def is_test_authority(certificate: x509.Certificate) -> bool:
    """Return whether a CA says in its subject that it is for tests: production refuses to trust those.

    Source: contract page, "Environments".
    """
    return any("TEST" in str(attribute.value).upper() for attribute in certificate.subject)


def accepted_key(certificate: x509.Certificate) -> PublicKey | None:
    """Return the public key where messages may be signed with its kind and size.

    Raises:
        ValueError, TypeError, UnsupportedAlgorithm: the key cannot be read.
    """
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        return None
    if isinstance(key, rsa.RSAPublicKey) and _strong_enough(key):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def _strong_enough(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= ec.SECP256R1.key_size


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    if certificate.issuer != authority.subject:
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (*MALFORMED, InvalidSignature):
        return False
    return True


def _validity_reasons(certificate: x509.Certificate, now: datetime, use: _Use = "messages") -> list[Reason]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    prefix = "authority_" if use == "authority" else ""
    if now < begin:
        return [Reason(f"{prefix}not_yet_valid", (begin.isoformat(),))]
    return [Reason(f"{prefix}expired", (end.isoformat(),))] if now > end else []


def _use_reasons(certificate: x509.Certificate) -> Iterator[Reason]:
    """Yield what the extensions say against signing messages: the library looks at none."""
    values = [extension.value for extension in certificate.extensions]
    usages = [value for value in values if isinstance(value, x509.KeyUsage)]
    if not usages:
        yield Reason("no_key_usage")
    elif not usages[0].digital_signature:
        yield Reason("key_usage")
    issues = any(usage.key_cert_sign for usage in usages)
    if issues or any(value.ca for value in values if isinstance(value, x509.BasicConstraints)):
        yield Reason("is_ca")
    for value in values:
        if isinstance(value, x509.ExtendedKeyUsage) and not _PURPOSES.intersection(value):
            yield Reason("extended_key_usage")


def _authority_reasons(certificate: x509.Certificate) -> Iterator[Reason]:
    values = [extension.value for extension in certificate.extensions]
    if not any(value.ca for value in values if isinstance(value, x509.BasicConstraints)):
        yield Reason("no_ca")
    usages = [value for value in values if isinstance(value, x509.KeyUsage)]
    if not usages:
        yield Reason("authority_no_key_usage")
    elif not usages[0].key_cert_sign:
        yield Reason("authority_key_usage")


def _path_reasons(
    certificate: x509.Certificate, issuing: Sequence[TrustAnchor], now: datetime
) -> Iterator[Reason]:
    """Yield what is wrong between certificate and CA; a path has no intermediates."""
    if not issuing:
        yield Reason("no_path")
        return
    against = [judge_authority(one.certificate, now) for one in issuing]
    if all(against):
        yield from against[0]
        return
    if not any(_path_holds(certificate, one.certificate, now) for one in issuing):
        yield Reason("no_path")


def _path_holds(leaf: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    """Return what the library's validation says (signatures, constraints), validity told apart."""
    begin = max(leaf.not_valid_before_utc, authority.not_valid_before_utc)
    moment = min(max(now, begin), leaf.not_valid_after_utc, authority.not_valid_after_utc)
    builder = PolicyBuilder().store(Store([authority])).time(moment).max_chain_depth(0)
    anything = ExtensionPolicy.permit_all()
    of_ca = anything.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    builder = builder.extension_policies(ca_policy=of_ca, ee_policy=anything)
    try:
        chain = builder.build_client_verifier().verify(leaf, []).chain
    except VerificationError:
        return False
    return len(chain) == 2 and chain[0] == leaf
