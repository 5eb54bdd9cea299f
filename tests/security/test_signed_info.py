"""SignedInfo and signature (G6, G8): algorithms, coverage, floods, and signatures that prove nothing."""

import base64
import hashlib
import time
from copy import deepcopy

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from rse_gateway.contract.parsing import Bounds
from rse_gateway.security import signature as signature_module
from rse_gateway.security.trust import TrustPolicy

from .forge import DS, EXC, MORE, NS, SHA1, SHA256, TRAIL_HEADER, canonical, part

TRANSFORM = f'<ds:Transform Algorithm="{EXC}"/>'


def transform(algorithm: str, content: str = "") -> str:
    return f'<ds:Transform Algorithm="{algorithm}">{content}</ds:Transform>'


XPATH_FALSE = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>false()</ds:XPath>")
XSLT = transform(
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>',
)


def with_prefixes(names: str) -> str:
    return transform(EXC, f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="{names}"/>')


def on_first_reference(change):
    return lambda root: change(part(root, ".//ds:Reference"))


def uri(value):
    return on_first_reference(lambda reference: reference.set("URI", value))


def without_uri(root):
    del part(root, ".//ds:Reference").attrib["URI"]


def add(path, tag, text=None, **attributes):
    def change(root):
        etree.SubElement(part(root, path), f"{{{DS}}}{tag}", attributes).text = text

    return change


def reference_body_twice(root):
    reference = root.findall(".//ds:Reference", NS)[-1]
    reference.addnext(deepcopy(reference))


def no_references(root):
    for reference in root.findall(".//ds:Reference", NS):
        reference.getparent().remove(reference)


REFUSED_AT_G6 = {
    "RSA-SHA1": {"signature_method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
    "ECDSA-SHA1": {"signature_method": MORE + "ecdsa-sha1"},
    "ECDSA-SHA384": {"signature_method": MORE + "ecdsa-sha384"},
    "RSA-MD5": {"signature_method": MORE + "rsa-md5"},
    "RSA-PSS": {"signature_method": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"},
    "HMAC-SHA256": {"signature_method": MORE + "hmac-sha256"},
    "HMAC-SHA1": {"signature_method": "http://www.w3.org/2000/09/xmldsig#hmac-sha1"},
    "DSA-SHA256": {"signature_method": "http://www.w3.org/2009/xmldsig11#dsa-sha256"},
    "algorithm none": {"signature_method": "none"},
    "HMACOutputLength": {"before": add(".//ds:SignatureMethod", "HMACOutputLength", "1")},
    "digest SHA-1": {"digest_method": SHA1},
    "digest MD5": {"digest_method": MORE + "md5"},
    "digest none": {"digest_method": ""},
    "inclusive canonicalisation": {"canonicalization": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
    "canonicalisation with comments": {"canonicalization": EXC + "WithComments"},
    "transform with comments": {"transforms": transform(EXC + "WithComments")},
    "inclusive transform": {"transforms": transform("http://www.w3.org/2006/12/xml-c14n11")},
    "no transform": {"transforms": ""},
    "XSLT": {"transforms": XSLT},
    "XSLT first": {"transforms": XSLT + TRANSFORM},
    "XPath false()": {"transforms": XPATH_FALSE + TRANSFORM},
    "Base64 transform": {"transforms": transform(DS + "base64") + TRANSFORM},
    "unknown transform": {"transforms": transform("urn:unknown") + TRANSFORM},
    "canonicalised twice": {"transforms": TRANSFORM * 2},
    "many transforms": {"transforms": TRANSFORM * 100},
    "enveloped alone": {"transforms": transform(DS + "enveloped-signature")},
    "malformed prefix list": {"transforms": with_prefixes("a&lt;b")},
    "long prefix list": {"transforms": with_prefixes(" ".join(f"p{n}" for n in range(17)))},
    "default namespace in the prefix list": {"transforms": with_prefixes("soap #default")},
    "empty reference": {"before": uri("")},
    "reference without URI": {"before": without_uri},
    "remote reference": {"before": uri("http://127.0.0.1:9/x")},
    "file reference": {"before": uri("file:///etc/hostname")},
    "XPointer reference": {"before": uri("#xpointer(/)")},
    "reference to nothing": {"before": uri("#nothing")},
    "bare hash": {"before": uri("#")},
    "reference with a type": {
        "before": on_first_reference(lambda reference: reference.set("Type", DS + "Manifest"))
    },
    "no references": {"before": no_references},
    "Body referenced twice": {"before": reference_body_twice},
    "Body not covered": {"covered": ("bst", "ts")},
    "Timestamp not covered": {"covered": ("bst", "body")},
    "only the token covered": {"covered": ("bst",)},
    "trail not covered": {"covered": ("bst", "ts", "body"), "trail": TRAIL_HEADER},
    "something else in SignedInfo": {"before": add(".//ds:SignedInfo", "Object")},
    "SignatureValue is no Base64": {
        "after": lambda root: setattr(part(root, ".//ds:SignatureValue"), "text", "*")
    },
    "SignatureValue is empty": {
        "after": lambda root: setattr(part(root, ".//ds:SignatureValue"), "text", "")
    },
    "a digest is too short": {"after": lambda root: setattr(part(root, ".//ds:DigestValue"), "text", "")},
}


@pytest.fixture
def no_cryptography(monkeypatch):
    """Count every use of a key or certificate."""
    calls: list[str] = []
    monkeypatch.setattr(signature_module, "_verify_value", lambda *_: calls.append("signature"))
    monkeypatch.setattr(TrustPolicy, "admit", lambda *_: calls.append("certificate"))
    return calls


@pytest.mark.parametrize("options", REFUSED_AT_G6.values(), ids=REFUSED_AT_G6.keys())
@pytest.mark.parametrize("profile", ["strict", "toolkit"])
def test_another_algorithm_or_coverage_is_refused_before_any_cryptography(
    options, profile, forge, refused_at, gate, toolkit_gate, no_cryptography
):
    assert refused_at(forge(**options), by=gate if profile == "strict" else toolkit_gate) == "G6"
    assert no_cryptography == []


@pytest.mark.parametrize("count", [5, 100, 2000])
def test_a_flood_of_references_is_refused_at_once_without_cryptography(
    count, forge, refused_at, no_cryptography
):
    def flood(root):
        reference = root.findall(".//ds:Reference", NS)[-1]
        for _ in range(count):
            reference.addnext(deepcopy(reference))

    raw = forge(after=flood)
    wide = Bounds(max_bytes=10_000_000, max_elements=25_000)
    started = time.perf_counter()
    assert refused_at(raw, bounds=wide) == "G6"
    assert time.perf_counter() - started < 1.0
    assert no_cryptography == []


def signature_value(value: bytes):
    return lambda root: setattr(part(root, ".//ds:SignatureValue"), "text", base64.b64encode(value).decode())


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(bytes(64), id="r = s = 0"),
        pytest.param((1).to_bytes(32, "big") + bytes(32), id="s = 0"),
        pytest.param(bytes(32) + (1).to_bytes(32, "big"), id="r = 0"),
        pytest.param(ORDER.to_bytes(32, "big") * 2, id="r = s = order"),
        pytest.param(b"\xff" * 64, id="beyond the order"),
        pytest.param((1).to_bytes(32, "big") * 2, id="r = s = 1"),
        pytest.param(bytes(63) + b"\x01", id="too small"),
        pytest.param(b"\x01" * 63, id="63 bytes"),
        pytest.param(b"\x01" * 65, id="65 bytes"),
        pytest.param(b"\x00", id="one byte"),
    ],
)
def test_a_made_up_ecdsa_signature_is_refused(value, forge, refused_at):
    assert refused_at(forge(after=signature_value(value))) == "G8"


@pytest.mark.parametrize("value", [bytes(256), b"\x01", b"\xff" * 256, b"\x01" * 512])
def test_a_made_up_rsa_signature_is_refused(value, pki, forge, refused_at):
    issued = pki.issued["cpas-0299990118-rsa"]
    assert refused_at(forge(issued=issued, after=signature_value(value))) == "G8"


def test_a_der_encoded_ecdsa_signature_is_refused(p256, forge, refused_at):
    der = p256.key.sign(b"x", ec.ECDSA(hashes.SHA256()))
    assert refused_at(forge(after=signature_value(der))) == "G8"


def test_a_signature_method_that_does_not_fit_the_key_is_refused(forge, refused_at):
    assert refused_at(forge(signature_method=MORE + "rsa-sha256")) == "G8"


def test_a_signature_over_another_hash_is_refused(cpas, forge, refused_at):
    assert refused_at(forge(issued=cpas, hash_algorithm=hashes.SHA1())) == "G8"  # noqa: S303 -- the attack


def test_sha256_under_its_own_name_is_what_is_accepted(cpas, forge, opened):
    assert opened(forge(issued=cpas, digest_method=SHA256)).signer.cbe_number.value == "0299990118"


ALTERED = {
    "a digit of the Body": (".//a:ssin", "85073003229"),
    "an entry of the trail": (".//t:entry", "e2"),
    "the end of the Timestamp": (".//wsu:Expires", "2026-06-01T12:04:59Z"),
}


@pytest.mark.parametrize(("path", "text"), ALTERED.values(), ids=ALTERED.keys())
def test_a_part_altered_after_signing_is_refused(path, text, cpas, forge, refused_at):
    raw = forge(issued=cpas, trail=TRAIL_HEADER, after=lambda root: setattr(part(root, path), "text", text))
    assert refused_at(raw) == "G8"


def test_a_token_with_other_spaces_than_signed_is_refused(forge, refused_at):
    def add_space(root):
        token = part(root, ".//wsse:BinarySecurityToken")
        token.text = f"{token.text}\n"

    assert refused_at(forge(after=add_space)) == "G8"


def test_a_comment_put_into_the_niss_after_signing_is_refused(forge, refused_at):
    raw = forge().replace(b">85073003328<", b">850730<!-- -->03328<")
    assert refused_at(raw) == "G3"


def test_a_comment_in_a_digest_is_refused(forge, refused_at):
    assert refused_at(forge().replace(b"<ds:DigestValue>", b"<ds:DigestValue><!-- -->")) == "G3"


def test_a_digest_exchanged_together_with_the_body_breaks_the_signature(forge, refused_at):
    def exchange(root):
        part(root, ".//a:ssin").text = "85073003229"
        digest = base64.b64encode(hashlib.sha256(canonical(part(root, "s:Body"))).digest()).decode()
        root.findall(".//ds:DigestValue", NS)[-1].text = digest

    assert refused_at(forge(after=exchange)) == "G8"


def test_a_signature_value_broken_into_lines_is_accepted(pki, forge, opened):
    def break_lines(root):
        value = part(root, ".//ds:SignatureValue")
        value.text = "\r\n".join(value.text[i : i + 76] for i in range(0, len(value.text), 76))

    raw = forge(issued=pki.issued["cpas-0299990118-rsa"], after=break_lines)
    assert len(opened(raw).signature_value) == 256
