"""Every request gets one answer: signed, or unsigned and empty with a status of a closed list."""

import io
import logging
from collections.abc import Iterator

import pytest

from rse_gateway.contract.namespaces import REPORT
from rse_gateway.errors import (
    EdgeRefused,
    GatewayFault,
    GatewayUnavailable,
    ReplayRefused,
    RequestRefused,
    SecurityRefused,
)
from rse_gateway.soap.edge import UNSIGNED_STATUSES

from .fakes import PATH, SOAP, Fakes, answer, envelope, request_bytes, talk

SECRET = "85073003328"


def call(fakes: Fakes, body: bytes = b"", **environ) -> tuple[str, dict[str, str], bytes]:
    """Call the application in this process; give status, headers and body."""
    seen = {}

    def start_response(status, headers):
        seen.update(status=status, headers=dict(headers))

    standard = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    given = {name.replace("__", "."): value for name, value in environ.items()}
    chunks = fakes.application()({**standard, **given}, start_response)
    return seen["status"], seen["headers"], b"".join(chunks)


@pytest.fixture
def operators_log() -> Iterator[list[str]]:
    """What a handler of the root logger is given."""
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Keeping()
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def test_the_unsigned_statuses_are_exactly_the_five_of_the_contract():
    assert {400, 408, 413, 431, 503} == UNSIGNED_STATUSES


@pytest.mark.parametrize("status", [400, 405, 408, 413, 415, 431, 500, 503])
def test_a_refusal_is_empty_for_the_five_statuses_and_a_signed_fault_for_every_other(fakes, status):
    fakes.reception.error = EdgeRefused("G1", "reason", status=status)
    line, headers, body = call(fakes, envelope())
    assert line.startswith(str(status))
    assert (body == b"") is (status in UNSIGNED_STATUSES)
    assert headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SecurityRefused("G8", "digest"), "RSE00001"),
        (ReplayRefused("G9", "seen"), "RSE00002"),
        (GatewayUnavailable("store"), "MSG00001"),
    ],
)
def test_what_the_reception_refuses_is_a_signed_fault_with_its_code(fakes, error, code):
    fakes.reception.error = error
    line, _, body = call(fakes, envelope())
    assert line.startswith("500")
    assert f"code='{code}'".encode() in body
    assert fakes.operations.handled == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GatewayUnavailable("store"), "MSG00001"),
        (GatewayFault("invalid"), "MSG00003"),
        (RequestRefused("MSG00012", "directory"), "MSG00003"),
        (ValueError(SECRET), "MSG00003"),
        (RecursionError(), "MSG00003"),
        (StopIteration(), "MSG00003"),
    ],
)
def test_what_an_operation_raises_leaves_spyne_and_becomes_a_signed_fault(fakes, error, code):
    fakes.operations.error = error
    line, _, body = call(fakes, envelope())
    assert line.startswith("500")
    assert f"code='{code}'".encode() in body


def test_the_fault_writer_is_told_service_ticket_moment_and_signer(fakes):
    fakes.operations.error = GatewayUnavailable("store")
    call(fakes, envelope())
    _, told = fakes.faults.written[0]
    assert told["service"] == "ElectronicSocialReportService"
    assert told["gateway_ticket"] == told["context"].gateway_ticket
    assert told["received_at"] == told["context"].received_at


def test_an_unexpected_exception_is_logged_by_type_and_place_without_its_text(fakes, caplog):
    caplog.set_level(logging.DEBUG)
    fakes.operations.error = ValueError(SECRET)
    call(fakes, envelope(SECRET))
    assert "unexpected ValueError in FakeOperations.handle" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "strange_answer", [None, "text", 17, [b"a"], object()], ids=["none", "text", "number", "list", "object"]
)
def test_an_operation_that_returns_no_bytes_ends_as_a_signed_fault(fakes, strange_answer):
    fakes.operations.answer = strange_answer
    fakes.operations.handle = lambda *_: strange_answer
    line, _, body = call(fakes, envelope())
    assert line.startswith("500")
    assert b"code='MSG00003'" in body


@pytest.mark.parametrize("error", [GatewayFault("cannot sign"), RuntimeError(SECRET)])
def test_when_even_the_fault_cannot_be_written_the_answer_is_an_empty_503(fakes, error):
    fakes.faults.error = error
    line, headers, body = call(fakes, b"")
    assert (line, body) == ("503 Service Unavailable", b"")
    assert int(headers["Retry-After"]) > 0


