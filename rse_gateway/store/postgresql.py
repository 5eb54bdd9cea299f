"""Connections to PostgreSQL of which every wait has an end, and which are never trusted after a silence.

Guards: a server whose kernel still acknowledges while its process stands still (TCP alone does not see it)
keeps nobody waiting longer than `Patience`: the connection is closed and its user gets an error. Who was
silent or gone once makes every connection that is as old suspect: none of them is given out again. A wait
that outlives even that, in the driver or in the resolver, ends the process, as a dead writer does. The
isolation is ours, whatever the database's default is. Rules: reliability page, "Every wait has an end".
"""

import logging
import os
import select
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

logger = logging.getLogger(__name__)

EXIT_DATABASE_SILENT = 70
_TCP = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_INTERRUPTIBLE_EVERY = 0.1
_LOOKS_PER_SILENCE = 20
_CONFLICTS = frozenset({"40001", "40P01"})
_Answer = TypeVar("_Answer")


def _end_process() -> None:
    os._exit(EXIT_DATABASE_SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the database may keep us waiting, in seconds.

    Attributes:
        connect: for a connection (the driver takes 2 for less).
        answer: for the answer to one statement; for the lock of a SQLite file.
        long_answer: the same in a transaction without time limit (imports, migrations).
        silence: for any wait; a longer one calls ``on_silence``, which ends the process.
    """

    connect: int = 5
    answer: float = 10.0
    long_answer: float = 3600.0
    silence: float = 30.0
    on_silence: Callable[[], None] = _end_process


USUAL_PATIENCE = Patience()


class SilentDatabase(psycopg.OperationalError):
    """PostgreSQL did not answer in time; the connection is closed, what it was doing is unknown."""


class _Watch:
    """Knows who waits for PostgreSQL and which connections are suspect; one per engine."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._distrusted_at = float("-inf")
        self._waits: dict[object, float] = {}
        self._lock = Lock()
        self._thread: Thread | None = None

    @contextmanager
    def waiting(self, *, more: float = 0.0) -> Iterator[None]:
        """Watch over a wait, which may last as long as any, and ``more`` seconds."""
        if self._thread is None:
            self._start()
        token = object()
        self._waits[token] = time.monotonic() + self.patience.silence + more
        try:
            yield
        finally:
            del self._waits[token]

    def distrust(self) -> None:
        """Take every connection made until now for dead."""
        self._distrusted_at = time.monotonic()

    def trusts(self, connection: "AnsweringConnection") -> bool:
        """Tell whether this connection may be used: new, or not closed, not suspect, nothing said meanwhile.

        An idle server says nothing but good-bye.
        """
        if connection.is_new:
            return True
        if connection.closed or connection.made_at <= self._distrusted_at:
            return False
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        return not poll.poll(0)

    def overdue(self) -> bool:
        """Tell whether somebody waits longer than anybody may."""
        now = time.monotonic()
        return any(until < now for until in list(self._waits.values()))

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(
                    target=_look, args=(weakref.ref(self),), name="database-watch", daemon=True
                )
                self._thread.start()


def _look(watch: "weakref.ref[_Watch]") -> None:
    """Look after the waits of an engine for as long as there is one."""
    while (found := watch()) is not None:
        if found.overdue():
            logger.critical("PostgreSQL has not answered for %.0f s", found.patience.silence)
            found.patience.on_silence()
            return
        pause = found.patience.silence / _LOOKS_PER_SILENCE
        del found
        time.sleep(pause)


class AnsweringConnection(psycopg.Connection[Any]):
    """A connection that waits for an answer only so long, then closes itself."""

    watch: _Watch
    made_at: float
    is_new: bool
    answer_within: float

    def watched_by(self, watch: _Watch) -> None:
        """Begin to watch over the waits of this new connection."""
        self.watch = watch
        self.made_at = time.monotonic()
        self.is_new = True
        self.answer_within = watch.patience.answer

    def wait(
        self, gen: PQGen[_Answer], interval: float = _INTERRUPTIBLE_EVERY, timeout: float | None = None
    ) -> _Answer:
        """Do what ``gen`` says and return its result.

        Raises:
            SilentDatabase: no answer in time; the connection is closed.
            psycopg.Error: as the driver says.
        """
        longest = self.answer_within
        wanted = longest if timeout is None else min(timeout, longest)
        try:
            with self.watch.waiting(more=longest - self.watch.patience.answer):
                return super().wait(gen, interval, wanted)
        except _WaitTimeout as error:
            if wanted < longest:
                raise
            self.pgconn.finish()
            self.watch.distrust()
            raise SilentDatabase(f"PostgreSQL did not answer within {longest:g} s") from error
        except psycopg.OperationalError:
            if self.closed:
                self.watch.distrust()
            raise


def is_conflict(error: BaseException) -> bool:
    """Tell whether the database undid a transaction because of another one."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONFLICTS


def connect_arguments(patience: Patience) -> dict[str, Any]:
    """Return what every connection is opened with.

    The server ends a slow statement before we hang up, and a wait for a lock before that.
    """
    session = {
        "synchronous_commit": "on",
        "default_transaction_isolation": r"read\ committed",
        "statement_timeout": round(900 * patience.answer),
        "lock_timeout": round(500 * patience.answer),
        "idle_in_transaction_session_timeout": 60_000,
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    return {"connect_timeout": patience.connect, "options": options, **_TCP}


def bound_waits(engine: Engine, patience: Patience) -> None:
    """Make every connection of this PostgreSQL engine an `AnsweringConnection`, and judge it at each use."""
    watch = _Watch(patience)

    def connect(
        _dialect: Dialect, _entry: ConnectionPoolEntry, words: list[Any], named: dict[str, Any]
    ) -> AnsweringConnection:
        with watch.waiting():
            connection = AnsweringConnection.connect(*words, **named)
        connection.watched_by(watch)
        return connection

    def judge(
        connection: AnsweringConnection, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        if not watch.trusts(connection):
            raise DisconnectionError("this connection is not trusted any more")

    def forget(connection: AnsweringConnection | None, _entry: ConnectionPoolEntry) -> None:
        if connection is not None:
            connection.is_new = False
            connection.answer_within = patience.answer

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", judge)
    event.listen(engine, "checkin", forget)


def without_time_limit(connection: Connection) -> None:
    """Let this transaction's statements, and their waits for locks, take as long as ``long_answer``."""
    connection.exec_driver_sql(
        "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)"
    )
    plain: Any = connection.connection.dbapi_connection
    plain.answer_within = plain.watch.patience.long_answer
