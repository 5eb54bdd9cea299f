"""The command ``rse-cpas-stub``: be a holding CPAS, a receiver and a requesting CPAS, and read the own log.

Results go to stdout, talk to stderr. Exit codes: 0 done, 1 refused, 2 usage or setup, 3 failed.
"""

import sys

import click

from rse_cpas_stub.asking_commands import ask, list_reports, retrieve, test
from rse_cpas_stub.errors import FaultReceived, SetupRefused, StubError
from rse_cpas_stub.keeping_commands import access, deliver
from rse_cpas_stub.log_commands import log, received
from rse_cpas_stub.options import DONE, FAILED, REFUSED, USAGE, talk
from rse_cpas_stub.serve_command import serve
from rse_gateway.trail import TrailError


@click.group(help=__doc__)
def cli() -> None:
    """Group the verbs."""


for _command in (serve, ask, retrieve, list_reports, access, deliver, test, received, log):
    cli.add_command(_command)


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
        talk(f"Error: {error}")
        return USAGE
    except FaultReceived as error:
        talk(f"Refused: {error}" if error.by_caller else f"Failed: {error}")
        return REFUSED if error.by_caller else FAILED
    except (StubError, TrailError) as error:
        talk(f"Failed: {error}")
        return FAILED
    return code if isinstance(code, int) else DONE


def main() -> None:
    """Enter from the command line."""
    sys.exit(run())


if __name__ == "__main__":
    main()
