"""A text in another encoding, or with something before its declaration, is told as what it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rse_gateway.contract.schemas import Schemas
from rse_gateway.diagnosis.explanation import Trusted, explain_signature
from rse_gateway.diagnosis.validation import About, Validator

INPUTS = Path(__file__).with_name("inputs")
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
LATE = (INPUTS / "newline-before-the-declaration.xml").read_bytes()
WIDE = (INPUTS / "utf-16.xml").read_bytes()
GOOD = LATE.lstrip()
TEXT = GOOD.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
TEXTS = [
    (LATE, "white space or empty lines before the XML declaration", 2),
    (b" \t" + GOOD, "white space or empty lines before the XML declaration", 1),
    (b"\r\n\r\n" + GOOD, "white space or empty lines before the XML declaration", 3),
    (WIDE, "UTF-16 or UTF-32", 1),
    (TEXT.encode("utf-16-le"), "UTF-16 or UTF-32", 1),
    (TEXT.encode("utf-16-be"), "UTF-16 or UTF-32", 1),
    (TEXT.partition("?>")[2].lstrip().encode("utf-16"), "UTF-16 or UTF-32", 1),
    (TEXT.encode("utf-32"), "UTF-16 or UTF-32", 1),
    (TEXT.encode("utf-32-be"), "UTF-16 or UTF-32", 1),
    (GOOD.replace(b"u-4711", "caf\u00e9".encode("latin-1")), "a byte that is not UTF-8", 8),
    (GOOD.replace(b"u-4711", b"u\x00"), "a NUL byte", 8),
    (GOOD.replace(b'"UTF-8"', b'"ISO-8859-1"'), "other than version 1.0 and UTF-8", 1),
    (GOOD.replace(b"<r:", b"<!DOCTYPE r>\n<r:", 1), "DOCTYPE", 2),
]


@pytest.mark.parametrize(("raw", "words", "line"), TEXTS, ids=range(len(TEXTS)))
def test_it_is_told_as_what_it_is(raw: bytes, words: str, line: int) -> None:
    (finding,) = Validator(Schemas()).check(raw, About(AT, AT.date())).findings
    assert (finding.check, finding.place.line) == ("G1", line)
    assert words in finding.expected.text("EN")
    cause = explain_signature(raw, AT, Trusted()).causes[0]
    assert cause.key in ("not_xml", "not_plain")
    assert words in cause.text("EN")


def test_white_space_first_in_a_text_without_a_declaration_stays_allowed() -> None:
    raw = b"\n" + GOOD.partition(b"?>")[2]
    assert Validator(Schemas()).check(raw, About(AT, AT.date())).right
