"""``rse-gateway institutions check``: a partner tried on registration, and what it has to mend."""

import sys
from pathlib import Path

import click

from rse_gateway.cli.log_criteria import cbe
from rse_gateway.cli.opening import open_gateway
from rse_gateway.cli.options import current_settings, give_json, json_option, settings_option
from rse_gateway.cli.outcome import DONE, REFUSED, Refused, plain, safe
from rse_gateway.conformance.findings import Finding, Result, all_right
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.store.registry import SqlRegistry

_MAX_PERSON_FILE = 1_000


@click.command()
@click.argument("number", metavar="CBE", callback=cbe)
@click.option(
    "--ssin-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File with one NISS (- for standard input) to ask about, instead of one that nobody has.",
)
@json_option
@settings_option
@click.pass_context
def check(context: click.Context, number: str, ssin_file: Path | None, as_json: bool) -> None:
    """Try the registered partner CBE: address, connection, WSDL, keys, and a signed question.

    The question is about a number that nobody has, and NO_DATA_FOUND is the right answer; it is logged before
    it is sent. In production none is sent, because every question about a person needs a ground. Exit status
    1 when something is wrong.
    """
    from rse_gateway.bootstrap.partner_check import partner_check

    gateway = open_gateway(current_settings())
    if ssin_file is not None and gateway.settings.environment == "prod":
        raise click.UsageError("--ssin-file: no question is sent in production; it would need a ground.")
    asked = CbeNumber(number)
    institution = SqlRegistry(gateway.store.engine).institution(asked)
    if institution is None:
        raise Refused(f"{asked} is not registered; rse-gateway institutions list names who is")
    person = None if ssin_file is None else _person(ssin_file)
    with partner_check(gateway.settings, gateway.store, gateway.hub) as tried:
        found = tried(institution, person)
    right = all_right(found)
    if as_json:
        steps = [_as_json(one) for one in found]
        give_json(
            {"cbeNumber": number, "environment": gateway.settings.environment, "right": right, "steps": steps}
        )
    else:
        click.echo(plain(f"{number}  {institution.name_fr} / {institution.name_nl}"))
        _tell(found)
    context.exit(DONE if right else REFUSED)


def _person(file: Path) -> Niss:
    try:
        if str(file) == "-":
            return Niss(sys.stdin.read(_MAX_PERSON_FILE).strip())
        with file.open(encoding="utf-8") as opened:
            return Niss(opened.read(_MAX_PERSON_FILE).strip())
    except OSError as error:
        raise Refused(f"--ssin-file: cannot be read ({error.strerror})") from error
    except ValueError:
        raise Refused("--ssin-file: one NISS expected, 11 digits with right check digits") from None


def _as_json(finding: Finding) -> dict[str, str]:
    told = {"step": finding.step, "result": finding.result.value, "seen": safe(finding.seen)}
    return told | ({"mend": safe(finding.mend)} if finding.mend else {})


def _tell(found: list[Finding]) -> None:
    width = max(len(finding.step) for finding in found)
    for finding in found:
        click.echo(f"  {finding.result:<9}  {finding.step:<{width}}  {safe(finding.seen)}")
        if finding.mend:
            click.echo(f"  {'':<9}  {'':<{width}}  to mend: {safe(finding.mend)}")
    counted = {one: sum(finding.result is one for finding in found) for one in Result}
    if counted[Result.WRONG]:
        click.echo(f"verdict: {counted[Result.WRONG]} thing(s) to mend")
    else:
        noted = counted[Result.WARNING]
        click.echo("verdict: all right" + (f", {noted} warning(s)" if noted else ""))
