"""Rows of the consultation log as lines for people and as CSV for spreadsheets; nothing in them can act."""

import csv
import io
from collections.abc import Sequence

import click

from rse_gateway.cli.log_reading import Row
from rse_gateway.cli.log_story import sentence
from rse_gateway.cli.options import say
from rse_gateway.cli.outcome import plain
from rse_gateway.trail.record import PATTERNS

COLUMNS = (*PATTERNS, "persons")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def give_lines(rows: Sequence[Row]) -> None:
    """Write one line per row, and one per person where the private part is open."""
    for row in rows:
        ticket = row.record.get("ticketCBSS") or "-"
        click.echo(f"{row.record.fields['at']}  {row.record.kind.value}  {ticket}  {sentence(row.record)}")
        if row.private is not None:
            for person in row.private.persons:
                click.echo(f"    {person.role.value.lower()}: {person.niss}")
    say(f"{len(rows)} row(s)")


def give_csv(rows: Sequence[Row]) -> None:
    """Write one record per row: every field of the format, then the persons where they are open."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        persons = row.private.persons if row.private is not None else ()
        named = " ".join(f"{person.role.value}:{person.niss}" for person in persons)
        writer.writerow([*(cell(row.record.get(name) or "") for name in PATTERNS), named])
    click.echo(text.getvalue(), nl=False)


def cell(value: str) -> str:
    """Return the value so that no spreadsheet takes it for a formula and no terminal for a command."""
    return plain(f"'{value}" if value.startswith(_FORMULA) else value)
