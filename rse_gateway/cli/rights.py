"""``rse-gateway rights``: what one institution may call, for operators; what `listRights` tells it."""

from datetime import date

import click

from rse_gateway.bootstrap.served import SERVED
from rse_gateway.cli.log_criteria import cbe
from rse_gateway.cli.opening import open_gateway
from rse_gateway.cli.options import current_settings, give_json, json_option, say, settings_option
from rse_gateway.cli.outcome import Refused, plain
from rse_gateway.domain.access import Institution, check_reciprocity
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.rights import GrantedMandate, GrantedRight, granted_mandates, granted_rights
from rse_gateway.errors import RequestRefused
from rse_gateway.store.registry import SqlRegistry

NEEDS_NO_RIGHT = ("sendTestMessage", "listRights")


@click.command()
@click.argument("number", metavar="CBE", callback=cbe)
@json_option
@settings_option
def rights(number: str, as_json: bool) -> None:
    """Tell what the institution CBE may call, and for whom it may sign.

    Rights and mandates of today and of later, as registered; the same that the operation listRights tells the
    institution itself, and the mandates that it gave.
    """
    gateway = open_gateway(current_settings())
    registry, asked = SqlRegistry(gateway.store.engine), CbeNumber(number)
    institution = registry.institution(asked)
    if institution is None:
        raise Refused(f"{asked} is not registered; rse-gateway institutions list names who is")
    day = gateway.store.clock.today()
    granted = granted_rights(institution, SERVED, day)
    mandates = granted_mandates(registry.mandates_of(asked), SERVED, day)
    held = [one for one in mandates if one.mandatary == asked]
    given = [one for one in mandates if one.cpas == asked]
    if as_json:
        give_json(
            {
                "cbeNumber": number,
                "rights": [_right_json(one) for one in granted],
                "mandatesHeld": [_mandate_json(one, one.cpas) for one in held],
                "mandatesGiven": [_mandate_json(one, one.mandatary) for one in given],
            }
        )
    else:
        click.echo(plain(f"{asked}  {institution.name_fr} / {institution.name_nl}"))
        _tell("may call", [_right_words(one) for one in granted])
        _tell("may sign for", [_mandate_words(one, one.cpas) for one in held])
        _tell("is signed for by", [_mandate_words(one, one.mandatary) for one in given])
    _note(institution, registry.successor_of(asked, day), day)


def _right_json(right: GrantedRight) -> dict[str, object]:
    named = {"service": right.service, "version": right.version, "operation": right.operation}
    return named | {"legalContexts": list(right.legal_contexts)} | _dates_json(right)


def _mandate_json(mandate: GrantedMandate, other: CbeNumber) -> dict[str, object]:
    return {"cbeNumber": other.value, "operations": list(mandate.operations)} | _dates_json(mandate)


def _dates_json(one: GrantedRight | GrantedMandate) -> dict[str, object]:
    dates = {"beginDate": one.begin, "endDate": one.end}
    return {name: None if day is None else day.isoformat() for name, day in dates.items()}


def _right_words(right: GrantedRight) -> str:
    grounds = ", ".join(right.legal_contexts)
    return f"{right.operation} ({right.service} {right.version}) on {grounds}{_dates_words(right)}"


def _mandate_words(mandate: GrantedMandate, other: CbeNumber) -> str:
    return f"{other}: {', '.join(mandate.operations)}{_dates_words(mandate)}"


def _dates_words(one: GrantedRight | GrantedMandate) -> str:
    begin = "" if one.begin is None else f", from {one.begin.isoformat()}"
    return begin + ("" if one.end is None else f", until {one.end.isoformat()}")


def _tell(title: str, lines: list[str]) -> None:
    click.echo(f"{title}:")
    for line in lines or ["nothing" if title == "may call" else "nobody"]:
        click.echo(plain(f"  {line}"))


def _note(institution: Institution, successor: CbeNumber, day: date) -> None:
    """Say what stops an institution whatever its rights are."""
    say(f"note: {' and '.join(NEEDS_NO_RIGHT)} need no right")
    if successor != institution.cbe_number:
        say(f"note: {successor} stands for it: messages that it signs itself are refused (MSG00014)")
    try:
        check_reciprocity(institution, day)
    except RequestRefused as refusal:
        say(f"note: it has no endpoint and no exemption, so consultSocialReport is refused ({refusal.code})")
