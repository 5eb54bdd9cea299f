"""Envelopes of another shape than the profile's (G4): wrapping, doubles, what is missing or too much."""

from copy import deepcopy
from typing import Final

from lxml import etree

from golden_pack.forging import WSU_ID, Change, altered, genuine, part, question_payload
from golden_pack.ground import NORTH, OTHER_PERSON, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from golden_pack.tree import pretty
from rse_gateway.contract.namespaces import DS, SOAP11, SOAP12, WSSE, XML, XSI

_ATTACK: Final = "{urn:example:attack}Wrapper"


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/gate", operation="consultSocialReport")
    key = cpas_key(NORTH)
    expected = Expected(outcome="fault", code="RSE00001", stopped_at="G4")
    for number, (name, (change, shows)) in enumerate(_SHAPES.items()):
        raw = altered(genuine(key, f"N-2026-SHAPE-{number}"), change)
        family.envelope(f"G4-{name}", raw, shows, key=key.name, expected=expected)
    bare = etree.Element(f"{{{SOAP11}}}Envelope", nsmap={"soap": SOAP11})
    etree.SubElement(bare, f"{{{SOAP11}}}Header")
    etree.SubElement(bare, f"{{{SOAP11}}}Body").append(question_payload("N-2026-SHAPE-BARE"))
    family.envelope("G4-unsigned", pretty(bare), (
        "Une enveloppe sans aucune sécurité.", "Een envelop zonder enige beveiliging.",
        "An envelope without any security."), key=key.name, expected=expected)  # fmt: skip


def _forged_body(root: etree._Element, body_id: str | None = "forged") -> etree._Element:
    body = etree.Element(f"{{{SOAP11}}}Body", nsmap={"soap": SOAP11})
    if body_id is not None:
        body.set(WSU_ID, body_id)
    payload = deepcopy(part(root, "s:Body")[0])
    part(payload, "criteria/ssin").text = OTHER_PERSON
    body.append(payload)
    return body


def _move(root: etree._Element, parent: etree._Element, tag: str, body_id: str | None = "forged") -> None:
    body = part(root, "s:Body")
    body.addprevious(_forged_body(root, body_id))
    etree.SubElement(parent, tag).append(body)


def _body_in_header(root: etree._Element) -> None:
    _move(root, part(root, "s:Header"), _ATTACK)


def _body_in_security(root: etree._Element) -> None:
    _move(root, part(root, ".//wsse:Security"), f"{{{WSSE}}}Wrapper")


def _body_in_object(root: etree._Element) -> None:
    _move(root, part(root, ".//ds:Signature"), f"{{{DS}}}Object")


def _xml_id(root: etree._Element) -> None:
    _move(root, part(root, "s:Header"), _ATTACK, None)
    part(root, "s:Body").set(f"{{{XML}}}id", "body")


def _two_bodies(root: etree._Element) -> None:
    part(root, "s:Body").addprevious(_forged_body(root))


def _two_bodies_one_id(root: etree._Element) -> None:
    part(root, "s:Body").addprevious(_forged_body(root, "body"))


def _duplicate_id(root: etree._Element) -> None:
    part(root, "s:Body")[0].set("Id", "body")


def _two_operations(root: etree._Element) -> None:
    part(root, "s:Body").insert(0, _forged_body(root)[0])


def _envelope_in_header(root: etree._Element) -> None:
    whole = deepcopy(root)
    body = part(root, "s:Body")
    root.replace(body, _forged_body(root))
    etree.SubElement(part(root, "s:Header"), _ATTACK).append(whole)


def _double(path: str, new_id: str | None = None) -> Change:
    def change(root: etree._Element) -> None:
        element = part(root, path)
        copy = deepcopy(element)
        if new_id is not None:
            copy.set(WSU_ID, new_id)
        element.addnext(copy)

    return change


def _dropped(path: str) -> Change:
    def change(root: etree._Element) -> None:
        element = part(root, path)
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    return change


def _key_value(root: etree._Element) -> None:
    info = part(root, ".//ds:KeyInfo")
    for child in list(info):
        info.remove(child)
    etree.SubElement(info, f"{{{DS}}}KeyValue").text = "AQAB"


def _addressing(root: etree._Element) -> None:
    header = etree.SubElement(part(root, "s:Header"), "{http://www.w3.org/2005/08/addressing}Action")
    header.text = "urn:rse-gateway:consultSocialReport"


def _soap12(root: etree._Element) -> None:
    for name in ("s:Header", "s:Body"):
        element = part(root, name)
        element.tag = element.tag.replace(SOAP11, SOAP12)
    root.tag = f"{{{SOAP12}}}Envelope"


def _attribute(path: str, name: str, value: str) -> Change:
    return lambda root: part(root, path).set(name, value)


def _unqualified(root: etree._Element) -> None:
    payload = part(root, "s:Body")[0]
    payload.tag = etree.QName(payload).localname


