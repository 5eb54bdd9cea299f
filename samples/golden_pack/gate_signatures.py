"""Signatures that the profile refuses: what SignedInfo says (G6), and what does not match it (G8)."""

import base64
from copy import deepcopy
from typing import Final

from lxml import etree

from golden_pack.forging import (
    NS,
    SHA1,
    Change,
    altered,
    genuine,
    part,
    resigned,
    set_algorithm,
    set_text,
)
from golden_pack.ground import CENTRE, NORTH, OTHER_PERSON, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from rse_gateway.contract.namespaces import DS, EC

_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_XSLT: Final = "http://www.w3.org/TR/1999/REC-xslt-19991116"
_REFERENCES: Final = ".//ds:SignedInfo/ds:Reference"


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/gate", operation="consultSocialReport")
    key, rsa_key = cpas_key(NORTH), cpas_key(NORTH, rsa=True)
    for number, (name, (change, shows)) in enumerate(_SIGNED_INFO.items()):
        used = rsa_key if name.startswith("rsa-") else key
        start = genuine(used, f"N-2026-INFO-{number}", with_trail=name == "trail-not-covered")
        expected = Expected(outcome="fault", code="RSE00001", stopped_at="G6")
        family.envelope(f"G6-{name}", resigned(start, change, used), shows, key=used.name, expected=expected)
    for number, (name, (change, shows)) in enumerate(_ALTERED.items()):
        start = genuine(key, f"N-2026-ALTERED-{number}", with_trail="trail" in name)
        expected = Expected(outcome="fault", code="RSE00001", stopped_at="G8")
        family.envelope(f"G8-{name}", altered(start, change), shows, key=key.name, expected=expected)


def _uncovered(name: str) -> Change:
    def change(root: etree._Element) -> None:
        reference = part(root, f"{_REFERENCES}[@URI='#{name}']")
        part(root, ".//ds:SignedInfo").remove(reference)

    return change


def _no_reference(root: etree._Element) -> None:
    for name in ("bst", "ts", "body"):
        _uncovered(name)(root)


def _extra_references(root: etree._Element) -> None:
    last = root.findall(_REFERENCES, NS)[-1]
    for _ in range(2):
        last.addnext(deepcopy(last))


def _body_twice(root: etree._Element) -> None:
    last = root.findall(_REFERENCES, NS)[-1]
    last.addnext(deepcopy(last))


def _flood(root: etree._Element) -> None:
    last = root.findall(_REFERENCES, NS)[-1]
    for _ in range(150):
        last.addnext(deepcopy(last))


def _transform(algorithm: str, content: str = "") -> Change:
    """Return the change that puts a transform before the canonicalisation of the Body."""

    def change(root: etree._Element) -> None:
        transforms = part(root, f"{_REFERENCES}[@URI='#body']/ds:Transforms")
        added = etree.Element(f"{{{DS}}}Transform", Algorithm=algorithm)
        if content:
            etree.SubElement(added, f"{{{DS}}}XPath").text = content
        transforms.insert(0, added)

    return change


def _without_transform(root: etree._Element) -> None:
    transforms = part(root, f"{_REFERENCES}[@URI='#body']/ds:Transforms")
    transforms.remove(transforms[0])


def _uri(value: str) -> Change:
    return lambda root: part(root, f"{_REFERENCES}[@URI='#body']").set("URI", value)


def _hmac_length(root: etree._Element) -> None:
    method = part(root, ".//ds:SignatureMethod")
    method.set("Algorithm", f"{_MORE}hmac-sha256")
    etree.SubElement(method, f"{{{DS}}}HMACOutputLength").text = "1"


