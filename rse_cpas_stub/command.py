"""The command ``rse-cpas-stub``: be a holding CPAS (serve), a requesting CPAS (ask, test), read the own log.

Results go to stdout, talk to stderr. Exit codes: 0 done, 1 refused, 2 usage or setup, 3 failed.
"""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from rse_cpas_stub.client import LEGAL_CONTEXT, ConsultOutcome, Question, Requester, User
from rse_cpas_stub.configuration import ENVIRONMENTS, Settings, read_settings, utc_now
from rse_cpas_stub.errors import FaultReceived, SetupRefused, StubError
from rse_cpas_stub.failures import Failure, stranger
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.log import read_log
from rse_cpas_stub.messages import Options
from rse_cpas_stub.period import Period
from rse_cpas_stub.persons import load_persons
from rse_cpas_stub.server import HolderApplication, HolderServer
from rse_cpas_stub.words import lines_of, plain_outcome
from rse_gateway.trail import LogEntry, TrailError

DONE, REFUSED, USAGE, FAILED = 0, 1, 2, 3
_File = click.Path(dir_okay=False, path_type=Path)
_F = TypeVar("_F", bound=Callable[..., Any])


def _all(*decorators: Callable[[_F], _F]) -> Callable[[_F], _F]:
    def decorate(function: _F) -> _F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


_json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_own_options: Callable[[Any], Any] = _all(
    click.option("--config", type=_File, help="TOML file with these settings (names with _ instead of -)."),
    click.option("--cbe-number", metavar="NUMBER", help="Our own BCE number."),
    click.option("--key", type=_File, help="Our private key, PEM."),
    click.option("--certificate", type=_File, help="Our certificate, PEM."),
    click.option("--environment", type=click.Choice(ENVIRONMENTS), help="Default: test."),
    click.option("--gateway-certificate", type=_File, help="The gateway's certificate(s), PEM."),
    click.option("--gateway-number", metavar="NUMBER", help="The gateway's BCE number, with --trusted-ca."),
    click.option("--trusted-ca", type=_File, help="Authorities that the gateway's certificate comes from."),
    click.option("--log", type=_File, help="Our consultation log, a SQLite file; made when it is new."),
    click.option("--auditor-key", type=_File, help="Public key or certificate of our auditor, PEM."),
)
_user_options: Callable[[Any], Any] = _all(
    click.option("--gateway-url", metavar="URL", help="Where the gateway is, such as http://127.0.0.1:8080."),
    click.option("--user-reference", default="stub-user", show_default=True, help="Pseudonym of the user."),
    click.option("--user-role", default="SOCIAL_WORKER", show_default=True),
)


@click.group(help=__doc__)
def cli() -> None:
    """Group the verbs."""


def _talk(text: str) -> None:
    click.echo(text, err=True)


def _show(content: object) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


