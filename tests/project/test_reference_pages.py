"""The reference in French and Dutch is what XSD, WSDL, catalogue and code say: all of it, and nothing else.

The pages are compared with a second reading of the sources (xmlschema, ast), not with the one that made them.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from lxml import etree
from pages import ROOT, table_rows, text_of

from rse_gateway.adapters.holding_cpas import LEG_ORDER
from rse_gateway.contract.catalogue import LANGUAGES, MAX_TEXT
from rse_gateway.security.gate import GATE_ORDER
from rse_gateway.soap.endpoints import ENDPOINTS
from rse_gateway.use_cases import admission

PAGES_IN = ("fr", "nl")
REQUEST = {"fr": "Demande", "nl": "Aanvraag"}
RESPONSE = {"fr": "Réponse", "nl": "Antwoord"}
SAME = {"fr": "Les mêmes éléments que dans la demande", "nl": "Dezelfde elementen als in de aanvraag"}
APART = "socialReport"
CODE = re.compile(r"(?:MSG|RSE)[0-9]{5}")
CODES_OF_HOLDERS = {"MSG00021", "MSG00027"}
"""Codes that the gateway only passes on: a holding CPAS refuses with them."""

NAMES = {"wsdl": "http://schemas.xmlsoap.org/wsdl/", "soap": "http://schemas.xmlsoap.org/wsdl/soap/"}
WORDS = json.loads(text_of("docs/reference_maker/words.json"))
CATALOGUE = json.loads(text_of("rse_gateway/contract/catalogue.json"))
MANIFEST = json.loads(text_of("samples/manifest.json"))["samples"]
OWN_XSD = sorted(file for file in (ROOT / "xsd").glob("*/*.xsd") if file.parent.name != "external")

Rows = dict[str, str]


def page(language: str, name: str) -> str:
    return text_of(f"docs/reference/{language}/{name}.md")


# --- what the sources say ---------------------------------------------------------------------------------


@cache
def schemas() -> tuple[xmlschema.XMLSchema, ...]:
    return tuple(xmlschema.XMLSchema(str(file)) for file in OWN_XSD)


def times(least: int | None, most: int | None) -> str:
    return str(least) if least == most else f"{least}..{most}"


def expected_rows(kind: xmlschema.XsdType, above: str = "") -> Iterator[tuple[str, str]]:
    for member in kind.content.iter_elements():
        path = f"{above}{member.local_name}"
        yield path, times(member.min_occurs, member.max_occurs)
        if member.type.is_complex() and member.local_name != APART:
            yield from expected_rows(member.type, f"{path}/")
    for name, attribute in kind.attributes.items():
        if name is not None:
            yield f"{above}@{attribute.prefixed_name}", times(int(attribute.use == "required"), 1)


def rows_of_element(clark_name: str) -> Rows:
    found = next(s.maps.elements[clark_name] for s in schemas() if clark_name in s.maps.elements)
    return dict(expected_rows(found.type))


def rows_of_type(name: str) -> Rows:
    kind = next(kind for s in schemas() for kind in s.types.values() if kind.local_name == name)
    return dict(expected_rows(kind))


def wsdl_operations() -> list[tuple[str, str, str, str, str, str]]:
    """Return service, operation, SOAPAction, path of the address, request and response element."""
    found = []
    for file in sorted((ROOT / "wsdl").glob("*.wsdl")):
        root = etree.parse(file).getroot()
        parts = {}
        for part in root.iterfind("wsdl:message/wsdl:part", NAMES):
            prefix, _, name = part.get("element").partition(":")
            parts[name] = f"{{{part.nsmap[prefix]}}}{name}"
        path = "/" + root.find("wsdl:service/wsdl:port/soap:address", NAMES).get("location").split("/", 3)[3]
        for bound in root.iterfind("wsdl:binding/wsdl:operation", NAMES):
            name = bound.get("name")
            action = bound.find("soap:operation", NAMES).get("soapAction")
            requests = (parts[f"{name}Request"], parts[f"{name}Response"])
            found.append((root.get("name"), name, action, path, *requests))
    return found


OPERATIONS = wsdl_operations()


def emitted_codes() -> set[str]:
    """Return every code that stands as a value in the source of the gateway (texts and comments left out)."""
    found = set()
    for file in (ROOT / "rse_gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


# --- what the pages say -----------------------------------------------------------------------------------


def rows_said(text: str) -> Rows:
    """Return element → how often of all tables of a part of a page, paths joined to their headings."""
    said = {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE):
        heading = section.partition("\n")[0] if text and not section.startswith("\n") else ""
        above = re.search(r"`([^`]+)`$", heading)
        for row in table_rows(section):
            if len(row) == 5 and row[0].startswith("`"):
                assert all(row), f"an empty cell: {row}"
                name = row[0].strip("`")
                said[f"{above[1]}/{name}" if above else name] = row[1].partition(",")[0]
    return said


def message_rows(text: str, language: str, title: str) -> Rows:
    part = text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    said = rows_said(part)
    if title != REQUEST[language] and SAME[language] in part:
        asked = message_rows(text, language, REQUEST[language])
        for heading in re.findall(r"### [^`]*`([^`]+)`\n\n[^\n]*\n\n" + SAME[language], part):
            said |= {path: often for path, often in asked.items() if path.startswith(f"{heading}/")}
    return said


def check_rows(text: str, title: str) -> list[list[str]]:
    """Return the table rows of a section of the page of rules: number, check, sentence, codes."""
    section = re.split(rf"^###? {re.escape(title)}$", text, flags=re.MULTILINE)[1]
    rows = table_rows(re.split(r"^##", section, flags=re.MULTILINE)[0])
    return rows[1:]


# --- the pages are made, and complete ---------------------------------------------------------------------


def test_making_the_pages_again_changes_no_byte(tmp_path: Path) -> None:
    run = [sys.executable, str(ROOT / "docs" / "make_reference.py"), str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kept = ROOT / "docs" / "reference"
    made = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert made == {file.relative_to(kept) for lang in PAGES_IN for file in (kept / lang).iterdir()}
    different = {str(name) for name in made if (tmp_path / name).read_bytes() != (kept / name).read_bytes()}
    assert different == set(), "make reference"


@pytest.mark.parametrize("language", PAGES_IN)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one[1])
def test_a_page_shows_every_element_of_its_operation_and_how_often(
    operation: tuple[str, ...], language: str
) -> None:
    service, name, action, path, request, response = operation
    text = page(language, name)
    assert message_rows(text, language, REQUEST[language]) == rows_of_element(request)
    assert message_rows(text, language, RESPONSE[language]) == rows_of_element(response)
    for said in (service, action, request.partition("}")[2], response.partition("}")[2]):
        assert f"`{said}`" in text
    served = {endpoint.path for endpoint in ENDPOINTS}
    assert (f"`{path}`" in text) is (path in served)
    assert f"({name}.md)" in page(language, "README")


@pytest.mark.parametrize("language", PAGES_IN)
def test_the_blocks_with_a_page_of_their_own_are_complete(language: str) -> None:
    assert rows_said(page(language, "social-report")) == rows_of_type("SocialReportType")
    assert rows_said(page(language, "trail-header")) == rows_of_type("TrailType")
    faults = re.split(r"^## (?=\w*FaultType$)", page(language, "faults"), flags=re.MULTILINE)[1:]
    assert [text.partition("\n")[0] for text in faults] == ["FaultType", "ForwardedFaultType"]
    for text in faults:
        name, _, tables = text.partition("\n")
        assert rows_said(tables) == rows_of_type(name)


@pytest.mark.parametrize("language", PAGES_IN)
def test_every_type_pattern_code_and_fault_element_of_the_xsd_stands_on_a_page(language: str) -> None:
    types, lists = page(language, "types"), page(language, "code-lists")
    for schema in schemas():
        own = [kind for kind in schema.types.values() if kind.target_namespace.startswith("urn:rse-gateway")]
        for kind in own:
            codes = () if kind.is_complex() else (kind.enumeration or ())
            home, mark = (lists, "##") if codes else (types, "###")
            section = home.split(f"\n{mark} {kind.local_name}\n")[1].split(f"\n{mark} ")[0]
            assert [row[0].strip("`") for row in table_rows(section)[1:]] == list(codes)
            if not kind.is_complex() and kind.patterns is not None:
                assert "XSD" in section
    faults = page(language, "faults")
    for service, *_ in OPERATIONS:
        name = service.removesuffix("Service")
        assert f"| `{service}` | `{name[0].lower()}{name[1:]}Fault` |" in faults


def test_a_dropped_row_is_noticed() -> None:
    whole = page("fr", "social-report")
    lacking = "\n".join(line for line in whole.splitlines() if not line.startswith("| `lastName`"))
    assert set(rows_said(whole)) - set(rows_said(lacking)) == {"beneficiary/lastName"}


# --- codes ------------------------------------------------------------------------------------------------


def test_the_gateway_emits_exactly_the_codes_of_the_catalogue() -> None:
    codes, emitted = set(CATALOGUE["codes"]), emitted_codes()
    assert emitted - codes == set()
    assert codes - emitted == CODES_OF_HOLDERS
    assert all(CATALOGUE["codes"][code]["where"] == ["supplier"] for code in CODES_OF_HOLDERS)
    assert emitted & set(CATALOGUE["reserved"]) == set()
    assert all(set(reasons) == set(LANGUAGES) for reasons in CATALOGUE["reserved"].values())


@pytest.mark.parametrize("code", CATALOGUE["codes"])
def test_a_code_has_four_languages_and_a_sample_that_shows_it_or_a_reason(code: str) -> None:
    entry = CATALOGUE["codes"][code]
    for kind in ("text", "cause", "remedy"):
        assert set(entry[kind]) == set(LANGUAGES)
        assert all(text.strip() and len(text) <= MAX_TEXT for text in entry[kind].values())
    if entry["sample"] is None:
        assert set(entry["sample_why"]) == set(LANGUAGES)
        return
    assert "sample_why" not in entry
    assert entry["sample"] in {sample["file"] for sample in MANIFEST}
    assert f">{code}<" in text_of(f"samples/{entry['sample']}")


def test_the_catalogue_calls_the_holding_cpas_by_the_words_of_the_circular() -> None:
    text = text_of("rse_gateway/contract/catalogue.json")
    assert re.findall(r"d[ée]tenteur|cederend|bezittend|besitzend", text, re.IGNORECASE) == []
    assert "CPAS cédant" in text
    assert "houdende OCMW" in text


@pytest.mark.parametrize("language", PAGES_IN)
def test_the_page_of_codes_says_what_the_catalogue_says(language: str) -> None:
    text, key = page(language, "error-codes"), language.upper()
    assert re.findall(r"^### (\S+)$", text, re.MULTILINE) == list(CATALOGUE["codes"])
    assert set(re.findall(r"^\| (\w+\d{5}) \|", text, re.MULTILINE)) == set(CATALOGUE["reserved"])
    for code, entry in CATALOGUE["codes"].items():
        section = text.split(f"\n### {code}\n")[1].split("\n### ")[0]
        for kind in ("text", "cause", "remedy"):
            assert entry[kind][key] in section
        assert f"(../../../samples/{entry['sample']})" in section
        assert f"| [{code}](#{code.lower()}) | {entry['severity']} |" in text


# --- rules ------------------------------------------------------------------------------------------------


def test_every_operation_of_the_gateway_has_its_order_and_no_order_is_left_over() -> None:
    assert set(WORDS["orders"]) == {one.name for endpoint in ENDPOINTS for one in endpoint.operations}
    known = {name for name in vars(admission) if name.endswith("_ORDER")}
    assert set(WORDS["orders"].values()) == known - {"COMMON_ORDER"}
    assert set(WORDS["after"]) == set(WORDS["orders"])


@pytest.mark.parametrize("language", PAGES_IN)
@pytest.mark.parametrize("operation", WORDS["orders"])
def test_the_page_of_rules_has_the_checks_of_an_operation_in_their_order(
    operation: str, language: str
) -> None:
    rows = check_rows(page(language, "rules"), operation)
    order = [name for name, _check in getattr(admission, WORDS["orders"][operation])]
    assert [row[1].strip("`") for row in rows] == order
    assert all(row[2] and CODE.search(row[3]) for row in rows)
    chain = " → ".join(f"`{name}`" for name in order)
    assert chain in page(language, operation)


@pytest.mark.parametrize("language", PAGES_IN)
def test_the_page_of_rules_has_every_gate_step_and_every_check_of_a_holders_answer(language: str) -> None:
    rows = table_rows(page(language, "rules"))
    steps = [row[0] for row in rows if re.fullmatch(r"G\d+", row[0])]
    assert [step for step in steps if step not in ("G0", "G9", "G10")] == [step.name for step in GATE_ORDER]
    assert (steps[0], steps[-2:]) == ("G0", ["G9", "G10"])
    two_columns = [row[0].strip("`") for row in rows if len(row) == 2 and row[0].startswith("`")]
    assert two_columns == [name for name, _check in LEG_ORDER]


def test_the_data_file_says_nothing_about_what_does_not_exist() -> None:
    text = page("fr", "rules") + page("fr", "types")
    for group in ("gate", "checks", "leg_checks", "patterns"):
        for name, words in WORDS[group].items():
            first = words["fr"].partition("{")[0].partition("](")[0]
            assert first in text, f"{group}: {name} is used nowhere"
    assert set(WORDS["services"]) == {service for service, *_ in OPERATIONS}


def test_a_refused_sample_gets_the_code_that_its_check_names() -> None:
    rules = page("nl", "rules")
    gate = {row[0]: row[-1] for row in table_rows(rules) if re.fullmatch(r"G\d+", row[0])}
    wrong = []
    for sample in MANIFEST:
        check, operation = sample.get("stoppedAt"), sample["operation"]
        if sample["direction"] != "request" or check in (None, "dryRun") or operation not in WORDS["orders"]:
            continue
        known = gate | {row[1].strip("`"): row[3] for row in check_rows(rules, operation)}
        later = str([one["codes"] for one in WORDS["after"][operation]])
        if sample["code"] not in known.get(check, later):
            wrong.append((sample["file"], check, sample["code"]))
    assert wrong == []


@pytest.mark.parametrize("language", PAGES_IN)
def test_the_pages_name_every_code_and_no_other(language: str) -> None:
    files = (ROOT / "docs" / "reference" / language).glob("*.md")
    named = {code for file in files for code in CODE.findall(file.read_text("utf-8"))}
    assert named == set(CATALOGUE["codes"]) | set(CATALOGUE["reserved"])
