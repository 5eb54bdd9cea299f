"""``rse-gateway institutions show|suspend|resume``: one institution, and whether it takes part."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from rse_gateway.cli.opening import Gateway, open_gateway
from rse_gateway.cli.operator import operator
from rse_gateway.cli.options import current_settings, give_json, json_option, settings_option
from rse_gateway.cli.outcome import Refused, plain
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SetupError
from rse_gateway.store.registered import registered
from rse_gateway.store.registration import InstitutionRecord, suspend_institution
from rse_gateway.trail.errors import TrailError
from rse_gateway.trail.kinds import Kind

_MAX_REASON = 512


def _number(_context: click.Context, _parameter: click.Parameter, value: str) -> CbeNumber:
    try:
        return CbeNumber(value)
    except ValueError:
        raise click.BadParameter("a BCE number expected: 10 digits with right check digits") from None


_of_number = click.argument("number", callback=_number)
_reason = click.option("--reason", required=True, help="Why, in words; stands in the consultation log.")


@click.command()
@_of_number
@json_option
@settings_option
def show(number: CbeNumber, as_json: bool) -> None:
    """Show everything that is registered about the institution NUMBER."""
    record = registered(open_gateway(current_settings()).store.engine).get(number)
    if record is None:
        raise Refused(f"{number} is not registered")
    values = _values(record)
    if as_json:
        give_json(values)
        return
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one not in (None, False):
                click.echo(plain(f"{name}: {_line(one)}"))


@click.command()
@_of_number
@_reason
@settings_option
def suspend(number: CbeNumber, reason: str) -> None:
    """Suspend the institution NUMBER until it is resumed.

    Its messages are refused (MSG00016), nothing is sent to it, and nobody signs for it any more. Running
    processes follow within 2 seconds. The change is a row of the consultation log; an import does not undo
    it.
    """
    gateway = open_gateway(current_settings())
    _change(gateway, number, gateway.store.clock.now(), f"suspended: {reason}")
    click.echo(f"{number} is suspended")


@click.command()
@_of_number
@_reason
@settings_option
def resume(number: CbeNumber, reason: str) -> None:
    """Let the suspended institution NUMBER take part again."""
    _change(open_gateway(current_settings()), number, None, f"resumed: {reason}")
    click.echo(f"{number} takes part again")


def _change(gateway: Gateway, number: CbeNumber, at: datetime | None, what: str) -> None:
    if len(what) > _MAX_REASON:
        raise click.UsageError(f"--reason: at most {_MAX_REASON} characters expected")
    fields = {"count": "1", "holding": number.value, "reason": f"{operator()} {what}"}
    try:
        row = gateway.hub.maker.make(Kind.INSTITUTION_CHANGED, gateway.store.clock.now(), fields)
        suspend_institution(gateway.store.engine, number, at, log=[row])
    except TrailError:
        wanted = "a text without control characters and without a NISS expected"
        raise click.UsageError(f"--reason: {wanted}") from None
    except SetupError as error:
        raise Refused(f"{error}; nothing changed") from error


def _values(record: InstitutionRecord) -> dict[str, Any]:
    """Return the record with the names of the import file."""
    own = {name: _plain(value) for name, value in asdict(record.institution).items() if name != "rights"}
    own["cbe_number"] = record.institution.cbe_number.value
    quotas = record.quotas
    return own | {
        "profile": record.profile,
        "quota": quotas.consultations,
        "register_quota": quotas.lines,
        "register_quota_until": _plain(quotas.lines_until),
        "maintenance_until": _plain(record.maintenance_until),
        "successor": None if record.successor is None else record.successor.value,
        "successor_since": _plain(record.successor_since),
        "key": [_table(one) for one in record.keys],
        "rights": [_table(one) for one in record.institution.rights],
        "mandates": [_table(one) for one in record.mandates],
    }


def _table(one: Any) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "certificate"}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, CbeNumber):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


def _line(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    told = ((name, ", ".join(one) if isinstance(one, list) else one) for name, one in value.items())
    return "; ".join(f"{name} {one}" for name, one in told if one is not None)
