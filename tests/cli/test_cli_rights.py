"""``rse-gateway rights``: what one institution may call, in words and for machines."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_runs import CPAS, OTHER_CPAS, call, institutions_text

RIGHTS = """[
  {operations = ["manageAccess", "consultSocialReport"], legal_contexts = ["PCSA:SOCIAL_INQUIRY", "PCSA:X"]},
  { operations = ["sendTestMessage"], legal_contexts = ["PCSA:SOCIAL_INQUIRY"], until = 2020-12-31 },
  { operations = ["listRights"], legal_contexts = ["PCSA:SOCIAL_INQUIRY"], from = 2098-01-01 },
]"""
MANDATE = (
    f'[{{ cpas = "{OTHER_CPAS}", operations = ["consultSocialReport", "listRights"], from = 2026-01-01 }}]'
)


@pytest.fixture
def registered(settings: Path, institutions_file: Any) -> Path:
    host = institutions_text(rights=RIGHTS, mandates=MANDATE)
    other = institutions_text(
        cbe_number=f'"{OTHER_CPAS}"', certificates="", endpoint="", rights="", successor=f'"{CPAS}"',
        successor_since="2025-01-01",
    )  # fmt: skip
    ended = call("institutions", "import", institutions_file(host + other), settings=settings)
    assert ended.code == 0, ended.err
    return settings


def given(settings: Path, number: str = CPAS) -> dict[str, Any]:
    ended = call("rights", number, "--json", settings=settings)
    assert ended.code == 0, ended.err
    told: dict[str, Any] = json.loads(ended.out)
    return told


def test_rights_of_today_and_later_stand_with_service_version_grounds_and_dates(registered: Path) -> None:
    rights = given(registered)["rights"]
    assert [(one["service"], one["operation"], one["beginDate"]) for one in rights] == [
        ("ElectronicSocialReportService", "consultSocialReport", None),
        ("ManageAccessService", "manageAccess", None),
        ("TestConnectionService", "listRights", "2098-01-01"),
    ]
    assert {one["version"] for one in rights} == {"v1"}
    assert rights[0]["legalContexts"] == ["PCSA:SOCIAL_INQUIRY", "PCSA:X"]


def test_mandates_stand_at_who_holds_and_at_who_gave_them(registered: Path) -> None:
    held, gave = given(registered)["mandatesHeld"], given(registered, OTHER_CPAS)["mandatesGiven"]
    mandate = {
        "operations": ["consultSocialReport", "listRights"],
        "beginDate": "2026-01-01",
        "endDate": None,
    }
    assert held == [{"cbeNumber": OTHER_CPAS, **mandate}]
    assert gave == [{"cbeNumber": CPAS, **mandate}]


def test_the_words_say_the_same(registered: Path) -> None:
    ended = call("rights", CPAS, settings=registered)
    grounds = "on PCSA:SOCIAL_INQUIRY, PCSA:X"
    assert f"  consultSocialReport (ElectronicSocialReportService v1) {grounds}\n" in ended.out
    assert f"  {OTHER_CPAS}: consultSocialReport, listRights, from 2026-01-01\n" in ended.out
    assert "is signed for by:\n  nobody\n" in ended.out


def test_what_stops_an_institution_whatever_its_rights_is_noted(registered: Path) -> None:
    ended = call("rights", OTHER_CPAS, settings=registered)
    assert "may call:\n  nothing\n" in ended.out
    assert f"{CPAS} stands for it" in ended.err
    assert "MSG00015" in ended.err
    assert "MSG00015" not in call("rights", CPAS, settings=registered).err


@pytest.mark.parametrize(("number", "code"), [("0299990316", 1), ("0299990317", 2), ("x", 2)])
def test_who_is_not_registered_is_refused_and_what_is_no_number_is_wrong_use(
    number: str, code: int, settings: Path
) -> None:
    assert call("rights", number, settings=settings).code == code
