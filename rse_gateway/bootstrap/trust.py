"""From settings to whom we are and whom we trust: the hub's number, and the CAs of institutions."""

from cryptography import x509

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SecurityRefused, SetupError
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.trust import SubjectRule, TrustAnchor, institution_named, is_test_authority
from rse_gateway.settings import Settings


def hub_number(settings: Settings) -> CbeNumber:
    """Return the hub's own number, which its certificate names too.

    Raises:
        SetupError: the setting is no BCE number, or not the certificate's.
    """
    try:
        number = CbeNumber(settings.cbe_number)
    except ValueError as error:
        raise SetupError("setting cbe_number: the BCE number of the hub expected") from error
    certificate = load_certificate(settings.message_certificate)
    rule: SubjectRule = "ou" if settings.subject_rule == "ou" else "organization_identifier"
    try:
        named = institution_named(certificate, rule)
    except SecurityRefused as error:
        raise SetupError(f"{settings.message_certificate}: {error.reason}") from error
    if named != number:
        raise SetupError(f"setting cbe_number: {settings.message_certificate} names another institution")
    return number


def trust_anchors(settings: Settings) -> list[TrustAnchor]:
    """Return the CAs whose certificates institutions use.

    Raises:
        SetupError: the file cannot be read, or production would trust a test CA.
    """
    path = settings.trusted_cas
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise SetupError(f"trusted CAs {path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SetupError(f"trusted CAs {path}: PEM certificates expected, at least one") from error
    rule: SubjectRule = "ou" if settings.subject_rule == "ou" else "organization_identifier"
    if settings.environment == "prod" and any(is_test_authority(one) for one in certificates):
        raise SetupError(f"trusted CAs {path}: a test CA is not trusted in production")
    return [TrustAnchor(certificate, rule) for certificate in certificates]
