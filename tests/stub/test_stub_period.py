"""How long a decision lasts, and the files of the samples."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stub_pki import SAMPLES

from rse_cpas_stub.errors import SetupRefused
from rse_cpas_stub.period import after
from rse_cpas_stub.persons import load_persons

DATES = st.dates(date(2000, 1, 1), date(2050, 1, 1))


@given(DATES, st.integers(1, 200), st.sampled_from(["DAYS", "WEEKS", "MONTHS"]))
def test_a_longer_duration_never_ends_earlier(start: date, value: int, unit: str) -> None:
    assert start < after(start, value, unit) < after(start, value + 1, unit)


@pytest.mark.parametrize(
    ("start", "value", "end"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2023, 12, 15), 12, date(2024, 12, 15)),
    ],
)
def test_a_month_that_is_too_short_ends_on_its_last_day(start: date, value: int, end: date) -> None:
    assert after(start, value, "MONTHS") == end


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_file_is_valid_against_the_xsd(path: Path) -> None:
    assert load_persons(path, path.stem).files


def spoiled(tmp_path: Path, old: str, new: str) -> Path:
    source = (SAMPLES / "0299990217.json").read_text("utf-8")
    assert old in source
    path = tmp_path / "persons.json"
    path.write_text(source.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"GRANT"', '"GIFT"'),
        ('"1214.13"', '"1214.1"'),
        ('"2023-02-14"', '"2023-02-30"'),
        ('"lastName"', '"surname"'),
        ('"cbeNumber": "0299990217"', '"cbeNumber": "0299990316"'),
        ('"80010100107"', '"85073003328"'),
        ("{", "["),
    ],
)
def test_a_file_of_persons_that_breaks_the_contract_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(SetupRefused) as refused:
        load_persons(spoiled(tmp_path, old, new), "0299990217")
    assert "85073003328" not in str(refused.value)
