"""A holder that promises really delivers, by itself, signed, logged, and wrongly where it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from serving import opened, partners, post, status_of, table, write_toml, write_world
from stub_gateway import (
    GATEWAY_TICKET,
    JEANNE,
    NOW,
    OTHER_TICKET,
    TICKET,
    answering,
    answering_to,
    asked,
    fault,
    listening,
    signed_answer,
    status_xml,
)
from stub_pki import HOLDER, REQUESTER, authority

from rse_cpas_stub import contract
from rse_cpas_stub.failures import OTHER_PERSON
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import read_log
from rse_cpas_stub.names import REPORT, tag
from rse_cpas_stub.signature import verify
from rse_gateway.trail import Kind, LogEntry, PrivateReader

REQUEST = tag(REPORT, "deliverSocialReportRequest")
SECONDS = 0.2


class DeliveryDesk:
    """The gateway's delivery service: verifies what comes in, keeps it, answers OK (or what a test says)."""

    def __init__(self, reply: Callable[[bytes], bytes] | None = None) -> None:
        self.delivered: list[etree._Element] = []
        self.arrived = threading.Semaphore(0)
        self._reply = reply or (
            lambda raw: answering_to(raw, "deliverSocialReport", status_xml("OK", "MSG00000"), asking=HOLDER)
        )

    def __call__(self, raw: bytes) -> bytes:
        self.delivered.append(verify(raw, Trust(HOLDER, (authority().certificate,)), NOW).payload)
        self.arrived.release()
        return self._reply(raw)

    def wait(self, count: int) -> None:
        for _ in range(count):
            assert self.arrived.acquire(timeout=10)


@pytest.fixture
def folder(tmp_path: Path, auditor_file: Path) -> Path:
    write_world(tmp_path, HOLDER, REQUESTER)
    assert auditor_file.parent == tmp_path
    return tmp_path


@contextmanager
def promising(folder: Path, desk: DeliveryDesk, told: list[str], **changes: object) -> Iterator[str]:
    with listening(answering(desk)) as gateway:
        settings = table(HOLDER, gateway_url=gateway, promise=SECONDS, **changes)
        with partners(write_toml(folder / "stub.toml", settings), tell=told.append) as running:
            yield running.served[0].url


def told_after(told: list[str], count: int) -> list[str]:
    until = time.monotonic() + 10
    while len(told) < count and time.monotonic() < until:
        time.sleep(0.02)
    return told


def rows(folder: Path) -> list[LogEntry]:
    return read_log(folder / f"{HOLDER}.db").by_ticket(GATEWAY_TICKET)


def test_what_is_promised_is_delivered_after_the_time(folder: Path) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told) as url:
        started = time.monotonic()
        assert status_of(opened(post(url)[1])) == ("ACCEPTED", "MSG00020")
        desk.wait(1)
        assert time.monotonic() - started >= SECONDS
        assert told_after(told, 1) == [f"{GATEWAY_TICKET}: delivered (once): OK MSG00000"]
    (request,) = desk.delivered
    contract.check(request, REQUEST)
    assert request.findtext("informationCustomer/ticket") == TICKET
    assert request.findtext("informationCustomer/customerIdentification/cbeNumber") == HOLDER
    assert request.findtext("informationCustomer/userRole") == "SYSTEM"
    assert (request.findtext("criteria/ticketCBSS"), request.findtext("criteria/ssin")) == (
        GATEWAY_TICKET,
        JEANNE,
    )
    assert request.findtext("supplierStatus/value") == "DATA_FOUND"
    assert [found.text for found in request.findall("socialReport/decision/ratificationDate")] == [
        "2023-02-14",
        "2024-05-21",
    ]


