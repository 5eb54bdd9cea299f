"""A call of a CPAS ends at its deadline and within its bounds too: the stub's own implementation."""

import time

import pytest

from rse_cpas_stub import transport
from rse_cpas_stub.errors import Unreachable
from rse_cpas_stub.exchange import TIMEOUT_SECONDS
from tests.outbound.dripping import DRIPS, OK, Listening, answering, dripping, reply, serving

CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def post(to: Listening, seconds: float = 10.0) -> bytes:
    return transport.post(to.url, b"<request/>", '""', timeout_seconds=seconds)


def test_the_time_of_a_call_is_fifteen_seconds() -> None:
    assert TIMEOUT_SECONDS == 15


@pytest.mark.parametrize("where", DRIPS)
def test_a_call_of_a_cpas_ends_at_its_deadline_wherever_the_answer_drips(where: str) -> None:
    with serving(dripping(where)) as gateway:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"in time|interim"):
            post(gateway, 0.5)
        assert time.monotonic() - began < 5


def test_a_call_of_a_cpas_ends_when_tls_never_comes_about() -> None:
    with serving(lambda *_: time.sleep(5)) as gateway, pytest.raises(Unreachable, match="in time"):
        transport.post(gateway.url.replace("http:", "https:"), b"", '""', timeout_seconds=0.5)


def test_a_call_of_a_cpas_ends_when_the_gateway_reads_nothing() -> None:
    with serving(lambda *_: time.sleep(5)) as gateway, pytest.raises(Unreachable, match="in time"):
        transport.post(gateway.url, b" " * 30_000_000, '""', timeout_seconds=0.5)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 9 + reply(), "interim"),
        (OK + b"X: " + b"a" * 66_000 + b"\r\n\r\n", "too long"),
        (OK + b"X: a\r\n" * 11_000 + b"\r\n", "too long"),
        (reply(b"a" * (transport.MAX_BYTES + 1)), "too long"),
        (CHUNKED + b"fffffff\r\n", "too long"),
        (CHUNKED + b"1;" + b"x" * 66_000 + b"\r\na\r\n0\r\n\r\n", "too long"),
        (CHUNKED + b"1\r\na\r\n0\r\n" + b"X: y\r\n" * 1_000_000, "too long"),
        (CHUNKED + b"no\r\n", "not HTTP"),
        (CHUNKED + b"20\r\nshort", "not HTTP|before it was whole"),
        (OK + b"Content-Length: 20\r\n\r\nshort", "before it was whole"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "not HTTP"),
        (OK + b"Transfer-Encoding: gzip\r\n\r\nab", "transfer coding"),
        (OK, "before it was whole"),
        (b"<html/>\n", "not HTTP"),
        (b"", "before it was whole"),
        (reply(b""), "empty answer"),
    ],
)
def test_what_is_no_answer_or_beyond_a_bound_is_refused(raw: bytes, told: str) -> None:
    with serving(answering(raw)) as gateway, pytest.raises(Unreachable, match=told):
        post(gateway)


@pytest.mark.parametrize(
    "raw",
    [
        reply(),
        b"HTTP/1.1 100 Continue\r\n\r\n" * 8 + reply(),
        OK + b"\r\n<ok/>",
        CHUNKED + b"2\r\n<o\r\n3;x=y\r\nk/>\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.0 500 Error\r\n\r\n<ok/>",
    ],
)
def test_every_way_to_frame_an_answer_is_read(raw: bytes) -> None:
    with serving(answering(raw)) as gateway:
        assert post(gateway) == b"<ok/>"
