"""Signing: a payload in, the bytes of a signed envelope out, in the one shape that the gate accepts.

Guaranteed: BinarySecurityToken, Timestamp, Body and (where there is one) trail are covered, one reference
each; the same key, payload, trail and time give the same bytes for RSA, and for P-256 with
``deterministic_signing``. Every signed part is written in its canonical form, so each is canonicalised once.
No clock is read here. Rules: security page, "Profile"; WS-Security 1.1; Exclusive XML Canonicalization 1.0
§1.1 (a canonical subtree with all its namespaces on it is its own canonical form wherever it stands).
"""

import base64
import hashlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from rse_gateway.contract.namespaces import DS, SOAP11, TRAIL, WSSE, WSU
from rse_gateway.contract.parsing import build_tree
from rse_gateway.errors import GatewayFault, SetupError
from rse_gateway.security.freshness import MAX_LIFETIME_SECONDS, instant_text
from rse_gateway.security.signature import ECDSA_SHA256, EXCLUSIVE_C14N, RSA_SHA256, SHA256
from rse_gateway.security.skeleton import BASE64, X509V3
from rse_gateway.security.trust import key_id_of

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_BST_ID: Final = "bst"
_TIMESTAMP_ID: Final = "ts"
_BODY_ID: Final = "body"
_TRAIL_ID: Final = "trail"
_TRAIL_TAG: Final = f"{{{TRAIL}}}trail"
_WSU_ID: Final = f"{{{WSU}}}Id"
_MIN_RSA_BITS: Final = 2048

_TOKEN: Final = (
    f'<wsse:BinarySecurityToken xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" EncodingType="{BASE64}"'
    f' ValueType="{X509V3}" wsu:Id="{_BST_ID}">%s</wsse:BinarySecurityToken>'
)
_TIMESTAMP: Final = (
    f'<wsu:Timestamp xmlns:wsu="{WSU}" wsu:Id="{_TIMESTAMP_ID}"><wsu:Created>%s</wsu:Created>'
    "<wsu:Expires>%s</wsu:Expires></wsu:Timestamp>"
)
_SIGNED_INFO: Final = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}">'
    '</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="%s"></ds:SignatureMethod>%s</ds:SignedInfo>'
)
_REFERENCE: Final = (
    f'<ds:Reference URI="#%s"><ds:Transforms><ds:Transform Algorithm="{EXCLUSIVE_C14N}"></ds:Transform>'
    f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
    "<ds:DigestValue>%s</ds:DigestValue></ds:Reference>"
)
_BODY_HEAD: Final = f'<soap:Body xmlns:soap="{SOAP11}" xmlns:wsu="{WSU}" wsu:Id="{_BODY_ID}">'.encode()
_BODY_TAIL: Final = b"</soap:Body>"
_HEAD: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP11}"><soap:Header>'
    f'<wsse:Security xmlns:wsse="{WSSE}" soap:mustUnderstand="1">'
)
_SIGNATURE_HEAD: Final = f'<ds:Signature xmlns:ds="{DS}">'
_SIGNATURE_VALUE: Final = "<ds:SignatureValue>%s</ds:SignatureValue>"
_SIGNATURE_TAIL: Final = (
    f'<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#{_BST_ID}" ValueType="{X509V3}"/>'
    "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security>"
)


@dataclass(frozen=True, slots=True, repr=False)
class SignedEnvelope:
    """A signed message ready to be sent, and what the log keeps of it.

    Attributes:
        raw: the bytes to send.
        body_digest: SHA-256 of the canonical Body (32 bytes), as in its reference.
        signed_info: canonical SignedInfo.
        signature_value: decoded; r ‖ s for P-256.
    """

    raw: bytes
    body_digest: bytes
    signed_info: bytes
    signature_value: bytes

    @property
    def replay_key(self) -> bytes:
        """SHA-256 of SignedInfo: what the receiver refuses to see twice."""
        return hashlib.sha256(self.signed_info).digest()