def test_a_delivery_is_two_rows_with_the_persons_disclosed(
    folder: Path, auditor: ec.EllipticCurvePrivateKey
) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told) as url:
        post(url)
        told_after(told, 1)
    kinds = [(row.parsed().kind, row.parsed().get("operation")) for row in rows(folder)]
    assert kinds == [
        (Kind.REQUEST_RECEIVED, "provideSocialReport"),
        (Kind.ANSWER_SENT, "provideSocialReport"),
        (Kind.REQUEST_SENT, "deliverSocialReport"),
        (Kind.ANSWER_RECEIVED, "deliverSocialReport"),
    ]
    sent = rows(folder)[2]
    record = sent.parsed()
    assert (record.get("asking"), record.get("holding"), record.get("signing")) == (REQUESTER, HOLDER, HOLDER)
    assert (record.get("ticket"), record.get("periodBegin")) == (TICKET, "2024-01-01")
    private = PrivateReader(read_log(folder / f"{HOLDER}.db").month_keys(), auditor).open(sent)
    assert [person.niss for person in private.persons] == [JEANNE]
    assert private.file_reference == "C-2023-014"


def test_a_reminder_promises_again_and_delivers_once(folder: Path) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told) as url:
        for number in range(3):
            assert status_of(opened(post(url, asked(reminder=str(number)))[1]))[0] == "ACCEPTED"
        told_after(told, 1)
        time.sleep(3 * SECONDS)
    assert len(desk.delivered) == 1


def test_a_delivery_that_failed_is_made_again_after_a_reminder(folder: Path) -> None:
    desk, told = DeliveryDesk(lambda _: signed_answer(fault("MSG00001", "soap:Server"), NOW)), []
    with promising(folder, desk, told) as url:
        for number in range(2):
            post(url, asked(reminder=str(number)))
            assert "not delivered" in told_after(told, number + 1)[number]
    assert len(desk.delivered) == 2
    assert JEANNE not in "".join(told)


def test_twice_is_the_same_content_in_two_messages(folder: Path) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told, deliver="twice") as url:
        post(url)
        assert told_after(told, 1) == [f"{GATEWAY_TICKET}: delivered (twice): OK MSG00000, then OK MSG00000"]
    first, second = (etree.tostring(one.find("socialReport")) for one in desk.delivered)
    assert first == second


@pytest.mark.parametrize("ssin", [JEANNE, "17073003384"], ids=["report", "no data"])
def test_conflicting_is_other_content_for_the_same_ticket(folder: Path, ssin: str) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told, deliver="conflicting") as url:
        post(url, asked(ssin=ssin))
        told_after(told, 1)
    first, second = desk.delivered
    contract.check(second, REQUEST)
    assert first.findtext("criteria/ticketCBSS") == second.findtext("criteria/ticketCBSS")
    assert first.findtext("criteria/ssin") == second.findtext("criteria/ssin")
    parts = [
        [etree.tostring(part) for part in one.iter("supplierStatus", "socialReport")]
        for one in (first, second)
    ]
    assert parts[0] != parts[1]


@pytest.mark.parametrize(
    ("variant", "ticket", "ssin"),
    [("wrong-person", GATEWAY_TICKET, OTHER_PERSON), ("wrong-ticket", None, JEANNE)],
)
def test_a_delivery_can_be_wrong_and_valid(folder: Path, variant: str, ticket: str | None, ssin: str) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told, deliver=variant) as url:
        post(url)
        told_after(told, 1)
    (request,) = desk.delivered
    contract.check(request, REQUEST)
    delivered = request.findtext("criteria/ticketCBSS")
    assert delivered == ticket if ticket else delivered not in {GATEWAY_TICKET, OTHER_TICKET}
    assert request.findtext("criteria/ssin") == request.findtext("socialReport/beneficiary/ssin") == ssin


def test_what_is_not_ours_is_refused_and_not_promised(folder: Path) -> None:
    desk, told = DeliveryDesk(), []
    with promising(folder, desk, told) as url:
        assert status_of(opened(post(url, asked(addressee=REQUESTER))[1]))[0] == "NO_RESULT"
        time.sleep(2 * SECONDS)
    assert desk.delivered == []
