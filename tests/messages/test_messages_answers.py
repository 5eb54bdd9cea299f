"""What leaves the gateway is composed, validated, signed, and bound to the question it answers."""

import base64
import hashlib
from dataclasses import replace

import pytest
from lxml import etree
from message_samples import (
    CUSTOMER,
    LINES,
    LISTED,
    MESSAGE_CONTEXT,
    RECEIVED,
    REPLIED,
    RETRIEVED,
    TICKET,
    FakeRegistry,
    FixedClock,
    consult_answer,
    key_pair,
    request,
    result,
)

from rse_gateway.contract.answers import SignedAnswers, SignedFaults
from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.expected import Expected
from rse_gateway.contract.messages import delivery_request
from rse_gateway.contract.namespaces import SOAP11, TRAIL
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.domain.consultation import DeliveryAnswer, Outcome
from rse_gateway.errors import (
    ContentRefused,
    GatewayFault,
    GatewayUnavailable,
    ReplayRefused,
    RequestRefused,
    SecurityRefused,
    Violation,
)
from rse_gateway.security.signing import MessageSigner

SCHEMAS = load_schemas()
KEY, CERTIFICATE = key_pair()
SIGNER = MessageSigner(KEY, CERTIFICATE)
ANSWERS = SignedAnswers(SCHEMAS, SIGNER, FakeRegistry(), environment="test")
FAULTS = SignedFaults(SCHEMAS, SIGNER, FakeRegistry(), FixedClock(), "test")


def opened(raw: bytes):
    envelope = etree.fromstring(raw)
    body = envelope.find(f"{{{SOAP11}}}Body")
    return body, envelope.find(f"{{{SOAP11}}}Header/{{{TRAIL}}}trail")


def write(error, **options) -> bytes:
    values = {"service": "TestConnectionService", "gateway_ticket": TICKET, "received_at": RECEIVED}
    return FAULTS.write(error, **(values | options))


def test_an_answer_is_valid_and_its_proof_is_that_of_its_own_body():
    sealed = ANSWERS.consult(consult_answer(result(Outcome.PENDING, "MSG00020")), MESSAGE_CONTEXT)
    body, _ = opened(sealed.raw)
    SCHEMAS.check_own(body[0])
    canonical = etree.tostring(body, method="c14n", exclusive=True)
    assert sealed.proof.body_digest == hashlib.sha256(canonical).digest()
    assert sealed.proof.certificate_digest == hashlib.sha256(CERTIFICATE).hexdigest()


def test_an_answer_names_the_question_by_the_digest_of_its_body():
    _, trail = opened(ANSWERS.consult(consult_answer(), MESSAGE_CONTEXT).raw)
    assert base64.b64decode(trail.findtext("requestDigest")) == MESSAGE_CONTEXT.proof.body_digest
    SCHEMAS.check_own(trail)


def test_an_answer_speaks_the_language_asked_else_the_institutions():
    for asked, spoken in (("DE", "DE"), (None, "NL")):
        body, _ = opened(ANSWERS.consult(consult_answer(language=asked), MESSAGE_CONTEXT).raw)
        assert body[0].findtext("status/description") == load_catalogue().text("MSG00100", spoken)


def test_an_answer_that_breaks_the_xsd_is_never_signed():
    invalid = replace(consult_answer(), results=(result(Outcome.PENDING, "MSG00020"),) * 701)
    with pytest.raises(GatewayFault):
        ANSWERS.consult(invalid, MESSAGE_CONTEXT)


def test_every_kind_of_answer_is_sealed_alike():
    refusal = RequestRefused("MSG00013", "legalContext")
    echo = request("sendTestMessageRequest")
    asked = delivery_request(request("deliverSocialReportRequest"))
    delivery = DeliveryAnswer(asked, TICKET, RECEIVED, REPLIED, accepted=True, code="MSG00000")
    for sealed, path, expected in (
        (
            ANSWERS.test_message(echo, MESSAGE_CONTEXT, replied_at=REPLIED, refusal=refusal),
            "status/code",
            "MSG00013",
        ),
        (ANSWERS.test_message(echo, MESSAGE_CONTEXT, replied_at=REPLIED), "message", "Bonjour"),
        (ANSWERS.retrieve(RETRIEVED, MESSAGE_CONTEXT), "consultation/ticket", "T-1"),
        (ANSWERS.listed(LISTED, MESSAGE_CONTEXT), "consultation/statusValue", "INCOMPLETE_DATA"),
        (ANSWERS.access(LINES, MESSAGE_CONTEXT), "accessLine/sector", "17"),
        (ANSWERS.delivery(delivery, MESSAGE_CONTEXT), "status/value", "OK"),
    ):
        body, trail = opened(sealed.raw)
        SCHEMAS.check_own(body[0])
        assert body[0].findtext(path) == expected
        digest = base64.b64decode(trail.findtext("requestDigest"))
        assert digest == MESSAGE_CONTEXT.proof.body_digest


def test_an_echo_shows_which_certificate_and_institution_the_gateway_saw():
    sealed = ANSWERS.test_message(request("sendTestMessageRequest"), MESSAGE_CONTEXT, replied_at=REPLIED)
    payload = opened(sealed.raw)[0][0]
    assert payload.findtext("certificateSeen/sha256") == "ab" * 32
    assert payload.findtext("institutionSeen/cbeNumber") == "0299990019"
    assert payload.findtext("environment") == "test"


def test_a_fault_to_nobody_known_is_signed_and_names_no_question():
    body, trail = opened(write(SecurityRefused("G8", "digest")))
    assert body[0].tag == f"{{{SOAP11}}}Fault"
    assert trail is None


def test_a_fault_to_a_known_caller_names_its_question():
    body, trail = opened(write(ReplayRefused("G9", "x"), context=MESSAGE_CONTEXT, customer=request()[0]))
    assert trail is not None
    assert body[0].findtext(".//informationCustomer/ticket") == "T-1"
    assert body[0].findtext("faultstring") == load_catalogue().text("RSE00002", "NL")


def test_a_customer_that_breaks_the_xsd_is_left_out_of_the_fault():
    broken = request(body=CUSTOMER.replace("T-1", "not a ticket"))
    body, _ = opened(write(ContentRefused(()), customer=broken[0]))
    assert body[0].find(".//informationCustomer") is None
    SCHEMAS.check_own(body[0][-1][0])


def test_a_fault_after_the_xsd_speaks_the_language_asked_else_the_institutions():
    for asked, spoken in (("DE", "DE"), (None, "NL")):
        body, _ = opened(write(GatewayUnavailable("x"), context=MESSAGE_CONTEXT, language=asked))
        assert body[0].findtext("faultstring") == load_catalogue().text("MSG00001", spoken)


def test_the_violations_of_a_known_caller_are_told_in_its_institutions_language():
    violations = (Violation(1, "/a[1]", "a", Expected("nothing")),)
    body, _ = opened(write(ContentRefused(violations), context=MESSAGE_CONTEXT))
    said = [i.findtext("fieldValue") for i in body[0].iterfind(".//detail/information")]
    assert said[-1] == "geen verder element hier"