class MessageSigner:
    """Signs messages with one key and its certificate; holds no other state and is safe to share."""

    def __init__(
        self, private_key: PrivateKey, certificate_der: bytes, *, deterministic_signing: bool = False
    ) -> None:
        """Sign with the key of this certificate; ``deterministic_signing`` (P-256) is for samples.

        Raises:
            SetupError: the certificate is unreadable or of another key, or the key is no RSA ≥ 2048 or P-256.
        """
        try:
            public_key = x509.load_der_x509_certificate(certificate_der).public_key()
        except ValueError as error:
            raise SetupError("the signing certificate is no DER X.509 certificate") from error
        if public_key != private_key.public_key():
            raise SetupError(
                "the signing certificate belongs to another key: give the pair that was issued together"
            )
        self._is_rsa = isinstance(private_key, rsa.RSAPrivateKey)
        if self._is_rsa and private_key.key_size < _MIN_RSA_BITS:
            raise SetupError("the signing key is RSA of less than 2048 bits: make a new one")
        if isinstance(private_key, ec.EllipticCurvePrivateKey) and not isinstance(
            private_key.curve, ec.SECP256R1
        ):
            raise SetupError("the signing key is on another curve than P-256: make a new one")
        self._private_key = private_key
        self._algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=deterministic_signing)
        self._token = _TOKEN % base64.b64encode(certificate_der).decode("ascii")
        self._token_reference = _reference(_BST_ID, hashlib.sha256(self._token.encode()).digest())
        self.certificate_der = certificate_der
        self.key_id = key_id_of(private_key.public_key())

    def sign(
        self,
        payload: etree._Element,
        *,
        created: datetime,
        expires_in_seconds: int = MAX_LIFETIME_SECONDS,
        trail: etree._Element | None = None,
    ) -> SignedEnvelope:
        """Return ``payload`` as the one child of a signed Body; it and ``trail`` are copied, never changed.

        Raises:
            GatewayFault: a payload without namespace, a trail that is none, a lifetime outside 1–300 s, or a
                part that cannot be canonicalised.
        """
        if not 0 < expires_in_seconds <= MAX_LIFETIME_SECONDS:
            raise GatewayFault(f"a message lives 1 to {MAX_LIFETIME_SECONDS} seconds")
        body = _canonical_body(payload)
        timestamp = (_TIMESTAMP % _lifetime(created, expires_in_seconds)).encode()
        trail_bytes = b"" if trail is None else _canonical(_trail_with_id(trail))
        body_digest = hashlib.sha256(body).digest()
        references = [
            self._token_reference,
            _reference(_TIMESTAMP_ID, hashlib.sha256(timestamp).digest()),
            _reference(_BODY_ID, body_digest),
        ]
        if trail is not None:
            references.append(_reference(_TRAIL_ID, hashlib.sha256(trail_bytes).digest()))
        method = RSA_SHA256 if self._is_rsa else ECDSA_SHA256
        signed_info = (_SIGNED_INFO % (method, "".join(references))).encode()
        signature_value = self._signature_of(signed_info)
        raw = b"".join((
            _HEAD.encode(),
            self._token.encode(),
            timestamp,
            _SIGNATURE_HEAD.encode(),
            signed_info,
            (_SIGNATURE_VALUE % base64.b64encode(signature_value).decode("ascii")).encode(),
            _SIGNATURE_TAIL.encode(),
            trail_bytes,
            b"</soap:Header>",
            body,
            b"</soap:Envelope>",
        ))  # fmt: skip
        return SignedEnvelope(raw, body_digest, signed_info, signature_value)

    def _signature_of(self, signed_info: bytes) -> bytes:
        key = self._private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(signed_info, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(key.sign(signed_info, self._algorithm))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"MessageSigner(key_id={self.key_id})"


def _canonical_body(payload: etree._Element) -> bytes:
    """Return the canonical Body around ``payload``, whose prefixes stay (a faultcode holds one in its text).

    Written around the canonical payload, that is the canonical Body; only when the payload declares a prefix
    that the Body has too, the whole has to be canonicalised again.
    """
    if not str(payload.tag).startswith("{"):
        raise GatewayFault("a payload without namespace")
    body = b"".join((_BODY_HEAD, _canonical(payload), _BODY_TAIL))
    if body.count(b"xmlns:soap=") > 1 or body.count(b"xmlns:wsu=") > 1:
        return _canonical(build_tree(body))
    return body


def _trail_with_id(trail: etree._Element) -> etree._Element:
    if trail.tag != _TRAIL_TAG:
        raise GatewayFault("the trail header is no trail element")
    copy = deepcopy(trail)
    copy.set(_WSU_ID, _TRAIL_ID)
    return copy


def _canonical(element: etree._Element) -> bytes:
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except (etree.LxmlError, ValueError) as error:
        raise GatewayFault("a part of our message cannot be canonicalised") from error


def _lifetime(created: datetime, expires_in_seconds: int) -> tuple[str, str]:
    return instant_text(created), instant_text(created + timedelta(seconds=expires_in_seconds))


def _reference(part_id: str, digest: bytes) -> str:
    return _REFERENCE % (part_id, base64.b64encode(digest).decode("ascii"))
