"""A gateway as an operator runs it, and one server that answers for every holding CPAS what a test says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from partner_world import make_partner_world
from running_world import Gateway, PreparedGateway, free_ports


class WordlessHolder:
    """Answers every question with ``reply``, bytes as they are; counts what it was asked."""

    def __init__(self, port: int) -> None:
        """Listen; without a reply it hangs up."""
        self.reply = b""
        self.asked = 0
        self._listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        with caller, caller.makefile("rb") as stream:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            stream.read(length)
            self.asked += 1
            caller.sendall(self.reply)


@contextmanager
def running_town(folder: Path) -> Iterator[tuple[Gateway, WordlessHolder]]:
    """Run a gateway on a SQLite file, and the one server at which all its holding CPAS are registered."""
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    port, down = free_ports(2)
    world = make_partner_world(folder / "world", today, port, down)
    prepared = PreparedGateway(world, folder / "gateway", None)
    gateway = Gateway(world, prepared.folder / "gateway.toml")
    holder = WordlessHolder(port)
    try:
        gateway.start()
        yield gateway, holder
        assert gateway.stop() == 0
    finally:
        gateway.stop()
        holder.stop()
