"""Why a certificate or a CA is refused: a name for programs, a sentence for people, never a value."""

from dataclasses import dataclass
from typing import Final

TEXTS: Final = {
    "malformed": "the certificate is malformed or not supported",
    "not_yet_valid": "the certificate is not valid now: it begins on {}",
    "expired": "the certificate is not valid now: it ended on {}",
    "no_key_usage": "key usage digitalSignature is absent: the certificate has no key usage",
    "key_usage": "key usage digitalSignature is absent: the certificate is for something else",
    "is_ca": "a CA certificate signs no message",
    "extended_key_usage": "its extended key usage names none of clientAuth, emailProtection, documentSigning"
    " and anyExtendedKeyUsage",
    "weak_key": "the key is neither RSA of 2048 to 8192 bits nor P-256",
    "hub_key": "the key is the hub's own: it is never another institution's",
    "no_institution": "the certificate does not name exactly one institution: it names none where its CA"
    " writes it",
    "several_institutions": "the certificate does not name exactly one institution: it names several",
    "several_values": "an RDN of several values may hide an institution: one attribute in each expected",
    "number_malformed": "the institution's number is malformed",
    "check_digits": "the check digits of the institution's number are wrong",
    "no_path": "no valid path to a trusted CA: none of them issued it directly",
    "authority_not_yet_valid": "the CA is not valid now: it begins on {}",
    "authority_expired": "the CA is not valid now: it ended on {}",
    "authority_no_key_usage": "the CA has no key usage, as openssl req -x509 makes it: make it again with"
    ' -addext "keyUsage=critical,keyCertSign,cRLSign"',
    "authority_key_usage": "the CA may not sign certificates: key usage keyCertSign expected",
    "authority_weak_key": "a trusted CA has a key weaker than RSA-2048 or P-256: replace it",
    "no_ca": "it is no CA: basic constraints CA:TRUE expected",
    "test_authority": "a test CA is not trusted in production",
}
"""Name of a reason → its sentence."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; ``facts`` fill its sentence (moments only)."""

    name: str
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The reason in words."""
        return TEXTS[self.name].format(*self.facts)
