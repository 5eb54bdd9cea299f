"""HTTP framing over a real socket: one reading of every request, bounds while it comes in, a total time."""

import http.client
import socket
import time

import pytest

from .fakes import PATH, Fakes, answer, envelope, read_answer, request_bytes, serving, talk

CHUNKED = {"Transfer-Encoding": "chunked", "Content-Length": None}


def chunks(body: bytes, size: int) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_chunked_body_is_served_whatever_the_size_of_its_chunks(port, fakes, size):
    got = talk(port, request_bytes(headers=CHUNKED) + chunks(envelope(), size))
    assert (got.status, got.body) == (200, answer("consultSocialReport", "T-1"))
    assert fakes.reception.received == [envelope()]


@pytest.mark.parametrize(
    "headers",
    [
        {"Transfer-Encoding": "chunked", "Content-Length": "5"},
        {"Transfer-Encoding": "chunked", "Content-Length": "0"},
        {"Transfer-Encoding": "chunked, chunked", "Content-Length": None},
        {"Transfer-Encoding": "identity, chunked", "Content-Length": None},
        {"Transfer-Encoding": "gzip, chunked", "Content-Length": None},
        {"Transfer-Encoding": "xchunked", "Content-Length": None},
        {"Transfer-Encoding": "", "Content-Length": "5"},
        {"Transfer-Encoding": "\x0bchunked", "Content-Length": None},
        {"Content-Length": "5\r\nContent-Length: 5"},
        {"Content-Length": "5\r\nContent-Length: 6"},
        {"Content-Length": "+5"},
        {"Content-Length": "0x5"},
        {"Content-Length": "5, 5"},
        {"Content-Length": "5\r\n folded: x"},
        {"Transfer-Encoding": "chunked\r\nTransfer-encoding: identity", "Content-Length": None},
        {"X-Folded": "a\r\n\tb"},
        {"Bad Name": "x"},
    ],
)
def test_what_two_servers_could_read_in_two_ways_is_an_empty_400_and_the_end_of_the_connection(
    port, fakes, headers
):
    got = talk(port, request_bytes(b"0\r\n\r\n", headers=headers))
    assert (got.status, got.is_unsigned_and_empty, got.closed) == (400, True, True)
    assert fakes.reception.received == []


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\n\r\n",
        request_bytes(headers={"Host": None}),
        request_bytes(headers={"Host": "a\r\nHost: b"}),
        request_bytes(headers={"Host": "evil/<script>"}),
        request_bytes(version="2.0"),
        request_bytes(version="0.9"),
        request_bytes(headers={"Transfer-Encoding": "chunked", "Content-Length": None}, version="1.0"),
        b"nonsense\r\n\r\n",
        b"post " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST " + PATH.encode() + b" HTTP/1.1\nHost: a\n\n\r\n\r\n",
    ],
)
def test_a_malformed_request_is_an_empty_400(port, fakes, raw):
    got = talk(port, raw)
    assert (got.status, got.is_unsigned_and_empty) == (400, True)
    assert fakes.reception.received == []


@pytest.mark.parametrize(
    "broken", [b"zz\r\nabc", b"3\r\nabcX\r\n0\r\n\r\n", b"-3\r\nabc\r\n", b"3;\x00\r\nabc\r\n"]
)
def test_a_malformed_chunk_is_an_empty_400(port, fakes, broken):
    got = talk(port, request_bytes(headers=CHUNKED) + broken)
    assert (got.status, got.is_unsigned_and_empty) == (400, True)
    assert fakes.reception.received == []


def test_a_chunk_line_without_end_is_an_empty_400(port):
    got = talk(port, request_bytes(headers=CHUNKED) + b"1" * 2000)
    assert (got.status, got.is_unsigned_and_empty) == (400, True)


def test_an_oversize_chunked_body_is_cut_with_an_empty_413_that_the_caller_can_read(port, fakes):
    piece = chunks(b"x" * 65536, 65536).removesuffix(b"0\r\n\r\n")
    got = talk(port, request_bytes(headers=CHUNKED), *[piece] * 64)
    assert (got.status, got.is_unsigned_and_empty, got.closed) == (413, True, True)
    assert fakes.reception.received == []


