"""Messages that are refused before any signature is looked at: bytes (G1), form (G2), bounds (G3)."""

from collections.abc import Callable
from typing import Final

from golden_pack.forging import genuine
from golden_pack.ground import NORTH, KeyPair, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence

Bytes = Callable[[bytes], bytes]
_DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>'
_BODY_END: Final = b"</soap:Body>"


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/gate", operation="consultSocialReport")
    key = cpas_key(NORTH)
    number = 0
    for step, cases in (("G1", _G1), ("G2", _G2), ("G3", _G3)):
        for name, (change, shows) in cases.items():
            number += 1
            raw = change(_envelope(key, f"N-2026-BYTES-{number}"))
            expected = Expected(outcome="fault", code="MSG00004", stopped_at=step)
            family.envelope(f"{step}-{name}", raw, shows, key=key.name, expected=expected)


def _envelope(key: KeyPair, ticket: str) -> bytes:
    return genuine(key, ticket)


def _declared(declaration: bytes) -> Bytes:
    return lambda raw: raw.replace(_DECLARATION, declaration, 1)


def _inserted(text: bytes, before: bytes) -> Bytes:
    return lambda raw: raw.replace(before, text + before, 1)


def _entity(definition: bytes, name: bytes) -> Bytes:
    def change(raw: bytes) -> bytes:
        doctype = b"\n<!DOCTYPE e [" + definition + b"]>"
        named = raw.replace(b"as-0042", b"&" + name + b";", 1)
        return named.replace(_DECLARATION, _DECLARATION + doctype, 1)

    return change


_BOMB: Final = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"lol" if level == 0 else b"&l%d;" % (level - 1) * 10)
    for level in range(10)
)

_G1: Final[dict[str, tuple[Bytes, Sentence]]] = {
    "byte-order-mark": (lambda raw: b"\xef\xbb\xbf" + raw, (
        "Une marque d'ordre des octets (BOM) au début.", "Een byte order mark (BOM) aan het begin.",
        "A byte order mark (BOM) at the start.")),
    "nul-byte": (lambda raw: raw.replace(b"as-0042", b"as-\x0042", 1), (
        "Un octet nul.", "Een NUL-byte.", "A NUL byte.")),
    "utf-16": (lambda raw: raw.decode().replace("UTF-8", "UTF-16").encode("utf-16"), (
        "Le message en UTF-16.", "Het bericht in UTF-16.", "The message in UTF-16.")),
    "utf-7": (_declared(b'<?xml version="1.0" encoding="UTF-7"?>'), (
        "L'encodage UTF-7 est annoncé.", "De codering UTF-7 wordt aangekondigd.",
        "The encoding UTF-7 is declared.")),
    "latin-1": (lambda raw: raw.replace(b"as-0042", "amélie".encode("latin-1"), 1), (
        "Des octets qui ne sont pas de l'UTF-8.", "Bytes die geen UTF-8 zijn.", "Bytes that are not UTF-8.")),
    "xml-1.1": (_declared(b'<?xml version="1.1" encoding="UTF-8"?>'), (
        "XML 1.1.", "XML 1.1.", "XML 1.1.")),
    "doctype": (_declared(_DECLARATION + b"\n<!DOCTYPE soap:Envelope>"), (
        "Une déclaration de type de document.", "Een documenttypedeclaratie.",
        "A document type declaration.")),
    "external-entity": (_entity(b'<!ENTITY f SYSTEM "file:///etc/hostname">', b"f"), (
        "Une entité externe qui lirait un fichier (XXE).",
        "Een externe entiteit die een bestand zou lezen (XXE).",
        "An external entity that would read a file (XXE).")),
    "entity-bomb": (_entity(_BOMB, b"l9"), (
        "Des entités imbriquées qui gonflent sans fin.", "Geneste entiteiten die eindeloos opzwellen.",
        "Nested entities that grow without end.")),
    "too-many-tags": (_inserted(b"<x></x>" * 4100, _BODY_END), (
        "Plus de balises que l'opération n'en admet.", "Meer tags dan de operatie toelaat.",
        "More tags than the operation allows.")),
    "too-many-bytes": (_inserted(b" " * 262_144, _BODY_END), (
        "Plus de 256 Kio.", "Meer dan 256 KiB.", "More than 256 KiB.")),
}  # fmt: skip

