"""Forged envelopes: a genuine one is changed afterwards, or changed and signed again by careless software."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from golden_pack import blocks
from golden_pack.ground import NOW, KeyPair
from golden_pack.tree import message, pretty
from rse_gateway.contract.namespaces import DS, SOAP11, TRAIL, WSSE, WSU
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.trail_header import trail_header

NS: Final = {"s": SOAP11, "ds": DS, "wsse": WSSE, "wsu": WSU, "t": TRAIL}
WSU_ID: Final = f"{{{WSU}}}Id"
SHA1: Final = f"{DS}sha1"
Change = Callable[[etree._Element], None]


def question_payload(ticket: str) -> etree._Element:
    """Return the consultation that attack samples carry."""
    payload = message(
        "consultSocialReportRequest",
        blocks.request(blocks.person_criteria(), who=blocks.customer(ticket=ticket)),
    )
    pretty(payload)
    return payload


def genuine(
    key: KeyPair,
    ticket: str,
    *,
    payload: etree._Element | None = None,
    created: datetime = NOW,
    with_trail: bool = False,
) -> bytes:
    """Return a rightly signed envelope, the start of every forgery."""
    trail = trail_header(hashlib.sha256(b"the question").digest()) if with_trail else None
    body = question_payload(ticket) if payload is None else payload
    return key.signer.sign(body, created=created, trail=trail).raw


def altered(raw: bytes, change: Change) -> bytes:
    """Return the envelope with a change that its signature does not know."""
    root = build_tree(raw)
    change(root)
    return _bytes(root)


def resigned(raw: bytes, change: Change, key: KeyPair) -> bytes:
    """Return the envelope changed, then digested and signed again, whatever its SignedInfo now says."""
    root = build_tree(raw)
    change(root)
    for reference in root.iterfind(".//ds:SignedInfo/ds:Reference", NS):
        node = _by_id(root, reference.get("URI", "")[1:])
        value = part(reference, "ds:DigestValue")
        if node is not None:
            weak = part(reference, "ds:DigestMethod").get("Algorithm") == SHA1
            value.text = _base64((hashlib.sha1 if weak else hashlib.sha256)(_canonical(node)).digest())
    signed_info = _canonical(part(root, ".//ds:SignedInfo"))
    method = part(root, ".//ds:SignatureMethod").get("Algorithm", "")
    part(root, ".//ds:SignatureValue").text = _base64(_signature(signed_info, method, key))
    return _bytes(root)


def part(root: etree._Element, path: str) -> etree._Element:
    """Return the first element at a path.

    Raises:
        ValueError: there is none.
    """
    found = root.find(path, NS)
    if found is None:
        raise ValueError(f"the envelope has no {path}")
    return found


def set_text(path: str, text: str) -> Change:
    """Return the change that gives an element another text."""

    def change(root: etree._Element) -> None:
        part(root, path).text = text

    return change


def set_algorithm(path: str, algorithm: str) -> Change:
    """Return the change that names another algorithm, in every element at the path."""

    def change(root: etree._Element) -> None:
        for element in root.iterfind(path, NS):
            element.set("Algorithm", algorithm)

    return change


def _signature(signed_info: bytes, method: str, key: KeyPair) -> bytes:
    weak = method.endswith("sha1")
    algorithm: hashes.HashAlgorithm = hashes.SHA1() if weak else hashes.SHA256()  # noqa: S303
    if "hmac" in method:
        return hmac.digest(key.certificate_der, signed_info, "sha256")
    if isinstance(key.key, rsa.RSAPrivateKey):
        return key.key.sign(signed_info, padding.PKCS1v15(), algorithm)
    r, s = decode_dss_signature(key.key.sign(signed_info, ec.ECDSA(algorithm, deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _by_id(root: etree._Element, name: str) -> etree._Element | None:
    return next((node for node in root.iter() if name and name in (node.get(WSU_ID), node.get("Id"))), None)


def _canonical(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(root: etree._Element) -> bytes:
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
