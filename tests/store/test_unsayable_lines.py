"""Lines that 0.1.0 imported with dates that no message can show: found, replaced, deleted."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from store_samples import AT

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.registration.directory_file import check_directory, directory_lines
from rse_gateway.registration.problems import ImportRefused
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.unsayable_lines import unsayable_lines

NISS, CPAS = "17073003384", "0299990217"
OLD = DirectoryLine(Niss(NISS), CbeNumber(CPAS), 2, date(1899, 12, 30), None)
ENDLESS = DirectoryLine(Niss(NISS), CbeNumber(CPAS), 3, date(2024, 1, 15), date(9999, 12, 31))
GOOD = DirectoryLine(Niss(NISS), CbeNumber(CPAS), 2, date(2024, 1, 15), None)


@pytest.fixture
def importing(engine: Engine, keys: DataKeys) -> DirectoryImport:
    made = DirectoryImport(engine, keys, new_id=uuid4, at=AT)
    made.import_lines([OLD, ENDLESS, GOOD])
    return made


def test_they_are_found_and_others_are_not(importing: DirectoryImport, engine: Engine) -> None:
    found = [(one.quality_code, one.begin.year) for one in unsayable_lines(engine)]
    assert found == [(2, 1899), (3, 2024)]
    assert [OLD.sayable, ENDLESS.sayable, GOOD.sayable] == [False, False, True]


def test_a_file_replaces_a_wrong_end_and_deletes_a_line_with_a_wrong_begin(
    importing: DirectoryImport, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "directory.csv"
    header = "niss,cbe_number,quality_code,begin,end,action\n"
    file.write_text(f"{header}{NISS},{CPAS},3,2024-01-15,9999-12-31,\n{NISS},{CPAS},2,1899-12-30,,delete\n")
    counts = importing.import_lines(directory_lines(check_directory(file)))
    assert (counts.read, counts.changed, counts.deleted) == (2, 1, 1)
    assert unsayable_lines(engine) == ()


@pytest.mark.parametrize("line", [f"{NISS},{CPAS},2,2024-01-15,,delete", f"{NISS},{CPAS},2,1899-12-30,,drop"])
def test_no_other_line_is_deleted_and_no_other_action_is_known(tmp_path: Path, line: str) -> None:
    file = tmp_path / "directory.csv"
    file.write_text(f"niss,cbe_number,quality_code,begin,end,action\n{line}\n")
    with pytest.raises(ImportRefused) as refused:
        check_directory(file)
    assert [one.field for one in refused.value.problems] == ["action"]
