"""``rse-gateway institutions …``: who takes part."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from rse_gateway.bootstrap.hosts import address_judge
from rse_gateway.bootstrap.trust import certificate_rules
from rse_gateway.cli.institutions_check import check
from rse_gateway.cli.institutions_state import resume, show, suspend
from rse_gateway.cli.opening import open_gateway
from rse_gateway.cli.operator import operator
from rse_gateway.cli.options import current_settings, give_json, json_option, say, settings_option
from rse_gateway.cli.outcome import Refused, plain
from rse_gateway.cli.refusals import told_as_json
from rse_gateway.domain.quota import NO_BOUND
from rse_gateway.errors import SetupError
from rse_gateway.registration.changes import InstitutionChange, change_of
from rse_gateway.registration.institutions_file import read_institutions
from rse_gateway.store.institution_list import ListedInstitution, list_institutions
from rse_gateway.store.registered import registered
from rse_gateway.store.registration import import_institutions
from rse_gateway.trail.kinds import Kind

_HINTS = 3


@click.group()
def institutions() -> None:
    """Import, list and try who takes part."""


for _command in (check, show, suspend, resume):
    institutions.add_command(_command)


@institutions.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change; register nothing.")
@json_option
@settings_option
def import_file(file: Path, dry_run: bool, as_json: bool) -> None:
    """Register the institutions of FILE (TOML), all of them or none.

    What was registered about an institution of FILE is replaced; others stay as they are. Every problem is
    told with file, line, institution and field. Each institution that changes is a row of the consultation
    log, with who changed which fields. Running processes follow within 2 seconds.
    """
    gateway = open_gateway(current_settings())
    now = gateway.store.clock.now()
    with told_as_json(as_json):
        settings = gateway.settings
        read = read_institutions(
            file,
            environment=settings.environment,
            now=now,
            rules=certificate_rules(settings),
            judge=address_judge(settings),
        )
        count = len(read.records)
        before = registered(gateway.store.engine)
        changes = [change_of(before.get(one.institution.cbe_number), one) for one in read.records]
        if dry_run:
            _tell_changes(changes, as_json)
            return
        rows = [
            gateway.hub.maker.make(
                Kind.INSTITUTION_CHANGED,
                now,
                {
                    "fileDigest": read.digest,
                    "count": "1",
                    "holding": one.cbe_number,
                    "reason": f"{operator()} {one.words()}",
                },
            )
            for one in changes
            if not one.nothing
        ]
        try:
            import_institutions(gateway.store.engine, read.records, log=rows)
        except SetupError as error:
            raise Refused(f"{file.name}: {error}; nothing was imported") from error
    if as_json:
        give_json({"imported": count, "fileDigest": read.digest})
    else:
        click.echo(f"{count} institution(s) registered")
    for record in read.records:
        if not record.keys and record.successor is None:
            say(f"note: {record.institution.cbe_number} has no key, so it cannot sign a message")
    reached = [record.institution.cbe_number for record in read.records if record.institution.endpoint]
    for number in reached[:_HINTS]:
        say(f"try its endpoint: rse-gateway institutions check {number}")
    if len(reached) > _HINTS:
        say(f"and {len(reached) - _HINTS} more with an endpoint (rse-gateway institutions list)")


def _tell_changes(changes: list[InstitutionChange], as_json: bool) -> None:
    if as_json:
        give_json({"dryRun": True, "changes": [asdict(one) for one in changes]})
        return
    for one in changes:
        keys = [
            *(f"key added {key}" for key in one.keys_added),
            *(f"key removed {key}" for key in one.keys_removed),
        ]
        what = "nothing changes" if one.nothing else "; ".join([one.words(), *keys])
        click.echo(f"{one.cbe_number}: {what}")
    say("dry run: nothing was registered")


@institutions.command("list")
@json_option
@settings_option
def list_all(as_json: bool) -> None:
    """List all registered institutions, sorted by BCE number."""
    store = open_gateway(current_settings()).store
    listed = list_institutions(store.engine)
    if as_json:
        give_json([_json_of(one) for one in listed])
        return
    now = store.clock.now()
    for one in listed:
        click.echo(plain("  ".join((one.cbe_number, f"{one.name_fr} / {one.name_nl}", _state(one, now)))))
    say(f"{len(listed)} institution(s)")


def _json_of(one: ListedInstitution) -> dict[str, object]:
    return {name: _plain(value) for name, value in asdict(one).items() if name != "mandates"} | {
        "mandates": [
            {name: _plain(value) for name, value in asdict(mandate).items()} for mandate in one.mandates
        ]
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _state(one: ListedInstitution, now: datetime) -> str:
    reached = one.endpoint or "no endpoint"
    if one.endpoint is None and one.exempt_until is not None:
        reached += f" (exempt until {one.exempt_until.isoformat()})"
    told = [reached, f"{one.keys} key(s)", f"profile {one.profile}"]
    if one.quota is not None:
        told.append("no quota" if one.quota == NO_BOUND else f"quota {one.quota}/h")
    if one.register_quota is not None and one.register_quota_until is not None:
        many = "any number" if one.register_quota == NO_BOUND else f"{one.register_quota}/h"
        told.append(f"may register {many} until {one.register_quota_until.isoformat()}")
    if one.maintenance_until is not None and one.maintenance_until > now:
        told.append(f"in maintenance until {one.maintenance_until.isoformat(timespec='seconds')}")
    if one.suspended_at is not None:
        told.insert(0, f"suspended since {one.suspended_at.isoformat(timespec='seconds')}")
    told.extend(f"mandate of {cpas}" for cpas in sorted({mandate.cpas for mandate in one.mandates}))
    if one.successor is not None and one.successor_since is not None:
        told.insert(0, f"succeeded by {one.successor} since {one.successor_since.isoformat()}")
    return ", ".join(told)
