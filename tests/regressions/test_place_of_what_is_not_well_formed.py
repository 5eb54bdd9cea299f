"""What is not well-formed XML is told with line, column and kind, in the reader's language."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.schemas import Schemas
from rse_gateway.contract.text_faults import _KINDS
from rse_gateway.diagnosis.explanation import Trusted, explain_signature
from rse_gateway.diagnosis.signature_words import load_words
from rse_gateway.diagnosis.validation import About, Validator

ENTITY = (Path(__file__).with_name("inputs") / "entity-that-xml-does-not-know.xml").read_bytes()
GOOD = ENTITY.replace(b"&rsquo;", b"'")
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
KINDS = [
    (ENTITY, "text_entity", 10, 17),
    (GOOD.replace(b"L'A", b"L & A"), "text_ampersand", 10, None),
    (GOOD.replace(b"L'A", b"&amp L"), "text_ampersand", 10, None),
    (GOOD.replace(b"L'A", b"\x01"), "text_character", 10, None),
    (GOOD.replace(b"L'A", b"&#1;"), "text_character", 10, None),
    (GOOD.replace(b"</fileReference>", b"</fileref>"), "text_end_tag", 10, None),
    (GOOD.rstrip().removesuffix(b"</r:consultSocialReportRequest>"), "text_end_tag", None, None),
    (GOOD.rstrip() + b"\n<p/>", "text_after_end", None, None),
    (GOOD.replace(b"period>", b"q:period>"), "text_prefix", 16, None),
    (GOOD.replace(b"<period>", b'<?xml version="1.0"?><period>'), "text_declaration_late", 16, None),
    (b"\n\n", "text_empty", None, None),
    (GOOD.replace(b"<period>", b"<period a=b>"), "text_not_well_formed", 16, None),
]  # fmt: skip


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(Schemas())


@pytest.mark.parametrize(("raw", "kind", "line", "column"), KINDS, ids=range(len(KINDS)))
def test_kind_line_and_column_are_told(validator, raw, kind, line, column) -> None:
    (finding,) = validator.check(raw, About(AT, AT.date())).findings
    (cause,) = explain_signature(raw, AT, Trusted()).causes
    assert cause.fault is not None
    assert (cause.key, cause.fault.kind) == ("not_xml", kind)
    told_line, told_column = cause.fault.line, cause.fault.column
    assert finding.place.line == told_line
    assert line in (None, told_line)
    assert column in (None, told_column)
    for language, begin in zip(LANGUAGES, ("ligne", "regel", "Zeile", "line"), strict=True):
        words = load_words()["details"][kind][language]
        assert finding.expected.text(language).startswith(words)
        assert f"{begin} {told_line}" in finding.expected.text(language)
        assert words in cause.text(language)
    assert (finding.code, finding.check) == ("MSG00004", "G2")


@pytest.mark.parametrize("name", ["rsquo", "nbsp", "eacute", "Niss80010100206"])
def test_the_name_of_the_entity_is_never_told(validator, name) -> None:
    raw = GOOD.replace(b"L'A", f"L&{name};A".encode())
    (finding,) = validator.check(raw, About(AT, AT.date())).findings
    assert name not in str(finding.values("EN"))
    assert name not in str(explain_signature(raw, AT, Trusted()).values("EN"))


def test_every_kind_has_its_words() -> None:
    assert set(_KINDS) <= set(load_words()["details"])
