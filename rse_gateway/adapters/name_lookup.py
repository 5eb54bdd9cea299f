"""Names become addresses, in bounded time: the system's look-up itself knows no deadline.

One thread per name at most, however many calls wait for it, so that a partner whose name servers stay silent
holds up nobody else's calls.
"""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, NamedTuple

from rse_gateway.adapters.call_deadline import Deadline

Resolve = Callable[..., list[tuple[Any, ...]]]


class Address(NamedTuple):
    """One address of a name, as a socket takes it; ``where[0]`` is the address in words."""

    family: int
    where: tuple[Any, ...]


class NameLookup:
    """Looks names up anew at every connection; keeps nothing."""

    def __init__(self, resolve: Resolve = socket.getaddrinfo) -> None:
        """Take what looks a name up (tests give another)."""
        self._resolve = resolve
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, int], Future[list[Address]]] = {}

    def addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """Return every address of ``host``, in the order in which they are tried; at least one.

        A number in any form that the system takes (``127.1``, ``2130706433``, ``0x7f.1``) is its address.

        Raises:
            TimeoutError: no answer before the deadline.
            OSError: the name is not found (`socket.gaierror`).
            UnicodeError: it cannot be a name.
        """
        try:
            return self._ask(host, port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            pass  # a name
        try:
            return self._joined(host, port).result(deadline.left())
        except FutureTimeoutError:
            raise TimeoutError("its name was not looked up in time") from None

    def _joined(self, host: str, port: int) -> "Future[list[Address]]":
        with self._lock:
            if (under_way := self._under_way.get((host, port))) is not None:
                return under_way
            future: Future[list[Address]] = Future()
            self._under_way[host, port] = future
        threading.Thread(target=self._run, args=(host, port, future), name="name-lookup", daemon=True).start()
        return future

    def _run(self, host: str, port: int, future: "Future[list[Address]]") -> None:
        try:
            found = self._ask(host, port, 0)
        except (OSError, UnicodeError) as error:
            self._forget(host, port)
            future.set_exception(error)
        else:
            self._forget(host, port)
            future.set_result(found)

    def _forget(self, host: str, port: int) -> None:
        with self._lock:
            del self._under_way[host, port]

    def _ask(self, host: str, port: int, flags: int) -> list[Address]:
        answers = self._resolve(host, port, type=socket.SOCK_STREAM, flags=flags)
        found = list(dict.fromkeys(Address(family, where) for family, _, _, _, where in answers))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return found
