"""A certificate file named in an institutions file: its key's id, its dates, and what stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SetupError
from rse_gateway.security.certificate_names import SubjectRule
from rse_gateway.security.certificate_reasons import Reason
from rse_gateway.security.certificates import TrustAnchor, judge_certificate, key_id_of
from rse_gateway.security.keys import load_certificate


@dataclass(frozen=True, slots=True)
class CertificateRules:
    """What certificates of institutions are judged by.

    Attributes:
        anchors: the trusted CAs; None: not known here, so the path is not looked at.
        subject_rule: where the institution stands; None: in either attribute.
        hub_keys: ids of the hub's own keys, which no institution may have.
    """

    anchors: Sequence[TrustAnchor] | None = None
    subject_rule: SubjectRule | None = None
    hub_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """What registering a key takes from its certificate (DER), and every reason against it."""

    key_id: str
    certificate: bytes
    not_before: datetime
    institution: CbeNumber | None
    reasons: tuple[Reason, ...]


def read_certificate(path: Path, rules: CertificateRules, now: datetime) -> CertifiedKey:
    """Return the key of the first certificate in a PEM file, judged at ``now``, or when it begins.

    A certificate that begins later may be registered today: its key is active from then on.

    Raises:
        SetupError: the file cannot be read, or holds no certificate that can be.
    """
    certificate = load_certificate(path)
    try:
        not_before = certificate.not_valid_before_utc
        judged = judge_certificate(
            certificate, max(now, not_before), rules.anchors, rule=rules.subject_rule, not_of=rules.hub_keys
        )
        der = certificate.public_bytes(Encoding.DER)
    except ValueError as error:
        raise SetupError("a certificate that can be read expected") from error
    key_id = "" if judged.key is None else key_id_of(judged.key)
    return CertifiedKey(key_id, der, not_before, judged.institution, judged.reasons)
