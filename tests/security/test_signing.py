"""Our own signed messages: what stands in them, that the gate opens them, that they can be made again."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from rse_gateway.errors import GatewayFault, SetupError
from rse_gateway.security.signing import MessageSigner
from rse_gateway.security.trust import key_id_of

from .forge import APP, SOAP, TRAIL, canonical, part
from .pki import CPAS, NOW, OTHER_CPAS, make_test_keys


@pytest.fixture
def signer(cpas) -> MessageSigner:
    return MessageSigner(cpas.key, cpas.certificate_der)


@pytest.mark.parametrize("with_trail", [False, True], ids=["plain", "with trail"])
def test_the_gate_opens_what_we_sign(signer, opened, payload, trail, with_trail):
    envelope = signer.sign(payload, created=NOW, trail=trail if with_trail else None)
    message = opened(envelope.raw)
    assert message.signer.cbe_number.value == CPAS
    assert message.body_digest == envelope.body_digest
    assert message.signed_info == envelope.signed_info
    assert message.signature_value == envelope.signature_value
    assert message.replay_key == envelope.replay_key
    assert (message.created, message.expires) == (NOW, NOW + timedelta(seconds=300))
    assert canonical(message.payload) == canonical(payload)
    assert (message.trail is not None and message.trail.findtext(f"{{{TRAIL}}}entry") == "e1") == with_trail


@pytest.mark.parametrize(
    "text",
    [
        f'<s:Fault xmlns:s="{SOAP}"><faultcode>s:Client</faultcode><d xmlns="urn:d"/></s:Fault>',
        f'<soap:Fault xmlns:soap="{SOAP}"><faultcode>soap:Client</faultcode><soap:x/></soap:Fault>',
        f'<consult xmlns="{APP}"><x xmlns="">1</x><wsu:y xmlns:wsu="urn:other">2</wsu:y></consult>',
        f'<soap:consult xmlns:soap="{APP}" soap:a="1" xmlns:b="urn:b" b:c="&quot;&#9;&#13;&lt;"/>',
        f'<a:consult xmlns:a="{APP}">&#13;&amp;&gt;\u00e9\U0001f600 <![CDATA[<x>]]></a:consult>',
        f'<a:consult xmlns:a="{APP}" xml:lang="fr" xmlns:unused="urn:unused"><!-- gone --></a:consult>',
    ],
    ids=[
        "fault",
        "fault under our own prefix",
        "default namespaces",
        "prefix repeated",
        "special characters",
        "comment and unused prefix",
    ],
)
def test_any_payload_survives_signing(text, signer, opened):
    payload = etree.fromstring(text)
    message = opened(signer.sign(payload, created=NOW).raw)
    assert canonical(message.payload) == canonical(payload)


def test_payload_and_trail_may_stand_in_other_trees_and_stay_there(signer, opened, trail):
    tree = etree.fromstring(f'<x xmlns:a="{APP}"><a:consult/>tail</x>')
    before = etree.tostring(tree), etree.tostring(trail)
    message = opened(signer.sign(tree[0], created=NOW, trail=trail).raw)
    assert (etree.tostring(tree), etree.tostring(trail)) == before
    assert message.payload.tail is None


def test_token_timestamp_body_and_trail_are_covered_once_each(signer, payload, trail):
    root = etree.fromstring(signer.sign(payload, created=NOW, trail=trail).raw)
    uris = [reference.get("URI") for reference in part(root, ".//ds:SignedInfo")[2:]]
    assert sorted(uris) == ["#body", "#bst", "#trail", "#ts"]


def test_signing_again_changes_no_byte(cpas, payload, trail):
    signer = MessageSigner(cpas.key, cpas.certificate_der, deterministic_signing=True)
    first, second = (signer.sign(payload, created=NOW, trail=trail).raw for _ in range(2))
    assert first == second


def test_a_p256_signature_is_64_bytes_and_an_rsa_signature_as_long_as_the_key(signer, cpas, payload):
    expected = 256 if isinstance(cpas.key, rsa.RSAPrivateKey) else 64
    assert {len(signer.sign(payload, created=NOW).signature_value) for _ in range(20)} == {expected}


def test_a_shorter_life_can_be_asked_for(signer, opened, payload):
    message = opened(signer.sign(payload, created=NOW, expires_in_seconds=1).raw)
    assert message.expires - message.created == timedelta(seconds=1)


@pytest.mark.parametrize("seconds", [0, -1, 301])
def test_a_life_that_no_receiver_accepts_is_our_fault(seconds, signer, payload):
    with pytest.raises(GatewayFault):
        signer.sign(payload, created=NOW, expires_in_seconds=seconds)


def test_a_payload_without_namespace_is_our_fault(signer):
    with pytest.raises(GatewayFault):
        signer.sign(etree.fromstring("<consult/>"), created=NOW)


def test_a_trail_that_is_none_is_our_fault(signer, payload):
    with pytest.raises(GatewayFault):
        signer.sign(payload, created=NOW, trail=etree.fromstring('<trail xmlns="urn:x"/>'))


def test_the_signer_names_its_key_and_shows_nothing_of_it(signer, cpas):
    assert signer.key_id == key_id_of(cpas.key.public_key())
    assert repr(signer) == f"MessageSigner(key_id={signer.key_id})"


def test_an_envelope_shows_nothing_of_the_message(signer, payload):
    assert "85073003328" not in repr(signer.sign(payload, created=NOW))


def test_a_certificate_of_another_key_is_a_mistake_of_the_operator(pki, cpas):
    with pytest.raises(SetupError):
        MessageSigner(cpas.key, pki.issued[f"cpas-{OTHER_CPAS}"].certificate_der)


def test_a_certificate_that_is_none_is_a_mistake_of_the_operator(cpas):
    with pytest.raises(SetupError):
        MessageSigner(cpas.key, b"no certificate")


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP384R1())],  # noqa: S505 -- the attack
    ids=["RSA-1024", "P-384"],
)
def test_a_key_that_no_receiver_accepts_is_a_mistake_of_the_operator(key):
    name = make_test_keys.subject_of("RSE TEST")
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    with pytest.raises(SetupError):
        MessageSigner(key, make_test_keys.Issued(key, certificate).certificate_der)
