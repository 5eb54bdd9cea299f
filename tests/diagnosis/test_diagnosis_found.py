"""Of every violation the kind of what was found is told, in four languages, never the value."""

import pytest
from lxml import etree

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.components import components, root_names
from rse_gateway.contract.faults import violation_information
from rse_gateway.contract.found import Found, element_found, value_found
from rse_gateway.contract.found_words import FOUND
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.diagnosis.rule_words import FOUND as RULE_FOUND
from rse_gateway.diagnosis.rule_words import RULES
from rse_gateway.errors import ContentRefused

VALUES = [
    ("ssin", "", "empty"),
    ("ssin", "   ", "spaces"),
    ("ssin", " 85073003328", "spaces_around"),
    ("ssin", "8507300332", "too_short"),
    ("ssin", "850730033281", "too_long"),
    ("ssin", "85.07.30-033.28", "separators"),
    ("ssin", "8507300332X", "letters"),
    ("ssin", "８５０７３００３３２８", "foreign_digits"),
    ("cbeNumber", "BE0299990118", "letters"),
    ("cbeNumber", "2299990118", "form"),
    ("ticket", "N" * 37, "too_long"),
    ("ticket", "N 1", "form"),
    ("userRole", "social_worker", "case"),
    ("userRole", "MAYOR", "value"),
    ("beginDate", "2022-02-29", "calendar"),
    ("beginDate", "1899-12-31", "calendar"),
    ("beginDate", "2022-01-01+01:00", "zone"),
    ("beginDate", "01/01/2022", "moment"),
    ("timestampSent", "2026-11-21T11:00:00.000+01:00", "zone"),
    ("collectWindow", "61", "bound"),
    ("collectWindow", "+5", "sign"),
    ("collectWindow", "five", "letters"),
    ("fileReference", "a\u202eb", "control"),
    ("fileReference", "x" * 65, "too_long"),
    ("amount", "12,50", "comma"),
    ("amount", "12.5", "decimals"),
    ("amount", "-1.00", "sign"),
    ("amount", "1e3", "letters"),
    ("amount", "9999999999.00", "bound"),
]


def declared(name):
    schema = components(REPORT)
    for xsd_type in schema.maps.types.values():
        content = getattr(xsd_type, "content", None)
        for element in content.iter_elements() if hasattr(content, "iter_elements") else ():
            if getattr(element, "local_name", None) == name and element.type.is_simple():
                return element
    raise AssertionError(name)


@pytest.mark.parametrize(("name", "value", "kind"), VALUES)
def test_the_kind_of_a_wrong_value_is_recognised(name, value, kind):
    found = value_found(declared(name), value)
    assert found.key == kind
    for language in (*LANGUAGES, None):
        assert 0 < len(found.text(language)) <= 256
        assert not value.strip() or value not in found.text(language)


def test_an_element_is_named_only_where_the_contract_has_the_name():
    assert element_found("ssin", due=False).text("EN") == "another element of the contract: ssin"
    assert element_found("*", due=False) == Found("unknown_element")
    assert element_found("ssin", due=True) == Found("namespace")


@pytest.mark.parametrize("words", [FOUND, RULES, RULE_FOUND])
def test_every_kind_and_rule_is_told_in_four_languages(words):
    for key, texts in words.items():
        assert len(texts) == len(LANGUAGES) == len(set(texts)), key


def test_what_a_fault_tells_of_a_violation_ends_with_what_was_found():
    name = min(root_names(REPORT))
    with pytest.raises(ContentRefused) as refused:
        load_schemas().check(etree.Element(f"{{{REPORT}}}{name}"))
    for violation in refused.value.violations:
        told = dict(violation_information(violation, "EN"))
        assert list(told) == ["line", "xpath", "field", "expected", "found"]
        assert told["found"] == "nothing: the element is missing"
