"""``rse-cpas-stub ask``, ``retrieve``, ``list`` and ``test``: what a requesting CPAS asks the gateway."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from rse_cpas_stub.client import Question, Requester
from rse_cpas_stub.configuration import Settings, read_settings, utc_now
from rse_cpas_stub.messages import Options
from rse_cpas_stub.options import (
    DAY,
    DONE,
    REFUSED,
    json_option,
    national_number,
    own_options,
    person_options,
    show,
    user_of,
    user_options,
)
from rse_cpas_stub.outcomes import ConsultOutcome
from rse_cpas_stub.period import Period
from rse_cpas_stub.words import lines_of, lines_of_list, plain_list, plain_outcome


def requester_of(settings: Settings) -> Requester:
    """Return the requesting CPAS that the settings describe."""
    return Requester(
        settings.identity(),
        settings.gateway(),
        gateway_url=settings.text("gateway_url"),
        log=settings.own_log(utc_now),
        environment=settings.environment,
        clock=utc_now,
    )


@click.command()
@own_options
@user_options("SOCIAL_WORKER")
@person_options
@json_option
@click.option("--begin", required=True, type=DAY, help="First day asked.")
@click.option("--end", required=True, type=DAY, help="Last day asked.")
@click.option("--language", type=click.Choice(["FR", "NL", "DE", "EN"]))
@click.option("--collect-window", type=click.IntRange(0, 60), help="Seconds the gateway waits for answers.")
@click.option("--dry-run", is_flag=True, default=None, help="Only check whether the question would pass.")
@click.pass_context
def ask(
    context: click.Context,
    /,
    config: Path | None,
    as_json: bool,
    ssin: str | None,
    ssin_file: Any,
    begin: datetime,
    end: datetime,
    **options: Any,
) -> None:
    """Ask about one person and print the answer in words; the same ticket asks for the same consultation."""
    named = {} if options["ticket"] is None else {"ticket": options["ticket"]}
    question = Question(
        ssin=national_number(ssin, ssin_file),
        period=Period(begin.date(), end.date()),
        user=user_of(options),
        legal_context=options["legal_context"],
        options=Options(options["language"], options["collect_window"], options["dry_run"]),
        **named,
    )
    _give(context, requester_of(read_settings(config, options)).consult(question), as_json=as_json)


@click.command()
@click.argument("ticketcbss")
@own_options
@user_options("SOCIAL_WORKER")
@json_option
@click.option("--supplier", metavar="NUMBER", help="Only what this holding CPAS answered.")
@click.pass_context
def retrieve(
    context: click.Context,
    /,
    ticketcbss: str,
    config: Path | None,
    as_json: bool,
    supplier: str | None,
    **options: Any,
) -> None:
    """Pick up our consultation TICKETCBSS (the gateway's number) as it stands now."""
    outcome = requester_of(read_settings(config, options)).retrieve(
        ticketcbss,
        user_of(options),
        supplier=supplier,
        ticket=options["ticket"],
        legal_context=options["legal_context"],
    )
    _give(context, outcome, as_json=as_json)


def _give(context: click.Context, outcome: ConsultOutcome, *, as_json: bool) -> None:
    if as_json:
        show(plain_outcome(outcome))
    else:
        click.echo("\n".join(lines_of(outcome)))
    context.exit(REFUSED if outcome.refused else DONE)


_MOMENTS = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"])


@click.command("list")
@own_options
@user_options("SOCIAL_WORKER")
@json_option
@click.option("--since", type=_MOMENTS, help="What changed since, UTC: the asOf of the list before.")
@click.option(
    "--confirm", "confirmed", multiple=True, metavar="TICKETCBSS", help="We keep this answer ourselves."
)
@click.pass_context
def list_reports(
    context: click.Context,
    /,
    config: Path | None,
    as_json: bool,
    since: datetime | None,
    confirmed: tuple[str, ...],
    **options: Any,
) -> None:
    """List our consultations that changed, and confirm answers that the gateway need not keep."""
    outcome = requester_of(read_settings(config, options)).list_reports(
        user_of(options),
        since=None if since is None else since.replace(tzinfo=UTC),
        confirmed=confirmed,
        ticket=options["ticket"],
        legal_context=options["legal_context"],
    )
    if as_json:
        show(plain_list(outcome))
    else:
        click.echo("\n".join(lines_of_list(outcome)))
    context.exit(REFUSED if outcome.status.value == "NO_RESULT" else DONE)


@click.command()
@own_options
@user_options("SOCIAL_WORKER")
@json_option
@click.option("--message", default="test", show_default=True, help="Text that comes back.")
def test(config: Path | None, as_json: bool, message: str, **options: Any) -> None:
    """Try the connection: what did the gateway see of us?"""
    seen = requester_of(read_settings(config, options)).send_test_message(message, user_of(options))
    content = {
        "message": seen.message,
        "gatewayTime": seen.gateway_time,
        "environment": seen.environment,
        "certificate": seen.certificate,
        "institution": seen.institution,
    }
    if as_json:
        show(content)
    else:
        click.echo("\n".join(f"{name}: {value}" for name, value in content.items()))
