"""``rse-gateway directory import`` as a process."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from cli_runs import CPAS, HEADER, NISS, OTHER_CPAS, ROOT, call, run

from rse_gateway.bootstrap.store import open_store
from rse_gateway.domain.identifiers import Niss
from rse_gateway.settings import load_settings
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.trail import EntryIds


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "directory.csv"
    made.write_text(
        f"{HEADER}{NISS},{CPAS},2,2024-01-15,\n17073003384,{OTHER_CPAS},1,2025-03-01,2025-09-30\n"
    )
    return made


def _lines(settings: Path, niss: str):
    store = open_store(load_settings(settings, {}))
    ids = EntryIds()
    reader = SqlDirectory(store.engine, store.keys, new_id=lambda: ids(store.clock.now()))
    return [(line.cbe_number.value, line.quality_code, line.end) for line in reader.lines_of(Niss(niss))]


def test_imported_lines_are_found_by_person_and_counted(settings: Path, file: Path) -> None:
    ended = run("directory", "import", file, settings=settings)
    assert ended.code == 0
    assert ended.out == "2 line(s) read: 2 added, 0 changed, 0 as they were\n"
    assert _lines(settings, NISS) == [(CPAS, 2, None)]


def test_an_import_that_is_repeated_changes_nothing(settings: Path, file: Path) -> None:
    call("directory", "import", file, settings=settings)
    again = json.loads(call("directory", "import", file, "--json", settings=settings).out)
    assert (again["read"], again["added"], again["changed"], again["unchanged"]) == (2, 0, 0, 2)


def test_an_import_is_a_row_of_the_log_with_digest_and_count(settings: Path, file: Path) -> None:
    call("directory", "import", file, settings=settings)
    found = call(
        "log", "find", "--kind", "DIRECTORY_IMPORTED", "--reason", "test", "--json", settings=settings
    )
    (row,) = json.loads(found.out)
    digest = sha256(file.read_bytes()).hexdigest()
    assert (row["record"]["fileDigest"], row["record"]["count"]) == (digest, "2")


def test_one_bad_line_keeps_all_lines_out_and_leaves_no_row(settings: Path, file: Path) -> None:
    file.write_text(file.read_text() + f"85073003329,{CPAS},2,2024-01-15,\n")
    ended = run("directory", "import", file, settings=settings)
    assert ended.code == 1
    assert ended.err.splitlines()[0].startswith("directory.csv:4: niss: ")
    assert (_lines(settings, NISS), ended.out) == ([], "")
    assert "DIRECTORY_IMPORTED" not in run("log", "find", "--reason", "test", settings=settings).out


def test_a_replaced_and_a_cancelled_number_come_in_with_their_lines(settings: Path, file: Path) -> None:
    header = HEADER.replace("end\n", "end,new_niss\n")
    file.write_text(
        f"{header}98472899765,{CPAS},2,2024-01-15,,\n98472899765,{CPAS},999,2025-01-01,,{NISS}\n"
        f"17073003384,{CPAS},999,2025-01-01,,\n"
    )
    ended = run("directory", "import", file, settings=settings)
    assert ended.out.splitlines()[1:] == ["2 number(s) replaced or cancelled"]
    assert [quality for _cbe, quality, _end in _lines(settings, NISS)] == [2, 999]
    again = json.loads(call("directory", "import", file, "--json", settings=settings).out)
    assert (again["unchanged"], again["replacements"]) == (3, 2)


def test_the_documented_example_with_replaced_numbers_is_imported(settings: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "reference" / "import-files.md").read_text("utf-8")
    _first, example = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "example.csv").write_text(example, "utf-8")
    added = call("directory", "import", tmp_path / "example.csv", settings=settings)
    assert added.out.splitlines() == [
        "3 line(s) read: 3 added, 0 changed, 0 as they were",
        "2 number(s) replaced or cancelled",
    ]


def test_institutions_that_cannot_be_asked_are_named(settings: Path, file: Path) -> None:
    ended = call("directory", "import", file, settings=settings)
    assert f"not registered, so they cannot be asked: {CPAS}, {OTHER_CPAS}" in ended.err
