"""Nobody but SQLite opens a database file: the rule as far as the text of the sources shows it.

What a name does not show, `tests/sqlite_watch.py` sees while the tests run.
"""

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pages import ROOT, short

SOURCES = sorted(
    file
    for folder in ("rse_gateway", "rse_cpas_stub", "tests", "samples", "benchmarks", "docs")
    for file in (ROOT / folder).rglob("*.py")
)
MAKER = ROOT / "rse_gateway" / "trail" / "sql" / "sqlite_file.py"
OPENERS = {
    "open", "touch", "read_bytes", "read_text", "write_bytes", "write_text",
}  # fmt: skip
A_DATABASE = re.compile(
    r"sqlite(?!_)|database|-wal|-shm|\.db\b|\.url\b|(requester|holder)_log", re.IGNORECASE
)


def opened_databases(source: str) -> Iterator[str]:
    """Yield every call that opens or copies a file whose expression speaks of a database."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if opened := _opened(node):
            yield opened


def _opened(call: ast.Call) -> str | None:
    """Return the call when it opens or copies what its receiver or first argument calls a database."""
    called, named = call.func, [ast.unparse(one) for one in call.args[:1]]
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    whole = ast.unparse(called)
    if isinstance(called, ast.Attribute) and whole not in ("os.open", "io.open"):
        of_a_path = not isinstance(called.value, ast.Call) or ast.unparse(called.value).startswith("Path(")
        named = named if whole.startswith("shutil.copy") else [ast.unparse(called.value)] * of_a_path
    opens = name in OPENERS or whole.startswith("shutil.copy")
    return ast.unparse(call) if opens and A_DATABASE.search(" ".join(named)) else None


def test_no_source_opens_or_copies_a_database_file() -> None:
    found = {
        short(file): calls
        for file in SOURCES
        if file not in (MAKER, Path(__file__)) and (calls := [*opened_databases(file.read_text("utf-8"))])
    }
    assert found == {}


@pytest.mark.parametrize(
    "call",
    [
        "os.close(os.open(database, os.O_RDWR))",
        "shutil.copy(folder / 'rse-gateway.sqlite', target)",
        "Path(f'{file}-wal').read_bytes()",
        "(folder / 'log.db').touch()",
        "open(engine.url.database, 'rb')",
    ],
)
def test_the_rule_sees_a_database_file_that_is_opened(call: str) -> None:
    assert [*opened_databases(call)] != []


def test_a_database_file_that_is_opened_beside_sqlite_is_seen_while_the_tests_run(tmp_path: Path) -> None:
    file = tmp_path / "watched"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE one (a)")
        with pytest.raises(AssertionError, match="opened beside SQLite"):
            file.read_bytes()
