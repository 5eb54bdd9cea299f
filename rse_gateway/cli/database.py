"""``rse-gateway database …``: the schema of the store."""

import click

from rse_gateway.cli.options import current_settings, say, settings_option
from rse_gateway.store.engine import open_engine
from rse_gateway.store.migrations import upgrade as upgrade_schema


@click.group()
def database() -> None:
    """Bring the database to this version."""


@database.command()
@settings_option
def upgrade() -> None:
    """Create the tables, or bring them to this version; safe to repeat, and from several nodes at once."""
    upgrade_schema(open_engine(current_settings().database))
    say("the database is at this version")