def test_an_operation_element_that_spyne_does_not_know_is_a_signed_fault(fakes):
    line, _, body = call(fakes, envelope(operation="provideSocialReport"))
    assert line.startswith("500")
    assert b"<signed-fault code='MSG00004'" in body


def test_a_dangling_href_that_breaks_spynes_own_parsing_is_of_no_effect(fakes):
    raw = envelope().replace(b"<ticket>", b'<x href="#nowhere"/><ticket>')
    assert call(fakes, raw)[2] == answer("consultSocialReport", "T-1")


def test_a_second_body_is_never_reached(fakes):
    second = (
        f'<s:Body xmlns:s="{SOAP}"><m:listSocialReportsRequest xmlns:m="{REPORT}"><ticket>forged</ticket>'
        "</m:listSocialReportsRequest></s:Body>"
    ).encode()
    raw = envelope("signed").replace(b"</s:Body>", b"</s:Body>" + second)
    assert call(fakes, raw)[2] == answer("consultSocialReport", "signed")
    assert fakes.operations.handled == ["consultSocialReport"]


def test_spyne_is_given_nothing_of_the_request_but_the_signed_element(fakes, monkeypatch):
    application = fakes.application()
    seen = []
    original = application._dispatch[PATH]

    def spy(environ, start_response):
        seen.append(environ)
        return original(environ, start_response)

    application._dispatch[PATH] = spy
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": str(len(envelope())),
        "wsgi.input": io.BytesIO(envelope()),
        "HTTP_COOKIE": "c",
        "QUERY_STRING": "q",
    }
    list(application(environ, lambda *_: None))
    assert not [name for name in seen[0] if name.startswith(("HTTP_", "QUERY", "CONTENT")) or "input" in name]


@pytest.mark.parametrize("library", ["spyne.protocol.soap.soap11", "waitress"])
def test_a_librarys_own_log_never_reaches_the_operators_log_with_a_value(operators_log, library):
    logging.getLogger(library).error("in string %r", SECRET)
    logging.getLogger(library).debug("%r", SECRET)
    assert [f"{library} complained (no exception); its text is withheld"] == operators_log


def test_above_its_bound_of_requests_in_work_the_application_answers_503_before_reading(fakes):
    application = fakes.application(max_working=1)
    assert application._places.acquire(blocking=False)
    seen = {}
    body = application(
        {"REQUEST_METHOD": "POST"}, lambda status, headers: seen.update(status=status, headers=dict(headers))
    )
    assert (seen["status"], b"".join(body)) == ("503 Service Unavailable", b"")
    assert "Retry-After" in seen["headers"]


def test_a_place_is_given_back_after_a_failure(fakes):
    fakes.operations.error = ValueError()
    application = fakes.application(max_working=1)
    for _ in range(3):
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": PATH,
            "CONTENT_TYPE": "text/xml",
            "CONTENT_LENGTH": str(len(envelope())),
            "wsgi.input": io.BytesIO(envelope()),
        }
        seen: list[tuple] = []
        list(application(environ, lambda *line, seen=seen: seen.append(line)))
        assert seen[0][0].startswith("500")


def test_fewer_bytes_than_announced_are_an_empty_400_whatever_server_reads_them(fakes):
    line, _, body = call(fakes, b"abc", CONTENT_LENGTH="10")
    assert (line, body) == ("400 Bad Request", b"")


def test_a_length_that_is_no_number_is_an_empty_400_whatever_server_reads_it(fakes):
    line, _, body = call(fakes, b"abc", CONTENT_LENGTH="-1")
    assert (line, body) == ("400 Bad Request", b"")


def test_a_stream_without_announced_length_is_cut_one_byte_after_the_bound(fakes):
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"x" * size

    stream = Endless()
    line, _, _ = call(fakes, CONTENT_LENGTH="", wsgi__input=stream, wsgi__input_terminated=True)
    assert line.startswith("413")
    assert stream.taken == 256 * 1024 + 1


def test_all_answers_say_that_nobody_may_store_them(port):
    assert talk(port, request_bytes(envelope())).headers["cache-control"] == "no-store"
