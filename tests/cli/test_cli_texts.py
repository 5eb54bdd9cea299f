"""What leaves a command: nothing steers a terminal, no cell is a formula, no error holds a number."""

from datetime import UTC, datetime

import pytest
from cli_runs import CPAS, NISS, OTHER_CPAS
from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.cli.log_output import cell
from rse_gateway.cli.log_story import sentence
from rse_gateway.cli.outcome import plain, without_niss
from rse_gateway.trail import Kind, Record, time_text

OPTIONAL = {
    "asking": CPAS,
    "legalContext": "PCSA:SOCIAL_INQUIRY",
    "periodBegin": "2024-01-01",
    "periodEnd": "2025-01-01",
    "userReference": "u\u202e7",
    "userRole": "SOCIAL_WORKER",
    "late": "true",
    "signing": CPAS,
}
REQUIRED = {
    "v": "1",
    "id": "01a1fd70-f23b-7000-8000-000000000000",
    "log": "hub/1",
    "at": time_text(datetime(2026, 11, 21, tzinfo=UTC)),
    "environment": "test",
    "ticketCBSS": "019a0000-0000-7000-8000-000000000001",
    "ticket": "R-1",
    "operation": "consultSocialReport",
    "outcome": "MSG00000",
    "check": "signer",
    "holding": OTHER_CPAS,
    "reminderNumber": "0",
    "from": time_text(datetime(2026, 11, 21, tzinfo=UTC)),
    "until": time_text(datetime(2026, 11, 21, tzinfo=UTC)),
    "count": "3",
    "fileDigest": "0" * 64,
    "reason": "review",
}


@given(st.text())
def test_plain_text_holds_no_character_that_acts_on_a_terminal(text: str) -> None:
    assert plain(text).isprintable()


@pytest.mark.parametrize("text", ["\x1b[2J", "a\u202eb", "a\r\nb", "\u2028", "\x9b31m"])
def test_what_would_steer_a_terminal_is_written_out(text: str) -> None:
    assert "\\u" in plain(text)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("optional", [{}, OPTIONAL])
def test_every_kind_of_row_has_a_sentence_with_and_without_its_optional_fields(
    kind: Kind, optional: dict[str, str]
) -> None:
    told = sentence(Record(REQUIRED | optional | {"kind": kind.value}))
    assert told.isprintable()
    assert "{" not in told
    assert "None" not in told


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_a_cell_that_a_spreadsheet_would_run_begins_with_a_quote(value: str) -> None:
    assert cell(value).startswith("'")


@pytest.mark.parametrize("written", [NISS, "850730-033-28", "85.07.30-033.28", f"x={NISS}!", "12345678901"])
def test_eleven_digits_are_masked_however_they_are_written(written: str) -> None:
    assert "***********" in without_niss(written)
    assert "033" not in without_niss(written)


def test_other_numbers_stay_readable() -> None:
    assert without_niss(f"{CPAS} 8080 2026-11-21") == f"{CPAS} 8080 2026-11-21"
