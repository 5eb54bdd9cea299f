"""Step G4: the one exact shape of a signed envelope, every part of it found by position.

Guaranteed of a `Skeleton`: the envelope holds these nodes at these places and nothing else, so a node that a
signature names by id can only be the node that is read. Not guaranteed: that anything is signed (G6, G8).
Rules: security page, "Profile" and "The gate"; WS-Security 1.1 §6–10; X.509 Token Profile 1.1 §3.

The institution is not known yet at this step. So what only the profile ``toolkit`` may do is noted in
``toolkit_traits``, and refused at G7 when the institution turns out to be registered with ``strict``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from lxml import etree

from rse_gateway.contract.namespaces import DS, SOAP11, SOAP12, TRAIL, WSSE, WSU, XSI
from rse_gateway.errors import SecurityRefused
from rse_gateway.security import shape

_STEP: Final = "G4"

X509V3: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

_ENVELOPE: Final = f"{{{SOAP11}}}Envelope"
_HEADER: Final = f"{{{SOAP11}}}Header"
_BODY: Final = f"{{{SOAP11}}}Body"
_MUST_UNDERSTAND: Final = f"{{{SOAP11}}}mustUnderstand"
_SECURITY: Final = f"{{{WSSE}}}Security"
_TRAIL: Final = f"{{{TRAIL}}}trail"
_TOKEN: Final = f"{{{WSSE}}}BinarySecurityToken"
_TIMESTAMP: Final = f"{{{WSU}}}Timestamp"
_SIGNATURE: Final = f"{{{DS}}}Signature"
_WSU_ID: Final = f"{{{WSU}}}Id"
_FORBIDDEN_XSI: Final = frozenset(
    f"{{{XSI}}}{name}" for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")
)

BODY_ID_UNQUALIFIED: Final = "un-namespaced Id on Body"
TIMESTAMP_ID_UNQUALIFIED: Final = "un-namespaced Id on Timestamp"


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The nodes of one envelope by position, and their ids ("" where there is none).

    ``toolkit_traits`` names what only the profile ``toolkit`` accepts.
    """

    token: etree._Element
    created: str
    expires: str
    signed_info: etree._Element
    signature_value: etree._Element
    body: etree._Element
    timestamp: etree._Element
    trail: etree._Element | None
    ids: dict[str, etree._Element]
    toolkit_traits: frozenset[str]


def read_skeleton(root: etree._Element) -> Skeleton:
    """Return the skeleton of an envelope that has the exact shape of the profile.

    Raises:
        SecurityRefused: step G4; ``version_mismatch`` when the root is a SOAP 1.2 envelope.
    """
    if root.tag == f"{{{SOAP12}}}Envelope":
        raise SecurityRefused(_STEP, "SOAP 1.2 envelope", version_mismatch=True)
    if root.tag != _ENVELOPE:
        raise SecurityRefused(_STEP, "the root is no SOAP 1.1 Envelope")
    shape.only_attributes(_STEP, root)
    header, body = shape.children_in_order(_STEP, root, _HEADER, _BODY)
    security, trail = _read_header(header)
    token, timestamp, signature = _read_security(security)
    signed_info, signature_value = _read_signature(signature, token)
    created, expires = _read_timestamp(timestamp)
    _check_body(body)
    _check_attributes_of_all(root)
    traits = frozenset(_toolkit_traits(body, timestamp))
    ids = _ids_of(token, timestamp, body, trail)
    return Skeleton(
        token, created, expires, signed_info, signature_value, body, timestamp, trail, ids, traits
    )


def _read_header(header: etree._Element) -> tuple[etree._Element, etree._Element | None]:
    shape.only_attributes(_STEP, header)
    children = shape.element_children(_STEP, header)
    by_tag = {child.tag: child for child in children}
    if len(by_tag) != len(children) or _SECURITY not in by_tag or by_tag.keys() - {_SECURITY, _TRAIL}:
        raise SecurityRefused(_STEP, "the Header is not exactly one Security and at most one trail")
    return by_tag[_SECURITY], by_tag.get(_TRAIL)


