"""The house rules that a machine can see."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import ROOT, short

SOURCES = tuple(sorted([*(ROOT / "rse_gateway").rglob("*.py"), *(ROOT / "rse_cpas_stub").rglob("*.py")]))
TESTS = tuple(sorted((ROOT / "tests").rglob("*.py")))
MIGRATIONS = ROOT / "rse_gateway" / "store" / "migrations" / "versions"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
EMPTY_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}
OUTERMOST_EDGE = ROOT / "rse_gateway" / "soap" / "application.py"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public_definitions(file: Path) -> Iterator[Definition]:
    """Yield what others may call: top-level functions and classes, and the methods of these classes."""
    for node in tree_of(file).body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    one
                    for one in node.body
                    if isinstance(one, Definition) and not one.name.startswith("_") and not _is_overload(one)
                )


def first_line(node: Definition | ast.Module) -> str:
    return (ast.get_docstring(node) or "").split("\n")[0].strip()


def _is_overload(node: Definition) -> bool:
    return any("setter" in ast.dump(decorator) for decorator in node.decorator_list)


def catch_alls(file: Path) -> int:
    handlers = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.ExceptHandler))
    names = (ast.unparse(handler.type) if handler.type else "" for handler in handlers)
    return sum(name in ("", "Exception", "BaseException") for name in names)


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [
        file for file in (*SOURCES, *TESTS) if {*file.relative_to(ROOT).with_suffix("").parts} & EMPTY_NAMES
    ]
    assert [short(file) for file in named] == []


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {short(file): len(file.read_text("utf-8").splitlines()) for file in (*SOURCES, *TESTS)}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{short(file)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for file in (*SOURCES, *TESTS)
        if not file.is_relative_to(MIGRATIONS)
        for function in functions(file)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_everything_is_caught_in_one_place_only_the_outermost_edge() -> None:
    assert {short(file): catch_alls(file) for file in SOURCES if catch_alls(file)} == {
        short(OUTERMOST_EDGE): 1
    }


def test_nothing_is_left_to_do_in_the_code_or_the_tests() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [short(file) for file in (*SOURCES, *TESTS) if mark.search(file.read_text("utf-8"))] == []


def test_no_test_is_skipped_but_where_a_library_has_no_build_or_a_database_no_such_file() -> None:
    mark = re.compile(r"pytest\.(mark\.skip|mark\.skipif|skip|importorskip|mark\.xfail|xfail)\b")
    found = {short(file) for file in TESTS if file != Path(__file__) and mark.search(file.read_text("utf-8"))}
    known = {"tests/security/test_interoperability.py", "tests/acceptance/test_acceptance_outage.py"}
    known |= {"tests/regressions/test_certificates_judged_when_entered.py", "tests/project/test_own_ca.py"}
    assert found <= known


@pytest.mark.parametrize("file", SOURCES, ids=short)
def test_every_module_begins_with_a_sentence(file: Path) -> None:
    assert first_line(tree_of(file)).endswith("."), f"{short(file)}: a module says what it is for"


@pytest.mark.parametrize("file", [one for one in SOURCES if not one.is_relative_to(MIGRATIONS)], ids=short)
def test_everything_public_has_a_docstring_whose_first_line_is_a_sentence(file: Path) -> None:
    wrong = [
        f"{definition.name}:{definition.lineno}"
        for definition in public_definitions(file)
        if not first_line(definition).endswith((".", "?"))
    ]
    assert wrong == []


def test_the_environment_is_read_in_the_settings_only() -> None:
    mark = re.compile(r"\bos\.environ\b|\bos\.getenv\b")
    readers = [short(file) for file in SOURCES if mark.search(file.read_text("utf-8"))]
    assert readers == ["rse_gateway/settings.py"]


def test_a_clock_is_read_in_its_adapter_only() -> None:
    mark = re.compile(r"\bdatetime\.now\(|\bdate\.today\(|\btime\.time\(")
    readers = [short(file) for file in SOURCES if mark.search(file.read_text("utf-8"))]
    waitress_compares_with_it = "rse_gateway/serving/server.py"
    assert readers == [
        "rse_cpas_stub/configuration.py",
        "rse_gateway/adapters/clock.py",
        waitress_compares_with_it,
    ]


def test_the_import_contracts_are_kept() -> None:
    run = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", run, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