@cli.command()
@_own_options
@_json_option
@click.option("--persons", type=_File, help="The invented persons' files of this CPAS, JSON.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0: the system chooses.")
@click.option("--delay", default=0.0, type=click.FloatRange(0, 3600), help="Seconds before each answer.")
@click.option("--fail", type=click.Choice([failure.value for failure in Failure]), help="Fail on purpose.")
def serve(
    config: Path | None, as_json: bool, host: str, port: int, delay: float, fail: str | None, **options: Any
) -> None:
    """Be a holding CPAS: answer provideSocialReport until interrupted."""
    settings = read_settings(config, options)
    failure = None if fail is None else Failure(fail)
    identity = settings.identity()
    holder = Holder(
        identity,
        settings.gateway(),
        persons=load_persons(settings.path("persons"), identity.cbe_number),
        log=settings.own_log(utc_now),
        environment=settings.environment,
        clock=utc_now,
        failure=failure,
        signs_as=stranger(identity) if failure is Failure.WRONG_SIGNER else None,
    )
    application = HolderApplication(holder, delay_seconds=delay, failure=failure)
    try:
        server = HolderServer(application, host=host, port=port)
    except OSError as error:
        raise SetupRefused(f"cannot listen on {host}:{port}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps({"cbeNumber": identity.cbe_number, "url": server.url}))
        sys.stdout.flush()
    _talk(f"CPAS {identity.cbe_number} answers at {server.url}; stop with Ctrl+C")
    server.run()


def _requester(settings: Settings) -> Requester:
    return Requester(
        settings.identity(),
        settings.gateway(),
        gateway_url=settings.text("gateway_url"),
        log=settings.own_log(utc_now),
        environment=settings.environment,
        clock=utc_now,
    )


def _national_number(ssin: str | None, ssin_file: Any) -> str:
    if (ssin is None) == (ssin_file is None):
        raise click.UsageError("give the national number by --ssin-file or by --ssin")
    return ssin if ssin is not None else str(ssin_file.read()).strip()


@cli.command()
@_own_options
@_user_options
@_json_option
@click.option("--ssin-file", type=click.File("r"), help="File with the national number; - is stdin.")
@click.option("--ssin", help="The national number itself: for invented persons only, others can see it.")
@click.option("--begin", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day asked.")
@click.option("--end", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day asked.")
@click.option("--ticket", help="Our number of the request; the same again asks for the same consultation.")
@click.option("--legal-context", default=LEGAL_CONTEXT, show_default=True)
@click.option("--file-reference", help="Our file of the person.")
@click.option("--real-user", help="The person behind the pseudonym; stays in our own log.")
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
    """Be a requesting CPAS: ask about one person and print the answer in words."""
    user = User(
        options["user_reference"], options["user_role"], options["real_user"], options["file_reference"]
    )
    named = {} if options["ticket"] is None else {"ticket": options["ticket"]}
    wishes = Options(options["language"], options["collect_window"], options["dry_run"])
    question = Question(
        ssin=_national_number(ssin, ssin_file),
        period=Period(begin.date(), end.date()),
        user=user,
        legal_context=options["legal_context"],
        options=wishes,
        **named,
    )
    outcome = _requester(read_settings(config, options)).consult(question)
    _print_outcome(outcome, as_json=as_json)
    context.exit(REFUSED if outcome.refused else DONE)


def _print_outcome(outcome: ConsultOutcome, *, as_json: bool) -> None:
    if as_json:
        _show(plain_outcome(outcome))
    else:
        click.echo("\n".join(lines_of(outcome)))


@cli.command()
@_own_options
@_user_options
@_json_option
@click.option("--message", default="test", show_default=True, help="Text that comes back.")
def test(config: Path | None, as_json: bool, message: str, **options: Any) -> None:
    """Try the connection: what did the gateway see of us?"""
    user = User(options["user_reference"], options["user_role"])
    seen = _requester(read_settings(config, options)).send_test_message(message, user)
    content = {
        "message": seen.message,
        "gatewayTime": seen.gateway_time,
        "environment": seen.environment,
        "certificate": seen.certificate,
        "institution": seen.institution,
    }
    if as_json:
        _show(content)
    else:
        click.echo("\n".join(f"{name}: {value}" for name, value in content.items()))


@cli.group()
def log() -> None:
    """Read our own consultation log."""


@log.command()
@click.argument("ticket")
@click.option("--log", "log_file", type=_File, required=True, help="Our consultation log, a SQLite file.")
@_json_option
@click.pass_context
def show(context: click.Context, /, ticket: str, log_file: Path, as_json: bool) -> None:
    """Show the rows of one TICKET (ours or the gateway's), oldest first; persons stay sealed."""
    rows = [_row(entry) for entry in read_log(log_file).by_ticket(ticket)]
    if as_json:
        _show(rows)
    else:
        for row in rows:
            click.echo(
                " ".join(
                    f"{name}={row[name]}" for name in ("at", "kind", *sorted(row.keys() - {"at", "kind"}))
                )
            )
    if not rows:
        _talk("no row with this ticket")
        context.exit(REFUSED)


def _row(entry: LogEntry) -> dict[str, str]:
    return {**entry.parsed().fields, "leaf": entry.leaf.hex()}


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; errors that we know become one line on stderr."""
    try:
        code = cli.main(arguments, prog_name="rse-cpas-stub", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return FAILED
    except SetupRefused as error:
        _talk(f"Error: {error}")
        return USAGE
    except FaultReceived as error:
        _talk(f"Refused: {error}" if error.by_caller else f"Failed: {error}")
        return REFUSED if error.by_caller else FAILED
    except (StubError, TrailError) as error:
        _talk(f"Failed: {error}")
        return FAILED
    return code if isinstance(code, int) else DONE


def main() -> None:
    """Enter from the command line."""
    sys.exit(run())
