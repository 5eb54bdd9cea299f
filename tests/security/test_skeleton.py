"""The exact shape (G4): one missing, surplus or odd thing, correctly signed, is refused."""

from copy import deepcopy

import pytest
from lxml import etree

from rse_gateway.errors import SecurityRefused

from .conftest import BOUNDS
from .forge import APP, DS, ID, SOAP, TRAIL, TRAIL_HEADER, WSSE, WSU, XSI, part
from .pki import NOW


def removed(path):
    def change(root):
        element = part(root, path)
        element.getparent().remove(element)

    return change


def with_attribute(path, name, value):
    return lambda root: part(root, path).set(name, value)


def without_attribute(path, name):
    def change(root):
        del part(root, path).attrib[name]

    return change


def with_child(path, tag, text=None):
    def change(root):
        etree.SubElement(part(root, path), tag).text = text

    return change


def with_text(path, text):
    def change(root):
        part(root, path).text = text

    return change


def doubled(path):
    def change(root):
        element = part(root, path)
        element.addnext(deepcopy(element))

    return change


BODY, SECURITY, TOKEN, TIMESTAMP = (
    "s:Body",
    ".//wsse:Security",
    ".//wsse:BinarySecurityToken",
    ".//wsu:Timestamp",
)
STR, KEY_INFO, SIGNATURE = ".//wsse:SecurityTokenReference", ".//ds:KeyInfo", ".//ds:Signature"
REFERENCE, CONSULT = ".//wsse:Reference", ".//a:consult"

ODD_SHAPES = {
    "no Header": removed("s:Header"),
    "no Body": removed(BODY),
    "a third child of Envelope": with_child(".", "{urn:x}More"),
    "two Headers": doubled("s:Header"),
    "attribute on Envelope": with_attribute(".", f"{{{SOAP}}}encodingStyle", "urn:x"),
    "attribute on Header": with_attribute("s:Header", "{urn:x}a", "1"),
    "text in Envelope": with_text(".", "text"),
    "text in Header": with_text("s:Header", "text"),
    "text in Security": with_text(SECURITY, "text"),
    "text in Body": with_text(BODY, "text"),
    "no-break space in Body": with_text(BODY, "\u00a0"),
    "no Security": removed(SECURITY),
    "an unknown header": with_child("s:Header", "{urn:x}Header"),
    "a WS-Addressing header": with_child("s:Header", "{http://www.w3.org/2005/08/addressing}To", "urn:x"),
    "actor on Security": with_attribute(SECURITY, f"{{{SOAP}}}actor", "urn:x"),
    "SOAP 1.2 role on Security": with_attribute(
        SECURITY, "{http://www.w3.org/2003/05/soap-envelope}role", "urn:x"
    ),
    "mustUnderstand true": with_attribute(SECURITY, f"{{{SOAP}}}mustUnderstand", "true"),
    "no token": removed(TOKEN),
    "no Timestamp": removed(TIMESTAMP),
    "no Signature": removed(SIGNATURE),
    "something else in Security": with_child(SECURITY, f"{{{WSSE}}}UsernameToken"),
    "token without id": without_attribute(TOKEN, ID),
    "token of another type": with_attribute(TOKEN, "ValueType", "urn:x#PKCS7"),
    "token without type": without_attribute(TOKEN, "ValueType"),
    "token in another encoding": with_attribute(TOKEN, "EncodingType", "urn:x#HexBinary"),
    "Timestamp without id": without_attribute(TIMESTAMP, ID),
    "Body without id": without_attribute(BODY, ID),
    "Body with empty id": with_attribute(BODY, ID, ""),
    "Timestamp without Expires": removed(".//wsu:Expires"),
    "Timestamp without Created": removed(".//wsu:Created"),
    "two Created": doubled(".//wsu:Created"),
    "elements in Created": with_child(".//wsu:Created", "{urn:x}a"),
    "attribute on Created": with_attribute(".//wsu:Created", "ValueType", "urn:x"),
    "Object in Signature": with_child(SIGNATURE, f"{{{DS}}}Object"),
    "no KeyInfo": removed(KEY_INFO),
    "KeyValue": with_child(KEY_INFO, f"{{{DS}}}KeyValue"),
    "KeyName": with_child(KEY_INFO, f"{{{DS}}}KeyName"),
    "RetrievalMethod": with_child(KEY_INFO, f"{{{DS}}}RetrievalMethod"),
    "X509Data": with_child(KEY_INFO, f"{{{DS}}}X509Data"),
    "two token references": doubled(STR),
    "two references to the token": doubled(REFERENCE),
    "key identifier": with_child(STR, f"{{{WSSE}}}KeyIdentifier"),
    "reference to another id": with_attribute(REFERENCE, "URI", "#ts"),
    "reference to a remote token": with_attribute(REFERENCE, "URI", "http://127.0.0.1:9/token"),
    "reference without URI": without_attribute(REFERENCE, "URI"),
    "reference of another type": with_attribute(REFERENCE, "ValueType", "urn:x"),
    "reference with content": with_child(REFERENCE, "{urn:x}a"),
    "empty Body": removed(CONSULT),
    "two operations": doubled(CONSULT),
    "operation without namespace": with_child(BODY, "plain"),
    "xsi:type on the operation": with_attribute(CONSULT, f"{{{XSI}}}type", "a:other"),
    "xsi:type deep inside": with_attribute(".//a:ssin", f"{{{XSI}}}type", "a:other"),
    "schemaLocation": with_attribute(CONSULT, f"{{{XSI}}}schemaLocation", "urn:x http://127.0.0.1:9/x.xsd"),
    "noNamespaceSchemaLocation": with_attribute(CONSULT, f"{{{XSI}}}noNamespaceSchemaLocation", "x.xsd"),
    "the Body's id again inside": with_attribute(CONSULT, ID, "body"),
    "the Body's id again as Id": with_attribute(CONSULT, "Id", "body"),
    "the Body's id again as ID": with_attribute(CONSULT, "ID", "body"),
    "the Body's id again as xml:id": with_attribute(
        CONSULT, "{http://www.w3.org/XML/1998/namespace}id", "body"
    ),
    "the token's id again on Signature": with_attribute(SIGNATURE, "Id", "bst"),
    "wsu:Id and Id with one value": with_attribute(BODY, "Id", "body"),
}


