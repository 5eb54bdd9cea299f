"""Steps G6 and G8: what a signature says it covers, and whether it does.

G6 reads SignedInfo into a `SignaturePlan` without any cryptography: at most four references, each to a part
already found by position, accepted algorithms only. G8 then checks SignatureValue over the canonical
SignedInfo and each digest, and hands back **the canonical bytes that were digested**: nothing else of the
message may be read afterwards. Rules: security page, "Profile"; XML Signature 1.1 §3.2, §4.4–4.6, §6.4.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from rse_gateway.contract.namespaces import DS, EC
from rse_gateway.errors import SecurityRefused
from rse_gateway.security import shape
from rse_gateway.security.skeleton import Skeleton

SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
EXCLUSIVE_C14N: Final = EC
ENVELOPED_SIGNATURE: Final = f"{DS}enveloped-signature"

UNCOVERED_CERTIFICATE: Final = "token not covered by the signature"
ENVELOPED_TRANSFORM: Final = "enveloped-signature transform"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_G6: Final = "G6"
_G8: Final = "G8"
_KEY_KINDS: Final[dict[str, Literal["rsa", "ecdsa"]]] = {RSA_SHA256: "rsa", ECDSA_SHA256: "ecdsa"}
_MAX_REFERENCES: Final = 4
_PREFIXES: Final = re.compile(r"[A-Za-z_][\w.\-]{0,40}(?: [A-Za-z_][\w.\-]{0,40}){0,15}")
_P256_HALF: Final = 32
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_MAX_RSA_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class ReferencePlan:
    """One part that the signature covers: the node, how to canonicalise it, the digest it must have."""

    node: etree._Element
    prefixes: tuple[str, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class SignaturePlan:
    """SignedInfo as read and accepted at G6, before any cryptography."""

    key_kind: Literal["rsa", "ecdsa"]
    signed_info: etree._Element
    prefixes: tuple[str, ...]
    references: tuple[ReferencePlan, ...]
    signature_value: bytes
    toolkit_traits: frozenset[str]


@dataclass(frozen=True, slots=True)
class VerifiedParts:
    """What was proved: canonical SignedInfo, SignatureValue, and the digested bytes of Body and trail."""

    signed_info: bytes
    signature_value: bytes
    body: bytes
    body_digest: bytes
    trail: bytes | None


def plan_signature(skeleton: Skeleton) -> SignaturePlan:
    """Return what SignedInfo asks to check; every part that the profile demands is covered exactly once.

    Raises:
        SecurityRefused: step G6, another shape, algorithm or coverage.
    """
    info = skeleton.signed_info
    shape.only_attributes(_G6, info, "Id")
    if len(info) > 2 + _MAX_REFERENCES:
        raise SecurityRefused(_G6, "too many references")
    parts = shape.element_children(_G6, info)
    tags = tuple(part.tag for part in parts)
    count = len(parts) - 2
    if count < 1 or tags != (
        _ds("CanonicalizationMethod"),
        _ds("SignatureMethod"),
        *[_ds("Reference")] * count,
    ):
        raise SecurityRefused(_G6, "SignedInfo is not two methods and its references")
    prefixes = _exclusive_c14n(parts[0])
    shape.only_attributes(_G6, parts[1], "Algorithm")
    shape.empty(_G6, parts[1])  # so no HMACOutputLength and no parameters
    method = shape.attribute_one_of(_G6, parts[1], "Algorithm", _KEY_KINDS)
    traits = set(skeleton.toolkit_traits)
    references = tuple(_read_reference(element, skeleton, traits) for element in parts[2:])
    _check_coverage(references, skeleton, traits)
    value = shape.base64_bytes(_G6, skeleton.signature_value, max_bytes=_MAX_RSA_BYTES)
    return SignaturePlan(_KEY_KINDS[method], info, prefixes, references, value, frozenset(traits))


def verify_signature(plan: SignaturePlan, skeleton: Skeleton, public_key: PublicKey) -> VerifiedParts:
    """Return the bytes that ``public_key`` signed: first SignatureValue, then every digest.

    Raises:
        SecurityRefused: step G8.
    """
    signed_info = canonical_bytes(plan.signed_info, plan.prefixes)
    _verify_value(plan, public_key, signed_info)
    body = trail = None
    body_digest = b""
    for reference in plan.references:
        canonical = canonical_bytes(reference.node, reference.prefixes)
        if not hmac.compare_digest(hashlib.sha256(canonical).digest(), reference.digest):
            raise SecurityRefused(_G8, f"the digest of {shape.local_name(reference.node)} differs")
        if reference.node is skeleton.body:
            body, body_digest = canonical, reference.digest
        elif reference.node is skeleton.trail:
            trail = canonical
    if body is None:
        raise SecurityRefused(_G8, "the Body is not covered")
    return VerifiedParts(signed_info, plan.signature_value, body, body_digest, trail)


def canonical_bytes(node: etree._Element, prefixes: tuple[str, ...] = ()) -> bytes:
    """Return ``node`` in Exclusive XML Canonicalization 1.0 without comments.

    Raises:
        SecurityRefused: step G8, libxml2 cannot canonicalise it.
    """
    try:
        if prefixes:  # lxml canonicalises a detached copy, which has lost what only ancestors declare
            node = etree.fromstring(
                etree.tostring(node, with_tail=False, encoding="UTF-8"), _detached_parser()
            )
            return etree.tostring(
                node, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes)
            )
        return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)
    except (etree.LxmlError, ValueError):
        raise SecurityRefused(_G8, "a signed part cannot be canonicalised") from None


def _detached_parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False
    )


def _exclusive_c14n(method: etree._Element) -> tuple[str, ...]:
    """Return the InclusiveNamespaces prefixes of an exclusive canonicalisation."""
    shape.only_attributes(_G6, method, "Algorithm")
    shape.attribute_one_of(_G6, method, "Algorithm", (EXCLUSIVE_C14N,))
    if not shape.element_children(_G6, method):
        return ()
    (inclusive,) = shape.children_in_order(_G6, method, f"{{{EC}}}InclusiveNamespaces")
    shape.only_attributes(_G6, inclusive, "PrefixList")
    shape.empty(_G6, inclusive)
    prefix_list = " ".join((inclusive.get("PrefixList") or "").split())
    if prefix_list and not _PREFIXES.fullmatch(prefix_list):
        # lxml silently leaves "#default" out: better refused by name than at the digest
        raise SecurityRefused(_G6, "InclusiveNamespaces is malformed, too long or names #default")
    return tuple(prefix_list.split())


def _read_reference(element: etree._Element, skeleton: Skeleton, traits: set[str]) -> ReferencePlan:
    shape.only_attributes(_G6, element, "URI")
    transforms, digest_method, digest_value = shape.children_in_order(
        _G6, element, _ds("Transforms"), _ds("DigestMethod"), _ds("DigestValue")
    )
    uri = element.get("URI") or ""
    node = skeleton.ids.get(uri[1:]) if uri.startswith("#") else None
    if node is None:
        raise SecurityRefused(_G6, "a reference names no part of this envelope")
    prefixes = _read_transforms(transforms, traits)
    shape.only_attributes(_G6, digest_method, "Algorithm")
    shape.attribute_one_of(_G6, digest_method, "Algorithm", (SHA256,))
    shape.empty(_G6, digest_method)
    shape.only_attributes(_G6, digest_value)
    digest = shape.base64_bytes(_G6, digest_value, max_bytes=hashlib.sha256().digest_size)
    return ReferencePlan(node, prefixes, digest)


def _read_transforms(transforms: etree._Element, traits: set[str]) -> tuple[str, ...]:
    shape.only_attributes(_G6, transforms)
    children = shape.element_children(_G6, transforms)
    if len(children) not in (1, 2) or any(child.tag != _ds("Transform") for child in children):
        raise SecurityRefused(_G6, "Transforms is not one exclusive canonicalisation")
    if len(children) == 2:
        shape.only_attributes(_G6, children[0], "Algorithm")
        shape.attribute_one_of(_G6, children[0], "Algorithm", (ENVELOPED_SIGNATURE,))
        shape.empty(_G6, children[0])
        traits.add(ENVELOPED_TRANSFORM)  # no covered part can hold the Signature, so it changes nothing
    return _exclusive_c14n(children[-1])


def _check_coverage(references: tuple[ReferencePlan, ...], skeleton: Skeleton, traits: set[str]) -> None:
    covered = [reference.node for reference in references]
    if any(covered.count(node) > 1 for node in covered):
        raise SecurityRefused(_G6, "a part is referenced twice")
    demanded = {"Body": skeleton.body, "Timestamp": skeleton.timestamp, "trail": skeleton.trail}
    for name, node in demanded.items():
        if node is not None and node not in covered:
            raise SecurityRefused(_G6, f"{name} is not covered by the signature")
    if skeleton.token not in covered:
        traits.add(UNCOVERED_CERTIFICATE)


def _verify_value(plan: SignaturePlan, public_key: PublicKey, signed_info: bytes) -> None:
    try:
        if isinstance(public_key, rsa.RSAPublicKey) and plan.key_kind == "rsa":
            public_key.verify(plan.signature_value, signed_info, padding.PKCS1v15(), hashes.SHA256())
            return
        if isinstance(public_key, ec.EllipticCurvePublicKey) and plan.key_kind == "ecdsa":
            public_key.verify(_dss_signature(plan.signature_value), signed_info, ec.ECDSA(hashes.SHA256()))
            return
    except InvalidSignature:
        raise SecurityRefused(_G8, "SignatureValue is not by this key over this SignedInfo") from None
    raise SecurityRefused(_G8, "the signature method does not fit the kind of key")


def _dss_signature(raw_signature: bytes) -> bytes:
    """Return r and s, each from 1 to the order of P-256 minus 1, as the DER that the library wants."""
    if len(raw_signature) != 2 * _P256_HALF:
        raise SecurityRefused(_G8, "an ECDSA signature is not 64 bytes")
    r = int.from_bytes(raw_signature[:_P256_HALF], "big")
    s = int.from_bytes(raw_signature[_P256_HALF:], "big")
    if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
        raise SecurityRefused(_G8, "an ECDSA signature out of range")
    return encode_dss_signature(r, s)


def _ds(name: str) -> str:
    return f"{{{DS}}}{name}"
