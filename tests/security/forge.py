"""A forger: signs any envelope at all, good or bad, without a line of the code under test.

It writes the envelope as a tree, lets a test change it before or after signing, and signs by searching ids
(as careless software does).
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from .pki import NOW

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
TRAIL = "urn:rse-gateway:types:trail:v1"
APP = "urn:rse-gateway:types:ElectronicSocialReport:v1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
X509V3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
NS = {"s": SOAP, "ds": DS, "wsse": WSSE, "wsu": WSU, "t": TRAIL, "a": APP, "ec": EXC}
ID = f"{{{WSU}}}Id"

PAYLOAD = (
    f'<a:consult xmlns:a="{APP}"><a:ssin>85073003328</a:ssin>'
    "<a:note>caf\u00e9 &amp; th\u00e9</a:note></a:consult>"
)
TRAIL_HEADER = f'<t:trail xmlns:t="{TRAIL}" xmlns:wsu="{WSU}" wsu:Id="trail"><t:entry>e1</t:entry></t:trail>'

Change = Callable[[etree._Element], None]


def _unchanged(_root: etree._Element) -> None:
    """Leave the message as it is."""


@dataclass(kw_only=True)
class Forgery:
    """One message to forge; the defaults give a message that the gate opens."""

    issued: object
    payload: str = PAYLOAD
    trail: str = ""
    created: datetime = NOW
    lifetime: timedelta = timedelta(seconds=300)
    times: tuple[str, str] | None = None
    covered: tuple[str, ...] | None = None
    canonicalization: str = EXC
    signature_method: str = ""
    digest_method: str = SHA256
    transforms: str = f'<ds:Transform Algorithm="{EXC}"/>'
    declarations: str = ""
    before: Change = _unchanged
    after: Change = _unchanged
    hash_algorithm: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)

    def tree(self) -> etree._Element:
        root = etree.fromstring(self._template())
        self.before(root)
        for reference in root.iterfind(".//ds:SignedInfo/ds:Reference", NS):
            node = _first_with_id(root, reference.get("URI", "")[1:])
            if node is not None:
                hasher = hashlib.sha1 if self.digest_method == SHA1 else hashlib.sha256
                digest = hasher(canonical(node)).digest()
                reference.find("ds:DigestValue", NS).text = base64.b64encode(digest).decode()
        value = root.find(".//ds:SignatureValue", NS)
        if value is not None:
            signed_info = canonical(root.find(".//ds:SignedInfo", NS))
            value.text = base64.b64encode(self._sign(signed_info)).decode()
        self.after(root)
        return root

    def raw(self) -> bytes:
        return etree.tostring(self.tree(), xml_declaration=True, encoding="UTF-8")

    def _sign(self, signed_info: bytes) -> bytes:
        key = self.issued.key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(signed_info, padding.PKCS1v15(), self.hash_algorithm)
        r, s = decode_dss_signature(key.sign(signed_info, ec.ECDSA(self.hash_algorithm)))
        size = (key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def _template(self) -> str:
        created, expires = self.times or (_text(self.created), _text(self.created + self.lifetime))
        covered = self.covered
        if covered is None:
            covered = ("bst", "ts", "body", "trail") if self.trail else ("bst", "ts", "body")
        method = self.signature_method
        if not method:
            method = MORE + (
                "rsa-sha256" if isinstance(self.issued.key, rsa.RSAPrivateKey) else "ecdsa-sha256"
            )
        token = base64.b64encode(self.issued.certificate_der).decode()
        return f"""<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsu="{WSU}" {self.declarations}>
 <soap:Header>
  <wsse:Security xmlns:wsse="{WSSE}" soap:mustUnderstand="1">
   <wsse:BinarySecurityToken EncodingType="{BASE64}" ValueType="{X509V3}" wsu:Id="bst"
    >{token}</wsse:BinarySecurityToken>
   <wsu:Timestamp wsu:Id="ts"
    ><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>
   <ds:Signature xmlns:ds="{DS}"><ds:SignedInfo
     ><ds:CanonicalizationMethod Algorithm="{self.canonicalization}"
     /><ds:SignatureMethod Algorithm="{method}"/>
     {"".join(self._reference(part) for part in covered)}
    </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo
     ><wsse:SecurityTokenReference><wsse:Reference URI="#bst" ValueType="{X509V3}"
     /></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>
  </wsse:Security>{self.trail}
 </soap:Header>
 <soap:Body wsu:Id="body">{self.payload}</soap:Body>
</soap:Envelope>"""

    def _reference(self, part: str) -> str:
        return (
            f'<ds:Reference URI="#{part}"><ds:Transforms>{self.transforms}</ds:Transforms>'
            f'<ds:DigestMethod Algorithm="{self.digest_method}"/><ds:DigestValue/></ds:Reference>'
        )


def canonical(node: etree._Element) -> bytes:
    """Return Exclusive C14N of a node, computed on a copy that was written out and read again."""
    copy = etree.fromstring(etree.tostring(node, with_tail=False))
    return etree.tostring(copy, method="c14n", exclusive=True, with_comments=False)


def part(root: etree._Element, path: str) -> etree._Element:
    """Return the first element at an XPath with this file's prefixes."""
    found = root.find(path, NS)
    assert found is not None, path
    return found


def _first_with_id(root: etree._Element, name: str) -> etree._Element | None:
    return next((e for e in root.iter() if name and name in (e.get(ID), e.get("Id"))), None)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
