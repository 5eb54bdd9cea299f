"""Each simple type accepts what it should and nothing else, and two validators always agree about it."""

import functools
import tempfile
from pathlib import Path

import pytest
import xmlschema
from contract_files import CONTRACT_FILES, XS, XSD, parse
from contract_instances import BOOLEAN_VALUES, VALUES
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

CODES_BAD = ("", "OTHER", "grant", "RIS ", " RIS", "UNKNOWN", "Octroi")


def _simple_types() -> list[tuple[str, str]]:
    return [
        (name, node.get("name", ""))
        for name in CONTRACT_FILES
        for node in parse(XSD / name).iter(f"{XS}simpleType")
    ]


def _codes(name: str, type_name: str) -> tuple[str, ...]:
    nodes = parse(XSD / name).iterfind(f"{XS}simpleType[@name='{type_name}']/{XS}restriction/{XS}enumeration")
    return tuple(node.get("value", "") for node in nodes)


SIMPLE_TYPES = _simple_types()


@functools.cache
def _probe(name: str) -> tuple[etree.XMLSchema, xmlschema.XMLSchema10, str]:
    """Compile a schema that declares one root element per simple type of a file."""
    namespace = parse(XSD / name).getroot().get("targetNamespace", "")
    types = [type_name for file, type_name in SIMPLE_TYPES if file == name]
    elements = "".join(f'<xs:element name="{item}" type="t:{item}"/>' for item in types)
    source = (
        f'<xs:schema xmlns:xs="{XS[1:-1]}" xmlns:t="{namespace}" targetNamespace="{namespace}">'
        f'<xs:include schemaLocation="{(XSD / name).as_uri()}"/>{elements}'
        '<xs:element name="boolean" type="xs:boolean"/></xs:schema>'
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.xsd"
        path.write_text(source, encoding="utf-8")
        return etree.XMLSchema(parse(path)), xmlschema.XMLSchema10(str(path), allow="local"), namespace


def _verdicts(name: str, type_name: str, value: str) -> tuple[bool, bool]:
    first, second, namespace = _probe(name)
    node = etree.Element(f"{{{namespace}}}{type_name}")
    node.text = value
    return bool(first.validate(node)), bool(second.is_valid(node))


def _table(name: str, type_name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    codes = _codes(name, type_name)
    return (codes, tuple(value for value in CODES_BAD if value not in codes)) if codes else VALUES[type_name]


@pytest.mark.parametrize(("name", "type_name"), SIMPLE_TYPES)
def test_both_validators_accept_each_good_value_of_a_type(name: str, type_name: str) -> None:
    good = _table(name, type_name)[0]
    assert good
    assert {value: _verdicts(name, type_name, value) for value in good} == dict.fromkeys(good, (True, True))


@pytest.mark.parametrize(("name", "type_name"), SIMPLE_TYPES)
def test_both_validators_refuse_each_bad_value_of_a_type(name: str, type_name: str) -> None:
    bad = _table(name, type_name)[1]
    assert bad
    assert {value: _verdicts(name, type_name, value) for value in bad} == dict.fromkeys(bad, (False, False))


def test_both_validators_agree_about_booleans() -> None:
    good, bad = BOOLEAN_VALUES
    assert [_verdicts("common/common-v1.xsd", "boolean", value) for value in good] == [(True, True)] * len(
        good
    )
    assert [_verdicts("common/common-v1.xsd", "boolean", value) for value in bad] == [(False, False)] * len(
        bad
    )


NEAR_MISS = st.text(alphabet=" \t\n\r-+.:/_ZTMSGRE0123456789aéF\x85\u0661\uff11\U0001f600", max_size=40)
DATE_LIKE = st.from_regex(
    r"\A ?[0-9]{3,5}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,10})?)?Z?\n?\Z"
)
NUMBER_LIKE = st.from_regex(r"\A[+\-]?[0-9]{0,11}(\.[0-9]{0,3})?\Z")
ANY_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=70).filter(
    lambda value: not any(ord(char) < 0x20 and char not in "\t\n\r" for char in value)
)


@given(st.sampled_from(SIMPLE_TYPES), st.one_of(NEAR_MISS, DATE_LIKE, NUMBER_LIKE, ANY_XML_TEXT))
def test_two_validators_give_one_verdict_on_any_text(place: tuple[str, str], value: str) -> None:
    first, second = _verdicts(*place, value)
    assert first == second
