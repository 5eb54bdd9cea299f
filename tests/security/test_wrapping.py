"""Signature wrapping: the signed Body is moved or doubled, a forged one takes its place; always refused."""

from copy import deepcopy

import pytest
from lxml import etree

from .forge import APP, DS, ID, NS, SOAP, TRAIL_HEADER, WSSE, WSU, Forgery, part

FORGED = f'<a:consult xmlns:a="{APP}"><a:ssin>99999999999</a:ssin></a:consult>'


def _forged_body(root, *, body_id: str | None = "forged") -> etree._Element:
    """Return a Body with the attacker's question."""
    body = etree.Element(f"{{{SOAP}}}Body", nsmap={"soap": SOAP})
    if body_id is not None:
        body.set(ID, body_id)
    body.append(etree.fromstring(FORGED))
    return body


def _move(root, wrapper: etree._Element, parent: etree._Element, *, body_id: str | None = "forged") -> None:
    genuine = part(root, "s:Body")
    genuine.addprevious(_forged_body(root, body_id=body_id))
    wrapper.append(genuine)
    parent.append(wrapper)


def body_in_a_header_wrapper(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, "s:Header"))


def body_in_a_wrapper_that_keeps_the_id(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, "s:Header"), body_id="body")


def body_in_security(root):
    _move(root, etree.Element(f"{{{WSSE}}}Wrapper"), part(root, ".//wsse:Security"))


def body_in_a_ds_object(root):
    _move(root, etree.Element(f"{{{DS}}}Object"), part(root, ".//ds:Signature"))


def body_in_key_info(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, ".//ds:KeyInfo"))


def body_in_the_signature_value(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, ".//ds:SignatureValue"))


def body_in_the_token(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, ".//wsse:BinarySecurityToken"))


def body_in_the_timestamp(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, ".//wsu:Timestamp"))


def body_inside_the_forged_body(root):
    genuine = part(root, "s:Body")
    forged = _forged_body(root)
    genuine.addprevious(forged)
    forged.append(genuine)


def body_inside_the_forged_operation(root):
    genuine = part(root, "s:Body")
    forged = _forged_body(root)
    genuine.addprevious(forged)
    forged[0].append(genuine)


def forged_body_first_then_the_genuine(root):
    part(root, "s:Body").addprevious(_forged_body(root))


def genuine_body_first_then_the_forged(root):
    part(root, "s:Body").addnext(_forged_body(root))


def two_bodies_with_the_same_id(root):
    part(root, "s:Body").addprevious(_forged_body(root, body_id="body"))


def forged_body_without_id(root):
    _move(root, etree.Element("{urn:attack}Wrapper"), part(root, "s:Header"), body_id=None)


def second_operation_in_the_body(root):
    part(root, "s:Body").insert(0, etree.fromstring(FORGED))


def body_before_the_header(root):
    part(root, "s:Header").addprevious(part(root, "s:Body"))


def whole_envelope_in_a_header(root):
    genuine = deepcopy(root)
    header, body = root
    body.getparent().replace(body, _forged_body(root))
    etree.SubElement(header, "{urn:attack}Wrapper").append(genuine)


def whole_envelope_in_a_forged_envelope(root):
    genuine = deepcopy(root)
    for child in list(root):
        root.remove(child)
    root.append(etree.Element(f"{{{SOAP}}}Header"))
    root[0].append(genuine)
    root.append(_forged_body(root))


def second_security(root):
    security = part(root, ".//wsse:Security")
    security.addnext(deepcopy(security))


def second_signature(root):
    signature = part(root, ".//ds:Signature")
    signature.addnext(deepcopy(signature))


def second_token(root):
    token = part(root, ".//wsse:BinarySecurityToken")
    copy = deepcopy(token)
    copy.set(ID, "bst2")
    token.addnext(copy)


def second_timestamp(root):
    timestamp = part(root, ".//wsu:Timestamp")
    copy = deepcopy(timestamp)
    copy.set(ID, "ts2")
    timestamp.addprevious(copy)


def timestamp_moved_out_and_replaced(root):
    timestamp = part(root, ".//wsu:Timestamp")
    copy = deepcopy(timestamp)
    copy.set(ID, "ts2")
    timestamp.addprevious(copy)
    etree.SubElement(part(root, "s:Header"), "{urn:attack}Wrapper").append(timestamp)


