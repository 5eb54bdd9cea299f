"""Answers of holding CPAS, exactly as the gateway takes them in: gate, XSD, checks of the leg, report."""

from datetime import date, datetime, timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sample_pack import SAMPLES, Listed, by_file, context_of, gate, opened, select, world, world_file
from zeep.transports import Transport

from rse_gateway.adapters.holding_cpas import LEG_ORDER, ZeepHoldingCpas
from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.adapters.partner_reply import open_reply
from rse_gateway.contract.envelope import payload_values, period_of
from rse_gateway.contract.files import contract_path
from rse_gateway.contract.messages import report_element, supplier_answer, supplier_reply
from rse_gateway.contract.parsing import Bounds
from rse_gateway.contract.report import check_report
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.access import five_years_before
from rse_gateway.domain.consultation import SupplierQuestion
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.message import SealedMessage
from rse_gateway.errors import SupplierFailed, SupplierUnreachable, SupplierUnusable, Unheard
from rse_gateway.ports import HolderAnswer, PreparedQuestion
from rse_gateway.security.keys import load_certificate, load_private_key_unsafe
from rse_gateway.security.signing import MessageSigner

DECISION_YEARS = 5
QUESTION = "messages/good/provideSocialReport/request.signed.xml"
ANSWERS = [s for s in select(operation="provideSocialReport", signed=True) if s.direction != "request"]
UNSIGNED_REPORTS = [
    s
    for s in select(operation="provideSocialReport", direction="answer", signed=False, expected="accepted")
    if s.payload.find("socialReport") is not None
]
LEG = {f"leg.{name}" for name, _ in LEG_ORDER}


