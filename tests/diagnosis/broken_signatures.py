"""Signed messages broken on purpose, one mistake each, made from messages that the gate opens."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from security.forge import EXC, ID, NS, TRAIL_HEADER, Forgery, canonical, part
from security.pki import CPAS, NOW, OTHER_CPAS

from rse_gateway.contract.parsing import build_tree
from rse_gateway.security.signing import MessageSigner

REQUEST = Path(__file__).parents[2] / "samples/messages/good/consultSocialReport/request-full.xml"
NISS = "85073003328"
BODY = "s:Body"
BODY_REFERENCE = ".//ds:Reference[@URI='#body']"


def signed(issued, payload: bytes | None = None) -> bytes:
    """Return a real request as our own signer signs it."""
    root = etree.fromstring(REQUEST.read_bytes() if payload is None else payload)
    return MessageSigner(issued.key, issued.certificate_der).sign(root, created=NOW).raw


def changed(issued, change: Callable[[etree._Element], None]) -> bytes:
    """Return a rightly signed message whose tree was changed afterwards."""
    root = build_tree(signed(issued))
    change(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def resigned(issued, digest: bytes, **options) -> bytes:
    """Return a message that states ``digest`` for its Body, and whose SignatureValue is right for that."""
    forgery = Forgery(issued=issued, payload=REQUEST.read_text("utf-8").partition("?>")[2], **options)
    root = forgery.tree()
    part(root, f"{BODY_REFERENCE}/ds:DigestValue").text = base64.b64encode(digest).decode()
    value = forgery._sign(canonical(part(root, ".//ds:SignedInfo")))
    part(root, ".//ds:SignatureValue").text = base64.b64encode(value).decode()
    return etree.tostring(root)


def body_of(issued, **options) -> etree._Element:
    text = REQUEST.read_text("utf-8").partition("?>")[2]
    return part(Forgery(issued=issued, payload=text, **options).tree(), BODY)


def white_space_added(cpas, **_):
    return signed(cpas).replace(b"<criteria>", b"<criteria> ")


def value_padded(cpas, **_):
    return signed(cpas).replace(b"<ticket>", b"<ticket>\n      ")


def reindented(cpas, **_):
    return changed(cpas, lambda root: etree.indent(part(root, BODY), space="\t"))


def printed_in_one_line(cpas, **_):
    def squeeze(root):
        for element in part(root, BODY).iter():
            if len(element) and not (element.text or "").strip():
                element.text = None
            if not (element.tail or "").strip():
                element.tail = None

    return changed(cpas, squeeze)


def line_ends_lost(cpas, **_):
    payload = REQUEST.read_bytes().partition(b"?>")[2].strip().replace(b"\n", b"&#13;\n")
    return signed(cpas, payload).replace(b"&#xD;", b"")


def id_moved(cpas, **_):
    def move(root):
        body = part(root, BODY)
        body[0].set(ID, body.attrib.pop(ID))

    return changed(cpas, move)


def id_renamed(cpas, **_):
    return changed(cpas, lambda root: part(root, BODY).set(ID, "body-2"))


def id_duplicated(cpas, **_):
    return changed(cpas, lambda root: part(root, BODY)[0].set("Id", "body"))


def id_added_late(cpas, **_):
    body = body_of(cpas)
    del body.attrib[ID]
    return resigned(cpas, hashlib.sha256(canonical(body)).digest())


XSD_PREFIX = {"declarations": 'xmlns:xsd="http://www.w3.org/2001/XMLSchema"'}
LISTED = (
    f'<ds:Transform Algorithm="{EXC}"><ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="xsd"/>'
    "</ds:Transform>"
)


def prefix_list_ignored(cpas, **_):
    text = REQUEST.read_text("utf-8").partition("?>")[2]
    return Forgery(issued=cpas, payload=text, transforms=LISTED, covered=("body",), **XSD_PREFIX).raw()


def inclusive_canonicalization(cpas, **_):
    body = body_of(cpas, **XSD_PREFIX)
    again = etree.fromstring(etree.tostring(body, with_tail=False))
    content = etree.tostring(again, method="c14n", exclusive=False, with_comments=False)
    return resigned(cpas, hashlib.sha256(content).digest(), **XSD_PREFIX)


def digest_of_another_algorithm(cpas, **_):
    return resigned(cpas, hashlib.sha512(canonical(body_of(cpas))).digest())


def digest_written_in_hexadecimal(cpas, **_):
    return resigned(cpas, hashlib.sha256(canonical(body_of(cpas))).hexdigest().encode())


def expired(cpas, **_):
    return Forgery(issued=cpas, created=NOW - timedelta(seconds=400)).raw()


def clock_ahead(cpas, **_):
    return Forgery(issued=cpas, created=NOW + timedelta(seconds=600)).raw()


def local_time_as_utc(cpas, **_):
    return Forgery(issued=cpas, created=NOW + timedelta(hours=2)).raw()


def key_not_registered(stranger, **_):
    return signed(stranger)


def signed_by_another_key(cpas, other, **_):
    return Forgery(issued=SimpleNamespace(key=other.key, certificate_der=cpas.certificate_der)).raw()


def signed_by_an_unknown_rsa_key(rsa, stranger_rsa, **_):
    return Forgery(issued=SimpleNamespace(key=stranger_rsa.key, certificate_der=rsa.certificate_der)).raw()


def certificate_swapped(cpas, other, **_):
    token = base64.b64encode(other.certificate_der).decode()

    def swap(root):
        part(root, ".//wsse:BinarySecurityToken").text = token

    return changed(cpas, swap)


def ecdsa_in_der(cpas, **_):
    def encode(root):
        value = part(root, ".//ds:SignatureValue")
        raw = base64.b64decode(value.text)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        value.text = base64.b64encode(der).decode()

    return changed(cpas, encode)


def signature_with_sha_1(cpas, **_):
    return Forgery(issued=cpas, hash_algorithm=hashes.SHA1()).raw()  # noqa: S303


def digest_spoilt_afterwards(cpas, **_):
    def spoil(root):
        part(root, f"{BODY_REFERENCE}/ds:DigestValue").text = base64.b64encode(bytes(32)).decode()

    return changed(cpas, spoil)


def digest_edited_afterwards(rsa, **_):
    def edit(root):
        body = part(root, BODY)
        part(body, ".//ticket").text = "ANOTHER"
        digest = hashlib.sha256(canonical(body)).digest()
        part(root, f"{BODY_REFERENCE}/ds:DigestValue").text = base64.b64encode(digest).decode()

    return changed(rsa, edit)


def reference_removed_afterwards(rsa, **_):
    def remove(root):
        info = part(root, ".//ds:SignedInfo")
        info.remove(part(info, "ds:Reference[@URI='#bst']"))

    return changed(rsa, remove)


def token_not_covered(cpas, **_):
    return Forgery(issued=cpas, covered=("ts", "body")).raw()


def trail_not_covered(cpas, **_):
    return Forgery(issued=cpas, trail=TRAIL_HEADER, covered=("bst", "ts", "body")).raw()


def body_altered(cpas, **_):
    return signed(cpas).replace(b"<ticket>", b"<ticket>X")


def not_signed(cpas, **_):
    return changed(cpas, lambda root: part(root, ".//wsse:Security").remove(part(root, ".//ds:Signature")))


def two_bodies(cpas, **_):
    def double(root):
        root.append(etree.fromstring(etree.tostring(part(root, BODY), with_tail=False)))

    return changed(cpas, double)


BROKEN: dict[str, tuple[Callable[..., bytes], str]] = {
    "white space added between elements": (white_space_added, "white_space"),
    "white space added before a value": (value_padded, "white_space"),
    "body indented again": (reindented, "white_space"),
    "body printed in one line": (printed_in_one_line, "white_space"),
    "line ends lost": (line_ends_lost, "line_ends"),
    "id moved to another element": (id_moved, "id_moved"),
    "id renamed": (id_renamed, "id_renamed"),
    "id there twice": (id_duplicated, "id_duplicate"),
    "id added after the digest": (id_added_late, "id_added_late"),
    "prefix list stated and ignored": (prefix_list_ignored, "prefix_list"),
    "inclusive canonicalisation": (inclusive_canonicalization, "wrong_canonicalization"),
    "digest of another algorithm": (digest_of_another_algorithm, "digest_algorithm"),
    "digest in hexadecimal": (digest_written_in_hexadecimal, "digest_encoding"),
    "expired": (expired, "expired"),
    "clock ahead": (clock_ahead, "clock_ahead"),
    "local time as UTC": (local_time_as_utc, "local_time"),
    "key not registered": (key_not_registered, "key_not_registered"),
    "another institution's key": (signed_by_another_key, "wrong_key"),
    "an unknown RSA key": (signed_by_an_unknown_rsa_key, "wrong_key"),
    "certificate swapped": (certificate_swapped, "certificate_swapped"),
    "ECDSA value in DER": (ecdsa_in_der, "ecdsa_der"),
    "signature with SHA-1": (signature_with_sha_1, "signature_hash"),
    "digest spoilt after signing": (digest_spoilt_afterwards, "signed_info_changed"),
    "digest edited after signing": (digest_edited_afterwards, "signed_info_changed"),
    "reference removed after signing": (reference_removed_afterwards, "signed_info_changed"),
    "token not covered": (token_not_covered, "not_covered"),
    "trail not covered": (trail_not_covered, "not_covered"),
    "body altered": (body_altered, "content_changed"),
    "not signed": (not_signed, "no_signature"),
    "two bodies": (two_bodies, "twice"),
}

__all__ = ["BROKEN", "CPAS", "NISS", "NOW", "NS", "OTHER_CPAS", "REQUEST", "signed"]
