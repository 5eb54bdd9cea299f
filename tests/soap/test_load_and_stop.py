"""Many callers at once, too many callers, and the end: over a real socket, in one process."""

import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from .fakes import PATH, Fakes, answer, envelope, read_answer, request_bytes, serving, talk


def test_64_callers_at_once_each_get_their_own_answer(fakes):
    def ask_many(caller: int) -> list[bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        got = []
        for number in range(20):
            ticket = f"C{caller}-{number}"
            connection.request("POST", PATH, envelope(ticket), {"Content-Type": "text/xml"})
            response = connection.getresponse()
            got.append(response.read() == answer("consultSocialReport", ticket) and response.status == 200)
        connection.close()
        return got

    with serving(fakes, threads=16) as port, ThreadPoolExecutor(64) as pool:
        results = [right for got in pool.map(ask_many, range(64)) for right in got]
    assert results == [True] * (64 * 20)


def test_above_the_bound_of_waiting_requests_the_answer_is_an_empty_503_at_once():
    fakes = Fakes()
    fakes.operations.gate = threading.Event()
    with serving(fakes, threads=2, max_waiting=3) as port, ThreadPoolExecutor(5) as pool:
        held = [pool.submit(talk, port, request_bytes(envelope(f"T-{n}"))) for n in range(5)]
        assert fakes.operations.started.acquire(timeout=5)
        assert fakes.operations.started.acquire(timeout=5)
        time.sleep(0.3)
        received = len(fakes.reception.received)
        started = time.monotonic()
        refused = talk(port, request_bytes(envelope("too many")))
        assert (refused.status, refused.is_unsigned_and_empty) == (503, True)
        assert int(refused.headers["retry-after"]) > 0
        assert time.monotonic() - started < 1
        assert len(fakes.reception.received) == received, "refused before anything is parsed"
        fakes.operations.gate.set()
        assert [future.result().status for future in held] == [200] * 5
        assert talk(port, request_bytes(envelope())).status == 200


def test_stopping_finishes_the_request_that_is_being_answered_and_takes_no_new_one():
    fakes = Fakes()
    fakes.operations.gate = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        with serving(fakes) as port:
            running = pool.submit(talk, port, request_bytes(envelope("last")))
            assert fakes.operations.started.acquire(timeout=5)
            threading.Timer(0.5, fakes.operations.gate.set).start()
        got = running.result()
    assert (got.status, got.body, got.closed) == (200, answer("consultSocialReport", "last"), True)
    try:
        refused = talk(port, request_bytes(envelope()), timeout=1).status == 0
    except OSError:
        refused = True
    assert refused


def test_stopping_does_not_wait_for_idle_or_half_requests(fakes):
    with serving(fakes) as port:
        idle = socket.create_connection(("127.0.0.1", port))
        idle.sendall(request_bytes(envelope()))
        assert read_answer(idle).status == 200
        half = socket.create_connection(("127.0.0.1", port))
        half.sendall(b"POST / HT")
        time.sleep(0.2)
        started = time.monotonic()
    assert time.monotonic() - started < 4
    idle.close()
    half.close()


def test_a_caller_that_hangs_up_harms_nobody(fakes):
    fakes.operations.gate = threading.Event()
    with serving(fakes, threads=2) as port:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(request_bytes(envelope("gone")))
            assert fakes.operations.started.acquire(timeout=5)
        fakes.operations.gate.set()
        assert talk(port, request_bytes(envelope("next"))).body == answer("consultSocialReport", "next")


def test_closing_the_application_waits_for_the_request_in_work_and_closes_once():
    closed = []
    fakes = Fakes()
    application = fakes.application(max_working=2, on_close=lambda: closed.append(time.monotonic()))
    assert application._places.acquire()
    released = []

    def release() -> None:
        released.append(time.monotonic())
        application._places.release()

    threading.Timer(0.3, release).start()
    application.close()
    application.close(timeout=0)
    assert len(closed) == 1
    assert released[0] <= closed[0]
