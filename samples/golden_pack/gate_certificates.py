"""Certificates that stand for nobody (G7): wrong authority, dates, names, usages, keys.

The certificates are made here from fixed numbers and keys, so they are the same each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from golden_pack.forging import genuine, part, resigned
from golden_pack.ground import CENTRE, NORTH, SOUTH, KeyPair, cpas_key, key_pair
from golden_pack.sample import Expected, Family, Pack, Sentence
from rse_gateway.contract.namespaces import DS
from rse_gateway.security.signing import PrivateKey

_OU_PREFIX: Final = "urn:be:fgov:kbo-bce:organization:cbe-number:"
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_END: Final = datetime(2046, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A certificate to make; the defaults are those of a good one for `NORTH`."""

    units: Sequence[str] = (_OU_PREFIX + NORTH,)
    begin: datetime = _START
    end: datetime = _END
    issuer: str = "test-ca"
    authority: bool = False
    may_sign: bool = True


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/gate", operation="consultSocialReport")
    expected = Expected(outcome="fault", code="RSE00001", stopped_at="G7")
    for number, (name, (pair, shows)) in enumerate(_pairs().items()):
        raw = genuine(pair, f"N-2026-CERT-{number}")
        family.envelope(f"G7-{name}", raw, shows, key=pair.name, expected=expected)
    north = cpas_key(NORTH)
    for name, shows in _COVERAGE.items():
        raw = genuine(north, f"N-2026-{name.upper()}"[:36])
        change = _token_not_covered if name == "token-not-covered" else _enveloped
        family.envelope(f"G7-{name}", resigned(raw, change, north), shows, key=north.name, expected=expected)


_COVERAGE: Final[dict[str, Sentence]] = {
    "token-not-covered": (
        "Le certificat n'est pas couvert : admis seulement avec le profil toolkit.",
        "Het certificaat is niet gedekt: alleen toegelaten met het profiel toolkit.",
        "The token is not covered: accepted with the profile toolkit only."),
    "enveloped-transform": (
        "Une transformation enveloped-signature : admise seulement avec le profil toolkit.",
        "Een enveloped-signature-transformatie: alleen toegelaten met het profiel toolkit.",
        "An enveloped-signature transform: accepted with the profile toolkit only."),
}  # fmt: skip


def _token_not_covered(root: etree._Element) -> None:
    info = part(root, ".//ds:SignedInfo")
    info.remove(part(info, "ds:Reference[@URI='#bst']"))


def _enveloped(root: etree._Element) -> None:
    transforms = part(root, ".//ds:Reference[@URI='#body']/ds:Transforms")
    transforms.insert(0, transforms.makeelement(f"{{{DS}}}Transform", Algorithm=f"{DS}enveloped-signature"))


def _pairs() -> dict[str, tuple[KeyPair, Sentence]]:
    north, stranger = cpas_key(NORTH), ec.derive_private_key(20261121, ec.SECP256R1())
    ca = key_pair("test-ca")
    two = (_OU_PREFIX + NORTH, _OU_PREFIX + CENTRE)
    return {
        "rogue-authority": (_pair(north.key, Wish(issuer="test-rogue-ca")), (
            "Un certificat d'une autorité qui usurpe le nom de la bonne.",
            "Een certificaat van een autoriteit die de naam van de juiste misbruikt.",
            "A certificate of an authority that bears the right one's name.")),
        "self-signed": (_pair(stranger, Wish(issuer="")), (
            "Un certificat auto-signé avec le bon nom.",
            "Een zelfondertekend certificaat met de juiste naam.",
            "A self-signed certificate with the right name.")),
        "unregistered-key": (_pair(stranger, Wish()), (
            "Une clé que personne n'a enregistrée.", "Een sleutel die niemand heeft geregistreerd.",
            "A key that nobody registered.")),
        "expired": (_pair(north.key, Wish(end=datetime(2026, 6, 1, tzinfo=UTC))), (
            "Un certificat expiré.", "Een vervallen certificaat.", "An expired certificate.")),
        "not-yet-valid": (_pair(north.key, Wish(begin=datetime(2027, 1, 1, tzinfo=UTC))), (
            "Un certificat pas encore valable.", "Een certificaat dat nog niet geldig is.",
            "A certificate that is not valid yet.")),
        "two-institution-numbers": (_pair(north.key, Wish(units=two)), (
            "Un certificat qui nomme deux institutions.", "Een certificaat dat twee instellingen noemt.",
            "A certificate that names two institutions.")),
        "no-institution-number": (_pair(north.key, Wish(units=("Service social",))), (
            "Un certificat qui ne nomme aucune institution.", "Een certificaat dat geen instelling noemt.",
            "A certificate that names no institution.")),
        "institution-check-digits": (_pair(north.key, Wish(units=(_OU_PREFIX + "0299990119",))), (
            "Un numéro d'institution dont le contrôle est faux.",
            "Een instellingsnummer met foute controlecijfers.",
            "An institution number with wrong check digits.")),
        "key-of-another-institution": (_pair(north.key, Wish(units=(_OU_PREFIX + CENTRE,))), (
            "La clé est enregistrée pour une autre institution.",
            "De sleutel is geregistreerd voor een andere instelling.",
            "The key is registered to another institution.")),
        "key-no-longer-active": (cpas_key(SOUTH, rsa=True), (
            "La clé est enregistrée mais n'est plus active.",
            "De sleutel is geregistreerd maar niet meer actief.",
            "The key is registered but no longer active.")),
        "may-not-sign": (_pair(north.key, Wish(may_sign=False)), (
            "Un certificat sans l'usage digitalSignature.",
            "Een certificaat zonder het gebruik digitalSignature.",
            "A certificate without the usage digitalSignature.")),
        "authority-as-signer": (_pair(north.key, Wish(authority=True)), (
            "Un certificat d'autorité signe un message.",
            "Een autoriteitscertificaat ondertekent een bericht.",
            "An authority's certificate signs a message.")),
        "authority-itself": (ca, (
            "L'autorité elle-même signe un message.", "De autoriteit zelf ondertekent een bericht.",
            "The authority itself signs a message.")),
    }  # fmt: skip


def _pair(key: PrivateKey, wish: Wish) -> KeyPair:
    """Return the key with a certificate made as wished; no ``issuer`` means that it signs its own."""
    names = [x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
             x509.NameAttribute(NameOID.ORGANIZATION_NAME, "RSE TEST")]  # fmt: skip
    names += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in wish.units]
    names.append(x509.NameAttribute(NameOID.COMMON_NAME, "RSE TEST sample"))
    subject = x509.Name(names)
    issuing = key_pair(wish.issuer) if wish.issuer else None
    issuer = subject
    if issuing is not None:
        issuer = x509.load_der_x509_certificate(issuing.certificate_der).subject
    usage = x509.KeyUsage(
        digital_signature=wish.may_sign,
        content_commitment=False,
        key_encipherment=not wish.may_sign,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=wish.authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(20261121).not_valid_before(wish.begin).not_valid_after(wish.end)
    builder = builder.add_extension(x509.BasicConstraints(ca=wish.authority, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    signing = key if issuing is None else issuing.key
    deterministic = isinstance(signing, ec.EllipticCurvePrivateKey) or None
    certificate = builder.sign(signing, hashes.SHA256(), ecdsa_deterministic=deterministic)
    return KeyPair("made for this sample", key, certificate.public_bytes(Encoding.DER))
