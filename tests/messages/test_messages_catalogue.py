"""The error catalogue holds every code once, in four languages, within the lengths of the contract."""

import re
from pathlib import Path

import pytest

from rse_gateway.contract.catalogue import LANGUAGES, MAX_TEXT, load_catalogue

EMITTED = {f"MSG{n:05}" for n in (0, 1, 3, 4, 6, 7, 8, 11, 12, 13, 14, 15, 16, 20, 21, 23, 27, 100)} | {
    f"RSE{n:05}" for n in (1, 2, 3, 4, 5, 6, 7, 10, 20, 21)
}
CATALOGUE = load_catalogue()


def test_the_catalogue_holds_exactly_the_codes_of_the_contract():
    assert set(CATALOGUE.entries) == EMITTED


def test_reserved_codes_are_listed_apart():
    assert not set(CATALOGUE.reserved) & set(CATALOGUE.entries)
    assert set(CATALOGUE.reserved) == {"MSG00002", "MSG00005", "MSG00009", "MSG00025"}


@pytest.mark.parametrize("code", sorted(EMITTED))
def test_every_code_has_text_cause_and_remedy_in_four_languages_within_256_characters(code):
    entry = CATALOGUE.entries[code]
    for texts in (entry.texts, entry.causes, entry.remedies):
        assert set(texts) == set(LANGUAGES)
        assert all(0 < len(text) <= MAX_TEXT for text in texts.values())
    assert entry.severity in {"INFORMATION", "WARNING", "FATAL"}
    assert entry.where <= {"fault", "reply", "supplier"}
    assert entry.where


@pytest.mark.parametrize("code", sorted(EMITTED))
def test_without_a_language_the_whole_french_and_dutch_texts_stand_together(code):
    texts = CATALOGUE.entries[code].texts
    assert CATALOGUE.text(code) == f"{texts['FR']} / {texts['NL']}"
    assert CATALOGUE.text(code, "DE") == texts["DE"]


@pytest.mark.parametrize("code", sorted(EMITTED))
def test_no_two_codes_say_the_same(code):
    others = {other.texts["EN"] for name, other in CATALOGUE.entries.items() if name != code}
    assert CATALOGUE.entries[code].texts["EN"] not in others


def test_no_code_is_used_outside_the_catalogue():
    sources = (Path(__file__).parents[2] / "rse_gateway").rglob("*.py")
    used = {code for file in sources for code in re.findall(r"(?:MSG|RSE)[0-9]{5}", file.read_text("utf-8"))}
    assert used <= set(CATALOGUE.entries)
