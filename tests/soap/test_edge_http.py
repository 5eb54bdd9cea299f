"""G0 over a real socket: what is let in, and how each refusal is answered."""

import socket

import pytest

from rse_gateway.contract.namespaces import MANAGE_ACCESS, REPORT, TEST_CONNECTION
from rse_gateway.errors import EdgeRefused

from .fakes import ACTION, PATH, answer, envelope, read_answer, request_bytes, talk


@pytest.mark.parametrize(
    "media_type",
    [
        "text/xml",
        "TEXT/XML",
        "text/xml; charset=utf-8",
        "text/xml;charset=UTF-8",
        'text/xml; charset="Utf-8"',
        'text/xml ; charset="utf-8" ; action="x"',
        "text/xml;",
    ],
)
def test_text_xml_is_served_whatever_the_case_and_quotes_of_its_charset(port, media_type):
    got = talk(port, request_bytes(envelope(), headers={"Content-Type": media_type}))
    assert (got.status, got.body) == (200, answer("consultSocialReport", "T-1"))
    assert got.headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "application/xml",
        "text/plain",
        "text/xml; charset=iso-8859-1",
        "text/xml; charset=utf-16",
        "text/xml; charset=utf-8; charset=utf-7",
        "text/xml; charset=",
        "text/xml; nonsense",
        "text/xml, text/xml",
        'multipart/related; type="text/xml"; boundary=b',
        "application/xop+xml",
    ],
)
def test_another_media_type_or_charset_is_a_signed_fault_with_status_415(port, fakes, media_type):
    got = talk(port, request_bytes(envelope(), headers={"Content-Type": media_type}))
    assert (got.status, got.is_signed_fault) == (415, True)
    assert fakes.reception.received == []


def test_the_soap_1_2_media_type_is_a_signed_version_mismatch(port, fakes):
    got = talk(port, request_bytes(envelope(), headers={"Content-Type": "application/soap+xml; action=x"}))
    assert (got.status, got.body) == (500, b"<signed-fault code='MSG00004' mismatch='True'/>")
    assert fakes.reception.received == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity, gzip", "br"])
def test_a_coded_body_is_refused_before_it_is_read(port, fakes, coding):
    got = talk(port, request_bytes(envelope(), headers={"Content-Encoding": coding}))
    assert (got.status, got.is_signed_fault) == (415, True)
    assert fakes.reception.received == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_another_method_than_post_is_a_signed_fault_with_status_405(port, method):
    got = talk(port, request_bytes(method=method))
    assert (got.status, got.is_signed_fault, got.headers["allow"]) == (405, True, "POST")


def test_head_is_answered_with_405_and_no_body_as_http_wants_it(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request_bytes(method="HEAD"))
        assert read_answer(connection, without_body=True).status == 405
        connection.sendall(request_bytes(envelope("after")))
        assert read_answer(connection).body == answer("consultSocialReport", "after")


@pytest.mark.parametrize(
    "action", [None, "", '""', f'"{ACTION}/consultSocialReport"', f"{ACTION}/consultSocialReport"]
)
def test_the_soap_action_may_be_absent_empty_or_the_operations_own(port, action):
    got = talk(port, request_bytes(envelope(), headers={"SOAPAction": action}))
    assert got.status == 200


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ('"urn:other"', "SOAPAction of no operation at this address"),
        ('"urn:rse-gateway:intf:ManageAccessService:v1/manageAccess"', "no operation at this address"),
        (f'"{ACTION}/retrieveSocialReport"', "another operation than the signed one"),
        (f'"{ACTION}/consultSocialReport", "x"', "SOAPAction of no operation at this address"),
    ],
)
def test_the_soap_action_of_another_operation_is_a_signed_fault(port, fakes, action, reason):
    got = talk(port, request_bytes(envelope(), headers={"SOAPAction": action}))
    assert (got.status, got.is_signed_fault) == (500, True)
    assert reason in fakes.refused[0].reason
    assert (fakes.signers, fakes.operations.handled) == ([None], [])


def test_an_operation_is_served_at_its_own_address_only(port, fakes):
    got = talk(port, request_bytes(envelope(operation="manageAccess", namespace=MANAGE_ACCESS)))
    assert (got.status, got.is_signed_fault) == (500, True)
    assert (fakes.signers, fakes.operations.handled) == ([None], [])


@pytest.mark.parametrize(
    ("path", "operation", "namespace"),
    [
        (PATH, "consultSocialReport", REPORT),
        (PATH, "retrieveSocialReport", REPORT),
        (PATH, "listSocialReports", REPORT),
        ("/SocialReportDeliveryService/v1", "deliverSocialReport", REPORT),
        ("/ManageAccessService/v1", "manageAccess", MANAGE_ACCESS),
        ("/TestConnectionService/v1", "sendTestMessage", TEST_CONNECTION),
        ("/TestConnectionService/v1", "listRights", TEST_CONNECTION),
    ],
)
def test_every_operation_of_the_table_is_reached_through_spyne(port, fakes, path, operation, namespace):
    got = talk(port, request_bytes(envelope("T-9", operation, namespace), path=path))
    assert (got.status, got.body) == (200, answer(operation, "T-9"))
    assert fakes.operations.handled == [operation]


@pytest.mark.parametrize(
    "path", ["/", "/ElectronicSocialReportService/v2", PATH + "/", PATH.lower(), PATH + "/.."]
)
def test_an_unknown_path_is_a_signed_fault_of_no_service(port, fakes, path):
    got = talk(port, request_bytes(envelope(), path=path))
    assert (got.status, got.is_signed_fault) == (500, True)
    assert fakes.faults.written[0][1]["service"] is None


def test_a_body_of_exactly_256_kib_is_read_and_one_byte_more_is_an_empty_413(port, fakes):
    bound = 256 * 1024
    assert talk(port, request_bytes(b"x" * bound)).is_signed_fault
    assert len(fakes.reception.received[0]) == bound
    got = talk(port, request_bytes(b"x" * (bound + 1)))
    assert (got.status, got.is_unsigned_and_empty) == (413, True)
    assert len(fakes.reception.received) == 1


def test_a_delivery_may_have_1_mib_and_not_a_byte_more(port, fakes):
    bound, path = 1024 * 1024, "/SocialReportDeliveryService/v1"
    assert talk(port, request_bytes(b"x" * bound, path=path)).is_signed_fault
    assert len(fakes.reception.received[0]) == bound
    got = talk(port, request_bytes(b"x" * (bound + 1), path=path))
    assert (got.status, got.is_unsigned_and_empty) == (413, True)


@pytest.mark.parametrize("length", ["0", None])
def test_a_post_without_body_is_a_signed_fault(port, fakes, length):
    got = talk(port, request_bytes(headers={"Content-Length": length}))
    assert (got.status, got.is_signed_fault) == (500, True)
    assert isinstance(fakes.refused[0], EdgeRefused)


def test_what_the_reception_is_given_is_byte_for_byte_what_was_sent(port, fakes):
    raw = envelope() + b"\n <!-- \xc3\xa9 -->\r\n"
    talk(port, request_bytes(raw))
    assert fakes.reception.received == [raw]


def test_no_header_tells_what_serves(port):
    got = talk(port, request_bytes(envelope()))
    assert "server" not in got.headers
    assert "via" not in got.headers