@pytest.mark.parametrize("change", ODD_SHAPES.values(), ids=ODD_SHAPES.keys())
@pytest.mark.parametrize("profile", ["strict", "toolkit"])
def test_an_odd_shape_is_refused_even_when_signed(change, profile, forge, refused_at, gate, toolkit_gate):
    raw = forge(before=change)
    assert refused_at(raw, by=gate if profile == "strict" else toolkit_gate) == "G4"


def test_an_operation_without_namespace_is_refused(forge, refused_at):
    assert refused_at(forge(payload="<consult/>")) == "G4"


@pytest.mark.parametrize("attribute", ["mustUnderstand", "actor"])
@pytest.mark.parametrize("value", ["0", "1"])
def test_a_trail_header_that_demands_to_be_understood_is_refused(attribute, value, forge, refused_at):
    change = with_attribute(".//t:trail", f"{{{SOAP}}}{attribute}", value)
    assert refused_at(forge(trail=TRAIL_HEADER, before=change)) == "G4"


def test_a_trail_header_without_id_is_refused(forge, refused_at):
    assert refused_at(forge(trail=f'<t:trail xmlns:t="{TRAIL}"/>', covered=("bst", "ts", "body"))) == "G4"


def test_two_trail_headers_are_refused(forge, refused_at):
    assert refused_at(forge(trail=TRAIL_HEADER, before=doubled(".//t:trail"))) == "G4"


def test_a_soap_12_envelope_is_a_version_mismatch_before_anything_else(gate):
    raw = b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/><e:Body/></e:Envelope>'
    with pytest.raises(SecurityRefused) as refusal:
        gate.open(raw, bounds=BOUNDS, now=NOW)
    assert refusal.value.version_mismatch
    assert refusal.value.step == "G4"


@pytest.mark.parametrize("root", ["<Envelope/>", '<Envelope xmlns="urn:x"/>', "<a/>"])
def test_another_root_is_refused_and_no_version_mismatch(root, gate):
    with pytest.raises(SecurityRefused) as refusal:
        gate.open(root.encode(), bounds=BOUNDS, now=NOW)
    assert not refusal.value.version_mismatch
    assert refusal.value.step == "G4"


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_token_timestamp_and_signature_stand_in_any_order(order, forge, opened):
    def reorder(root):
        security = part(root, SECURITY)
        security[:] = [security[index] for index in order]

    assert opened(forge(before=reorder)).payload.tag == f"{{{APP}}}consult"


@pytest.mark.parametrize("value", ["0", "1", None])
def test_security_may_say_whether_it_must_be_understood(value, forge, opened):
    name = f"{{{SOAP}}}mustUnderstand"
    change = without_attribute(SECURITY, name) if value is None else with_attribute(SECURITY, name, value)
    assert opened(forge(before=change)).signer.cbe_number.value == "0299990118"


def test_the_trail_may_stand_before_security(forge, opened):
    def swap(root):
        header = part(root, "s:Header")
        header.insert(0, header[1])

    assert opened(forge(trail=TRAIL_HEADER, before=swap)).trail is not None


def test_white_space_between_the_parts_is_no_matter(forge, opened):
    change = with_text(BODY, "\n\t ")
    assert opened(forge(before=change)).body.text == "\n\t "


def test_ids_on_signature_and_key_info_are_no_matter(forge, opened):
    def name_them(root):
        part(root, SIGNATURE).set("Id", "SIG-1")
        part(root, KEY_INFO).set("Id", "KI-1")
        part(root, STR).set(f"{{{WSU}}}Id", "STR-1")

    assert opened(forge(before=name_them)).payload.tag == f"{{{APP}}}consult"
