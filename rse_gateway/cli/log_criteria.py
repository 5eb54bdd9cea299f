"""What ``rse-gateway log`` is asked to look for: options read and checked, none of them echoed."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from rse_gateway.cli.outcome import Refused
from rse_gateway.domain.identifiers import CbeNumber, Niss, Ticket
from rse_gateway.trail.national_numbers import looks_like_niss
from rse_gateway.trail.record import time_text
from rse_gateway.trail.sql.log import Search

_MAX_PERSON_FILE = 1_000


def ticket(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return a ticket, the requester's or the gateway's."""
    if value is None:
        return None
    try:
        text = Ticket(value).value
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if looks_like_niss(text):
        raise click.BadParameter("that looks like a NISS; look for a person with log find --person-file")
    return text


def cbe(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return a BCE number with right check digits."""
    try:
        return None if value is None else CbeNumber(value).value
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def moment(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> datetime | None:
    """Return the moment in UTC."""
    return None if value is None else value.replace(tzinfo=UTC)


def gateway_ticket(text: str) -> str | None:
    """Return the text as a gateway ticket is written, None where it is none."""
    try:
        found = str(UUID(text))
    except ValueError:
        return None
    return found if found == text.lower() else None


def search_of(criteria: dict[str, Any], person_hmacs: tuple[bytes, ...]) -> Search:
    """Return the search that the options of ``log find`` ask for."""
    given = dict(criteria)
    ticket = given.pop("ticket")
    own = None if ticket is None else gateway_ticket(ticket)
    return Search(
        ticket=None if own else ticket,
        gateway_ticket=own,
        at_from=given.pop("since"),
        at_until=given.pop("until"),
        person_hmacs=person_hmacs,
        **given,
    )


def looked_for(criteria: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Return what the row of the look says it was about: fields of the record, and words for its reason."""
    ticket = criteria["ticket"]
    own = None if ticket is None else gateway_ticket(ticket)
    since, until = criteria["since"], criteria["until"]
    fields = {
        "ticketCBSS": own,
        "ticket": None if own else ticket,
        "from": None if since is None else time_text(since),
        "until": None if until is None else time_text(until),
    }
    named = ("kind", "asking", "holding", "signing", "outcome", "legal_context", "user_reference")
    words = ", ".join(f"{name} {criteria[name]}" for name in named if criteria[name] is not None)
    return {name: value for name, value in fields.items() if value is not None}, words


def read_person(file: Path) -> Niss:
    """Return the one NISS in a file, or on standard input.

    Raises:
        Refused: the file cannot be read or holds anything else; the text says nothing of its content.
    """
    try:
        if str(file) == "-":
            text = sys.stdin.read(_MAX_PERSON_FILE)
        else:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_MAX_PERSON_FILE)
        return Niss(text.strip())
    except OSError as error:
        raise Refused(f"--person-file: cannot be read ({error.strerror})") from error
    except ValueError:
        raise Refused("--person-file: one NISS expected, 11 digits with right check digits") from None
