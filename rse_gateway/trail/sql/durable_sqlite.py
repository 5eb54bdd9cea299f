"""The one place that says how SQLite is opened so that what it acknowledged survives crash and power loss.

Guards: WAL with ``synchronous=FULL``; a new file is readable by its owner alone and is opened by nobody but
SQLite. Says nothing of how transactions begin: who uses the engine does.
"""

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from rse_gateway.trail.sql.sqlite_file import make_private_file

_OCCUPIED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PRIMARY_CODE = 0xFF  # an extended result code carries the primary one in its last byte
_PAUSE_SECONDS = 0.02


def durable_sqlite_engine(url: URL, *, busy_seconds: float, **options: Any) -> Engine:
    """Return an engine whose every commit is on the disk when it returns; nothing is connected yet.

    ``busy_seconds`` bounds each wait for another program's lock; ``options`` go to ``create_engine``. The
    caller's own "begin" listener begins transactions: the driver's are switched off.
    """
    arguments = {"timeout": busy_seconds, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, **options)
    event.listen(engine, "do_connect", lambda *_: _make_file(url.database or ""))

    @event.listens_for(engine, "connect")
    def _make_durable(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        _switch_to_wal(cursor, busy_seconds)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


def _make_file(file: str) -> None:
    """Create a missing file before SQLite connects to it; names that are no files are left alone."""
    if not file.startswith((":memory:", "file:")):
        make_private_file(file)


def _switch_to_wal(cursor: DBAPICursor, busy_seconds: float) -> None:
    """Switch to WAL; of programs that open a new file at once all but one are told "locked" at once."""
    until = time.monotonic() + busy_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE not in _OCCUPIED or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
