"""What was expected is said in four languages, within the field's bound, with the schema's facts only."""

from string import Formatter

import pytest
from xmlschema.validators import XsdElement

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.components import SCHEMA_FILES, components
from rse_gateway.contract.expected import Expected, elements_expected, value_expected
from rse_gateway.contract.expected_words import PLACES, TYPES


def simple_elements():
    for namespace in SCHEMA_FILES:
        schema = components(namespace)
        for xsd_type in schema.maps.types.values():
            content = getattr(xsd_type, "content", None)
            for element in content.iter_elements() if hasattr(content, "iter_elements") else ():
                if isinstance(element, XsdElement) and element.type.is_simple():
                    yield element


@pytest.mark.parametrize("key", [*PLACES, *TYPES])
def test_every_key_says_something_else_in_every_language(key):
    texts = (PLACES | TYPES)[key]
    assert len(texts) == len(LANGUAGES)
    assert len(set(texts)) == len(texts)
    fields = {tuple(name for _, name, _, _ in Formatter().parse(text) if name) for text in texts}
    assert len(fields) == 1


def test_no_key_stands_in_both_tables():
    assert not set(PLACES) & set(TYPES)


def test_every_simple_element_of_the_contract_is_told_in_every_language_within_the_bound():
    for element in simple_elements():
        expected = value_expected(element)
        assert expected.key != "text", element.local_name
        for language in LANGUAGES:
            assert 0 < len(expected.text(language)) <= 256
        assert len(expected.text(None)) <= 256


def test_without_a_language_french_and_dutch_stand_together():
    said = Expected("element", ("ssin",)).text(None)
    assert said == "l'élément ssin ici / het element ssin hier"
    assert Expected("element", ("ssin",)).text("XX") == said


def test_where_both_do_not_fit_french_stands_alone_and_whole():
    names = ", ".join(["consultSocialReportRequest"] * 6)
    expected = Expected("elements", (names,))
    assert expected.text(None) == expected.text("FR")
    assert expected.text("FR").endswith(" ici")


def test_a_text_that_is_too_long_even_alone_is_cut():
    assert len(Expected("pattern", ("x" * 300,)).text(None)) == 256


def test_a_fact_with_braces_is_no_template():
    assert Expected("pattern", ("[0-9]{11}",)).text("EN") == "a value of the form [0-9]{11}"


def test_what_is_due_at_a_place_follows_from_the_schemas_names():
    assert elements_expected([], "x") == Expected("nothing")
    assert elements_expected(["a"], "x") == Expected("element", ("a",))
    assert elements_expected(["a", "b"], None) == Expected("elements", ("a, b",))
    assert elements_expected(["a", "b"], "b") == Expected("unqualified", ("b",))
