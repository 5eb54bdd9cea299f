"""``rse-cpas-stub access …`` and ``deliver``: our lines of the directory, and late answers by hand."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from rse_cpas_stub.asking_commands import requester_of
from rse_cpas_stub.client import new_ticket
from rse_cpas_stub.configuration import Settings, read_settings, utc_now
from rse_cpas_stub.delivery import Deliverer, LateAnswer, asked_before
from rse_cpas_stub.failures import DeliveryVariant
from rse_cpas_stub.holder import Disclosure, disclose
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import Status
from rse_cpas_stub.options import (
    DAY,
    DONE,
    FILE,
    REFUSED,
    json_option,
    national_number,
    own_options,
    person_options,
    show,
    together,
    user_of,
    user_options,
)
from rse_cpas_stub.outcomes import AccessAction, AccessLine
from rse_cpas_stub.partner import exchange_of
from rse_cpas_stub.period import Period
from rse_cpas_stub.persons import load_persons
from rse_cpas_stub.words import lines_of_access, plain_access, plain_status, status_line


@click.group()
def access() -> None:
    """Keep our own lines of the sectoral directory."""


_access_options: Callable[[Any], Any] = together(
    own_options, user_options("ADMINISTRATION"), person_options, json_option
)


def _line_options(*, ended: bool) -> Callable[[Any], Any]:
    """Return the options that name one line; ``ended``: its last day is needed."""
    return together(
        _access_options,
        click.option("--quality-code", required=True, type=click.IntRange(0, 999), help="Such as 2: income."),
        click.option("--begin", required=True, type=DAY, help="First day of the line."),
        click.option("--end", required=ended, type=DAY, help="Last day of the line."),
    )


def _act(action: AccessAction, line: AccessLine, config: Path | None, as_json: bool, **options: Any) -> None:
    outcome = requester_of(read_settings(config, options)).access(
        action,
        line,
        user_of(options),
        ticket=options["ticket"],
        legal_context=options["legal_context"],
    )
    if as_json:
        show(plain_access(outcome))
    else:
        click.echo("\n".join(lines_of_access(outcome)))
    click.get_current_context().exit(REFUSED if outcome.refused else DONE)


def _line(options: dict[str, Any]) -> AccessLine:
    begin, end = options.pop("begin"), options.pop("end")
    return AccessLine(
        ssin=national_number(options.pop("ssin"), options.pop("ssin_file")),
        quality_code=options.pop("quality_code"),
        begin=begin.date(),
        end=None if end is None else end.date(),
        file_reference=options["file_reference"],
    )


@access.command()
@_line_options(ended=False)
def register(**options: Any) -> None:
    """Register a line: we have a file on this person (--file-reference is needed)."""
    _act(AccessAction.REGISTER, _line(options), **options)


@access.command()
@_line_options(ended=True)
def unregister(**options: Any) -> None:
    """End our line of this person, quality code and begin (--file-reference is needed)."""
    _act(AccessAction.UNREGISTER, _line(options), **options)


@access.command("list")
@_access_options
@click.option("--offset", type=click.IntRange(0, 9_999_999), help="Lines to pass over.")
def list_lines(ssin: str | None, ssin_file: Any, offset: int | None, **options: Any) -> None:
    """List our lines: all, or those of one person."""
    named = None if ssin is None and ssin_file is None else national_number(ssin, ssin_file)
    _act(AccessAction.LIST, AccessLine(ssin=named, offset=offset), **options)


@click.command()
@click.argument("ticketcbss")
@own_options
@user_options("SYSTEM")
@person_options
@json_option
@click.option("--persons", type=FILE, help="The invented persons' files of this CPAS, JSON.")
@click.option("--begin", type=DAY, help="First day asked; else as our log says we were asked.")
@click.option("--end", type=DAY, help="Last day asked; else as our log says we were asked.")
@click.option("--code", metavar="CODE", help="Refuse with this code of the catalogue, such as MSG00027.")
@click.option(
    "--variant",
    type=click.Choice([variant.value for variant in DeliveryVariant]),
    default=DeliveryVariant.ONCE.value,
    show_default=True,
    help="Deliver wrongly on purpose.",
)
@click.pass_context
def deliver(
    context: click.Context,
    /,
    ticketcbss: str,
    config: Path | None,
    as_json: bool,
    ssin: str | None,
    ssin_file: Any,
    variant: str,
    **options: Any,
) -> None:
    """Deliver our answer to the question TICKETCBSS (the gateway's number) by hand."""
    settings = read_settings(config, options)
    identity, log = settings.identity(), settings.own_log(utc_now)
    late = _late_answer(settings, log, ticketcbss, national_number(ssin, ssin_file), options)
    deliverer = Deliverer(exchange_of(settings, identity, log, utc_now), identity.cbe_number)
    said = deliverer.deliver(late, user_of(options), variant=DeliveryVariant(variant))
    if as_json:
        show([plain_status(status) for status in said])
    else:
        click.echo("\n".join(status_line(status) for status in said))
    context.exit(DONE if all(status.value == "OK" for status in said) else REFUSED)


def _late_answer(
    settings: Settings, log: OwnLog, ticket_cbss: str, ssin: str, options: dict[str, Any]
) -> LateAnswer:
    asked = asked_before(log.consultations, ticket_cbss)
    fields = (
        {} if asked is None else {name: asked.get(name) for name in ("asking", "periodBegin", "periodEnd")}
    )
    period = _period(options["begin"], options["end"], fields)
    if options["code"] is not None:
        said = Disclosure(Status("NO_RESULT", options["code"], "Refused by hand."))
    else:
        files = load_persons(settings.file("persons"), settings.text("cbe_number"))
        said = disclose(files, ssin, period)
    return LateAnswer(
        ticket=options["ticket"] or (asked and asked.get("ticket")) or new_ticket(),
        ticket_cbss=ticket_cbss,
        ssin=ssin,
        legal_context=options["legal_context"],
        status=said.status,
        report=said.report,
        file_reference=said.file_reference,
        fields={
            **fields,
            "periodBegin": period.begin.isoformat(),
            "periodEnd": period.end.isoformat(),
        },
    )


def _period(begin: datetime | None, end: datetime | None, asked: dict[str, str | None]) -> Period:
    first = asked.get("periodBegin") if begin is None else begin.date().isoformat()
    last = asked.get("periodEnd") if end is None else end.date().isoformat()
    if first is None or last is None:
        raise click.UsageError("our log does not know this question: give --begin and --end")
    return Period(datetime.fromisoformat(first).date(), datetime.fromisoformat(last).date())
