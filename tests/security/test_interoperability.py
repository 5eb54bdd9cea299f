"""Two independent implementations, signxml and xmlsec, agree with ours in both directions."""

import base64

import pytest
import signxml
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml import CanonicalizationMethod, SignatureConfiguration, SignatureMethod, XMLSigner, XMLVerifier
from signxml.signer import SignatureReference

from rse_gateway.security.signing import MessageSigner

from .forge import DS, EXC, NS, TRAIL_HEADER, WSSE, WSU, X509V3, Forgery, part
from .pki import NOW

try:
    import xmlsec
except ImportError as reason:
    xmlsec = None
    WHY_NO_XMLSEC = f"python-xmlsec cannot be loaded: {reason}"
else:
    WHY_NO_XMLSEC = ""

needs_xmlsec = pytest.mark.skipif(xmlsec is None, reason=WHY_NO_XMLSEC)
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0

trail_or_not = pytest.mark.parametrize("with_trail", [False, True], ids=["plain", "with trail"])


def signed_by_us(issued, payload, trail) -> bytes:
    return MessageSigner(issued.key, issued.certificate_der).sign(payload, created=NOW, trail=trail).raw


def unsigned(issued, *, with_trail: bool) -> etree._Element:
    """Return an envelope with an empty place for the Signature."""

    def without_signature(root):
        signature = part(root, ".//ds:Signature")
        signature.getparent().remove(signature)

    return Forgery(issued=issued, trail=TRAIL_HEADER if with_trail else "", after=without_signature).tree()


def key_info() -> etree._Element:
    return etree.fromstring(
        f'<ds:KeyInfo xmlns:ds="{DS}" xmlns:wsse="{WSSE}"><wsse:SecurityTokenReference>'
        f'<wsse:Reference URI="#bst" ValueType="{X509V3}"/></wsse:SecurityTokenReference></ds:KeyInfo>'
    )


def parts_to_sign(*, with_trail: bool) -> list[str]:
    return ["bst", "ts", "body", "trail"] if with_trail else ["bst", "ts", "body"]


@trail_or_not
def test_signxml_verifies_what_we_sign(cpas, payload, trail, with_trail):
    raw = signed_by_us(cpas, payload, trail if with_trail else None)
    results = XMLVerifier().verify(
        raw,
        x509_cert=cpas.certificate,
        id_attribute="Id",
        expect_config=SignatureConfiguration(expect_references=4 if with_trail else 3),
    )
    names = {etree.QName(result.signed_xml).localname for result in results}
    assert names == {"BinarySecurityToken", "Timestamp", "Body"} | ({"trail"} if with_trail else set())


def test_signxml_refuses_what_we_signed_once_it_is_altered(cpas, payload):
    raw = signed_by_us(cpas, payload, None).replace(b"85073003328", b"85073003229")
    with pytest.raises(signxml.InvalidSignature):
        XMLVerifier().verify(
            raw,
            x509_cert=cpas.certificate,
            id_attribute="Id",
            expect_config=SignatureConfiguration(expect_references=3),
        )


def signed_by_signxml(issued, method, *, with_trail: bool, prefixes: list[str] | None = None) -> bytes:
    root = unsigned(issued, with_trail=with_trail)
    algorithm = SignatureMethod.RSA_SHA256 if hasattr(issued.key, "decrypt") else SignatureMethod.ECDSA_SHA256
    signer = XMLSigner(method=method, signature_algorithm=algorithm, c14n_algorithm=EXCLUSIVE)
    references = [
        SignatureReference(URI=f"#{name}", inclusive_ns_prefixes=prefixes)
        for name in parts_to_sign(with_trail=with_trail)
    ]
    security = part(root, ".//wsse:Security")
    if method == signxml.methods.enveloped:
        etree.SubElement(security, f"{{{DS}}}Signature", Id="placeholder")
    result = signer.sign(
        root,
        key=issued.key,
        cert=[issued.certificate],
        key_info=key_info(),
        reference_uri=references,
        id_attribute="Id",
    )
    if method == signxml.methods.detached:
        security.append(result)
        result = root
    return etree.tostring(result)


