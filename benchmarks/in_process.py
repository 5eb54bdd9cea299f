"""One web application in this process, without HTTP: for looking into it, not for figures to compare."""

import io
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from questions import signed_questions
from world import World, make_world, register

from rse_gateway.bootstrap.server import build_application
from rse_gateway.settings import load_settings
from rse_gateway.soap.application import GatewayApplication

WARM_UP = 100


class InProcess:
    """A gateway on a fresh database, warmed up, and questions that it has not seen."""

    def __init__(self, folder: Path, count: int) -> None:
        """Build everything; ``count`` questions wait in ``messages``."""
        self.world: World = make_world(folder / "run", date.today(), port=1)  # noqa: DTZ011
        nowhere = dict.fromkeys(("0299990118", "0299990217"), "http://127.0.0.1:1/")
        register(self.world, nowhere, self.world.end)
        self._application: GatewayApplication = build_application(load_settings(self.world.settings, {}))
        messages = signed_questions(self.world, 0, WARM_UP + count)
        self.ask(messages[:WARM_UP], clients=1)
        self.messages = messages[WARM_UP:]

    def ask(self, messages: Sequence[bytes], *, clients: int) -> None:
        """Ask everything from as many threads; with none, from the caller's."""
        waiting, lock = iter(messages), threading.Lock()

        def client() -> None:
            while True:
                with lock:
                    raw = next(waiting, None)
                if raw is None:
                    return
                self._post(raw)

        if clients == 0:
            client()
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Stop the writer thread."""
        self._application.close()

    def _post(self, raw: bytes) -> None:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/ElectronicSocialReportService/v1",
            "QUERY_STRING": "",
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "CONTENT_LENGTH": str(len(raw)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
        }
        answer = b"".join(self._application(environ, lambda *_: None))
        if b"NO_DATA_FOUND" not in answer:
            raise ValueError(answer[-600:])
