"""The words and codes of the pages are those of the contract and of the code."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest
from lxml import etree
from pages import PAGES, ROOT, short, table_rows, text_of

from rse_gateway.domain.consultation import Outcome, OverallStatus, SupplierReply
from rse_gateway.domain.identifiers import Niss
from rse_gateway.domain.leg import Event, LegState
from rse_gateway.soap.endpoints import ENDPOINTS
from rse_gateway.soap.operations import ContractOperations
from rse_gateway.store.directory import ReplacementKind
from rse_gateway.trail import Kind, Role

XS = "{http://www.w3.org/2001/XMLSchema}"
CATALOGUE = json.loads(text_of("rse_gateway/contract/catalogue.json"))

INVENTED = frozenset(
    {
        "85073003328",
        "17073003384",
        "80010100107",
        "80010100206",
        "00010100105",
        "98472899765",
        "01490700185",
        "75231010174",
        "75431010219",
    }
)
"""The only national numbers that a page may hold; all are invented."""


def code_list_values() -> set[str]:
    values: set[str] = set()
    for file in (ROOT / "xsd").glob("[!e]*/*.xsd"):
        for value in etree.parse(file).iter(f"{XS}enumeration"):
            values.add(str(value.get("value")))
    return values


def glossary_rows() -> list[list[str]]:
    return [row for row in table_rows(text_of("docs/reference/glossary.md")) if row[0] != "FR"]


def test_every_value_of_every_code_list_stands_in_the_glossary() -> None:
    wire = {name for row in glossary_rows() for name in re.findall(r"`([^`]+)`", row[3])}
    assert code_list_values() - wire == set()


@pytest.mark.parametrize(
    "words", [Outcome, OverallStatus, SupplierReply, LegState, Event, ReplacementKind, Kind, Role]
)
def test_every_word_of_an_enumeration_of_the_code_stands_in_the_glossary(words: type[StrEnum]) -> None:
    named = {name for row in glossary_rows() for name in re.findall(r"`([^`]+)`", row[4])}
    wanted = {f"{words.__name__}.{word.name}" for word in words}
    assert wanted - named == set()


def test_every_row_of_the_glossary_says_all_three_languages_and_both_names() -> None:
    assert [row for row in glossary_rows() if len(row) != 5 or not all(row)] == []


def test_no_notion_has_two_rows_in_one_table_of_the_glossary() -> None:
    for table in text_of("docs/reference/glossary.md").split("\n## "):
        for part in table.split("\n### "):
            english = [row[2] for row in table_rows(part)]
            assert len(english) == len(set(english)), english


def test_every_python_name_of_the_glossary_occurs_in_the_code() -> None:
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "rse_gateway").rglob("*.py"))
    names = {name for row in glossary_rows() for name in re.findall(r"`([^`]+)`", row[4])}
    words = {word for name in names for word in name.split(".")}
    assert {word for word in words if not re.search(rf"\b{word}\b", code)} == set()


def test_the_page_of_error_codes_describes_every_code_and_no_other() -> None:
    page = text_of("docs/reference/error-codes.md")
    assert set(re.findall(r"^### (\S+)$", page, re.MULTILINE)) == set(CATALOGUE["codes"])
    assert set(re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE)) == set(CATALOGUE["codes"])
    assert set(re.findall(r"^\| ((?:MSG|RSE)\d{5}) \|", page, re.MULTILINE)) == set(CATALOGUE["reserved"])


@pytest.mark.parametrize("code", CATALOGUE["codes"])
def test_an_error_code_is_described_in_the_words_of_the_catalogue(code: str) -> None:
    page, entry = text_of("docs/reference/error-codes.md"), CATALOGUE["codes"][code]
    section = page.split(f"\n### {code}\n")[1].split("\n### ")[0]
    assert entry["cause"]["EN"] in section
    assert entry["remedy"]["EN"] in section
    (row,) = [row for row in table_rows(page) if row[0].startswith(f"[{code}]")]
    assert row[1] == entry["severity"]
    assert row[4] == entry["text"]["EN"]
    places = {"fault": "fault", "reply": "answer", "supplier": "holder"}
    assert row[2].split(", ") == [places[place] for place in entry["where"]]


@pytest.mark.parametrize("code", CATALOGUE["codes"])
def test_a_code_that_the_core_gives_is_not_said_to_come_later(code: str) -> None:
    core = "\n".join(
        file.read_text("utf-8")
        for folder in ("use_cases", "domain")
        for file in (ROOT / "rse_gateway" / folder).glob("*.py")
    )
    (row,) = [
        row for row in table_rows(text_of("docs/reference/error-codes.md")) if row[0].startswith(f"[{code}]")
    ]
    assert row[3] == "yes" if f'"{code}"' in core else not row[3].startswith("later")


def test_every_operation_of_the_addresses_is_served_so_its_code_is_reserved() -> None:
    offered = {operation.name for endpoint in ENDPOINTS for operation in endpoint.operations}
    assert offered == served_operations()
    assert "MSG00025" in CATALOGUE["reserved"]


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_page_names_only_codes_that_the_catalogue_knows(page: Path) -> None:
    named = set(re.findall(r"\b(?:MSG|RSE)\d{5}\b", page.read_text("utf-8")))
    assert named - set(CATALOGUE["codes"]) - set(CATALOGUE["reserved"]) == set()


def served_operations() -> set[str]:
    return set(ContractOperations(*[None] * len(ContractOperations.__dataclass_fields__)).served)


def test_the_page_of_the_contract_says_which_operations_this_version_serves() -> None:
    served = served_operations()
    offered = {operation.name for endpoint in ENDPOINTS for operation in endpoint.operations}
    said: dict[str, str] = {}
    for row in table_rows(text_of("docs/explanation/contract.md").split("## Services")[1].split("\n## ")[0]):
        said |= dict.fromkeys(re.findall(r"`(\w+)`", row[2]), row[3])
    assert {name for name in offered if said[name] == "served"} == served


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_page_holds_no_national_number_but_the_invented_ones(page: Path) -> None:
    found = set()
    for digits in re.findall(r"(?<![0-9A-Za-z])[0-9]{11}(?![0-9A-Za-z])", page.read_text("utf-8")):
        try:
            found.add(Niss(digits).value)
        except ValueError:
            continue
    assert found - INVENTED == set()


def test_every_invented_number_is_a_valid_one() -> None:
    assert {Niss(number).value for number in INVENTED} == INVENTED
