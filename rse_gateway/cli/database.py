"""``rse-gateway database …``: the schema of the store."""

import click

from rse_gateway.cli.options import current_settings, say, settings_option
from rse_gateway.store.engine import open_engine
from rse_gateway.store.migrations import upgrade as upgrade_schema
from rse_gateway.store.unsayable_lines import unsayable_lines

_LISTED = 100


@click.group()
def database() -> None:
    """Bring the database to this version."""


@database.command()
@settings_option
def upgrade() -> None:
    """Create the tables, or bring them to this version; safe to repeat, and from several nodes at once.

    Directory lines with dates that no message can show are listed, without the person.
    """
    engine = open_engine(current_settings().database)
    upgrade_schema(engine)
    say("the database is at this version")
    found = unsayable_lines(engine)
    for line in found[:_LISTED]:
        say(
            f"line of {line.cbe_number}, quality code {line.quality_code}, from {line.begin} "
            f"to {line.end or 'open'}: no message can show it"
        )
    if len(found) > _LISTED:
        say(f"and {len(found) - _LISTED} more")
    if found:
        say("import these lines again with a right end, or delete them (docs/reference/import-files.md)")