def test_an_oversize_announced_body_is_refused_before_it_comes_and_the_caller_can_read_it(port, fakes):
    got = talk(port, request_bytes(b"x" * 3_000_000))
    assert (got.status, got.is_unsigned_and_empty) == (413, True)
    assert fakes.reception.received == []


def test_a_caller_that_asks_first_is_told_to_go_on_or_refused_at_once(port):
    asking = {"Expect": "100-continue"}
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        head, _, body = request_bytes(envelope(), headers=asking).partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert read_answer(connection).status == 200
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request_bytes(headers={**asking, "Content-Length": "9000000"}))
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_headers_above_64_kib_are_an_empty_431(port):
    got = talk(port, request_bytes(envelope(), headers={"X-Long": "x" * 70_000}))
    assert (got.status, got.is_unsigned_and_empty) == (431, True)


def test_headers_that_never_end_are_cut_with_an_empty_431(port):
    got = talk(port, b"POST / HTTP/1.1\r\n", *[b"X-%d: %s\r\n" % (i, b"x" * 1000) for i in range(90)])
    assert (got.status, got.is_unsigned_and_empty) == (431, True)


@pytest.mark.parametrize(
    "beginning",
    [b"POST / HT", request_bytes(headers={"Content-Length": "100"}), request_bytes(headers=CHUNKED)],
)
def test_a_request_that_does_not_arrive_in_time_is_an_empty_408_however_it_trickles(fakes, beginning):
    with serving(fakes, request_seconds=1.0) as port:
        started = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(beginning)
            connection.settimeout(0.2)
            first = b""
            while not first and time.monotonic() - started < 8:
                try:
                    connection.sendall(b"1")
                    first = connection.recv(65536)
                except TimeoutError:
                    continue
        assert first.startswith(b"HTTP/1.")
        assert b" 408 " in first
        assert first.endswith(b"\r\n\r\n")
        assert time.monotonic() - started < 4


def test_slow_callers_keep_nobody_else_waiting(fakes):
    with serving(fakes, threads=2) as port:
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
        for connection in slow:
            connection.sendall(request_bytes(headers={"Content-Length": "1000"}))
        started = time.monotonic()
        assert talk(port, request_bytes(envelope())).status == 200
        assert time.monotonic() - started < 1
        for connection in slow:
            connection.close()


def test_one_connection_serves_many_requests(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for number in range(50):
        connection.request("POST", PATH, envelope(f"T-{number}"), {"Content-Type": "text/xml"})
        assert connection.getresponse().read() == answer("consultSocialReport", f"T-{number}")
    connection.close()


def test_requests_sent_at_once_on_one_connection_are_answered_in_their_order(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"".join(request_bytes(envelope(f"T-{n}")) for n in range(5)))
        got = b""
        while got.count(b"ticket=") < 5:
            got += connection.recv(65536)
    places = [got.index(b"'T-%d'" % n) for n in range(5)]
    assert places == sorted(places)


def test_http_1_0_is_answered_and_closed(port):
    got = talk(port, request_bytes(envelope(), version="1.0"))
    assert (got.status, got.closed) == (200, True)


def test_headers_that_a_proxy_would_set_are_not_believed(port):
    got = talk(port, request_bytes(method="GET", path=PATH + "?wsdl", headers={"X-Forwarded-Host": "evil"}))
    assert got.status == 200
    assert b"evil" not in got.body


def test_nothing_received_or_sent_is_ever_spooled_to_a_file(monkeypatch):
    opened = []
    monkeypatch.setattr("waitress.buffers.TempfileBasedBuffer.newfile", lambda *_: opened.append(1))
    fakes = Fakes()
    fakes.operations.handle = lambda *_: b"y" * 5_000_000
    with serving(fakes) as port:
        path = "/SocialReportDeliveryService/v1"
        assert talk(port, request_bytes(b"x" * 1024 * 1024, path=path)).is_signed_fault
        assert len(talk(port, request_bytes(envelope())).body) == 5_000_000
    assert opened == []
