"""Options that several commands share, and how commands speak: results on stdout, talk on stderr."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from rse_cpas_stub.client import LEGAL_CONTEXT
from rse_cpas_stub.configuration import ENVIRONMENTS
from rse_cpas_stub.exchange import User

DONE, REFUSED, USAGE, FAILED = 0, 1, 2, 3
FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
_F = TypeVar("_F", bound=Callable[..., Any])


def together(*decorators: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Return one decorator that applies all, so that their options stand in this order."""

    def decorate(function: _F) -> _F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
config_option = click.option(
    "--config", type=FILE, help="TOML file with these settings (names with _ instead of -)."
)
configs_option = click.option(
    "--config", "configs", type=FILE, multiple=True, help="TOML file of one CPAS or several; may be repeated."
)
identity_options: Callable[[Any], Any] = together(
    click.option("--cbe-number", metavar="NUMBER", help="Our own BCE number; chooses among several CPAS."),
    click.option("--signing-number", metavar="NUMBER", help="The host whose key signs for us, by mandate."),
    click.option("--key", type=FILE, help="Our private key (or the host's), PEM."),
    click.option("--certificate", type=FILE, help="Our certificate (or the host's), PEM."),
    click.option("--environment", type=click.Choice(ENVIRONMENTS), help="Default: test."),
    click.option("--gateway-url", metavar="URL", help="Where the gateway is, such as http://127.0.0.1:8080."),
    click.option("--gateway-certificate", type=FILE, help="The gateway's certificate(s), PEM."),
    click.option("--gateway-number", metavar="NUMBER", help="The gateway's BCE number, with --trusted-ca."),
    click.option("--trusted-ca", type=FILE, help="Authorities that the gateway's certificate comes from."),
    click.option("--log", type=FILE, help="Our consultation log, a SQLite file; made when it is new."),
    click.option("--auditor-key", type=FILE, help="Public key or certificate of our auditor, PEM."),
)
own_options: Callable[[Any], Any] = together(config_option, identity_options)


def user_options(role: str) -> Callable[[Any], Any]:
    """Return the options that say who asks; ``role`` is the one that the gateway expects of the operation."""
    return together(
        click.option(
            "--user-reference", default="stub-user", show_default=True, help="Pseudonym of the user."
        ),
        click.option("--user-role", default=role, show_default=True),
        click.option("--real-user", help="The person behind the pseudonym; stays in our own log."),
        click.option("--file-reference", help="Our file of the person."),
        click.option("--ticket", help="Our number of the message; a new one when it is not given."),
        click.option("--legal-context", default=LEGAL_CONTEXT, show_default=True),
    )


person_options: Callable[[Any], Any] = together(
    click.option("--ssin-file", type=click.File("r"), help="File with the national number; - is stdin."),
    click.option("--ssin", help="The national number itself: for invented persons only, others can see it."),
)


def user_of(options: dict[str, Any]) -> User:
    """Return who asks, from the options."""
    return User(
        options["user_reference"], options["user_role"], options["real_user"], options["file_reference"]
    )


def national_number(ssin: str | None, ssin_file: Any) -> str:
    """Return the number from exactly one of the two options.

    Raises:
        click.UsageError: none or both.
    """
    if (ssin is None) == (ssin_file is None):
        raise click.UsageError("give the national number by --ssin-file or by --ssin")
    return ssin if ssin is not None else str(ssin_file.read()).strip()


def talk(text: str) -> None:
    """Say something to the person at the terminal."""
    click.echo(text, err=True)


def show(content: object) -> None:
    """Print a result for programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))
