"""The holding CPAS: answers by itself, only what was asked of it, and logs before it sends."""

from base64 import b64decode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from stub_gateway import GATEWAY_TICKET, JEANNE, NOW, TICKET, asked, question
from stub_pki import HOLDER, HUB, REQUESTER, authority, identity

from rse_cpas_stub import contract
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.names import REPORT, SOAP, tag
from rse_cpas_stub.replies import Reply
from rse_cpas_stub.signature import VerifiedMessage, sign, verify
from rse_gateway.trail import Kind, PrivateReader, Role

MakeHolder = Callable[..., Holder]
RESPONSE = tag(REPORT, "provideSocialReportResponse")
TRUST = Trust(HOLDER, (authority().certificate,))


def verified(reply: Reply) -> VerifiedMessage:
    return verify(reply.raw, TRUST, NOW)


def status_of(reply: Reply) -> tuple[str | None, str | None]:
    root = verified(reply).payload
    contract.check(root, RESPONSE)
    return root.findtext("status/value"), root.findtext("status/code")


def fault_of(reply: Reply) -> tuple[str | None, str | None]:
    root = verified(reply).payload
    assert root.tag == tag(SOAP, "Fault")
    assert reply.http_status == 500
    block = root.find("detail")[0]
    contract.check(block, tag(REPORT, "socialReportSupplierFault"))
    return root.findtext("faultcode"), block.findtext("detail/reasonCode")


def test_the_answer_is_valid_signed_and_holds_the_decisions_of_the_period(holder: MakeHolder) -> None:
    reply = holder().handle(asked())
    root = verified(reply).payload
    assert status_of(reply) == ("DATA_FOUND", "MSG00000")
    ratified = [found.text for found in root.findall("socialReport/decision/ratificationDate")]
    assert ratified == ["2023-02-14", "2024-05-21"]
    assert root.findtext("status/information/fieldName") == "decisionsOutsidePeriod"
    assert root.findtext("status/information/fieldValue") == "1"
    assert root.findtext("informationSupplier/supplierIdentification/cbeNumber") == HOLDER


def test_the_answer_repeats_the_question_and_names_its_digest(holder: MakeHolder) -> None:
    raw = asked()
    answer = verified(holder().handle(raw))
    sent = verify(raw, Trust(HUB, (authority().certificate,)), NOW)
    for path in ("informationCustomer/ticket", "informationCBSS/ticketCBSS", "criteria/ssin"):
        assert answer.payload.findtext(path) == sent.payload.findtext(path)
    assert answer.trail is not None
    assert b64decode(answer.trail.findtext("requestDigest") or "") == sent.proof.body_digest


@pytest.mark.parametrize(
    "changes",
    [{"ssin": "17073003384"}, {"begin": "2010-01-01", "end": "2010-12-31"}],
    ids=["person", "period"],
)
def test_nothing_there_is_no_data(holder: MakeHolder, changes: dict[str, str]) -> None:
    assert status_of(holder().handle(asked(**changes))) == ("NO_DATA_FOUND", "MSG00100")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"addressee": "0299990316"}, "supplierIdentification"), ({"environment": "acpt"}, "environment")],
)
def test_a_question_for_somebody_else_is_refused(
    holder: MakeHolder, changes: dict[str, str], field: str
) -> None:
    reply = holder().handle(asked(**changes))
    assert status_of(reply) == ("NO_RESULT", "MSG00008")
    root = verified(reply).payload
    assert root.findtext("status/information/fieldName") == field
    assert root.find("socialReport") is None


def test_a_question_that_the_gateway_did_not_sign_gets_a_fault_and_no_row(
    holder: MakeHolder, holder_log: OwnLog
) -> None:
    assert fault_of(holder().handle(asked(identity(REQUESTER)))) == ("soap:Client", "RSE00001")
    assert holder_log.consultations.by_ticket(TICKET) == []


@pytest.mark.parametrize("payload", [question(reminder="x"), etree.Element(tag(REPORT, "other"))])
def test_a_question_that_breaks_the_xsd_gets_a_fault(holder: MakeHolder, payload: etree._Element) -> None:
    raw = sign(payload, identity(HUB), NOW).raw
    assert fault_of(holder().handle(raw)) == ("soap:Client", "MSG00004")


def test_question_and_answer_are_rows_with_every_person_disclosed(
    holder: MakeHolder, holder_log: OwnLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    raw = asked(reminder="2")
    answer = verified(holder().handle(raw))
    log = holder_log.consultations
    received, sent = log.by_ticket(GATEWAY_TICKET)
    assert (received.parsed().kind, sent.parsed().kind) == (Kind.REQUEST_RECEIVED, Kind.ANSWER_SENT)
    assert received.parsed().get("reminderNumber") == "2"
    assert sent.parsed().get("outcome") == "MSG00000"
    assert (sent.parsed().get("asking"), sent.parsed().get("holding")) == (REQUESTER, HOLDER)
    reader = PrivateReader(log.month_keys(), auditor)
    private = reader.open(sent)
    assert [(person.niss, person.role) for person in private.persons] == [(JEANNE, Role.BENEFICIARY)]
    assert (private.file_reference, private.real_user) == ("C-2023-014", "automatic answer")
    assert private.message_digest == answer.proof.body_digest
    sent_digest = verify(raw, Trust(HUB, (authority().certificate,)), NOW).proof.body_digest
    assert reader.open(received).message_digest == sent_digest
    assert list(log.verify_index()) == []


def test_without_a_row_no_data_leave(holder: MakeHolder, holder_log: OwnLog) -> None:
    answering = holder()
    with holder_log.consultations._engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON log_entries WHEN NEW.kind = 'ANSWER_SENT'"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    reply = answering.handle(asked())
    assert fault_of(reply) == ("soap:Server", "MSG00001")
    assert b"socialReport>" not in reply.raw


def test_the_same_signed_question_again_gets_no_second_answer_and_one_row(
    holder: MakeHolder, holder_log: OwnLog
) -> None:
    """Signed again, the same question is answered again."""
    serving, raw = holder(), asked()
    assert status_of(serving.handle(raw)) == ("DATA_FOUND", "MSG00000")
    assert fault_of(serving.handle(raw)) == ("soap:Client", "RSE00002")
    kinds = [row.parsed().get("kind") for row in holder_log.consultations.by_ticket(TICKET)]
    assert kinds.count("REQUEST_RECEIVED") == 1
    assert status_of(serving.handle(asked())) == ("DATA_FOUND", "MSG00000")


def test_every_schema_is_compiled_when_asked_for_and_not_again() -> None:
    contract.compile_schemas()
    before = contract._schema.cache_info().misses
    contract.check(question(), tag(REPORT, "provideSocialReportRequest"))
    assert contract._schema.cache_info().misses == before
