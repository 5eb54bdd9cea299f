"""CPAS that ask without pause, whatever dies meanwhile: a question that was cut is asked again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from invented_world import KNOWN
from running_world import PATIENCE, Gateway, wait_for
from signed_messages import new_ticket

from rse_cpas_stub.errors import FaultReceived, StubError, Unreachable

_UNAVAILABLE = ("MSG00001",)
_PAUSE = 0.05
_SETTLING_SECONDS = 120.0


class AskingLoad:
    """Several threads of one asking CPAS; knows which ticket got which answer, and what got none."""

    def __init__(self, gateway: Gateway, threads: int) -> None:
        """Take the gateway; nobody asks yet."""
        self._gateway = gateway
        self._threads = [Thread(target=self._ask_on, name=f"asking-{n}", args=(n,)) for n in range(threads)]
        self._stop = Event()
        self._lock = Lock()
        self.answered: dict[str, str] = {}
        """Ticket → ticketCBSS of an answer that the requester has."""
        self.cut = 0
        self.unexpected: list[str] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask during the block; then ask again, until it is answered, what was cut last."""
        for one in self._threads:
            one.start()
        try:
            yield
        finally:
            self._stop.set()
            for one in self._threads:
                one.join(_SETTLING_SECONDS + PATIENCE)

    def wait_for_more(self, count: int) -> None:
        """Return when that many more questions were answered."""
        wanted = len(self.answered) + count
        wait_for(
            f"{count} more answers (unexpected so far: {self.unexpected})",
            lambda: len(self.answered) >= wanted,
        )

    def _ask_on(self, place: int) -> None:
        while not self._stop.is_set():
            ticket, until = new_ticket("load"), None
            while not self._ask(ticket, place):
                time.sleep(_PAUSE)
                if self._stop.is_set():
                    until = until or time.monotonic() + _SETTLING_SECONDS
                    if time.monotonic() > until:
                        self._note(f"{ticket} got no answer although everything runs")
                        break

    def _ask(self, ticket: str, place: int) -> bool:
        """Tell whether there is nothing more to ask under this ticket."""
        try:
            got = self._gateway.ask(KNOWN[place % len(KNOWN)], ticket)
        except Unreachable:
            self.cut += 1
            return False
        except FaultReceived as fault:
            if fault.codes == _UNAVAILABLE:
                self.cut += 1
                return False
            self._note(f"{ticket}: {fault.codes}")
            return True
        except StubError as error:
            self._note(f"{ticket}: {type(error).__name__} {error}")
            return True
        with self._lock:
            self.answered[ticket] = got.gateway_ticket
        return True

    def _note(self, what: str) -> None:
        with self._lock:
            self.unexpected.append(what)