_G2: Final[dict[str, tuple[Bytes, Sentence]]] = {
    "truncated": (lambda raw: raw[: len(raw) // 2], (
        "Le message est coupé.", "Het bericht is afgebroken.", "The message is cut off.")),
    "tag-not-closed": (lambda raw: raw.replace(b"</ssin>", b"", 1), (
        "Une balise n'est pas fermée.", "Een tag is niet gesloten.", "A tag is not closed.")),
    "undeclared-prefix": (lambda raw: raw.replace(b"<criteria>", b"<c:criteria>").replace(
        b"</criteria>", b"</c:criteria>"), (
        "Un préfixe n'est pas déclaré.", "Een prefix is niet gedeclareerd.", "A prefix is not declared.")),
    "undefined-entity": (lambda raw: raw.replace(b"as-0042", b"&eacute;", 1), (
        "Une entité non définie.", "Een niet-gedefinieerde entiteit.", "An undefined entity.")),
    "two-roots": (lambda raw: raw + b"<x/>", (
        "Deux éléments racine.", "Twee wortelelementen.", "Two root elements.")),
}  # fmt: skip

_G3: Final[dict[str, tuple[Bytes, Sentence]]] = {
    "too-deep": (_inserted(b"<x>" * 40 + b"</x>" * 40, _BODY_END), (
        "Quarante niveaux d'éléments, le maximum est 32.",
        "Veertig niveaus van elementen, het maximum is 32.",
        "Forty levels of elements, the maximum is 32.")),
    "too-many-elements": (_inserted(b"<x/>" * 2100, _BODY_END), (
        "Plus de 2000 éléments.", "Meer dan 2000 elementen.", "More than 2000 elements.")),
    "too-many-attributes": (_inserted(b"<x " + b" ".join(b'a%d=""' % n for n in range(17)) + b"/>",
    _BODY_END), (
        "Dix-sept attributs sur un élément, le maximum est 16.",
        "Zeventien attributen op een element, het maximum is 16.",
        "Seventeen attributes on one element, the maximum is 16.")),
    "too-many-namespaces": (
        _inserted(b"<x " + b" ".join(b'xmlns:n%d="urn:n"' % n for n in range(65)) + b"/>", _BODY_END), (
        "Soixante-cinq déclarations d'espaces de noms sur un élément, le maximum est 64.",
        "Vijfenzestig naamruimtedeclaraties op een element, het maximum is 64.",
        "Sixty-five namespace declarations on one element, the maximum is 64.")),
    "canonicalisation-bomb": (_inserted(b"<x" + b"".join(b' xmlns:n%d="urn:n%d%s"' % (n, n, b"x" * 900)
    for n in range(16)) + b">" + (b"<y" + b"".join(b' n%d:a=""' % n for n in range(16)) + b"/>") * 100
    + b"</x>", _BODY_END), (
        "Un message capté, gonflé sans clé : 30 ko dont la canonisation ferait 1,4 Mo.",
        "Een onderschept bericht, opgeblazen zonder sleutel: 30 kB die bij canonisering 1,4 MB zou worden.",
        "A captured message, blown up without a key: 30 kB that canonicalisation would make 1.4 MB.")),
    "namespace-too-long": (_inserted(b'<x xmlns:n="urn:' + b"x" * 60_000 + b'">' + b"<n:y/>" * 1_500
    + b"</x>", _BODY_END), (
        "Un espace de noms de 60 000 caractères, que la canonisation écrirait 1500 fois.",
        "Een naamruimte van 60 000 tekens, die canonisering 1500 keer zou schrijven.",
        "A namespace of 60,000 characters, which canonicalisation would write 1,500 times.")),
    "comment-in-the-number": (lambda raw: raw.replace(b"85073003328", b"85073<!-- -->003328"), (
        "Un commentaire dans le NISS, ajouté après la signature, qui reste valable.",
        "Een commentaar in het INSZ, toegevoegd na de handtekening, die geldig blijft.",
        "A comment in the NISS, added after signing; the signature stays valid.")),
    "comment-before-the-root": (lambda raw: raw.replace(b"<soap:Envelope", b"<!-- x --><soap:Envelope", 1), (
        "Un commentaire devant la racine.", "Een commentaar vóór de wortel.", "A comment before the root.")),
    "processing-instruction": (_inserted(b"<?php exit?>", b"<criteria>"), (
        "Une instruction de traitement.", "Een verwerkingsinstructie.", "A processing instruction.")),
    "relative-namespace": (lambda raw: raw.replace(b"<soap:Envelope ",
    b'<soap:Envelope xmlns:r="rel/ative" ', 1), (
        "Un espace de noms relatif.", "Een relatieve naamruimte.", "A relative namespace.")),
}  # fmt: skip
