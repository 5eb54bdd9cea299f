"""Who gives a command: the account of the operating system, as rows of the log name it."""

import getpass
import re

_LONGEST = 64
_ELSE = re.compile(r"[^A-Za-z0-9._\-]")


def operator() -> str:
    """Return ``operator:<account>``, at most 64 characters; unusual ones become ``_``."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # a user number without a name
        account = "unknown"
    return f"operator:{_ELSE.sub('_', account)}"[:_LONGEST]
