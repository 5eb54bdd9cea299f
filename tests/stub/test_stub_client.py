"""The requesting CPAS: logs before it sends, believes only the gateway, shows only what is in its log."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from stub_gateway import (
    GATEWAY_TICKET,
    JEANNE,
    NOW,
    answered,
    answering,
    consult_answer,
    fault,
    listening,
    signed_answer,
)
from stub_pki import HUB, REQUESTER, authority, identity

from rse_cpas_stub import contract
from rse_cpas_stub.client import Question, Requester
from rse_cpas_stub.errors import (
    ContractBroken,
    FaultReceived,
    LogUnwritable,
    SetupRefused,
    SignatureRefused,
    Unreachable,
)
from rse_cpas_stub.exchange import User
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.names import REPORT, tag
from rse_cpas_stub.period import Period
from rse_cpas_stub.signature import sign, verify
from rse_cpas_stub.words import lines_of, plain_outcome
from rse_gateway.trail import Kind, Person, PrivateReader, Role

USER = User("u-1", real_name="Alex Voorbeeld", file_reference="N-2026-1")


def asking(**changes: str) -> Question:
    period = Period(date(2024, 1, 1), date(2024, 12, 31))
    return Question(**{"ssin": JEANNE, "period": period, "user": USER, "ticket": "T-1", **changes})


def requester(log: OwnLog, url: str) -> Requester:
    return Requester(
        identity(REQUESTER),
        Trust(HUB, (authority().certificate,)),
        gateway_url=url,
        log=log,
        environment="test",
        clock=lambda: NOW,
        timeout_seconds=5,
    )


def consult(log: OwnLog, reply: Callable[[bytes], bytes], question: Question | None = None) -> object:
    with listening(answering(reply)) as url:
        return requester(log, url).consult(question or asking())


def digest_of(raw: bytes) -> bytes:
    return verify(raw, Trust(REQUESTER, (authority().certificate,)), NOW).proof.body_digest


def kinds(log: OwnLog) -> list[Kind]:
    return [entry.parsed().kind for entry in log.consultations.by_ticket("T-1")]


def test_a_consultation_sends_a_valid_signed_question_and_returns_the_verified_answer(
    requester_log: OwnLog,
) -> None:
    seen: list[etree._Element] = []

    def reply(raw: bytes) -> bytes:
        message = verify(raw, Trust(REQUESTER, (authority().certificate,)), NOW)
        contract.check(message.payload, tag(REPORT, "consultSocialReportRequest"))
        seen.append(message.payload)
        return signed_answer(consult_answer("T-1"), NOW, message.proof.body_digest)

    outcome = consult(requester_log, reply)
    assert seen[0].findtext("criteria/ssin") == JEANNE
    assert seen[0].findtext("informationCustomer/userReference") == "u-1"
    assert "Alex" not in etree.tostring(seen[0], encoding="unicode")
    assert (outcome.gateway_ticket, outcome.status.value, outcome.refused) == (
        GATEWAY_TICKET,
        "DATA_FOUND",
        False,
    )


def test_both_messages_are_rows_with_user_file_and_every_person(
    requester_log: OwnLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    sent_digests: list[bytes] = []

    def reply(raw: bytes) -> bytes:
        sent_digests.append(digest_of(raw))
        assert kinds(requester_log) == [Kind.REQUEST_SENT]
        return answered(raw, consult_answer("T-1"), NOW)

    consult(requester_log, reply)
    log = requester_log.consultations
    sent, received = log.by_ticket("T-1")
    assert kinds(requester_log) == [Kind.REQUEST_SENT, Kind.ANSWER_RECEIVED]
    assert received.parsed().get("ticketCBSS") == GATEWAY_TICKET
    assert received.parsed().get("outcome") == "MSG00000"
    assert received.parsed().get("signing") == HUB
    reader = PrivateReader(log.month_keys(), auditor)
    private = reader.open(received)
    assert set(private.persons) == {
        Person(JEANNE, Role.BENEFICIARY),
        Person("80010100107", Role.PARTNER),
        Person("80010100206", Role.COHABITANT),
    }
    assert (private.real_user, private.file_reference) == ("Alex Voorbeeld", "N-2026-1")
    assert reader.open(sent).message_digest == sent_digests[0]


def test_a_refusal_is_an_outcome_not_an_error(requester_log: OwnLog) -> None:
    outcome = consult(
        requester_log, lambda raw: answered(raw, consult_answer("T-1", status="NO_RESULT"), NOW)
    )
    assert (outcome.refused, outcome.status.code) == (True, "MSG00012")


@pytest.mark.parametrize(("faultcode", "by_caller"), [("soap:Client", True), ("soap:Server", False)])
def test_a_signed_fault_is_raised_and_logged(requester_log: OwnLog, faultcode: str, by_caller: bool) -> None:
    with pytest.raises(FaultReceived) as received:
        consult(requester_log, lambda _: signed_answer(fault("MSG00004", faultcode), NOW))
    assert (received.value.codes, received.value.by_caller) == (("MSG00004",), by_caller)
    assert kinds(requester_log) == [Kind.REQUEST_SENT, Kind.ANSWER_RECEIVED]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (lambda _: b"", Unreachable),
        (lambda _: b"<html/>", SignatureRefused),
        (lambda _: sign(consult_answer("T-1"), identity(REQUESTER), NOW).raw, SignatureRefused),
        (lambda raw: raw, SignatureRefused),
        (lambda raw: answered(raw, consult_answer("T-2"), NOW), ContractBroken),
        (lambda raw: answered(raw, consult_answer("T-1", ssin="80010100107"), NOW), ContractBroken),
        (lambda _: signed_answer(consult_answer("T-1"), NOW, bytes(32)), ContractBroken),
        (lambda _: signed_answer(consult_answer("T-1"), NOW), ContractBroken),
        (lambda raw: answered(raw, etree.Element(tag(REPORT, "other")), NOW), ContractBroken),
    ],
    ids=["empty", "unsigned", "other signer", "echo", "ticket", "person", "digest", "no digest", "xsd"],
)
def test_an_answer_that_may_not_be_believed_is_not_shown(
    requester_log: OwnLog, reply: Callable[[bytes], bytes], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        consult(requester_log, reply)
    assert JEANNE not in str(raised.value)
    assert kinds(requester_log) == [Kind.REQUEST_SENT]


def test_without_a_row_nothing_is_sent(requester_log: OwnLog) -> None:
    calls: list[bytes] = []
    with requester_log.consultations._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE log_pending")
    with pytest.raises(LogUnwritable):
        consult(requester_log, lambda raw: calls.append(raw) or b"")
    assert calls == []


def test_a_question_against_the_xsd_is_neither_logged_nor_sent(requester_log: OwnLog) -> None:
    with pytest.raises(SetupRefused):
        consult(requester_log, lambda _: b"", asking(ssin="850730"))
    assert kinds(requester_log) == []


def test_an_answer_reads_as_words(requester_log: OwnLog) -> None:
    outcome = consult(requester_log, lambda raw: answered(raw, consult_answer("T-1"), NOW))
    words = "\n".join(lines_of(outcome))
    for said in (
        "DATA_FOUND (MSG00000)",
        "CPAS d'Exemple / OCMW Voorbeeld (0299990217): ANSWERED",
        "beneficiary Modèle Jeanne",
        "decision of 2024-05-21: grant, for 12 months, after a judgment",
        "aid: integration income (right to social integration), 909.29 euro monthly",
        "calculation: pension, 400.00 euro a month",
        "same kind of income of 80010100206: 10.00 euro a year",
    ):
        assert said in words
    report = plain_outcome(outcome)["suppliers"][0]["socialReport"]
    assert report["decision"][0]["aid"][0]["amount"] == "909.29"


def test_the_stub_imports_nothing_of_the_gateway_but_the_trail() -> None:
    folder = contract.contract_root() / "rse_cpas_stub"
    lines = [line for path in folder.glob("*.py") for line in path.read_text("utf-8").splitlines()]
    imports = [line for line in lines if re.match(r"\s*(from|import) rse_gateway", line)]
    assert imports
    assert [line for line in imports if not line.startswith("from rse_gateway.trail")] == []