_SHAPES: Final[dict[str, tuple[Change, Sentence]]] = {
    "body-in-header-wrapper": (_body_in_header, (
        "Le corps signé est déplacé dans l'en-tête, un faux prend sa place.",
        "De ondertekende body is naar de header verplaatst, een valse neemt zijn plaats.",
        "The signed body is moved into the header, a forged one takes its place.")),
    "body-in-security": (_body_in_security, (
        "Le corps signé est caché dans Security.", "De ondertekende body is verborgen in Security.",
        "The signed body is hidden in Security.")),
    "body-in-ds-object": (_body_in_object, (
        "Le corps signé est caché dans ds:Object.", "De ondertekende body is verborgen in ds:Object.",
        "The signed body is hidden in ds:Object.")),
    "id-confusion": (_xml_id, (
        "Le faux corps prend l'identifiant sous un autre nom (xml:id).",
        "De valse body neemt het id onder een andere naam (xml:id).",
        "The forged body takes the id under another name (xml:id).")),
    "two-bodies": (_two_bodies, ("Deux corps.", "Twee body's.", "Two bodies.")),
    "two-bodies-same-id": (_two_bodies_one_id, (
        "Deux corps avec le même identifiant.", "Twee body's met hetzelfde id.", "Two bodies with one id.")),
    "duplicate-id": (_duplicate_id, (
        "Un identifiant vient deux fois.", "Een id komt twee keer voor.", "An id occurs twice.")),
    "two-operations": (_two_operations, (
        "Deux opérations dans le corps.", "Twee operaties in de body.", "Two operations in the body.")),
    "envelope-in-header": (_envelope_in_header, (
        "Toute l'enveloppe signée est emballée dans l'en-tête d'une autre.",
        "De hele ondertekende envelop zit verpakt in de header van een andere.",
        "The whole signed envelope is wrapped in the header of another.")),
    "second-security": (_double(".//wsse:Security"), (
        "Un second en-tête Security.", "Een tweede Security-header.", "A second Security header.")),
    "second-token": (_double(".//wsse:BinarySecurityToken", "bst2"), (
        "Un second certificat.", "Een tweede certificaat.", "A second certificate.")),
    "second-timestamp": (_double(".//wsu:Timestamp", "ts2"), (
        "Un second Timestamp.", "Een tweede Timestamp.", "A second Timestamp.")),
    "second-signature": (_double(".//ds:Signature"), (
        "Une seconde signature.", "Een tweede handtekening.", "A second signature.")),
    "second-signed-info": (_double(".//ds:SignedInfo"), (
        "Deux SignedInfo dans la signature.", "Twee SignedInfo in de handtekening.",
        "Two SignedInfo in the signature.")),
    "without-signature": (_dropped(".//ds:Signature"), (
        "Security sans signature.", "Security zonder handtekening.", "Security without signature.")),
    "without-timestamp": (_dropped(".//wsu:Timestamp"), (
        "Security sans Timestamp.", "Security zonder Timestamp.", "Security without Timestamp.")),
    "without-header": (_dropped("s:Header"), ("Pas d'en-tête.", "Geen header.", "No header.")),
    "key-value": (_key_value, (
        "Une clé brute au lieu du certificat.", "Een ruwe sleutel in plaats van het certificaat.",
        "A bare key instead of the certificate.")),
    "unknown-header": (_addressing, (
        "Un en-tête inconnu (WS-Addressing).", "Een onbekende header (WS-Addressing).",
        "An unknown header (WS-Addressing).")),
    "actor": (_attribute(".//wsse:Security", f"{{{SOAP11}}}actor", "urn:example:other"), (
        "Security s'adresse à quelqu'un d'autre (actor).", "Security is voor iemand anders bestemd (actor).",
        "Security addresses somebody else (actor).")),
    "schema-location": (_attribute("s:Body/*", f"{{{XSI}}}schemaLocation", "urn:x http://127.0.0.1:9/x.xsd"),
    (
        "xsi:schemaLocation qui ferait chercher un schéma.",
        "xsi:schemaLocation die een schema zou laten ophalen.",
        "xsi:schemaLocation that would have a schema fetched.")),
    "xsi-type": (_attribute("s:Body/*", f"{{{XSI}}}type", "rse:consultSocialReportRequest"), (
        "xsi:type sur l'opération.", "xsi:type op de operatie.", "xsi:type on the operation.")),
    "operation-without-namespace": (_unqualified, (
        "L'élément de l'opération n'a pas d'espace de noms.",
        "Het element van de operatie heeft geen naamruimte.",
        "The operation's element has no namespace.")),
    "soap-1.2": (_soap12, (
        "Une enveloppe SOAP 1.2 : la réponse est un VersionMismatch.",
        "Een SOAP 1.2-envelop: het antwoord is een VersionMismatch.",
        "A SOAP 1.2 envelope: the answer is a VersionMismatch.")),
}  # fmt: skip
