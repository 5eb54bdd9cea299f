"""A call to a partner ends at its deadline and within its bounds, on real sockets."""

import socket
import struct
import threading
import time

import pytest

from rse_gateway.adapters.holder_transport import HolderTransport
from rse_gateway.adapters.kept_connections import KeptConnections
from rse_gateway.adapters.partner_probe import PartnerProbe
from rse_gateway.errors import KeptConnectionLost, SupplierUnreachable
from tests.outbound.dripping import (
    DRIPS,
    HERE,
    OK,
    Listening,
    answering,
    dripping,
    read_request,
    reply,
    serving,
)

SHORT = 0.5
LATE = 5.0
MAX_BYTES = 100_000


def transport(seconds: float = 10.0, idle_seconds: float = 4.0) -> HolderTransport:
    return HolderTransport(
        connector=HERE, max_reply_bytes=MAX_BYTES, total_seconds=seconds, kept=KeptConnections(idle_seconds)
    )


def post(one: HolderTransport, to: Listening, **how: object) -> bytes:
    return one.post(to.url, b"<question/>", {"Content-Type": "text/xml"}, **how).raw


@pytest.mark.parametrize("where", DRIPS)
def test_a_call_ends_at_its_deadline_wherever_the_reply_drips(where: str) -> None:
    with serving(dripping(where)) as holder:
        began = time.monotonic()
        with pytest.raises(SupplierUnreachable, match=r"in time|interim"):
            post(transport(SHORT), holder)
        assert time.monotonic() - began < LATE


@pytest.mark.parametrize("where", DRIPS)
def test_the_probe_of_a_partner_ends_at_the_same_deadline(where: str) -> None:
    with serving(dripping(where)) as holder, pytest.raises(SupplierUnreachable, match=r"in time|interim"):
        PartnerProbe(HERE, total_seconds=SHORT).fetch_wsdl(holder.url)


def test_a_call_ends_when_the_partner_reads_nothing() -> None:
    stop = threading.Event()

    def talk(connection: socket.socket, _: Listening) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stop.wait(LATE)

    with serving(talk) as holder, pytest.raises(SupplierUnreachable, match="in time"):
        transport(SHORT).post(holder.url, b" " * 30_000_000, {})
    stop.set()


def test_a_call_ends_when_tls_never_comes_about() -> None:
    def talk(connection: socket.socket, _: Listening) -> None:
        while connection.recv(1):
            time.sleep(0.01)

    with serving(talk) as holder:
        began = time.monotonic()
        with pytest.raises(SupplierUnreachable, match="no TLS"):
            transport(SHORT).post(holder.url.replace("http:", "https:"), b"<question/>", {})
        assert time.monotonic() - began < LATE


@pytest.mark.parametrize("count", [1, 8])
def test_up_to_eight_interim_replies_are_passed_over(count: int) -> None:
    interim = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * (count - 1) + b"HTTP/1.1 100 Continue\r\n\r\n"
    )
    with serving(answering(interim + reply())) as holder:
        assert post(transport(), holder) == b"<ok/>"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 9 + reply(), "interim"),
        (OK + b"X: " + b"a" * 66_000 + b"\r\n\r\n", "head"),
        (OK + b"X: a\r\n" * 11_000 + b"\r\n", "head"),
        (OK + b"X: a\r\n" * 200 + b"\r\n", "no HTTP reply"),
        (b"HTTP/1.1 103 Early\r\nX: " + b"a" * 40_000 + b"\r\n\r\n" + OK + b"X: " + b"a" * 40_000, "head"),
        (reply(b"a" * (MAX_BYTES + 1)), "larger"),
        (OK + b"Content-Length: 999999999\r\n\r\n", "larger"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;" + b"x" * 60_000 + b"\r\na\r\n" * 9, "reply"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + b"X: y\r\n" * 200_000, "larger"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nno\r\n", "no HTTP reply"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\nshort", "no HTTP reply"),
        (OK + b"Content-Length: 20\r\n\r\nshort", "ends within its body"),
        (OK, "ends within its head"),
        (b"<html>maintenance</html>", "status line"),
        (b"HTTP/2 200\r\n\r\n", "status line"),
        (b"", "no reply"),
    ],
)  # fmt: skip
def test_what_is_no_reply_or_beyond_a_bound_is_unreachable(raw: bytes, told: str) -> None:
    with serving(answering(raw)) as holder, pytest.raises(SupplierUnreachable, match=told):
        post(transport(), holder)


