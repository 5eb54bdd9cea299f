"""How a command ends: exit codes, and texts that are safe to show.

0 done; 1 refused: what was given is wrong, nothing changed; 2 used wrongly: option, settings or keys;
3 failed: store or log unavailable, or a defect.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from rse_gateway.errors import RseError, SettingsRefused, SetupError
from rse_gateway.registration.problems import ImportRefused

if TYPE_CHECKING:
    from rse_gateway.trail.errors import TrailError

DONE, REFUSED, USAGE, FAILED = 0, 1, 2, 3


class Refused(click.ClickException):
    """What was given is wrong; nothing changed."""

    exit_code = REFUSED


class SeveralRefused(Refused):
    """Several things that were given are wrong, one line each; nothing changed."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Keep the lines."""
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)


def plain(text: str) -> str:
    r"""Return ``text`` with everything that could steer a terminal written as ``\uXXXX``."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def without_niss(text: str) -> str:
    """Return ``text`` with every number masked that stands as a national number does."""
    from rse_gateway.trail.national_numbers import without_niss as masked

    return masked(text)


def safe(text: str) -> str:
    r"""Return ``text`` without a national number and without anything that could steer a terminal.

    Masked first: written as ``\uXXXX``, a zero-width or no-break character no longer separates digits.
    """
    return plain(without_niss(text))


def explain(error: "RseError | TrailError | click.ClickException") -> tuple[list[str], int]:
    """Return the lines that tell a person what went wrong, and the exit code."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message().splitlines(), USAGE  # our own text: nothing to make safe or to mask
    if isinstance(error, ImportRefused):
        lines = [*error.lines(), *([f"… and {error.more} more"] if error.more else []), str(error)]
        code = REFUSED
    elif isinstance(error, SettingsRefused):
        lines, code = list(error.problems), USAGE
    elif isinstance(error, SeveralRefused):
        lines, code = list(error.lines), REFUSED
    elif isinstance(error, click.UsageError):
        hint = f"Try '{error.ctx.command_path} --help'." if error.ctx is not None else ""
        lines, code = [error.format_message(), hint], USAGE
    elif isinstance(error, click.ClickException):
        lines, code = [error.format_message()], error.exit_code
    else:
        lines, code = [str(error)], USAGE if isinstance(error, SetupError) else FAILED
    return [safe(line) for line in lines if line], code
