"""``rse-gateway log …``: the consultation log for auditors and operators; every look is itself a row."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from rse_gateway.cli import log_criteria as criteria_of
from rse_gateway.cli.log_output import give_csv, give_lines
from rse_gateway.cli.log_reading import Reader, Row, load_auditor
from rse_gateway.cli.log_story import as_json as row_as_json
from rse_gateway.cli.log_story import story
from rse_gateway.cli.opening import Gateway, open_gateway
from rse_gateway.cli.options import current_settings, give_json, json_option, say, settings_option
from rse_gateway.cli.outcome import Refused
from rse_gateway.domain.identifiers import Niss
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.errors import RecordError
from rse_gateway.trail.kinds import Kind

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group()
def log() -> None:
    """Read the consultation log; every look states a reason and is itself logged."""


def _looking(command: _Command) -> _Command:
    """Give a command what every look states: why, and by which auditor."""
    reason = click.option(
        "--reason", required=True, metavar="TEXT", help="Why you look; stands in the log, without a NISS."
    )
    auditor = click.option(
        "--auditor-key",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Private key of a configured auditor (PEM, chmod 600): opens persons and proofs.",
    )
    return reason(auditor(json_option(settings_option(command))))


@log.command()
@click.argument("ticket", callback=criteria_of.ticket)
@_looking
def show(ticket: str, reason: str, auditor_key: Path | None, as_json: bool) -> None:
    """Tell the consultation TICKET (the requester's or the gateway's) from request to answer.

    All rows in the order of time, as sentences. With the key of an auditor, persons and proofs are shown.
    """
    gateway, reader = _reader(auditor_key)
    wanted = criteria_of.gateway_ticket(ticket) or ticket
    entries = reader.by_ticket(wanted)
    about = {"ticketCBSS" if criteria_of.gateway_ticket(ticket) else "ticket": wanted}
    rows = _disclosed(reader, entries, reason, about=about)
    if as_json:
        give_json([row_as_json(row) for row in rows])
    else:
        for line in story(rows):
            click.echo(line)
    if not rows:
        raise Refused(f"no row of the {gateway.settings.environment} log names this ticket")


@log.command()
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), metavar="KIND", help="Kind of row.")
@click.option("--asking", callback=criteria_of.cbe, metavar="CBE", help="Institution that asked.")
@click.option("--holding", callback=criteria_of.cbe, metavar="CBE", help="Institution that was asked.")
@click.option("--signing", callback=criteria_of.cbe, metavar="CBE", help="Institution that signed.")
@click.option("--outcome", metavar="CODE", help="Outcome code, such as MSG00012.")
@click.option("--legal-context", metavar="TEXT", help="Ground for asking, such as PCSA:SOCIAL_INQUIRY.")
@click.option("--user-reference", metavar="TEXT", help="The institution's pseudonym of its user.")
@click.option(
    "--ticket", callback=criteria_of.ticket, metavar="TICKET", help="Requester's ticket, or the gateway's."
)
@click.option(
    "--from", "since", type=click.DateTime(), callback=criteria_of.moment, metavar="TIME",
    help="From this moment, UTC: 2026-11-21 or 2026-11-21T08:00:00.",
)  # fmt: skip
@click.option(
    "--until", type=click.DateTime(), callback=criteria_of.moment, metavar="TIME",
    help="Before this moment, UTC; a date means before its midnight.",
)  # fmt: skip
@click.option(
    "--person-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File with one NISS (- for standard input): rows about this person. Needs --auditor-key.",
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Newest rows at most."
)
@click.option("--csv", "as_csv", is_flag=True, help="Result as CSV on standard output.")
@_looking
def find(
    *,
    reason: str,
    auditor_key: Path | None,
    as_json: bool,
    as_csv: bool,
    person_file: Path | None,
    **criteria: Any,
) -> None:
    """List the newest rows that fit all criteria, newest first.

    A person's number is read from a file or standard input, never from the command line, where others could
    see it; only an auditor may look for a person.
    """
    if as_json and as_csv:
        raise click.UsageError("Give --json or --csv, not both.")
    if person_file is not None and auditor_key is None:
        raise click.UsageError("--person-file needs --auditor-key: only an auditor may look for a person.")
    gateway, reader = _reader(auditor_key)
    person = None if person_file is None else criteria_of.read_person(person_file)
    hmacs = () if person is None else (gateway.store.keys.search_key.hmac(person.value),)
    entries = reader.find(criteria_of.search_of(criteria, hmacs))
    about, words = criteria_of.looked_for(criteria)
    reason = f"{reason} [{words}]" if words else reason
    rows = _disclosed(reader, entries, reason, about=about, person=person)
    if as_json:
        give_json([row_as_json(row) for row in rows])
    elif as_csv:
        give_csv(rows)
    else:
        give_lines(rows)
    if len(rows) == criteria["limit"]:
        say(f"{len(rows)} row(s), the newest that fit; there may be more (--limit)")


def _reader(auditor_key: Path | None) -> tuple[Gateway, Reader]:
    gateway = open_gateway(current_settings())
    auditor = None if auditor_key is None else load_auditor(gateway, auditor_key)
    return gateway, Reader(gateway, auditor)


def _disclosed(
    reader: Reader,
    entries: Sequence[LogEntry],
    reason: str,
    *,
    about: dict[str, str],
    person: Niss | None = None,
) -> list[Row]:
    try:
        return reader.disclose(entries, reason=reason, about=about, person=person)
    except RecordError as error:
        raise click.UsageError(f"The look cannot be logged, so nothing is shown: {error}.") from None