class OneReply(Transport):
    """Answers every post with the bytes of one sample."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self.raw = raw

    def load(self, url: str) -> bytes:
        return contract_path(url).read_bytes()

    def post(self, _address: str, _message: bytes, _headers: object, **_how: object) -> HttpReply:
        return HttpReply(200, self.raw)


class MomentOf:
    """Stands at the moment of one sample."""

    def __init__(self, sample: Listed) -> None:
        self.sample = sample

    def now(self) -> datetime:
        return self.sample.moment

    def today(self) -> date:
        return date.fromisoformat(world_file()["today"])


LEFT_OUT = {
    "answer-decision-outside": (2, 1, 0, 0),
    "answer-period-ends-before-it-begins": (0, 0, 1, 0),
    "instants": (2, 1, 0, 0),
    "with-duration": (1, 1, 0, 0),
    "closed-aids": (1, 1, 0, 0),
    "paid-once": (1, 1, 0, 0),
    "granted-backwards": (1, 1, 0, 0),
    "open-aid": (1, 1, 0, 0),
    "replaced": (1, 1, 0, 0),
    "not-replaced": (2, 1, 0, 0),
    "without-aid": (1, 1, 0, 0),
    "cap-same-day": (1, 0, 0, 1),
    "cap-runs": (1, 0, 0, 1),
    "cap-refusal-of-1999": (0, 0, 0, 1),
    "nothing-left": (0, 2, 0, 0),
    "contradictory": (1, 0, 1, 0),
}
"""Sample → decisions kept, outside the period, contradictory, and (told to nobody) too old."""


@cache
def prepared(file: str) -> PreparedQuestion:
    """Return the signed question of a sample; faults answer the usual one."""
    (sample,) = select(file=file or QUESTION)
    message = opened(sample)
    values = payload_values(message.payload)
    customer = values["informationCustomer"]
    question = SupplierQuestion(
        gateway_ticket=GatewayTicket.parse(values["informationCBSS"]["ticketCBSS"]),
        ticket=Ticket(customer["ticket"]),
        requesting_cpas=CbeNumber(customer["customerIdentification"]["cbeNumber"]),
        holding_cpas=CbeNumber(values["supplierIdentification"]["cbeNumber"]),
        legal_context=values["legalContext"],
        niss=Niss(values["criteria"]["ssin"]),
        period=period_of(values["criteria"]["period"]),
        reminder_number=int(values["reminderNumber"]),
        environment=customer["environment"],
        received_at=sample.moment,
        sent_at=sample.moment,
    )
    proof = context_of(sample, message).proof
    return PreparedQuestion(question, SealedMessage(sample.raw, proof), "http://127.0.0.1:9/")


@pytest.fixture(scope="module")
def signer() -> MessageSigner:
    key = load_private_key_unsafe(SAMPLES / "keys" / "test-gateway.key.pem")
    certificate = load_certificate(SAMPLES / "keys" / "test-gateway.cert.pem")
    return MessageSigner(key, certificate.public_bytes(Encoding.DER))


def ask(sample: Listed, signer: MessageSigner) -> HolderAnswer:
    holders = ZeepHoldingCpas(
        signer=signer,
        gate=gate(),
        schemas=load_schemas(),
        clock=MomentOf(sample),
        registry=world(),
        transport=OneReply(sample.raw),
        decision_years=DECISION_YEARS,
    )
    return holders.ask(prepared(sample.question))


@pytest.mark.parametrize("sample", [s for s in ANSWERS if s.expected == "accepted"], ids=by_file)
def test_a_good_answer_is_usable(sample, signer):
    answer = ask(sample, signer)
    assert (answer.report is not None and not answer.report.empty) == (answer.reply.value == "REPORT")
    if answer.report is not None:
        kept = report_element(answer.report.canonical).findall("decision") if answer.report.canonical else []
        counts = (answer.report.omitted, answer.report.contradictory, answer.report.too_old)
        expected = LEFT_OUT.get(sample.file.split("/")[-1].removesuffix(".signed.xml"))
        if expected is None:
            assert counts == (0, 0, 0)
        else:
            assert (len(kept), *counts) == expected
        assert all(one.findtext("ratificationDate") >= "2021-11-21" for one in kept)


def test_every_row_of_the_table_has_a_sample():
    files = {s.file.split("/")[-1].removesuffix(".signed.xml") for s in ANSWERS}
    assert set(LEFT_OUT) <= files
    rows = {s.file.split("/")[-1].removesuffix(".signed.xml") for s in ANSWERS if "/decisions/" in s.file}
    assert rows <= set(LEFT_OUT)


@pytest.mark.parametrize("sample", [s for s in ANSWERS if s.expected != "accepted"], ids=by_file)
def test_a_bad_answer_is_refused_where_listed(sample, signer):
    with pytest.raises(SupplierFailed) as failure:
        ask(sample, signer)
    assert failure.value.code == sample.code
    wanted = SupplierUnusable if sample.expected == "unusable" else SupplierUnreachable
    assert type(failure.value) is wanted
    assert stopped_at(sample, failure.value.reason) == sample.stoppedAt


GOOD = next(s for s in ANSWERS if s.expected == "accepted")
FAULT = next(s for s in ANSWERS if s.stoppedAt == "leg.fault")
LATER = timedelta(minutes=10)
MAINTENANCE = b"<html><body>Maintenance</body></html>"
NO_ANSWERS = {
    "a maintenance page with status 200": (HttpReply(200, MAINTENANCE), timedelta(0), Unheard.UNSIGNED),
    "an empty body": (HttpReply(200, b""), timedelta(0), Unheard.UNSIGNED),
    "an empty body, accepted": (HttpReply(202, b""), timedelta(0), Unheard.HTTP),
    "an error page": (HttpReply(503, MAINTENANCE), timedelta(0), Unheard.HTTP),
    "an old answer": (HttpReply(200, GOOD.raw), LATER, Unheard.STALE),
    "a signed fault": (HttpReply(500, FAULT.raw), timedelta(0), Unheard.FAULT),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_the_holder_did_not_sign_fresh_is_no_answer_of_it_and_told_by_its_reason(name):
    reply, late, why = NO_ANSWERS[name]
    with pytest.raises(SupplierUnreachable) as failure:
        open_reply(gate(), reply, Bounds(max_bytes=1024 * 1024, max_elements=25_000), GOOD.moment + late)
    assert failure.value.why is why


@pytest.mark.parametrize("sample", UNSIGNED_REPORTS, ids=by_file)
def test_every_good_report_is_usable_as_a_report(sample):
    values = payload_values(sample.payload)
    person = frozenset({values["criteria"]["ssin"]})
    report = check_report(
        values["socialReport"],
        expected=person,
        period=period_of(values["criteria"]["period"]),
        oldest=five_years_before(date.fromisoformat(world_file()["today"]), DECISION_YEARS),
    )
    expected = LEFT_OUT.get(sample.file.split("/")[-1].removesuffix(".xml"), (None, 0, 0, 0))
    assert (report.omitted, report.contradictory, report.too_old) == expected[1:]


def stopped_at(sample: Listed, reason: str) -> str:
    """Return where an answer was refused, as the manifest names places."""
    head = reason.partition(":")[0]
    if head.startswith("G") or f"leg.{head}" in LEG:
        return head if head.startswith("G") else f"leg.{head}"
    if reason == "breaks the XSD":
        return "G10"
    if reason == "answered with a fault":
        return "leg.fault"
    answer = supplier_answer(opened(sample).payload)
    try:
        supplier_reply(answer.status_value, answer.code, answer.report)
    except SupplierUnusable:
        return "leg.reply"
    return "leg.report"
