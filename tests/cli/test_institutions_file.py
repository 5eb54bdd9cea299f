"""The institutions file: each kind of mistake gets its line, its field and what was expected."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_runs import CPAS, NISS, OTHER_CPAS, institutions_text
from hypothesis import given
from hypothesis import strategies as st

from rse_gateway.registration.institutions_file import InstitutionsFile, read_institutions
from rse_gateway.registration.problems import ImportRefused, Problem

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
OTHER_CERTIFICATE = f'["test-cpas-{OTHER_CPAS}.cert.pem"]'
MISTAKES = [
    ("cbe_number", '"0299990119"', 2, "BCE number"),
    ("cbe_number", "299990118", 2, "BCE number"),
    ("name_fr", "", 1, "missing"),
    ("name_fr", '""', 3, "1 to 128"),
    ("name_fr", '"a\\u001bb"', 3, "control"),
    ("name_fr", f'"{NISS}"', 3, "without a NISS"),
    ("name_nl", "7", 4, "a text"),
    ("endpoint", '"ftp://x.example/"', 5, "http"),
    ("endpoint", '"https://u:p@x.example/"', 5, "user name"),
    ("endpoint", '"https:///nowhere"', 5, "address"),
    ("endpoint", '"https://x.example:99999/"', 5, "address"),
    ("certificates", '["absent.pem"]', 6, "No such file"),
    ("certificates", '["institutions.toml"]', 6, "PEM certificate"),
    ("certificates", OTHER_CERTIFICATE, 6, "names this institution"),
    ("certificates", "[7]", 6, "PEM files"),
    ("rights", '[{ operations = ["dance"], legal_contexts = ["A:B"] }]', 7, "consultSocialReport"),
    ("rights", '[{ operations = ["manageAccess"], legal_contexts = ["a b"] }]', 7, "ORGANISATION:PURPOSE"),
    ("rights", '["manageAccess"]', 7, "tables"),
    ("telephone", '"call me"', 8, "form"),
    ("language", '"IT"', 8, "FR"),
    ("profile", '"lax"', 8, "strict"),
    ("quota", "true", 8, "whole number"),
    ("quota", '"some"', 8, '"none"'),
    ("register_quota", "5000", 8, "together"),
    ("register_quota_until", "2027-01-01", 1, "together"),
    ("exempt_from", "2026-01-01", 1, "last day"),
    ("exempt_until", '"2026-02-30"', 8, "a date"),
    ("maintenance_until", "2026-12-01T06:00:00", 8, "time zone"),
    ("successor", f'"{OTHER_CPAS}"', 8, "together"),
    ("mandates", '[{ cpas = "1", operations = ["manageAccess"] }]', 8, "BCE number"),
    ("key", '[{ key_id = "ab", active_from = 2026-01-01T00:00:00Z }]', 8, "form"),
    ("key", '[{ roles = ["cpas"] }]', 8, "either"),
    ("nonsense", "1", 8, "no such field"),
    (f'"{NISS}"', "1", 1, "does not have"),
]


@pytest.fixture(scope="module")
def folder(pki: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    for certificate in pki.glob("*.cert.pem"):
        shutil.copy(certificate, made)
    return made


def read(folder: Path, content: str | bytes, environment: str = "test") -> InstitutionsFile:
    file = folder / "institutions.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_institutions(file, environment=environment, now=NOW)


def problems_of(folder: Path, content: str | bytes, environment: str = "test") -> tuple[Problem, ...]:
    with pytest.raises(ImportRefused) as refused:
        read(folder, content, environment)
    return refused.value.problems


def test_a_correct_file_gives_the_institution_with_key_and_right(folder: Path) -> None:
    (record,) = read(folder, institutions_text()).records
    assert record.institution.cbe_number.value == CPAS
    assert [right.operation for right in record.institution.rights] == ["consultSocialReport"]
    assert [key.roles for key in record.keys] == [frozenset({"cpas"})]


@pytest.mark.parametrize(("field", "value", "line", "expected"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_was_expected(
    folder: Path, field: str, value: str, line: int, expected: str
) -> None:
    (problem,) = problems_of(folder, institutions_text(**{field: value}))
    assert (problem.line, expected in problem.expected) == (line, True), problem
    assert NISS not in problem.text("institutions.toml")


def test_a_mistake_in_a_nested_table_names_the_line_inside_it(folder: Path) -> None:
    text = (
        institutions_text(certificates="")
        + f"""
[[institution.key]]
certificate = "test-cpas-{CPAS}.cert.pem"

[[institution.key]]
certificate = "test-cpas-{CPAS}-rsa.cert.pem"
roles = ["king"]
"""
    )
    (problem,) = problems_of(folder, text)
    assert (problem.line, problem.field) == (13, "roles")
    assert problem.section == f"institution 1 ({CPAS}), key 2"


def test_an_expired_certificate_is_refused(folder: Path) -> None:
    file = folder / "institutions.toml"
    file.write_text(institutions_text())
    with pytest.raises(ImportRefused, match="1 problem"):
        read_institutions(file, environment="test", now=datetime(2060, 1, 1, tzinfo=UTC))


def test_an_institution_or_a_key_that_stands_twice_is_refused(folder: Path) -> None:
    fields = {problem.field for problem in problems_of(folder, institutions_text() * 2)}
    assert fields == {"cbe_number", "key"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[[institution]]\nname_fr = 85073003328 85073003328\n", 2),
        (b"[[institution]]\n\xff", 2),
        (b"", 0),
        (b"institution = 7\n", 0),
        (b"[85073003328]\n[85073003328]\n", 2),
        (b"a = " + b"[" * 5000, 0),
    ],
)
def test_a_file_that_is_no_institutions_file_is_refused_without_being_quoted(
    folder: Path, content: bytes, line: int
) -> None:
    problems = problems_of(folder, content)
    assert problems[0].line == line
    assert not [problem for problem in problems if NISS in problem.text("f")]


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_institutions(tmp_path / "absent.toml", environment="test", now=NOW)
    assert "cannot be read" in refused.value.lines()[0]


_VALUES = st.recursive(
    st.one_of(st.integers(), st.sampled_from([f'"{NISS}"', '"x"', "2026-01-01", "1.5", "true"])),
    lambda inner: st.lists(inner, max_size=3).map(lambda many: f"[{', '.join(map(str, many))}]"),
    max_leaves=4,
)
_FIELDS = st.sampled_from(
    ["cbe_number", "name_fr", "endpoint", "certificates", "rights", "key", "mandates", "quota", "successor"]
)


@given(st.one_of(st.binary(max_size=200), st.dictionaries(_FIELDS, _VALUES, min_size=1)))
def test_garbage_is_refused_in_words_and_never_quoted(tmp_path_factory, content) -> None:
    folder = tmp_path_factory.getbasetemp()
    if not isinstance(content, bytes):
        wrong = {"cbe_number": "7"} | {name: str(value) for name, value in content.items()}
        content = institutions_text(**wrong).encode()
    problems = problems_of(folder, content)
    assert problems
    assert not [problem for problem in problems if NISS in problem.text("institutions.toml")]