_METHOD: Final = ".//ds:SignatureMethod"
_DIGEST: Final = f"{_REFERENCES}/ds:DigestMethod"
_C14N: Final = ".//ds:CanonicalizationMethod"
_SIGNED_INFO: Final[dict[str, tuple[Change, Sentence]]] = {
    "rsa-sha1": (set_algorithm(_METHOD, f"{DS}rsa-sha1"), (
        "Signature RSA-SHA1.", "Handtekening RSA-SHA1.", "Signature RSA-SHA1.")),
    "ecdsa-sha1": (set_algorithm(_METHOD, f"{_MORE}ecdsa-sha1"), (
        "Signature ECDSA-SHA1.", "Handtekening ECDSA-SHA1.", "Signature ECDSA-SHA1.")),
    "digest-sha1": (set_algorithm(_DIGEST, SHA1), (
        "Empreintes SHA-1.", "Digests SHA-1.", "Digests SHA-1.")),
    "hmac": (set_algorithm(_METHOD, f"{_MORE}hmac-sha256"), (
        "HMAC avec le certificat public comme clé.", "HMAC met het publieke certificaat als sleutel.",
        "HMAC keyed with the public certificate.")),
    "hmac-output-length": (_hmac_length, (
        "HMAC réduit à un bit.", "HMAC ingekort tot één bit.", "HMAC cut down to one bit.")),
    "no-algorithm": (set_algorithm(_METHOD, "none"), (
        "Algorithme « none ».", "Algoritme “none”.", 'Algorithm "none".')),
    "inclusive-canonicalization": (set_algorithm(_C14N, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), (
        "Canonicalisation inclusive.", "Inclusieve canonicalisatie.", "Inclusive canonicalisation.")),
    "canonicalization-with-comments": (set_algorithm(_C14N, f"{EC}WithComments"), (
        "Canonicalisation avec commentaires.", "Canonicalisatie met commentaar.",
        "Canonicalisation with comments.")),
    "body-not-covered": (_uncovered("body"), (
        "La signature ne couvre pas le corps.", "De handtekening dekt de body niet.",
        "The signature does not cover the Body.")),
    "timestamp-not-covered": (_uncovered("ts"), (
        "La signature ne couvre pas le Timestamp.", "De handtekening dekt de Timestamp niet.",
        "The signature does not cover the Timestamp.")),
    "trail-not-covered": (_uncovered("trail"), (
        "L'en-tête trail n'est pas signé.", "De trail-header is niet ondertekend.",
        "The trail header is not signed.")),
    "no-reference": (_no_reference, (
        "SignedInfo ne couvre rien.", "SignedInfo dekt niets.", "SignedInfo covers nothing.")),
    "body-twice": (_body_twice, (
        "Le corps est référencé deux fois.", "De body wordt twee keer vermeld.",
        "The Body is referenced twice.")),
    "extra-reference": (_extra_references, (
        "Cinq références, le maximum est quatre.", "Vijf verwijzingen, het maximum is vier.",
        "Five references, the maximum is four.")),
    "flood-of-references": (_flood, (
        "Plus de cent cinquante références.", "Meer dan honderdvijftig verwijzingen.",
        "More than one hundred and fifty references.")),
    "extra-transform-xslt": (_transform(_XSLT), (
        "Une transformation XSLT.", "Een XSLT-transformatie.", "An XSLT transform.")),
    "extra-transform-xpath": (_transform(_XPATH, "false()"), (
        "Une transformation XPath qui ne garde rien.", "Een XPath-transformatie die niets overhoudt.",
        "An XPath transform that keeps nothing.")),
    "extra-transform-unknown": (_transform("urn:example:unknown"), (
        "Une transformation inconnue.", "Een onbekende transformatie.", "An unknown transform.")),
    "without-transform": (_without_transform, (
        "Une référence sans canonicalisation.", "Een verwijzing zonder canonicalisatie.",
        "A reference without canonicalisation.")),
    "remote-reference": (_uri("http://127.0.0.1:9/body.xml"), (
        "Une référence vers une adresse distante.", "Een verwijzing naar een adres op afstand.",
        "A reference to a remote address.")),
    "file-reference": (_uri("file:///etc/hostname"), (
        "Une référence vers un fichier.", "Een verwijzing naar een bestand.", "A reference to a file.")),
    "empty-reference": (_uri(""), (
        "Une référence vide.", "Een lege verwijzing.", "An empty reference.")),
    "reference-to-nothing": (_uri("#nothing"), (
        "Une référence vers un identifiant absent.", "Een verwijzing naar een afwezig id.",
        "A reference to an id that is not there.")),
}  # fmt: skip


def _zero_signature(root: etree._Element) -> None:
    part(root, ".//ds:SignatureValue").text = base64.b64encode(bytes(64)).decode()


def _flipped_value(root: etree._Element) -> None:
    value = part(root, ".//ds:SignatureValue")
    raw = bytearray(base64.b64decode(value.text or ""))
    raw[40] ^= 1
    value.text = base64.b64encode(bytes(raw)).decode()


def _short_value(root: etree._Element) -> None:
    part(root, ".//ds:SignatureValue").text = base64.b64encode(b"\x01" * 32).decode()


def _another_certificate(root: etree._Element) -> None:
    other = base64.b64encode(cpas_key(CENTRE).certificate_der).decode()
    part(root, ".//wsse:BinarySecurityToken").text = other


def _rsa_method(root: etree._Element) -> None:
    part(root, _METHOD).set("Algorithm", f"{_MORE}rsa-sha256")


_ALTERED: Final[dict[str, tuple[Change, Sentence]]] = {
    "altered-body": (set_text("s:Body/*/criteria/ssin", OTHER_PERSON), (
        "Le NISS est changé après la signature.", "Het INSZ is gewijzigd na de handtekening.",
        "The NISS was changed after signing.")),
    "white-space-in-the-body": (lambda root: setattr(part(root, "s:Body/*/criteria"), "text", "\n"), (
        "Un logiciel a remis le corps en page après la signature.",
        "Software heeft de body opnieuw opgemaakt na de handtekening.",
        "Software laid the Body out again after signing.")),
    "altered-timestamp": (set_text(".//wsu:Expires", "2026-11-21T10:04:59.000Z"), (
        "Le Timestamp est changé après la signature.", "De Timestamp is gewijzigd na de handtekening.",
        "The Timestamp was changed after signing.")),
    "altered-trail": (set_text(".//t:trail/requestDigest", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), (
        "L'en-tête trail est changé après la signature.", "De trail-header is gewijzigd na de handtekening.",
        "The trail header was changed after signing.")),
    "altered-signature-value": (_flipped_value, (
        "Un bit de la signature est changé.", "Eén bit van de handtekening is gewijzigd.",
        "One bit of the signature was changed.")),
    "zero-signature": (_zero_signature, (
        "Une signature ECDSA faite de zéros.", "Een ECDSA-handtekening van nullen.",
        "An ECDSA signature of zeros.")),
    "short-signature": (_short_value, (
        "Une signature ECDSA de 32 octets.", "Een ECDSA-handtekening van 32 bytes.",
        "An ECDSA signature of 32 bytes.")),
    "another-certificate": (_another_certificate, (
        "Le certificat d'un autre CPAS est mis à la place.",
        "Het certificaat van een ander OCMW is in de plaats gezet.",
        "Another CPAS's certificate was put in its place.")),
    "method-of-another-key": (_rsa_method, (
        "La méthode annonce RSA, la clé est P-256.", "De methode kondigt RSA aan, de sleutel is P-256.",
        "The method says RSA, the key is P-256.")),
}  # fmt: skip
