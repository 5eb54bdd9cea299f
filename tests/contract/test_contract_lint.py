"""The contract keeps its own rules: documented in two languages, bounded, named, readable everywhere."""

import re
from collections.abc import Iterator

import pytest
from contract_files import CONTRACT_FILES, WRITTEN_FILES, XML_LANG, XS, XSD, parse
from lxml import etree

DOCUMENTED = ("schema", "element", "attribute", "complexType", "simpleType", "enumeration")
BUILT_IN_ALLOWED = {"xs:boolean"}


def _nodes(name: str, *kinds: str) -> Iterator["etree._Element"]:
    yield from parse(XSD / name).iter(*(XS + kind for kind in kinds))


def _label(node: "etree._Element") -> str:
    return f"{node.sourceline}: {node.get('name') or node.get('value')}"


def _documentation(node: "etree._Element") -> dict[str, str]:
    return {
        item.get(XML_LANG, ""): (item.text or "").strip()
        for item in node.findall(f"{XS}annotation/{XS}documentation")
    }


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_every_type_element_and_code_is_documented_in_french_and_dutch(name: str) -> None:
    silent = []
    for node in _nodes(name, *DOCUMENTED):
        texts = _documentation(node)
        if node.get("ref") is None and not (texts.get("fr") and texts.get("nl")):
            silent.append(_label(node))
    assert silent == []


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_every_type_and_element_names_its_source(name: str) -> None:
    missing = [
        _label(node)
        for node in _nodes(name, "element", "attribute", "complexType", "simpleType")
        if node.get("ref") is None and "Source : " not in _documentation(node).get("fr", "")
    ]
    assert missing == []


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_documentation_uses_plain_quotes(name: str) -> None:
    assert (
        re.findall("[\u2018\u2019\u201c\u201d\u00ab\u00bb]", (XSD / name).read_text(encoding="utf-8")) == []
    )


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_no_pattern_uses_a_class_that_depends_on_the_engine(name: str) -> None:
    found = [
        _label(node)
        for node in _nodes(name, "pattern")
        if re.search(r"\\[dDwWsSiIcCpP]", node.get("value", ""))
    ]
    assert found == []


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_no_type_is_anonymous(name: str) -> None:
    assert [
        _label(node) for node in _nodes(name, "complexType", "simpleType") if node.get("name") is None
    ] == []


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_every_string_has_a_greatest_length_and_a_pattern_or_is_a_list_of_codes(name: str) -> None:
    loose = []
    for node in _nodes(name, "simpleType"):
        base = node.find(f"{XS}restriction")
        assert base is not None
        codes = base.findall(f"{XS}enumeration")
        bounded = base.find(f"{XS}maxLength") is not None and base.find(f"{XS}pattern") is not None
        if base.get("base") in ("xs:string", "xs:anyURI") and not (codes or bounded):
            loose.append(_label(node))
    assert loose == []


@pytest.mark.parametrize("name", WRITTEN_FILES)
def test_every_number_date_and_timestamp_has_a_pattern(name: str) -> None:
    kinds = {"xs:int", "xs:decimal", "xs:date", "xs:dateTime", "xs:base64Binary"}
    restrictions = [node for node in _nodes(name, "restriction") if node.get("base") in kinds]
    assert [node.sourceline for node in restrictions if node.find(f"{XS}pattern") is None] == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_no_element_has_a_built_in_type_other_than_boolean(name: str) -> None:
    loose = [
        _label(node)
        for node in _nodes(name, "element")
        if node.get("type", "").startswith("xs:") and node.get("type") not in BUILT_IN_ALLOWED
    ]
    assert loose == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_every_list_has_a_maximum(name: str) -> None:
    kinds = ("element", "sequence", "choice", "any")
    assert [_label(node) for node in _nodes(name, *kinds) if node.get("maxOccurs") == "unbounded"] == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_only_the_root_of_a_message_is_qualified_and_nothing_is_open(name: str) -> None:
    root = parse(XSD / name).getroot()
    assert root.get("elementFormDefault") == "unqualified"
    assert root.get("attributeFormDefault") == "unqualified"
    assert list(_nodes(name, "any", "anyAttribute")) == []
    assert [
        _label(node) for node in _nodes(name, "element") if node.get("form") or node.get("nillable")
    ] == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_a_code_is_an_identifier(name: str) -> None:
    values = [node.get("value", "") for node in _nodes(name, "enumeration")]
    assert [value for value in values if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value)] == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_no_choice_stands_in_the_wrapper_of_a_message(name: str) -> None:
    wrappers = [
        node
        for node in _nodes(name, "complexType")
        if re.search("(Request|Response|Fault)Type$", node.get("name", ""))
    ]
    assert [_label(node) for node in wrappers if node.find(f".//{XS}choice") is not None] == []


@pytest.mark.parametrize("name", CONTRACT_FILES)
def test_the_file_name_namespace_and_version_agree(name: str) -> None:
    namespace = parse(XSD / name).getroot().get("targetNamespace", "")
    assert re.fullmatch(r"urn:rse-gateway:types:[A-Za-z]+:v1", namespace)
    assert name.endswith("-v1.xsd")
