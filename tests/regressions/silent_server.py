"""A PostgreSQL that goes silent: its backends stopped, or everything between us and it swallowed."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from sqlalchemy import make_url


def plain_url(url: str) -> str:
    """The same database for the driver alone."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@contextmanager
def backends_stopped(url: str) -> Iterator[int]:
    """Stop every backend of the database but our own (SIGSTOP); give how many; let them go on at the end.

    Their kernel still acknowledges what is sent to them.
    """
    with psycopg.connect(plain_url(url), autocommit=True) as own:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        stopped = [int(row[0]) for row in own.execute(query)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield len(stopped)
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class SilentProxy:
    """Stands before the server on a TCP port; when told to, it accepts everything and passes on nothing."""

    def __init__(self, url: str) -> None:
        """Begin to pass on."""
        parsed = make_url(url)
        folder = parsed.query["host"]
        assert isinstance(folder, str)
        self._server = f"{folder}/.s.PGSQL.5432"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._passes = threading.Event()
        self._passes.set()
        port = self._listening.getsockname()[1]
        self.url = str(
            parsed.set(host="127.0.0.1", port=port).difference_update_query(["host"]).render_as_string(False)
        )
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        """Pass on nothing from now on, of old and new connections."""
        self._passes.clear()

    def speak(self) -> None:
        """Pass on what new connections say; what was swallowed stays so."""
        self._passes.set()

    def close(self) -> None:
        """End every connection."""
        self._listening.close()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._sockets.append(client)
                if self._passes.is_set():
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(self._server)
                    self._sockets.append(server)
                    for one, other in ((client, server), (server, client)):
                        threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while (read := source.recv(65536)) and self._passes.is_set():
                target.sendall(read)
