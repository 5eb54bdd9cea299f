"""From settings to whom we are and whom we trust: the hub's number, and the CAs of institutions."""

from cryptography import x509

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SetupError
from rse_gateway.registration.certificates import CertificateRules
from rse_gateway.security.certificate_names import SubjectRule, institution_reasons, number_named
from rse_gateway.security.certificates import TrustAnchor, accepted_key, is_test_authority, key_id_of
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.trust import KeyRegistry
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
    rules = (subject_rule(settings),)
    try:
        reasons = [reason.text for reason in institution_reasons(certificate, rules)]
        named = number_named(certificate, rules)
    except ValueError as error:
        raise SetupError(f"{settings.message_certificate}: the certificate is malformed") from error
    if reasons:
        raise SetupError(f"{settings.message_certificate}: {'; '.join(reasons)}")
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
    if settings.environment == "prod" and any(is_test_authority(one) for one in certificates):
        raise SetupError(f"trusted CAs {path}: a test CA is not trusted in production")
    return [TrustAnchor(certificate, subject_rule(settings)) for certificate in certificates]


def subject_rule(settings: Settings) -> SubjectRule:
    """Return where the CAs write the institution."""
    return "ou" if settings.subject_rule == "ou" else "organization_identifier"


def hub_keys(settings: Settings) -> frozenset[str]:
    """Return the ids of the keys that sign for the hub: no institution may have one of them.

    Raises:
        SetupError: the certificate cannot be read.
    """
    try:
        key = accepted_key(load_certificate(settings.message_certificate))
    except (ValueError, TypeError) as error:
        raise SetupError(f"{settings.message_certificate}: the certificate is malformed") from error
    return frozenset() if key is None else frozenset({key_id_of(key)})


def refuse_registered_hub_key(registry: KeyRegistry, keys: frozenset[str]) -> None:
    """Refuse to start while an institution is registered with a key of the hub (an older version let it).

    Raises:
        SetupError: which institution, and which key.
        GatewayUnavailable: the registry cannot be read.
    """
    for key_id in sorted(keys):
        registered = registry.registered_key(key_id)
        if registered is not None:
            raise SetupError(
                f"institution {registered.cbe_number} is registered with the hub's own key {key_id}: "
                "import it again without that key"
            )


def certificate_rules(settings: Settings) -> CertificateRules:
    """Return what certificates of institutions are judged by.

    Raises:
        SetupError: a file cannot be read, or production would trust a test CA.
    """
    return CertificateRules(trust_anchors(settings), subject_rule(settings), hub_keys(settings))
