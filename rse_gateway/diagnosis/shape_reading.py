"""What software adds to an envelope, or leaves out of it, that the profile refuses: named, with what to set.

Only for the words of an explanation, after the gate said no at its skeleton (G4).
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from rse_gateway.contract.namespaces import DS, SOAP11, TRAIL, WSSE, WSU
from rse_gateway.diagnosis.causes import Cause
from rse_gateway.diagnosis.signature_reading import SignatureRead, is_element
from rse_gateway.security.shape import local_name
from rse_gateway.security.skeleton import BASE64, X509V3

_HEADERS: Final = frozenset({f"{{{WSSE}}}Security", f"{{{TRAIL}}}trail"})
_SECURITY: Final = frozenset({f"{{{WSSE}}}BinarySecurityToken", f"{{{WSU}}}Timestamp", f"{{{DS}}}Signature"})
_ADDRESSING: Final = "/addressing"
_MICROSOFT: Final = "http://schemas.microsoft.com/"
_KEY_FORMS: Final = ("X509IssuerSerial", "KeyIdentifier", "Embedded", "KeyName", "KeyValue", "X509Data")


def shape_causes(read: SignatureRead) -> Iterator[Cause]:
    """Yield each stranger in Header and Security, then what KeyInfo and the token state otherwise."""
    header = read.root.find(f"{{{SOAP11}}}Header")
    if header is None:
        return
    for child in _strangers(header, _HEADERS):
        yield _foreign_header(child)
    for security in header.findall(f"{{{WSSE}}}Security"):
        for child in _strangers(security, _SECURITY):
            yield Cause("foreign_in_security", (local_name(child),))
    if read.signature is not None:
        yield from _key_causes(read.signature)
    if read.token is not None:
        yield from _stated(read.token, "ValueType", X509V3)
        yield from _stated(read.token, "EncodingType", BASE64)


def names_its_key_otherwise(read: SignatureRead) -> bool:
    """Tell whether KeyInfo names the certificate in another way than by a reference to the token."""
    return read.signature is not None and any(
        one.key == "key_named_otherwise" for one in _key_causes(read.signature)
    )


def _strangers(parent: etree._Element, known: frozenset[str]) -> Iterator[etree._Element]:
    return (child for child in parent if is_element(child) and child.tag not in known)


def _foreign_header(header: etree._Element) -> Cause:
    namespace, name = etree.QName(header).namespace or "", local_name(header)
    if namespace.endswith(_ADDRESSING):
        return Cause("foreign_header", (name, "=header_addressing"))
    if namespace.startswith(_MICROSOFT):
        return Cause("foreign_header", (name, "=header_debugger"))
    return Cause("foreign_header", (name, "=header_other"))


def _key_causes(signature: etree._Element) -> Iterator[Cause]:
    info = signature.find(f"{{{DS}}}KeyInfo")
    if info is None:
        yield Cause("key_named_otherwise", ("–",))
        return
    reference = info.find(f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference")
    if reference is not None:
        yield from _stated(reference, "ValueType", X509V3)
        return
    found = {local_name(one) for one in info.iter() if is_element(one)}
    yield Cause("key_named_otherwise", (next((one for one in _KEY_FORMS if one in found), "–"),))


def _stated(element: etree._Element, attribute: str, value: str) -> Iterator[Cause]:
    if element.get(attribute) != value:
        yield Cause("attribute_stated", (local_name(element), attribute, value))
