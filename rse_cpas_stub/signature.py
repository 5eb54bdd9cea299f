"""Signing and verifying with signxml: the second implementation of the contract's WS-Security profile.

``verify`` returns only what signxml says was signed, parsed again from the digested bytes; nothing else of
a message is ever read. Source of the profile: security page, "Profile (both directions)".
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from rse_cpas_stub.errors import SignatureRefused
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.names import BASE64, DS, SOAP, TRAIL, WSSE, WSU, X509_V3, tag
from rse_cpas_stub.skeleton import UnverifiedMessage, parse_unverified

_ID = tag(WSU, "Id")
_LIFETIME = timedelta(seconds=300)
_SKEW = timedelta(seconds=60)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z", re.ASCII)
_METHODS = frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256})
_DIGESTS = frozenset({DigestAlgorithm.SHA256})
_LOCATION = f"./{tag(SOAP, 'Header')}/{tag(WSSE, 'Security')}/"


@dataclass(frozen=True, slots=True)
class Proof:
    """That a Body was signed: its digest (32 bytes), canonical SignedInfo, SignatureValue, certificate."""

    body_digest: bytes
    signed_info: bytes
    signature_value: bytes
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True, repr=False)
class SignedMessage:
    """A message that we signed: the bytes to send, and their proof."""

    raw: bytes
    proof: Proof


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedMessage:
    """What a verified message says: the one element of its Body, its trail header, and the proof."""

    payload: etree._Element
    trail: etree._Element | None
    proof: Proof


def instant_text(moment: datetime) -> str:
    """Return a moment as messages write it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def sign(
    payload: etree._Element, identity: Identity, now: datetime, *, trail: etree._Element | None = None
) -> SignedMessage:
    """Return ``payload`` in a signed SOAP envelope, valid for 300 seconds from ``now``."""
    root, security, parts = _envelope(payload, identity, now, trail)
    rsa_key = isinstance(identity.key, rsa.RSAPrivateKey)
    method = SignatureMethod.RSA_SHA256 if rsa_key else SignatureMethod.ECDSA_SHA256
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signature = signer.sign(
        root,
        key=identity.key,
        reference_uri=[f"#{part.get(_ID)}" for part in parts],
        key_info=_key_info(parts[0]),
        id_attribute="Id",
    )
    security.append(signature)
    raw = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    digest = signature.findall(f".//{tag(DS, 'DigestValue')}")[2].text or ""
    return SignedMessage(raw, _proof(signature, b64decode(digest), identity.certificate))


def _envelope(
    payload: etree._Element, identity: Identity, now: datetime, trail: etree._Element | None
) -> tuple[etree._Element, etree._Element, list[etree._Element]]:
    root = etree.Element(tag(SOAP, "Envelope"), nsmap={"soap": SOAP, "wsu": WSU})
    header = etree.SubElement(root, tag(SOAP, "Header"))
    security = etree.SubElement(header, tag(WSSE, "Security"), nsmap={"wsse": WSSE})
    security.set(tag(SOAP, "mustUnderstand"), "1")
    token = etree.SubElement(security, tag(WSSE, "BinarySecurityToken"))
    token.set("EncodingType", BASE64)
    token.set("ValueType", X509_V3)
    token.text = b64encode(identity.certificate.public_bytes(Encoding.DER)).decode("ascii")
    timestamp = etree.SubElement(security, tag(WSU, "Timestamp"))
    etree.SubElement(timestamp, tag(WSU, "Created")).text = instant_text(now)
    etree.SubElement(timestamp, tag(WSU, "Expires")).text = instant_text(now + _LIFETIME)
    body = etree.SubElement(root, tag(SOAP, "Body"))
    body.append(payload)
    parts = [token, timestamp, body]
    if trail is not None:
        header.append(trail)
        parts.append(trail)
    for part in parts:
        part.set(_ID, f"id-{uuid4()}")
    return root, security, parts


def _key_info(token: etree._Element) -> etree._Element:
    key_info = etree.Element(tag(DS, "KeyInfo"), nsmap={"ds": DS})
    holder = etree.SubElement(key_info, tag(WSSE, "SecurityTokenReference"), nsmap={"wsse": WSSE})
    pointer = etree.SubElement(holder, tag(WSSE, "Reference"))
    pointer.set("URI", f"#{token.get(_ID)}")
    pointer.set("ValueType", X509_V3)
    return key_info


def _proof(signature: etree._Element, body_digest: bytes, certificate: x509.Certificate) -> Proof:
    info, value = signature[0], signature[1].text or ""
    canonical = etree.tostring(info, method="c14n", exclusive=True)
    return Proof(body_digest, canonical, b64decode(value), certificate)


def verify(raw: bytes, trust: Trust, now: datetime) -> VerifiedMessage:
    """Return what the trusted peer signed in ``raw``, fresh at ``now``.

    Raises:
        SignatureRefused: shape, certificate, signature or time is not as the profile demands.
    """
    unverified = parse_unverified(raw)
    certificate = _certificate(unverified)
    trust.check(certificate, now)
    signed, results = _signed_parts(unverified, certificate, now)
    _check_fresh(signed[tag(WSU, "Timestamp")], now)
    token = "".join((signed[tag(WSSE, "BinarySecurityToken")].text or "").split())
    if token != unverified.token:
        raise SignatureRefused("the signed token is another one")
    body = signed[tag(SOAP, "Body")]
    if len(body) != 1:
        raise SignatureRefused("the signed Body does not hold exactly one element")
    digest = next(
        sha256(result.signed_data).digest()
        for result in results
        if result.signed_xml is not None and result.signed_xml.tag == body.tag
    )
    proof = _proof(results[0].signature_xml, digest, certificate)
    return VerifiedMessage(body[0], signed.get(tag(TRAIL, "trail")), proof)


def _certificate(unverified: UnverifiedMessage) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(b64decode(unverified.token, validate=True))
    except ValueError as error:
        raise SignatureRefused("the token holds no certificate") from error


def _signed_parts(
    unverified: UnverifiedMessage, certificate: x509.Certificate, now: datetime
) -> tuple[dict[str, etree._Element], list[VerifyResult]]:
    count = 4 if unverified.has_trail else 3
    config = SignatureConfiguration(
        location=_LOCATION,
        expect_references=count,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=now,
    )
    try:
        results = XMLVerifier().verify(
            unverified.root,
            x509_cert=certificate,
            validate_schema=False,
            id_attribute="Id",
            expect_config=config,
        )
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError) as error:
        raise SignatureRefused("the signature does not verify") from error
    parts = results if isinstance(results, list) else [results]
    signed = {str(part.signed_xml.tag): part.signed_xml for part in parts if part.signed_xml is not None}
    if len(signed) != count:
        raise SignatureRefused("the signature does not cover exactly its parts")
    return signed, parts


def _check_fresh(timestamp: etree._Element, now: datetime) -> None:
    names = [tag(WSU, "Created"), tag(WSU, "Expires")]
    texts = [child.text or "" for child in timestamp]
    if [child.tag for child in timestamp] != names or not all(_INSTANT.fullmatch(text) for text in texts):
        raise SignatureRefused("the Timestamp does not have its form")
    try:
        created, expires = (datetime.fromisoformat(text) for text in texts)
    except ValueError as error:
        raise SignatureRefused("the Timestamp is no moment of the calendar") from error
    if not timedelta(0) < expires - created <= _LIFETIME:
        raise SignatureRefused("the Timestamp is valid for too long")
    if created > now + _SKEW or now >= expires:
        raise SignatureRefused("the message is not fresh")