def forged_body_claims_the_id_as_un_namespaced_id(root):
    _confuse(root, "Id")


def forged_body_claims_the_id_as_capital_id(root):
    _confuse(root, "ID")


def forged_body_claims_the_id_as_xml_id(root):
    _confuse(root, "{http://www.w3.org/XML/1998/namespace}id")


def _confuse(root, attribute: str) -> None:
    wrapper = etree.Element("{urn:attack}Wrapper")
    _move(root, wrapper, part(root, "s:Header"), body_id=None)
    part(root, "s:Body").set(attribute, "body")


def second_signed_info(root):
    signed_info = part(root, ".//ds:SignedInfo")
    signed_info.addnext(deepcopy(signed_info))


def trail_and_forged_trail(root):
    forged = deepcopy(part(root, ".//t:trail"))
    forged.set(ID, "trail2")
    part(root, ".//t:trail").addprevious(forged)


def trail_in_a_wrapper_with_a_forged_one(root):
    genuine = part(root, ".//t:trail")
    forged = deepcopy(genuine)
    forged.set(ID, "trail2")
    genuine.addprevious(forged)
    etree.SubElement(forged, "{urn:attack}Wrapper").append(genuine)


ATTACKS = [
    body_in_a_header_wrapper,
    body_in_a_wrapper_that_keeps_the_id,
    body_in_security,
    body_in_a_ds_object,
    body_in_key_info,
    body_in_the_signature_value,
    body_in_the_token,
    body_in_the_timestamp,
    body_inside_the_forged_body,
    body_inside_the_forged_operation,
    forged_body_first_then_the_genuine,
    genuine_body_first_then_the_forged,
    two_bodies_with_the_same_id,
    forged_body_without_id,
    second_operation_in_the_body,
    body_before_the_header,
    whole_envelope_in_a_header,
    whole_envelope_in_a_forged_envelope,
    second_security,
    second_signature,
    second_token,
    second_timestamp,
    timestamp_moved_out_and_replaced,
    forged_body_claims_the_id_as_un_namespaced_id,
    forged_body_claims_the_id_as_capital_id,
    forged_body_claims_the_id_as_xml_id,
    second_signed_info,
    trail_and_forged_trail,
    trail_in_a_wrapper_with_a_forged_one,
]


@pytest.fixture(params=["strict", "toolkit"])
def either_gate(request, gate, toolkit_gate):
    return gate if request.param == "strict" else toolkit_gate


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_wrapped_message_is_refused_in_both_profiles(attack, p256, refused_at, either_gate):
    raw = Forgery(issued=p256, trail=TRAIL_HEADER, after=attack).raw()
    assert refused_at(raw, by=either_gate) in {"G4", "G6"}


@pytest.mark.parametrize("name", ["body", "ts", "bst"])
def test_a_body_under_the_id_of_another_part_is_refused(name, p256, refused_at, either_gate):
    def forged_body_takes_the_id(root):
        body = part(root, "s:Body")
        body.set(ID, f"{name}2" if name == "body" else name)
        part(root, ".//a:ssin").text = "99999999999"

    raw = Forgery(issued=p256, after=forged_body_takes_the_id).raw()
    assert refused_at(raw, by=either_gate) in {"G4", "G6"}


def test_a_reference_to_a_signed_copy_elsewhere_is_refused(p256, refused_at, either_gate):
    """The forger signs honestly, but over a decoy inside the operation instead of the Body."""

    def decoy(root):
        copy = deepcopy(part(root, "s:Body"))
        part(root, "s:Body").set(ID, "other")
        part(root, "s:Body")[0].append(copy)

    assert refused_at(Forgery(issued=p256, before=decoy).raw(), by=either_gate) == "G6"


def test_the_genuine_message_is_opened(p256, opened, either_gate):
    message = opened(Forgery(issued=p256, trail=TRAIL_HEADER).raw(), by=either_gate)
    assert message.payload.findtext("a:ssin", namespaces=NS) == "85073003328"
    assert message.body.get(f"{{{WSU}}}Id") == "body"
