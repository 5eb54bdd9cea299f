"""``rse-gateway serve``: run the gateway until it is told to stop."""

from pathlib import Path

import click

from rse_gateway.cli.options import read_settings
from rse_gateway.errors import SettingsRefused
from rse_gateway.serving.supervisor import Supervisor


@click.command("serve")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Settings file (TOML); RSE_… variables override it.",
)
def serve(settings_file: Path | None) -> None:
    """Answer requests; SIGTERM or Ctrl-C finishes what is being answered and ends with status 0."""
    from rse_gateway.bootstrap.start import judge_start

    settings = read_settings(settings_file)
    problems = judge_start(settings)
    if problems:
        raise SettingsRefused(problems)
    status = Supervisor(settings, announce=lambda line: click.echo(line, err=True)).run()
    if status:
        raise SystemExit(status)
