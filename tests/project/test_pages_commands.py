"""A reader who types a command from a page gets what the page says, not an error about an option."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pages import PAGES, ROOT, blocks, short

from rse_cpas_stub.command import cli as stub_cli
from rse_gateway.cli.main import cli as gateway_cli

NAMES_OF_FORMATS = ("rse-gateway sample pack 1",)
PROGRAMS: dict[str, click.Group] = {"rse-gateway": gateway_cli, "rse-cpas-stub": stub_cli}


def command_lines(page: Path) -> Iterator[list[str]]:
    """Yield the words of every call of our programs in blocks of shell and in code spans of a page."""
    text = page.read_text("utf-8")
    spans = re.findall(r"`((?:rse-gateway|rse-cpas-stub) [^`\n]+)`", text)
    lines = [
        line for language in ("sh", "") for block in blocks(page, language) for line in block.splitlines()
    ]
    for line in [*spans, *lines]:
        if line in NAMES_OF_FORMATS:
            continue
        for part in re.split(r"\||&&|;", line):
            if re.match(r"\s*(rse-gateway|rse-cpas-stub)\s", part) and "…" not in part:
                yield shlex.split(part.rstrip("\\ "))


def problem_of(words: list[str]) -> str | None:
    """Return what is wrong with a call: a command or an option that does not exist."""
    command: click.Command = PROGRAMS[words[0]]
    context = click.Context(command, info_name=words[0])
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            option = next((one for one in command.params if word in (*one.opts, *one.secondary_opts)), None)
            if option is None:
                return f"{command.name} has no option {word}"
            if isinstance(option, click.Option) and not option.is_flag:
                del rest[: option.nargs]
        elif isinstance(command, click.Group):
            if word in ("COMMAND", "NAME"):
                return None
            found = command.get_command(context, word)
            if found is None:
                return f"{command.name} has no command {word}"
            command, context = found, click.Context(found, info_name=word, parent=context)
    return None


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    problems = [(line, problem) for line in command_lines(page) if (problem := problem_of(line)) is not None]
    assert problems == []


def test_the_check_of_commands_finds_a_wrong_option_and_a_wrong_command() -> None:
    assert problem_of(["rse-gateway", "log", "show", "T", "--no-such-option"]) is not None
    assert problem_of(["rse-gateway", "statistic"]) is not None
    assert problem_of(["rse-gateway", "--settings", "f", "log", "show", "T", "--reason", "x"]) is None


def test_every_command_stands_on_the_page_of_the_command_line() -> None:
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    context = click.Context(gateway_cli)
    missing = []
    for name in gateway_cli.list_commands(context):
        command = gateway_cli.get_command(context, name)
        verbs = (
            [f"{name} {verb}" for verb in command.commands] if isinstance(command, click.Group) else [name]
        )
        missing += [verb for verb in verbs if f"## rse-gateway {verb}" not in page]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_file_of_this_tree_that_a_command_names_exists(page: Path) -> None:
    roots = ("samples/", "xsd/", "wsdl/", "docs/", "tests/")
    code = "\n".join([*blocks(page, "sh"), *blocks(page, "")])
    named = [word for word in re.split(r"[\s\"'=]+", code) if word.startswith(roots)]
    assert [word for word in named if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"`make ([a-z\-]+)", page.read_text("utf-8")))
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()
