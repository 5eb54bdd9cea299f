"""An xsi attribute is told at its own element, beside every other violation, and libxml2 never sees it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from rse_gateway.contract.schemas import Schemas
from rse_gateway.diagnosis.validation import About, Validator
from rse_gateway.errors import ContentRefused

NIL = (Path(__file__).with_name("inputs") / "xsi-nil-on-an-optional-field.xml").read_bytes()
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
XSI = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
FIELD = b"<fileReference %s xsi:nil=" % XSI + b'"true"/>'
GOOD = NIL.replace(FIELD, b"").replace(b"social_worker", b"SOCIAL_WORKER")


def told(raw: bytes) -> list[tuple[int, str, str, str]]:
    findings = Validator(Schemas()).check(raw, About(AT, AT.date())).findings
    return [(f.place.line, f.place.field, f.expected.text("EN"), f.found.text("EN")) for f in findings]


def test_the_optional_field_is_to_be_left_out_and_the_other_violation_is_told_too() -> None:
    role, field = told(NIL)
    assert role[:2] == (9, "userRole")
    assert field[:2] == (10, "fileReference")
    assert "leave the element out" in field[2]
    assert "xsi:nil" in field[3]


@pytest.mark.parametrize("value", [b"1", b" true "])
def test_nil_alone_is_told_alone(value: bytes) -> None:
    raw = NIL.replace(b"social_worker", b"SOCIAL_WORKER").replace(b'"true"', b'"%s"' % value)
    assert [one[:2] for one in told(raw)] == [(10, "fileReference")]


def test_a_field_that_must_be_there_is_not_to_be_left_out() -> None:
    raw = GOOD.replace(b"<ssin>00010100105</ssin>", b"<ssin %s xsi:nil=" % XSI + b'"true"/>')
    ((_, field, expected, found),) = told(raw)
    assert (field, "a NISS: 11 digits" in expected, "xsi:nil" in found) == ("ssin", True, True)


@pytest.mark.parametrize(
    "mark", [b'xsi:schemaLocation="urn:a http://127.0.0.1:9/a.xsd"', b'xsi:type="r:Any"']
)
def test_another_attribute_of_the_root_hides_no_violation(mark: bytes) -> None:
    raw = GOOD.replace(b"SOCIAL_WORKER", b"x").replace(b"xmlns:r=", XSI + b" " + mark + b" xmlns:r=", 1)
    assert [one[1] for one in told(raw)] == ["consultSocialReportRequest", "userRole"]


def test_the_message_that_was_checked_is_left_as_it_was() -> None:
    payload = etree.fromstring(NIL)
    before = etree.tostring(payload)
    with pytest.raises(ContentRefused):
        Schemas().check(payload)
    assert etree.tostring(payload) == before


def test_many_are_told_up_to_thirty() -> None:
    raw = GOOD.replace(b"<environment>", 40 * FIELD + b"<environment>")
    with pytest.raises(ContentRefused) as refused:
        Schemas().check(etree.fromstring(raw))
    assert (len(refused.value.violations), refused.value.truncated) == (30, True)
