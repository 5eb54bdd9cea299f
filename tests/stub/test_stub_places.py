"""The stub's server ends what never ends by itself."""

import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from rse_cpas_stub import server as server_module
from rse_cpas_stub.replies import Reply
from rse_cpas_stub.server import PATH, CpasApplication, Place, StubServer


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(server_module, "_REQUEST_SECONDS", 1.0)
    served = StubServer([(CpasApplication(lambda raw: Reply(200, raw)), Place())])
    served.start()
    yield int(served.urls[0].rpartition(":")[2])
    served.close()


def test_a_request_that_drips_is_cut_and_others_are_answered_meanwhile(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 20) as dripping:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        dripping.sendall(head.encode())
        cut = False
        deadline = time.monotonic() + 20
        while not cut and time.monotonic() < deadline:
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("POST", PATH, b"<a/>")
            assert connection.getresponse().read() == b"<a/>"
            connection.close()
            try:
                dripping.sendall(b".")
                dripping.settimeout(0.1)
                cut = dripping.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                cut = True
        assert cut
