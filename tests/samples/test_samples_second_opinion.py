"""The reference CPAS, which verifies with another library, says the same of signed samples as the gate."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from sample_pack import SAMPLES, Listed, by_file, opened, select, world_file

from rse_cpas_stub.errors import SignatureRefused
from rse_cpas_stub.identity import Trust, institution_of, key_digest
from rse_cpas_stub.signature import verify
from rse_gateway.security.gate import GATE_ORDER

STEPS = {step.name for step in GATE_ORDER}
SIGNED_SSIN = "85073003328"
CLAIMED_OF_MADE_KEYS = "0299990118"
ONLY_A_REGISTRY_KNOWS = {"messages/bad/gate/G7-key-no-longer-active.signed.xml"}
TOLD_APART_BY_THE_GATE_ONLY = {
    # the reference CPAS reads these; what it reads is what was signed
    "messages/bad/gate/G1-byte-order-mark.signed.xml",
    "messages/bad/gate/G1-xml-1.1.signed.xml",
    "messages/bad/gate/G3-comment-before-the-root.signed.xml",
    "messages/bad/gate/G4-actor.signed.xml",
}
APART = ONLY_A_REGISTRY_KNOWS | TOLD_APART_BY_THE_GATE_ONLY
SIGNED = select(signed=True)


def certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((SAMPLES / name).read_bytes())


def trust_for(sample: Listed) -> Trust:
    """Trust whom the sample claims to be from, with the keys that the world registers."""
    claimed = CLAIMED_OF_MADE_KEYS
    if (SAMPLES / "keys" / f"{sample.key}.cert.pem").is_file() and sample.key != "test-ca":
        claimed = institution_of(certificate(f"keys/{sample.key}.cert.pem"))
    keys = [
        certificate(key["certificate"])
        for institution in world_file()["institutions"]
        if institution["cbeNumber"] == claimed
        for key in institution["keys"]
    ]
    authorities = tuple(certificate(a["certificate"]) for a in world_file()["authorities"])
    return Trust(claimed, authorities, frozenset(key_digest(key) for key in keys))


@pytest.mark.parametrize("sample", [s for s in SIGNED if s.stoppedAt not in STEPS], ids=by_file)
def test_both_open_the_same_payload(sample):
    theirs = verify(sample.raw, trust_for(sample), sample.moment).payload
    ours = opened(sample).payload
    assert canonical(theirs) == canonical(ours)


@pytest.mark.parametrize(
    "sample",
    [s for s in SIGNED if s.stoppedAt in STEPS and s.file not in APART],
    ids=by_file,
)
def test_both_refuse(sample):
    with pytest.raises(SignatureRefused):
        verify(sample.raw, trust_for(sample), sample.moment)


@pytest.mark.parametrize("file", sorted(TOLD_APART_BY_THE_GATE_ONLY))
def test_what_the_gate_alone_refuses_says_nothing_that_was_not_signed(file):
    (sample,) = select(file=file)
    assert (
        verify(sample.raw, trust_for(sample), sample.moment).payload.findtext("criteria/ssin") == SIGNED_SSIN
    )


def test_the_digest_of_a_registered_key_is_that_of_its_public_part():
    one = certificate("keys/test-gateway.cert.pem")
    spki = one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_digest(one) == hashlib.sha256(spki).hexdigest()


def canonical(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False)
