"""``rse-gateway``: the root of all commands.

A command's module is imported when the command is called, so that ``--help`` costs nothing. No traceback
reaches a person: errors on purpose become one line and an exit code, a defect becomes its name and place.
"""

import importlib
import sys
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import click

from rse_gateway.cli.options import settings_file, settings_option
from rse_gateway.cli.outcome import FAILED, explain
from rse_gateway.errors import RseError

if TYPE_CHECKING:
    from rse_gateway.trail.errors import TrailError

COMMANDS = {
    "database": ("rse_gateway.cli.database", "database", "Bring the database to this version."),
    "directory": ("rse_gateway.cli.directory", "directory", "Import lines of the sectoral directory."),
    "explain-signature": (
        "rse_gateway.cli.explain_signature",
        "explain_signature",
        "Say why a signature is refused, and the likely cause.",
    ),
    "institutions": ("rse_gateway.cli.institutions", "institutions", "Import, list and try who takes part."),
    "log": ("rse_gateway.cli.log", "log", "Read the consultation log; every look is itself logged."),
    "rights": ("rse_gateway.cli.rights", "rights", "Tell what one institution may call."),
    "serve": ("rse_gateway.cli.serve", "serve", "Run the gateway until it is told to stop."),
    "setup": ("rse_gateway.cli.setup", "setup", "Make a folder with a working test environment."),
    "sign": ("rse_gateway.cli.sign", "sign", "Sign a sample message, ready to be posted."),
    "validate": ("rse_gateway.cli.validate", "validate", "Check messages: XSD, then business rules."),
}
"""Command → module, name in it, one line for the list of commands."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, importing its module."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 refused (nothing changed), 2 used wrongly (option, settings, key), "
    "3 failed. Manual: docs/reference/command-line.md",
)
@settings_option
@click.version_option(package_name="rse-gateway", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Operate the RSE gateway: exchange of the electronic social report between CPAS."""
    file = settings_file(context)
    if file is not None:
        context.default_map = {"serve": {"settings_file": str(file)}}


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    sys.excepthook = _report_defect
    sys.exit(run())


def run() -> int:
    """Run the command of ``sys.argv`` and return its exit code; errors on purpose are told, not raised."""

    def on_purpose() -> tuple[type[RseError], type["TrailError"], type[click.ClickException]]:
        # evaluated when something is raised only: the trail's import would make every --help slow
        from rse_gateway.trail.errors import TrailError

        return RseError, TrailError, click.ClickException

    try:
        outcome = cli.main(prog_name="rse-gateway", standalone_mode=False)
    except on_purpose() as error:
        lines, code = explain(error)
        for line in lines:
            click.echo(line, err=True)
        return code
    except click.Abort:
        click.echo("stopped", err=True)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    return outcome if isinstance(outcome, int) else 0


def _report_defect(
    kind: type[BaseException], _error: BaseException, traceback: TracebackType | None
) -> NoReturn:
    """Name a defect and its place, without values, and end with exit code 3."""
    place = ""
    while traceback is not None:
        place = f"{traceback.tb_frame.f_globals.get('__name__')}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    click.echo(f"defect in rse-gateway: {kind.__name__} at {place}; please report this line", err=True)
    raise SystemExit(FAILED)


if __name__ == "__main__":
    main()
