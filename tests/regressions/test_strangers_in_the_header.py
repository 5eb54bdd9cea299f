"""What software adds to the header, or states otherwise in it, is named, with what to set instead."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.diagnosis.explanation import Trusted, explain_signature

INPUTS = Path(__file__).with_name("inputs")
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
DEBUGGER, SERIAL, NO_TYPE = (
    (INPUTS / f"{name}.signed.xml").read_bytes()
    for name in ("visual-studio-header", "issuer-and-serial", "reference-without-value-type")
)
GOOD = DEBUGGER[: DEBUGGER.index(b"<VsDebugger")] + DEBUGGER[DEBUGGER.index(b"</soap:Header>") :]
ADDRESSING = b"http://www.w3.org/2005/08/addressing"
KEYS = b"<wsse:SecurityTokenReference>"


def the_cause(raw: bytes, key: str, *words: str) -> None:
    (cause,) = explain_signature(raw, AT, Trusted()).causes
    assert cause.key == key
    for language in LANGUAGES:
        assert all(word in cause.text(language) for word in words), cause.text(language)


def with_header(element: bytes) -> bytes:
    return GOOD.replace(b"</soap:Header>", element + b"</soap:Header>")


def test_the_message_without_its_stranger_has_no_cause() -> None:
    assert explain_signature(GOOD, AT, Trusted()).causes == ()


def test_the_header_of_the_debugger_is_named_and_how_to_lose_it() -> None:
    the_cause(DEBUGGER, "foreign_header", "VsDebuggerCausalityData", "vsdiag_regwcf")


@pytest.mark.parametrize("name", ["Action", "To", "MessageID", "ReplyTo"])
@pytest.mark.parametrize(
    "namespace", [ADDRESSING, b"http://schemas.xmlsoap.org/ws/2004/08/addressing"], ids=["1.0", "2004"]
)
def test_a_header_of_ws_addressing_is_named_and_how_to_switch_it_off(name: str, namespace: bytes) -> None:
    header = b'<%s xmlns="%s">urn:a</%s>' % (name.encode(), namespace, name.encode())
    the_cause(with_header(header), "foreign_header", f" {name} ", "WS-Addressing", "Soap11")


def test_any_other_header_is_named() -> None:
    the_cause(with_header(b'<Session xmlns="urn:x:y">1</Session>'), "foreign_header", "Session")


def test_each_of_several_headers_is_named() -> None:
    raw = with_header(b'<a:To xmlns:a="%s">x</a:To><b:Session xmlns:b="urn:x:y"/>' % ADDRESSING)
    assert [one.facts[0] for one in explain_signature(raw, AT, Trusted()).causes] == ["To", "Session"]


def test_what_does_not_belong_in_security_is_named() -> None:
    raw = GOOD.replace(b"</wsse:Security>", b"<wsse:UsernameToken/></wsse:Security>")
    the_cause(raw, "foreign_in_security", "UsernameToken", "BinarySecurityToken")


def test_a_certificate_named_by_issuer_and_serial_is_told_so() -> None:
    the_cause(SERIAL, "key_named_otherwise", "X509IssuerSerial", "DirectReference")


@pytest.mark.parametrize("form", ["KeyIdentifier", "Embedded"])
def test_a_certificate_named_in_another_way_is_told_so(form: str) -> None:
    begin, end = GOOD.index(KEYS) + len(KEYS), GOOD.index(b"</wsse:SecurityTokenReference>")
    raw = GOOD[:begin] + f"<wsse:{form}>AAAA</wsse:{form}>".encode() + GOOD[end:]
    the_cause(raw, "key_named_otherwise", form, "DirectReference")


def test_a_reference_without_value_type_is_told_with_the_value_to_set() -> None:
    the_cause(NO_TYPE, "attribute_stated", "Reference", "ValueType", "#X509v3")
