"""The stub's own signing and verifying: what it signs it accepts, and nothing else is ever read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from stub_pki import HOLDER, HUB, UNTIL, authority, certificate, identity, name_of

from rse_cpas_stub.errors import SetupRefused, SignatureRefused
from rse_cpas_stub.identity import Identity, Trust, key_digest
from rse_cpas_stub.names import DS, REPORT, SOAP, TRAIL, WSSE, WSU, tag
from rse_cpas_stub.signature import sign, verify

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TRUST = Trust(HUB, (authority().certificate,))


def payload(text: str = "85073003328") -> etree._Element:
    root = etree.Element(tag(REPORT, "question"), nsmap={"t": REPORT})
    etree.SubElement(root, "ssin").text = text
    return root


def trail() -> etree._Element:
    header = etree.Element(tag(TRAIL, "trail"))
    etree.SubElement(header, "requestDigest").text = "A" * 43 + "="
    return header


def signed(who: Identity | None = None, *, with_trail: bool = False) -> bytes:
    header = trail() if with_trail else None
    return sign(payload(), who or identity(HUB), NOW, trail=header).raw


def refused(raw: bytes, trust: Trust = TRUST, now: datetime = NOW) -> str:
    with pytest.raises(SignatureRefused) as error:
        verify(raw, trust, now)
    assert "85073003328" not in str(error.value)
    return str(error.value)


def changed(change: Callable[[etree._Element], None], *, with_trail: bool = False) -> bytes:
    root = etree.fromstring(signed(with_trail=with_trail))
    change(root)
    return etree.tostring(root)


@pytest.mark.parametrize("kind", ["p256", "rsa"])
@pytest.mark.parametrize("with_trail", [False, True])
def test_what_was_signed_comes_back_with_its_proof(kind: str, with_trail: bool) -> None:
    message = sign(payload(), identity(HUB, kind), NOW, trail=trail() if with_trail else None)
    verified = verify(message.raw, TRUST, NOW)
    assert verified.payload.findtext("ssin") == "85073003328"
    assert (verified.trail is not None) == with_trail
    assert verified.proof == message.proof
    body = etree.fromstring(message.raw)[1]
    assert verified.proof.body_digest == sha256(etree.tostring(body, method="c14n", exclusive=True)).digest()


def test_every_changed_character_of_the_signed_parts_is_refused() -> None:
    for with_trail, path in (
        (False, f".//{tag(SOAP, 'Body')}//ssin"),
        (False, f".//{tag(WSU, 'Created')}"),
        (False, f".//{tag(WSU, 'Expires')}"),
        (True, ".//requestDigest"),
        (False, f".//{tag(DS, 'SignatureValue')}"),
        (False, f".//{tag(DS, 'DigestValue')}"),
    ):
        raw = signed(with_trail=with_trail)
        text = etree.fromstring(raw).findtext(path) or ""
        last = len(text.rstrip("=Z")) - 2
        other = "1" if text[last] != "1" else "2"
        tampered = raw.replace(text.encode(), (text[:last] + other + text[last + 1 :]).encode())
        assert tampered != raw
        refused(tampered)


def move_body(root: etree._Element) -> None:
    wrapper = etree.SubElement(root[0], "wrapper")
    wrapper.append(root[1])
    body = etree.SubElement(root, tag(SOAP, "Body"))
    body.append(payload("80010100107"))


def second_body(root: etree._Element) -> None:
    root.append(etree.fromstring(etree.tostring(root[1])))


def forged_body_with_same_id(root: etree._Element) -> None:
    genuine = root[1]
    forged = etree.fromstring(etree.tostring(genuine))
    root.replace(genuine, forged)
    next(root.iter(tag(DS, "Signature"))).append(genuine)


def comment_in_body(root: etree._Element) -> None:
    root[1][0][0].append(etree.Comment("x"))


def unsigned_trail(root: etree._Element) -> None:
    root[0].append(trail())


def unsigned_body(root: etree._Element) -> None:
    info = next(root.iter(tag(DS, "SignedInfo")))
    info.remove(info[-1])


def other_header(root: etree._Element) -> None:
    etree.SubElement(root[0], "{urn:x}y")


def second_security(root: etree._Element) -> None:
    root[0].append(etree.fromstring(etree.tostring(root[0][0])))


def no_signature(root: etree._Element) -> None:
    root[0][0].remove(next(root.iter(tag(DS, "Signature"))))


def other_transform(root: etree._Element) -> None:
    next(root.iter(tag(DS, "Transform"))).set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")


def hmac_method(root: etree._Element) -> None:
    method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    next(root.iter(tag(DS, "SignatureMethod"))).set("Algorithm", method)


def key_value(root: etree._Element) -> None:
    etree.SubElement(next(root.iter(tag(DS, "KeyInfo"))), tag(DS, "KeyValue"))


def other_token(root: etree._Element) -> None:
    other = etree.fromstring(signed(identity(HOLDER)))
    token = tag(WSSE, "BinarySecurityToken")
    next(root.iter(token)).text = next(other.iter(token)).text


@pytest.mark.parametrize(
    "attack",
    [
        move_body,
        second_body,
        forged_body_with_same_id,
        comment_in_body,
        unsigned_trail,
        unsigned_body,
        other_header,
        second_security,
        no_signature,
        other_transform,
        hmac_method,
        key_value,
        other_token,
    ],
)
def test_an_attack_on_the_shape_is_refused(attack: Callable[[etree._Element], None]) -> None:
    refused(changed(attack))


def test_a_dtd_is_refused_before_it_is_read() -> None:
    raw = signed().replace(b"<soap:Envelope", b'<!DOCTYPE x [<!ENTITY e "x">]><soap:Envelope', 1)
    assert "DTD" in refused(raw)


@pytest.mark.parametrize("raw", [b"", b"<a/>", b"\xff\xfe", b"not xml", b"<a>" * 100 + b"</a>" * 100])
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    refused(raw)


@pytest.mark.parametrize("seconds", [-61, 300, 3_600])
def test_a_message_from_the_future_or_the_past_is_refused(seconds: int) -> None:
    assert "not fresh" in refused(signed(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-60, 0, 299])
def test_a_message_within_its_five_minutes_is_accepted(seconds: int) -> None:
    assert verify(signed(), TRUST, NOW + timedelta(seconds=seconds)).payload.tag == tag(REPORT, "question")


def test_another_institution_is_refused() -> None:
    assert "another institution" in refused(signed(identity(HOLDER)))


def test_a_key_that_is_not_registered_is_refused() -> None:
    registered = frozenset({key_digest(identity(HUB).certificate)})
    trust = Trust(HUB, (authority().certificate,), registered)
    assert verify(signed(), trust, NOW)
    assert "not registered" in refused(signed(identity(HUB, "rsa")), trust)


def test_a_foreign_authority_of_the_same_name_is_refused() -> None:
    rogue = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate(name_of("x", HUB), rogue, authority().certificate.subject, rogue)
    assert "no trusted authority" in refused(signed(Identity(HUB, rogue, leaf)))


def test_an_authority_cannot_sign_messages_itself() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    ca = authority()
    leaf = certificate(name_of("x", HUB), key, ca.certificate.subject, ca.key, ca=True)
    assert "may not sign" in refused(signed(Identity(HUB, key, leaf)))


def test_an_expired_certificate_is_refused() -> None:
    later = UNTIL + timedelta(days=1)
    raw = sign(payload(), identity(HUB), later).raw
    key = frozenset({key_digest(identity(HUB).certificate)})
    assert "not valid now" in refused(raw, Trust(HUB, (), key), later)


def test_a_trust_that_believes_everybody_cannot_be_made() -> None:
    with pytest.raises(SetupRefused):
        Trust(HUB)
