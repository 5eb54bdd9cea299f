"""A watch over every Python process of the tests: no SQLite file is opened by anything but SQLite.

Closing a descriptor of a database file drops the locks that the process holds on it, whatever opened it. The
watch remembers what SQLite connected to and refuses to open it, its WAL or its index from Python.
"""

import os
import sys
from typing import Final

BESIDE: Final = ("", "-wal", "-shm", "-journal")
_connected: set[str] = set()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect":
        named = arguments[0]
        if isinstance(named, str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(named))
            _connected.update(path + ending for ending in BESIDE)
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        made_new = isinstance(arguments[2], int) and arguments[2] & os.O_EXCL
        if not made_new and os.path.realpath(os.fsdecode(arguments[0])) in _connected:
            raise AssertionError(f"a database file is opened beside SQLite: {os.fsdecode(arguments[0])}")


def watch_databases() -> None:
    """Watch this process from now on; cannot be undone."""
    sys.addaudithook(_watch)
