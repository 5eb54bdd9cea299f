"""``rse-gateway`` itself: quick help, exit codes, and errors that a person can read."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import NISS, ROOT, call, run

from rse_gateway.cli.main import COMMANDS


def _python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)


def test_help_names_every_command_and_imports_none() -> None:
    done = _python(
        "import sys; from rse_gateway.cli import main; sys.argv[1:] = ['--help']; main.run(); "
        "heavy = {'sqlalchemy', 'lxml', 'zeep', 'spyne', 'cryptography'} & sys.modules.keys(); "
        "sys.exit(len(heavy))"
    )
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


def test_every_command_of_the_list_exists_under_its_name() -> None:
    listed = {name: call(name, "--help") for name in COMMANDS if name != "serve"}
    assert {name: ended.code for name, ended in listed.items()} == dict.fromkeys(listed, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("institutions", "import"),
        ("--no-such-option",),
        ("institutions", "list", NISS),
        ("log", NISS),
    ],
)
def test_wrong_use_ends_with_2_and_masks_numbers(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "--help" in ended.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("port = ", "not valid TOML"),
        ("colour = 'red'", "setting colour"),
        ("environment = 'moon'", "setting environment"),
        ("port = 'many'", "setting port"),
        ("master_key = 'absent'", "master key"),
        ("database = 'mysql://x'", "setting database"),
        ("auditor_certificates = 'gateway.toml'\nmaster_key = 'gateway/keys/master.key'", "PEM"),
    ],
)
def test_wrong_settings_end_with_2_and_name_the_setting(
    settings: Path, tmp_path: Path, content: str, told: str
) -> None:
    keys = settings.parent / "keys"
    file = tmp_path / "gateway.toml"
    whole = (
        f"database = 'sqlite:///{settings.parent / 'rse-gateway.sqlite'}'\nmaster_key = '{keys}/master.key'\n"
    )
    kept = [line for line in whole.splitlines() if line.split(" ")[0] not in content]
    file.write_text("\n".join([*kept, content]))
    ended = call("--settings", file, "institutions", "list")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_a_settings_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    ended = call("institutions", "list", "--settings", tmp_path / "absent.toml")
    assert ended.code == 2
    assert "cannot be read" in ended.err


def test_a_store_that_cannot_be_opened_ends_with_3(settings: Path) -> None:
    (settings.parent / "damaged").write_bytes(b"no database " * 1000)
    settings.write_text(settings.read_text().replace("rse-gateway.sqlite", "damaged"))
    ended = run("institutions", "list", settings=settings)
    assert (ended.code, ended.out) == (3, "")
    assert "store" in ended.err


def test_a_defect_is_told_in_one_line_without_values_and_ends_with_3() -> None:
    done = _python(
        "import rse_gateway.cli.main as m\n"
        f"def broken(**_): raise KeyError('{NISS}')\n"
        "m.cli.main = broken\nm.main()"
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert "KeyError" in done.stderr
    assert NISS not in done.stderr


def test_the_option_after_the_command_wins_over_the_one_before_it(settings: Path, tmp_path: Path) -> None:
    ended = call("--settings", tmp_path / "absent.toml", "institutions", "list", "--settings", settings)
    assert ended.code == 0