@pytest.mark.parametrize(
    "raw",
    [
        reply(),
        OK + b"\r\n<ok/>",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n<o\r\n3;x=y\r\nk/>\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n<ok/>",
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n<ok/>",
    ],
)
def test_every_way_to_frame_a_body_is_read(raw: bytes) -> None:
    with serving(answering(raw)) as holder:
        assert post(transport(), holder) == b"<ok/>"


def test_a_redirect_is_a_reply_and_is_not_followed() -> None:
    with serving(answering(reply())) as elsewhere:
        head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + elsewhere.url.encode() + b"\r\n"
        with serving(answering(reply(b"", head=head))) as holder:
            assert transport().post(holder.url, b"<question/>", {}).status == 307
        assert elsewhere.requests == []


def test_a_kept_connection_is_used_again() -> None:
    with serving(answering(*[reply()] * 3)) as holder:
        one = transport()
        assert [post(one, holder) for _ in range(3)] == [b"<ok/>"] * 3
        assert (holder.connections, len(holder.requests)) == (1, 3)


def test_a_connection_that_rested_too_long_is_not_used_again() -> None:
    with serving(answering(*[reply()] * 2)) as holder:
        one = transport(idle_seconds=0.05)
        post(one, holder)
        time.sleep(0.1)
        post(one, holder)
        assert holder.connections == 2


def test_a_connection_closed_while_it_rested_is_not_used_again() -> None:
    with serving(answering(reply())) as holder:
        one = transport()
        post(one, holder)
        time.sleep(0.1)  # its end arrives
        assert post(one, holder) == b"<ok/>"
        assert holder.connections == 2


@pytest.mark.parametrize(
    "raw",
    [
        reply() + b"more",
        reply(head=OK + b"Connection: close\r\n"),
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_a_connection_with_more_than_its_reply_or_told_to_close_is_not_kept(raw: bytes) -> None:
    with serving(answering(raw, raw)) as holder:
        one = transport()
        post(one, holder)
        post(one, holder)
        assert holder.connections == 2


def resets_the_second(connection: socket.socket, holder: Listening) -> None:
    holder.requests.append(read_request(connection))
    connection.sendall(reply())
    if request := read_request(connection):
        holder.requests.append(request)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_kept_connection_that_dies_before_the_reply_is_told_apart_and_never_sent_again_by_itself() -> None:
    with serving(resets_the_second) as holder:
        one = transport()
        post(one, holder)
        with pytest.raises(KeptConnectionLost) as lost:
            post(one, holder)
        assert (holder.connections, len(holder.requests)) == (1, 2)
        assert post(one, holder, after=lost.value) == b"<ok/>"
        assert (holder.connections, len(holder.requests)) == (2, 3)


def test_the_second_call_ends_when_the_first_would_have_ended() -> None:
    with serving(dripping("body")) as holder:
        lost = KeptConnectionLost("reset", until=time.monotonic() + SHORT)
        began = time.monotonic()
        with pytest.raises(SupplierUnreachable, match="in time"):
            post(transport(60.0), holder, after=lost)
        assert time.monotonic() - began < LATE


def test_a_fresh_connection_that_dies_is_a_failure_of_the_holder() -> None:
    with serving(answering(b"")) as holder:
        for how in ({}, {"fresh": True}):
            with pytest.raises(SupplierUnreachable) as failure:
                post(transport(), holder, **how)
            assert type(failure.value) is SupplierUnreachable


def test_a_kept_connection_that_dies_within_the_reply_is_a_failure_of_the_holder() -> None:
    with serving(answering(reply(), b"HTTP/1.1 2")) as holder:
        one = transport()
        post(one, holder)
        with pytest.raises(SupplierUnreachable) as failure:
            post(one, holder)
        assert type(failure.value) is SupplierUnreachable
