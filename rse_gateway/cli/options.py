"""Options that many commands share: where the settings are, machine-readable results, progress."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from rse_gateway.errors import SetupError
from rse_gateway.settings import Settings, has_variables, load_settings

DEFAULT_FILE = Path("gateway.toml")
_KEPT = "rse_gateway.settings_file"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _keep(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_KEPT] = value


def settings_option(command: _Command) -> _Command:
    """Give a command the option ``--settings``; `current_settings` reads what was given."""
    option = click.option(
        "--settings",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="RSE_SETTINGS",
        callback=_keep,
        expose_value=False,
        help="Settings file (TOML). Default: RSE_SETTINGS, else gateway.toml in this folder.",
    )
    return option(command)


def json_option(command: _Command) -> _Command:
    """Give a command the flag ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Result as JSON on standard output.")(command)


def settings_file(context: click.Context) -> Path | None:
    """Return the settings file that was named, else ``gateway.toml`` where there is one."""
    named: Path | None = context.meta.get(_KEPT)
    if named is None and DEFAULT_FILE.is_file():
        return DEFAULT_FILE
    return named


def current_settings() -> Settings:
    """Return the settings of the running command.

    Raises:
        SetupError: which file or setting is wrong, or which file was looked for and is not there.
    """
    return read_settings(settings_file(click.get_current_context()))


def read_settings(file: Path | None) -> Settings:
    """Return the settings of ``file``, or of ``RSE_…`` variables alone where there are any.

    Raises:
        SetupError: which file or setting is wrong, or which file was looked for and is not there.
    """
    if file is None and not has_variables():
        raise SetupError(
            f"no settings: there is no file {Path.cwd() / DEFAULT_FILE}, and neither --settings nor"
            " RSE_SETTINGS names another (rse-gateway setup makes one)"
        )
    return load_settings(file)


def say(text: str) -> None:
    """Tell the person something; results go to standard output, talk goes here, to standard error."""
    click.echo(text, err=True)


def give_json(value: object) -> None:
    """Write a result for machines: one JSON value, ASCII only."""
    click.echo(json.dumps(value, indent=2))
