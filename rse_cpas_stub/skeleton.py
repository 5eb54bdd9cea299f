"""The one shape that a message may have, checked before any cryptography; every surprise is a refusal.

SOAP 1.1 envelope with Header and Body; Header: one wsse:Security, at most one trail; Security: token,
Timestamp, Signature; each signed part found by its position, each reference naming exactly that part
(security page, "Profile").
"""

from dataclasses import dataclass

from lxml import etree

from rse_cpas_stub.canonical_size import check_canonical_size, check_markup
from rse_cpas_stub.errors import SignatureRefused
from rse_cpas_stub.names import BASE64, DS, EXCLUSIVE_C14N, SOAP, TRAIL, WSSE, WSU, X509_V3, tag

MAX_BYTES = 4 * 1024 * 1024
_MAX_CANONICAL_BYTES = 2 * MAX_BYTES
_MAX_DEPTH = 32
_ID = tag(WSU, "Id")
_SIGNATURE_METHODS = frozenset(
    {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    }
)
_DIGEST_METHOD = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True, slots=True)
class UnverifiedMessage:
    """A message of the right shape; nothing in it may be believed yet. ``token``: Base64 certificate."""

    root: etree._Element
    token: str
    has_trail: bool


def parse_unverified(raw: bytes) -> UnverifiedMessage:
    """Return the message in ``raw`` where its shape is exactly the profile's.

    Raises:
        SignatureRefused: too long, not XML, a DTD, comment or instruction, or any other shape.
    """
    if len(raw) > MAX_BYTES:
        raise SignatureRefused("the message is too long")
    if b"<!DOCTYPE" in raw or b"\x00" in raw:
        raise SignatureRefused("a DTD or NUL in a message")
    check_markup(raw)
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        raw.decode("utf-8", errors="strict")
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SignatureRefused("the message is not well-formed XML in UTF-8") from error
    check_canonical_size(root, _MAX_CANONICAL_BYTES)
    _check_nodes(root)
    return _shape(root)


def _check_nodes(root: etree._Element) -> None:
    ids: set[str] = set()
    for node in root.iter():
        if not isinstance(node.tag, str):
            raise SignatureRefused("a comment or processing instruction in a message")
        for name, value in node.attrib.items():
            if etree.QName(name).localname in {"Id", "ID", "id"}:
                if value in ids:
                    raise SignatureRefused("an id occurs twice")
                ids.add(str(value))
    if _depth(root) > _MAX_DEPTH:
        raise SignatureRefused("nested too deep")


def _depth(root: etree._Element) -> int:
    deepest = level = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def _children(node: etree._Element, *expected: str) -> list[etree._Element]:
    children = list(node)
    if [child.tag for child in children] != list(expected):
        raise SignatureRefused(f"{etree.QName(node).localname} does not hold exactly what it should")
    return children


def _shape(root: etree._Element) -> UnverifiedMessage:
    if root.tag != tag(SOAP, "Envelope"):
        raise SignatureRefused("no SOAP 1.1 envelope")
    header, body = _children(root, tag(SOAP, "Header"), tag(SOAP, "Body"))
    if len(body) != 1:
        raise SignatureRefused("the Body does not hold exactly one element")
    blocks = {child.tag: child for child in header}
    if len(blocks) != len(header) or not {tag(WSSE, "Security")} <= blocks.keys():
        raise SignatureRefused("not exactly one Security header")
    if blocks.keys() - {tag(WSSE, "Security"), tag(TRAIL, "trail")}:
        raise SignatureRefused("a header that the profile does not know")
    trail = blocks.get(tag(TRAIL, "trail"))
    token, timestamp, signature = _sorted_security(blocks[tag(WSSE, "Security")])
    if token.get("ValueType") != X509_V3 or token.get("EncodingType", BASE64) != BASE64:
        raise SignatureRefused("the token is no X.509 certificate in Base64")
    signed = [part for part in (token, timestamp, body, trail) if part is not None]
    _check_signature(signature, signed, token)
    return UnverifiedMessage(root, "".join((token.text or "").split()), trail is not None)


def _sorted_security(security: etree._Element) -> list[etree._Element]:
    order = [tag(WSSE, "BinarySecurityToken"), tag(WSU, "Timestamp"), tag(DS, "Signature")]
    if sorted(str(child.tag) for child in security) != sorted(order):
        raise SignatureRefused("Security does not hold exactly token, Timestamp and Signature")
    return sorted(security, key=lambda child: order.index(str(child.tag)))


def _check_signature(signature: etree._Element, signed: list[etree._Element], token: etree._Element) -> None:
    info, _, key_info = _children(
        signature, tag(DS, "SignedInfo"), tag(DS, "SignatureValue"), tag(DS, "KeyInfo")
    )
    references = [tag(DS, "Reference")] * len(signed)
    canonical, method, *given = _children(
        info, tag(DS, "CanonicalizationMethod"), tag(DS, "SignatureMethod"), *references
    )
    if canonical.get("Algorithm") != EXCLUSIVE_C14N or method.get("Algorithm") not in _SIGNATURE_METHODS:
        raise SignatureRefused("an algorithm that the profile does not know")
    expected = sorted(f"#{part.get(_ID, '')}" for part in signed)
    if "#" in expected or sorted(reference.get("URI", "") for reference in given) != expected:
        raise SignatureRefused("the signature does not cover exactly its parts")
    for reference in given:
        transforms, digest, _ = _children(
            reference, tag(DS, "Transforms"), tag(DS, "DigestMethod"), tag(DS, "DigestValue")
        )
        (transform,) = _children(transforms, tag(DS, "Transform"))
        if transform.get("Algorithm") != EXCLUSIVE_C14N or digest.get("Algorithm") != _DIGEST_METHOD:
            raise SignatureRefused("an algorithm that the profile does not know")
    (holder,) = _children(key_info, tag(WSSE, "SecurityTokenReference"))
    (pointer,) = _children(holder, tag(WSSE, "Reference"))
    if pointer.get("URI") != f"#{token.get(_ID)}":
        raise SignatureRefused("the key reference does not name the token")