@trail_or_not
def test_the_gate_opens_what_signxml_signs(cpas, opened, with_trail):
    message = opened(signed_by_signxml(cpas, signxml.methods.detached, with_trail=with_trail))
    assert message.payload[0].text == "85073003328"
    assert (message.trail is not None) == with_trail


@trail_or_not
def test_the_gate_opens_signxmls_enveloped_signatures_for_a_toolkit(cpas, opened, toolkit_gate, with_trail):
    raw = signed_by_signxml(cpas, signxml.methods.enveloped, with_trail=with_trail)
    assert opened(raw, by=toolkit_gate).payload[0].text == "85073003328"


def test_the_gate_accepts_a_list_of_inclusive_prefixes_declared_on_an_ancestor(cpas, opened):
    raw = signed_by_signxml(cpas, signxml.methods.detached, with_trail=True, prefixes=["soap", "wsu"])
    message = opened(raw)
    assert message.body.nsmap["wsu"] == WSU
    assert b"InclusiveNamespaces" in message.signed_info


def pem(issued) -> bytes:
    return issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def register_ids(context, root) -> None:
    for element in root.iter():
        if element.get(f"{{{WSU}}}Id") is not None:
            context.register_id(element, "Id", WSU)


@needs_xmlsec
@trail_or_not
def test_xmlsec_verifies_what_we_sign(cpas, payload, trail, with_trail):
    root = etree.fromstring(signed_by_us(cpas, payload, trail if with_trail else None))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        cpas.certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
    )
    register_ids(context, root)
    assert context.verify(part(root, ".//ds:Signature")) is None


@needs_xmlsec
def test_xmlsec_refuses_what_we_signed_once_it_is_altered(cpas, payload):
    root = etree.fromstring(signed_by_us(cpas, payload, None).replace(b"85073003328", b"85073003229"))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        cpas.certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem
    )
    register_ids(context, root)
    with pytest.raises(xmlsec.Error):
        context.verify(part(root, ".//ds:Signature"))


@needs_xmlsec
@pytest.mark.parametrize("prefixes", ["", "soap wsu", "soap x", "absent"])
@trail_or_not
def test_the_gate_opens_what_xmlsec_signs(cpas, opened, with_trail, prefixes):
    transforms = f'<ds:Transform Algorithm="{EXC}"/>'
    if prefixes:
        inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXC}" PrefixList="{prefixes}"/>'
        transforms = f'<ds:Transform Algorithm="{EXC}">{inclusive}</ds:Transform>'

    def emptied(root):
        for path in (".//ds:DigestValue", ".//ds:SignatureValue"):
            for element in root.iterfind(path, NS):
                element.text = None

    def prefixes_for_signed_info(root):
        if prefixes:
            method = part(root, ".//ds:CanonicalizationMethod")
            etree.SubElement(method, f"{{{EXC}}}InclusiveNamespaces", PrefixList=prefixes)

    root = Forgery(
        issued=cpas,
        trail=TRAIL_HEADER if with_trail else "",
        transforms=transforms,
        declarations='xmlns="urn:default" xmlns:x="urn:x" xmlns:y="urn:y"',
        before=prefixes_for_signed_info,
        after=emptied,
    ).tree()
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(cpas), xmlsec.constants.KeyDataFormatPem)
    register_ids(context, root)
    context.sign(part(root, ".//ds:Signature"))
    message = opened(etree.tostring(root))
    assert message.payload[0].text == "85073003328"
    assert (message.trail is not None) == with_trail


def test_the_kept_proof_can_be_checked_without_the_message(cpas, opened, payload):
    message = opened(signed_by_us(cpas, payload, None))
    assert base64.b64encode(message.body_digest) in message.signed_info
