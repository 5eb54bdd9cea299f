"""The reference pages: every command, option and setting stands there, and their examples work."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from cli_runs import ROOT, run

from rse_gateway.cli.main import cli
from rse_gateway.domain.directory import HOLDING_CODES, INTEGRATION_CODES
from rse_gateway.registration.directory_file import COLUMNS
from rse_gateway.registration.institution_reader import KEY_ROLES, OPERATIONS
from rse_gateway.settings import Settings

REFERENCE = ROOT / "docs" / "reference"
PAGE = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
IMPORTS = (REFERENCE / "import-files.md").read_text(encoding="utf-8")
SETTINGS = (REFERENCE / "settings.md").read_text(encoding="utf-8")


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL = dict(_commands(cli, "rse-gateway"))


def _section(path: str) -> str:
    return PAGE.split(f"\n## {path}\n", 1)[1].split("\n## ", 1)[0]


def test_the_page_has_a_section_for_every_command_and_for_no_other() -> None:
    assert sorted(re.findall(r"^## (.*)$", PAGE, re.MULTILINE)) == sorted(ALL)


@pytest.mark.parametrize("path", ALL)
def test_every_option_stands_in_the_section_of_its_command_and_no_other_does(path: str) -> None:
    options = {
        name for option in ALL[path].params if isinstance(option, click.Option) for name in option.opts
    }
    written = set(re.findall(r"`(-{1,2}[a-z-]+)", "".join(
        line.rsplit("|", 2)[0] for line in _section(path).splitlines() if line.startswith("|"))))  # fmt: skip
    assert written == options - {"--help"}


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_says_in_the_help_what_it_is_for(path: str) -> None:
    assert ALL[path].help
    helps = [option.help for option in ALL[path].params if isinstance(option, click.Option)]
    assert all(helps)


def test_every_option_of_the_root_is_documented() -> None:
    head = PAGE.split("\n## ", 1)[0]
    names = [name for option in cli.params for name in option.opts]
    assert [name for name in [*names, "--help", "-h"] if f"`{name}" not in head] == []


def test_the_page_says_what_every_exit_code_means() -> None:
    assert re.findall(r"^\| ([0-9]) \|", PAGE, re.MULTILINE) == ["0", "1", "2", "3"]


def test_every_setting_is_documented_with_its_default_and_no_other_is() -> None:
    written = dict(re.findall(r"^\| `([a-z_]+)` \| (?:`([^`]*)`|empty) \|", SETTINGS, re.MULTILINE))
    assert written == {field.name: _told(field.default) for field in fields(Settings)}


def _told(default: object) -> str:
    if not isinstance(default, tuple | frozenset):
        return str(default)
    return str(sorted(default)) if default else ""


def test_the_page_names_every_operation_role_column_and_quality_code() -> None:
    assert [name for name in OPERATIONS | KEY_ROLES if f"`{name}`" not in IMPORTS] == []
    assert [name for name in COLUMNS if f"| `{name}` |" not in IMPORTS] == []
    assert [
        code for code in HOLDING_CODES | INTEGRATION_CODES if not re.search(rf"\b{code}\b", IMPORTS)
    ] == []


def _example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", IMPORTS, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_examples_of_the_page_are_imported(settings: Path, pki: Path, tmp_path: Path) -> None:
    shutil.copytree(pki, tmp_path / "pki")
    (tmp_path / "institutions.toml").write_text(_example("toml"), encoding="utf-8")
    (tmp_path / "directory.csv").write_text(_example("csv"), encoding="utf-8")
    registered = run("institutions", "import", tmp_path / "institutions.toml", settings=settings)
    added = run("directory", "import", tmp_path / "directory.csv", settings=settings)
    assert (registered.code, registered.out) == (0, "2 institution(s) registered\n"), registered.err
    assert (added.code, added.out) == (0, "3 line(s) read: 3 added, 0 changed, 0 as they were\n"), added.err


def test_the_example_of_the_institutions_uses_every_field_that_the_page_lists() -> None:
    listed = IMPORTS.split("### Fields of an institution")[1].split("### Tables of an institution")[0]
    names = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (.*?) \|", listed, re.MULTILINE))))
    example = _example("toml")
    missing = [
        n for n in names if not re.search(rf"(^{n} =|\[\[institution\.{n}\]\])", example, re.MULTILINE)
    ]
    assert missing == []
