"""Messages that are no questions: every fault is signed, valid, of the service asked, and leaves a trace."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from invented_world import HOLDING, KNOWN, NOWHERE
from lxml import etree
from reading_trails import gateway_trail, holder_trail
from running_world import Gateway, utc_now
from signed_messages import (
    ACCESS,
    XML,
    HttpReply,
    answer_in,
    fault_in,
    new_ticket,
    post,
    question,
    signed,
    verified,
)

from rse_cpas_stub.messages import read_status
from rse_cpas_stub.names import REPORT, REPORT_SERVICE, SOAP, TEST, WSSE, soap_action, tag
from rse_cpas_stub.report import add
from rse_gateway.soap.endpoints import ENDPOINTS

SOAP_1_2 = "http://www.w3.org/2003/05/soap-envelope"
DELIVERY, MANAGE, CONNECTION = "SocialReportDeliveryService", "ManageAccessService", "TestConnectionService"


def _forged(gateway: Gateway, ticket: str) -> bytes:
    raw = signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=ticket))
    return raw.replace(KNOWN[0].ssin.encode(), KNOWN[1].ssin.encode())


def _unsigned(gateway: Gateway, ticket: str) -> bytes:
    root = etree.fromstring(signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=ticket)))
    root.remove(root.find(tag(SOAP, "Header")))
    return etree.tostring(root)


def _wrapped(gateway: Gateway, ticket: str) -> bytes:
    """Move the signed Body into a header and put another question into its place."""
    root = etree.fromstring(signed(gateway.world, question(gateway.world, NOWHERE.ssin, ticket=ticket)))
    genuine = root.find(tag(SOAP, "Body"))
    root.remove(genuine)
    etree.SubElement(root.find(tag(SOAP, "Header")), "wrapper").append(genuine)
    body = etree.SubElement(root, tag(SOAP, "Body"))
    body.append(question(gateway.world, KNOWN[0].ssin, ticket=ticket))
    return etree.tostring(root)


def _wrapped_in_security(gateway: Gateway, ticket: str) -> bytes:
    root = etree.fromstring(signed(gateway.world, question(gateway.world, NOWHERE.ssin, ticket=ticket)))
    genuine = root.find(tag(SOAP, "Body"))
    root.remove(genuine)
    root.find(f"{tag(SOAP, 'Header')}/{tag(WSSE, 'Security')}").append(genuine)
    body = etree.SubElement(root, tag(SOAP, "Body"), dict(genuine.attrib))
    body.append(question(gateway.world, KNOWN[0].ssin, ticket=ticket))
    return etree.tostring(root)


def _stale(gateway: Gateway, ticket: str) -> bytes:
    payload = question(gateway.world, KNOWN[0].ssin, ticket=ticket)
    return signed(gateway.world, payload, at=utc_now() - timedelta(seconds=301))


def _from_the_future(gateway: Gateway, ticket: str) -> bytes:
    payload = question(gateway.world, KNOWN[0].ssin, ticket=ticket)
    return signed(gateway.world, payload, at=utc_now() + timedelta(seconds=90))


NOT_TO_BE_TRUSTED: dict[str, Callable[[Gateway, str], bytes]] = {
    "forged": _forged,
    "unsigned": _unsigned,
    "wrapped in a header": _wrapped,
    "wrapped in Security": _wrapped_in_security,
    "stale": _stale,
    "from the future": _from_the_future,
}


@pytest.mark.parametrize("kind", NOT_TO_BE_TRUSTED)
def test_a_message_that_is_not_to_be_trusted_gets_one_code_and_leaves_no_row(
    gateway: Gateway, kind: str
) -> None:
    ticket = new_ticket("distrust")
    raw = NOT_TO_BE_TRUSTED[kind](gateway, ticket)
    fault = fault_in(gateway.world, post(gateway, raw))
    assert (fault.http_status, fault.faultcode, fault.codes) == (500, "Client", ("RSE00001",))
    assert fault.information[0].keys() == {"step", "reason"}
    assert gateway_trail(gateway).rows(ticket) == []
    assert holder_trail(gateway, HOLDING).rows(ticket) == []
    assert f"ticketCBSS={fault.ticket_cbss}" in gateway.talk()


def test_twenty_copies_at_once_over_both_processes_are_answered_once(gateway: Gateway) -> None:
    seen: set[str] = set()
    both = {str(pid) for pid in gateway.web_processes()}
    assert len(both) == 2
    for _round in range(10):
        said = len(gateway.talk())
        ticket = new_ticket("copies")
        raw = signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=ticket))
        replies = _at_once(gateway, raw, 20)
        assert Counter(reply.status for reply in replies) == {200: 1, 500: 19}
        (answer,) = [answer_in(gateway.world, reply) for reply in replies if reply.status == 200]
        assert answer.findtext("status/value") == "DATA_FOUND"
        for reply in replies:
            if reply.status == 500:
                assert fault_in(gateway.world, reply).codes == ("RSE00002",)
        kinds = Counter(gateway_trail(gateway).kinds(ticket))
        assert kinds == dict.fromkeys(
            ("REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_ANSWERED", "ANSWER_SENT"), 1
        )
        seen |= {pid for pid in both if re.search(rf"web\[{pid}\] .* G9: ", gateway.talk()[said:])}
        if seen == both:
            return
    pytest.fail("one process refused all copies: the test did not reach both")


@pytest.mark.long
def test_a_hundred_copies_at_once_are_answered_once(gateway: Gateway) -> None:
    ticket = new_ticket("hundred")
    raw = signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=ticket))
    replies = _at_once(gateway, raw, 100)
    assert Counter(reply.status for reply in replies) == {200: 1, 500: 99}


def _at_once(gateway: Gateway, raw: bytes, copies: int) -> list[HttpReply]:
    together = Barrier(copies)

    def send() -> HttpReply:
        together.wait(30)
        return post(gateway, raw)

    with ThreadPoolExecutor(copies) as pool:
        return [sent.result() for sent in [pool.submit(send) for _ in range(copies)]]


def test_every_violation_of_the_xsd_is_told_with_line_and_path_and_is_a_row(gateway: Gateway) -> None:
    ticket, world = new_ticket("invalid"), gateway.world
    payload = question(world, KNOWN[0].ssin, ticket=ticket)
    payload.find("criteria/ssin").text = "850730033"
    payload.find("criteria/period/endDate").text = "31/12/2025"
    payload.find("informationCustomer/userRole").text = "MAYOR"
    etree.indent(payload)
    raw = signed(world, payload)

    fault = fault_in(world, post(gateway, raw))

    assert (fault.http_status, fault.faultcode) == (500, "Client")
    assert fault.codes == ("MSG00004",) * 3
    lines = raw.decode().splitlines()
    found = {}
    for one in fault.information:
        assert one["expected"]
        assert f"<{one['field']}>" in lines[int(one["line"]) - 1]
        found[one["field"]] = one["xpath"]
    root = "/consultSocialReportRequest"
    assert found == {
        "userRole": f"{root}/informationCustomer[1]/userRole[1]",
        "ssin": f"{root}/criteria[1]/ssin[1]",
        "endDate": f"{root}/criteria[1]/period[1]/endDate[1]",
    }
    (row,) = gateway_trail(gateway).rows(fault.ticket_cbss)
    assert (row.kind, row.fields["outcome"]) == ("REFUSED", "MSG00004")
    assert row.fields["check"].startswith("G10")


def _request(gateway: Gateway, namespace: str, name: str, criteria: object, role: str) -> etree._Element:
    """Return a request of any operation: the head of a consultation with other criteria."""
    payload = question(gateway.world, NOWHERE.ssin, ticket=new_ticket("other"), role=role)
    payload.remove(payload.find("criteria"))
    request = etree.Element(tag(namespace, name), nsmap={"v1": namespace})
    request.extend(list(payload))
    block = etree.SubElement(request, "criteria")
    for field, value in dict(criteria).items():
        if isinstance(value, dict):
            inner = etree.SubElement(block, field)
            for name_inside, text in value.items():
                add(inner, name_inside, text)
        else:
            add(block, field, value)
    return request


EVERY_OPERATION = {
    "consultSocialReport": (REPORT_SERVICE, REPORT, None, "SOCIAL_WORKER"),
    "sendTestMessage": (CONNECTION, TEST, {"message": "there?"}, "SYSTEM"),
    "retrieveSocialReport": (
        REPORT_SERVICE,
        REPORT,
        {"ticketCBSS": "01890a5d-ac96-774b-bcce-b302099a8057"},
        "SYSTEM",
    ),
    "listSocialReports": (REPORT_SERVICE, REPORT, {}, "SYSTEM"),
    "manageAccess": (MANAGE, ACCESS, {"list": {}}, "ADMINISTRATION"),
    "deliverSocialReport": (
        DELIVERY,
        REPORT,
        {"ticketCBSS": "01890a5d-ac96-774b-bcce-b302099a8057", "ssin": NOWHERE.ssin},
        "SYSTEM",
    ),
    "listRights": (CONNECTION, TEST, {}, "SYSTEM"),
}


def test_no_operation_of_the_contract_is_missing_below() -> None:
    assert EVERY_OPERATION.keys() == {one.name for endpoint in ENDPOINTS for one in endpoint.operations}


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_every_operation_of_the_contract_is_served(gateway: Gateway, operation: str) -> None:
    """None is answered MSG00025: its own answer comes, whatever that says."""
    service, namespace, criteria, role = EVERY_OPERATION[operation]
    if criteria is None:
        request = question(gateway.world, NOWHERE.ssin, ticket=new_ticket("every"), role=role)
    else:
        request = _request(gateway, namespace, f"{operation}Request", criteria, role)
    if operation == "deliverSocialReport":
        status = {"value": "NO_DATA_FOUND", "code": "MSG00100", "description": "Nothing."}
        block = etree.SubElement(request, "supplierStatus")
        for name, text in status.items():
            add(block, name, text)
    raw = signed(gateway.world, request)
    headers = XML | {"SOAPAction": soap_action(service, operation)}
    reply = post(gateway, raw, service=service, headers=headers)
    assert verified(gateway.world, reply).payload.tag == tag(namespace, f"{operation}Response")


def test_soap_1_2_is_told_that_the_version_does_not_match(gateway: Gateway) -> None:
    raw = signed(gateway.world, question(gateway.world, NOWHERE.ssin, ticket=new_ticket("soap12")))
    by_media_type = post(gateway, raw, headers={"Content-Type": "application/soap+xml; charset=utf-8"})
    by_root = post(gateway, raw.replace(SOAP.encode(), SOAP_1_2.encode()))
    for reply in (by_media_type, by_root):
        fault = fault_in(gateway.world, reply)
        assert (fault.http_status, fault.faultcode) == (500, "VersionMismatch")


@pytest.mark.parametrize(
    ("status", "headers", "method"),
    [
        (415, {"Content-Type": "application/json"}, "POST"),
        (415, {"Content-Type": "text/xml; charset=iso-8859-1"}, "POST"),
        (415, XML | {"Content-Encoding": "gzip"}, "POST"),
        (405, {}, "GET"),
        (405, XML, "PUT"),
    ],
)
def test_what_is_no_soap_request_keeps_its_http_status_and_gets_a_signed_fault(
    gateway: Gateway, status: int, headers: dict[str, str], method: str
) -> None:
    body = b"" if method == "GET" else b"<anything/>"
    reply = post(gateway, body, headers=headers, method=method)
    fault = fault_in(gateway.world, reply)
    assert (fault.http_status, fault.faultcode, fault.codes) == (status, "Client", ("MSG00004",))


def test_a_message_above_the_size_of_its_operation_is_refused_unread(gateway: Gateway) -> None:
    reply = post(gateway, b"<" + b"a" * (256 * 1024) + b"/>")
    assert (reply.status, reply.body) == (413, b"")


def test_a_soap_action_of_another_operation_than_the_signed_one_is_refused(gateway: Gateway) -> None:
    ticket = new_ticket("action")
    raw = signed(gateway.world, question(gateway.world, KNOWN[0].ssin, ticket=ticket))
    headers = XML | {"SOAPAction": soap_action(REPORT_SERVICE, "listSocialReports")}
    fault = fault_in(gateway.world, post(gateway, raw, headers=headers))
    assert fault.codes == ("MSG00004",)
    assert holder_trail(gateway, HOLDING).rows(ticket) == []


@pytest.mark.parametrize(
    ("service", "headers"),
    [
        (REPORT_SERVICE, XML | {"SOAPAction": soap_action(REPORT_SERVICE, "listSocialReports")}),
        (MANAGE, XML),
    ],
    ids=["SOAPAction", "address"],
)
def test_a_captured_message_posted_elsewhere_leaves_nothing_and_the_genuine_one_still_counts(
    gateway: Gateway, service: str, headers: dict[str, str]
) -> None:
    ticket = new_ticket("elsewhere")
    raw = signed(gateway.world, question(gateway.world, NOWHERE.ssin, ticket=ticket))
    rows = len(gateway_trail(gateway).of_kind("REFUSED"))
    for _ in range(2):
        reply = post(gateway, raw, service=service, headers=headers)
        assert fault_in(gateway.world, reply, service).codes == ("MSG00004",)
    assert len(gateway_trail(gateway).of_kind("REFUSED")) == rows
    assert gateway_trail(gateway).rows(ticket) == []
    assert read_status(answer_in(gateway.world, post(gateway, raw))).code == "MSG00100"


@pytest.mark.parametrize("service", [DELIVERY, MANAGE, CONNECTION])
def test_every_service_answers_junk_with_its_own_fault_element(gateway: Gateway, service: str) -> None:
    reply = post(gateway, b"<a/>", service=service)
    fault = fault_in(gateway.world, reply, service)
    assert (fault.faultcode, fault.codes) == ("Client", ("RSE00001",))
    assert verified(gateway.world, reply).trail is None


def test_refusals_of_unknown_senders_become_one_row_per_reason_when_the_gateway_stops(
    own_gateway: Gateway,
) -> None:
    trail = gateway_trail(own_gateway)
    before = {row.fields["id"] for row in trail.of_kind("REFUSED_UNAUTHENTICATED")}
    for _ in range(3):
        fault_in(own_gateway.world, post(own_gateway, _forged(own_gateway, new_ticket("summary"))))
    processes = own_gateway.web_processes()
    assert own_gateway.stop() == 0
    new = [row for row in trail.of_kind("REFUSED_UNAUTHENTICATED") if row.fields["id"] not in before]
    forgeries = [row for row in new if row.fields["check"].startswith("G8")]
    assert 1 <= len(forgeries) <= len(processes)
    assert sum(int(row.fields["count"]) for row in forgeries) >= 3
    assert all((row.fields["outcome"], row.private) == ("RSE00001", None) for row in forgeries)
    assert all(row.fields["from"] <= row.fields["until"] for row in forgeries)