def _read_security(security: etree._Element) -> tuple[etree._Element, etree._Element, etree._Element]:
    shape.only_attributes(_STEP, security, _MUST_UNDERSTAND)  # so no actor: nobody else is addressed
    if security.get(_MUST_UNDERSTAND, "1") not in ("0", "1"):
        raise SecurityRefused(_STEP, "mustUnderstand is neither 0 nor 1")
    children = shape.element_children(_STEP, security)
    by_tag = {child.tag: child for child in children}
    if len(children) != 3 or by_tag.keys() != {_TOKEN, _TIMESTAMP, _SIGNATURE}:
        raise SecurityRefused(_STEP, "Security is not exactly one token, one Timestamp and one Signature")
    return by_tag[_TOKEN], by_tag[_TIMESTAMP], by_tag[_SIGNATURE]


def _read_signature(
    signature: etree._Element, token: etree._Element
) -> tuple[etree._Element, etree._Element]:
    shape.only_attributes(_STEP, signature, "Id")
    signed_info, value, key_info = shape.children_in_order(
        _STEP, signature, f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue", f"{{{DS}}}KeyInfo"
    )
    shape.only_attributes(_STEP, value, "Id")
    shape.only_attributes(_STEP, key_info, "Id")
    (str_element,) = shape.children_in_order(_STEP, key_info, f"{{{WSSE}}}SecurityTokenReference")
    shape.only_attributes(_STEP, str_element, _WSU_ID, "Id")
    (reference,) = shape.children_in_order(_STEP, str_element, f"{{{WSSE}}}Reference")
    shape.only_attributes(_STEP, reference, "URI", "ValueType")
    shape.attribute_one_of(_STEP, reference, "ValueType", (X509V3,))
    shape.empty(_STEP, reference)
    shape.only_attributes(_STEP, token, _WSU_ID, "ValueType", "EncodingType")
    shape.attribute_one_of(_STEP, token, "ValueType", (X509V3,))
    shape.attribute_one_of(_STEP, token, "EncodingType", (BASE64,))
    if not token.get(_WSU_ID) or reference.get("URI") != f"#{token.get(_WSU_ID)}":
        raise SecurityRefused(_STEP, "KeyInfo does not name the token of this Security header")
    return signed_info, value


def _read_timestamp(timestamp: etree._Element) -> tuple[str, str]:
    shape.only_attributes(_STEP, timestamp, _WSU_ID, "Id")
    created, expires = shape.children_in_order(_STEP, timestamp, f"{{{WSU}}}Created", f"{{{WSU}}}Expires")
    shape.only_attributes(_STEP, created)
    shape.only_attributes(_STEP, expires)
    return shape.leaf_text(_STEP, created), shape.leaf_text(_STEP, expires)


def _check_body(body: etree._Element) -> None:
    shape.only_attributes(_STEP, body, _WSU_ID, "Id")
    children = shape.element_children(_STEP, body)
    if len(children) != 1:
        raise SecurityRefused(_STEP, "the Body does not hold exactly one operation")
    if not str(children[0].tag).startswith("{"):
        raise SecurityRefused(_STEP, "the operation's element has no namespace")


def _check_attributes_of_all(root: etree._Element) -> None:
    """Make sure that ids are unique in the whole document, however spelt, and that no type is overridden."""
    seen: set[str] = set()
    for element in root.iter():
        for name in cast("list[str]", element.keys()):
            if name in _FORBIDDEN_XSI:
                raise SecurityRefused(_STEP, "xsi:type or a schema location")
            if name[-2:].lower() == "id" and name.rpartition("}")[2].lower() == "id":
                value = element.get(name, "")
                if value in seen:
                    raise SecurityRefused(_STEP, "an id occurs twice")
                seen.add(value)


def _toolkit_traits(body: etree._Element, timestamp: etree._Element) -> Iterable[str]:
    if body.get("Id") is not None:
        yield BODY_ID_UNQUALIFIED
    if timestamp.get("Id") is not None:
        yield TIMESTAMP_ID_UNQUALIFIED


def _ids_of(
    token: etree._Element, timestamp: etree._Element, body: etree._Element, trail: etree._Element | None
) -> dict[str, etree._Element]:
    """Return the referable parts by id; an un-namespaced Id counts only where there is no ``wsu:Id``."""
    ids: dict[str, etree._Element] = {}
    for part in (token, timestamp, body):
        ids[part.get(_WSU_ID) or part.get("Id") or ""] = part
    if trail is not None:
        if trail.get(_MUST_UNDERSTAND) is not None or trail.get(f"{{{SOAP11}}}actor") is not None:
            raise SecurityRefused(_STEP, "the trail header carries mustUnderstand or actor")
        ids[trail.get(_WSU_ID) or ""] = trail
    if "" in ids:
        raise SecurityRefused(_STEP, "a part that has to be signed has no id")
    return ids
