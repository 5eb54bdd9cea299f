"""``rse-cpas-stub log show`` and ``received``: what our own log says, in sentences or for programs."""

from pathlib import Path
from typing import Any

import click

from rse_cpas_stub.configuration import read_settings
from rse_cpas_stub.log import load_auditor_private_key, read_log
from rse_cpas_stub.log_words import as_json_row, heading, lines_of_row, plain_text, sentence
from rse_cpas_stub.options import FILE, REFUSED, config_option, json_option, show, talk
from rse_cpas_stub.receiver import read_received, received_rows
from rse_cpas_stub.words import lines_of_result, plain_result
from rse_gateway.trail import LogEntry, PrivatePart, PrivateReader
from rse_gateway.trail.sql import ConsultationLog


@click.group()
def log() -> None:
    """Read our own consultation log."""


@log.command("show")
@click.argument("ticket")
@click.option("--log", "log_file", type=FILE, required=True, help="Our consultation log, a SQLite file.")
@click.option("--auditor-key", type=FILE, help="Our auditor's private key, PEM: opens persons and digests.")
@json_option
@click.pass_context
def show_ticket(
    context: click.Context, /, ticket: str, log_file: Path, auditor_key: Path | None, as_json: bool
) -> None:
    """Tell what our log says about TICKET (ours or the gateway's), oldest first.

    Without an auditor's key persons and message digests stay sealed.
    """
    own = read_log(log_file)
    reader = None
    if auditor_key is not None:
        reader = PrivateReader(own.month_keys(), load_auditor_private_key(auditor_key))
    entries = _story(own, ticket)
    opened = [(entry, _opened(entry, reader)) for entry in entries]
    if as_json:
        show([as_json_row(entry, private) for entry, private in opened])
    elif entries:
        click.echo(heading(entries))
        for entry, private in opened:
            click.echo("\n".join(lines_of_row(entry, private)))
    if not entries:
        talk("no row with this ticket")
        context.exit(REFUSED)


def _story(own: ConsultationLog, ticket: str) -> list[LogEntry]:
    """Return the rows of a ticket, and of the tickets that stand beside it: the request knows ours only."""
    found = {entry.entry_id: entry for entry in own.by_ticket(ticket)}
    named = {entry.parsed().get(name) for entry in found.values() for name in ("ticket", "ticketCBSS")}
    for other in named - {None, ticket}:
        found |= {entry.entry_id: entry for entry in own.by_ticket(other or "")}
    return sorted(found.values(), key=lambda entry: (entry.parsed().at, entry.entry_id))


def _opened(entry: LogEntry, reader: PrivateReader | None) -> PrivatePart | None:
    return None if reader is None or entry.private is None else reader.open(entry)


@click.command()
@config_option
@click.option("--log", type=FILE, help="Our consultation log, a SQLite file.")
@click.option("--cbe-number", metavar="NUMBER", help="Chooses among several CPAS of the configuration.")
@click.option(
    "--received", "folder", type=click.Path(path_type=Path), help="Folder that keeps what was pushed."
)
@json_option
def received(config: Path | None, as_json: bool, folder: Path | None, **options: Any) -> None:
    """Show the late answers that were pushed to us, oldest first; with their content where it is kept."""
    settings = read_settings(config, {**options, "received": folder})
    rows = received_rows(read_log(settings.file("log")))
    kept = [None if settings.received is None else read_received(settings.received, row) for row in rows]
    if as_json:
        show(
            [
                {**as_json_row(row, None), "supplier": None if one is None else plain_result(one.result)}
                for row, one in zip(rows, kept, strict=True)
            ]
        )
        return
    for row, one in zip(rows, kept, strict=True):
        record = row.parsed()
        click.echo(f"{record.fields['at']}  {record.get('ticketCBSS')}  {sentence(record)}")
        for line in () if one is None else lines_of_result(one.result):
            click.echo(plain_text(f"  {line}"))
    if not rows:
        talk("nothing was pushed to us")
