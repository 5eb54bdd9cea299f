"""What an opened message holds: only what was signed, and the lines of what was received."""

import base64
import hashlib

import pytest
from lxml import etree

from .forge import APP, TRAIL_HEADER, part


def test_the_body_is_parsed_from_the_digested_bytes(forge, opened):
    message = opened(forge())
    assert hashlib.sha256(message.body_bytes).digest() == message.body_digest
    assert etree.tostring(message.body, method="c14n", exclusive=True) == message.body_bytes


def test_neither_body_nor_trail_leads_back_to_the_received_tree(forge, opened):
    message = opened(forge(trail=TRAIL_HEADER))
    assert message.body.getparent() is None
    assert message.trail is not None
    assert message.trail.getparent() is None


def test_the_payload_is_the_one_child_of_the_body(forge, opened):
    message = opened(forge())
    assert message.payload.tag == f"{{{APP}}}consult"
    assert list(message.body) == [message.payload]


def test_the_replay_key_does_not_depend_on_the_signature_value(forge, opened):
    first, second = opened(forge()), opened(forge())
    assert first.signature_value != second.signature_value
    assert first.replay_key == second.replay_key == hashlib.sha256(first.signed_info).digest()


def test_the_mirrored_ecdsa_signature_has_the_same_replay_key(forge, opened):
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

    def mirror(root):
        value = part(root, ".//ds:SignatureValue")
        genuine = base64.b64decode(value.text)
        mirrored = (order - int.from_bytes(genuine[32:], "big")).to_bytes(32, "big")
        value.text = base64.b64encode(genuine[:32] + mirrored).decode()

    assert opened(forge(after=mirror)).replay_key == opened(forge()).replay_key


def test_lines_are_those_of_the_received_text(forge, opened):
    inner = "\n" * 70_000 + "<a:b/>\n<a:c><![CDATA[\n<x>]]></a:c><a:d\n/>"
    raw = forge(payload=f'<a:consult xmlns:a="{APP}">{inner}</a:consult>')
    message = opened(raw)
    lines = raw.split(b"\n")
    for element in message.payload:
        name = etree.QName(element).localname.encode()
        assert b"<a:" + name in lines[message.line_of(element) - 1]
    assert b"Body" in lines[message.line_of(message.body) - 1]


def test_an_element_of_another_tree_has_no_line(forge, opened):
    assert opened(forge()).line_of(etree.Element("x")) == 0


@pytest.mark.parametrize("show", [repr, str])
def test_a_message_shows_nothing_of_its_content(show, forge, opened):
    assert "85073003328" not in show(opened(forge()))


def test_a_message_cannot_be_changed(forge, opened):
    message = opened(forge())
    with pytest.raises(AttributeError):
        message.body = etree.Element("x")
