"""Callers that are not ours: zeep from the served WSDL, curl with a signed sample, the stub's commands."""

import json
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
from invented_world import ASKING, HOLDING, KNOWN, LEGAL_CONTEXT, SAMPLE_SSIN, InventedWorld
from lxml import etree
from reading_trails import gateway_trail
from running_world import Gateway, command, utc_now
from signed_messages import HttpReply, answer_in, new_ticket, post

from rse_cpas_stub import signature
from rse_cpas_stub.names import SOAP, tag

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "demo" / "consult-request.xml"


class _Signing:
    """Zeep's hook for WS-Security: signs what zeep built; the answer is verified by `_Verifying`."""

    def __init__(self, world: InventedWorld) -> None:
        self._identity = world.identity(ASKING)

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[etree._Element, Any]:
        payload = envelope.find(tag(SOAP, "Body"))[0]
        return etree.fromstring(signature.sign(payload, self._identity, utc_now()).raw), headers

    def verify(self, envelope: etree._Element) -> etree._Element:
        return envelope


class _Verifying(zeep.Transport):
    """Zeep's own transport; keeps the bytes of the last answer and verifies them."""

    def __init__(self, world: InventedWorld) -> None:
        super().__init__(timeout=20, operation_timeout=30)
        self.session.trust_env = False
        self.trust = world.gateway_trust
        self.verified = 0

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Any:
        reply = super().post(address, message, headers)
        signature.verify(reply.content, self.trust, utc_now())
        self.verified += 1
        return reply


@pytest.fixture
def transport(gateway: Gateway) -> _Verifying:
    return _Verifying(gateway.world)


@pytest.fixture
def client(gateway: Gateway, transport: _Verifying) -> zeep.Client:
    wsdl = f"{gateway.url}/ElectronicSocialReportService/v1?wsdl"
    return zeep.Client(wsdl, transport=transport, wsse=_Signing(gateway.world))


def _values(gateway: Gateway, ticket: str, ssin: str) -> dict[str, Any]:
    period = gateway.world.period
    return {
        "informationCustomer": {
            "ticket": ticket,
            "customerIdentification": {"cbeNumber": ASKING},
            "userReference": "u-4711",
            "userRole": "SOCIAL_WORKER",
            "environment": "test",
        },
        "legalContext": LEGAL_CONTEXT,
        "criteria": {"ssin": ssin, "period": {"beginDate": period.begin, "endDate": period.end}},
    }


def test_zeep_consults_from_the_served_wsdl_and_reads_the_answer_into_objects(
    gateway: Gateway, client: zeep.Client, transport: _Verifying
) -> None:
    person, ticket = KNOWN[5], new_ticket("zeep")
    answer = client.service.consultSocialReport(**_values(gateway, ticket, person.ssin))
    assert transport.verified == 1
    assert (answer.status.value, answer.status.code) == ("DATA_FOUND", "MSG00000")
    (result,) = answer.supplierResult
    assert (result.supplier.cbeNumber, result.outcome) == (HOLDING, "ANSWERED")
    report = result.socialReport
    assert (report.beneficiary.ssin, report.beneficiary.lastName) == (person.ssin, person.last_name)
    refusal, grant = report.decision
    assert (refusal.decisionType, refusal.followsJudgment, refusal.aid) == ("REFUSAL", False, [])
    assert isinstance(grant.ratificationDate, date)
    assert (grant.duration.value, grant.duration.unit) == (12, "MONTHS")
    (aid,) = grant.aid
    assert (aid.amount, aid.paymentFrequency.code) == (Decimal(person.aid), "MONTHLY")
    (element,) = aid.calculationElement
    assert (element.amount, element.cohabitantIncome[0].ssin) == (Decimal(person.income), person.cohabitant)
    assert "REQUEST_RECEIVED" in gateway_trail(gateway).kinds(ticket)


def test_zeep_reads_a_refusal_and_a_fault(gateway: Gateway, client: zeep.Client) -> None:
    values = _values(gateway, new_ticket("zeep"), KNOWN[0].ssin) | {"legalContext": "PCSA:OTHER"}
    answer = client.service.consultSocialReport(**values)
    assert (answer.status.value, answer.status.code, answer.supplierResult) == ("NO_RESULT", "MSG00013", [])
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.service.consultSocialReport(**_values(gateway, new_ticket("zeep"), "123"))
    assert caught.value.code == "soap:Client"
    fault = client.get_element(f"{{{caught.value.detail[0].nsmap[caught.value.detail[0].prefix]}}}"
                               "electronicSocialReportFault")  # fmt: skip
    read = fault.parse(caught.value.detail[0], client.wsdl.types)
    assert [detail.reasonCode for detail in read.detail] == ["MSG00004"]


def test_zeep_reads_the_variant_with_imported_schemas_too(gateway: Gateway, transport: _Verifying) -> None:
    wsdl = f"{gateway.url}/ElectronicSocialReportService/v1?wsdl=import"
    client = zeep.Client(wsdl, transport=transport, wsse=_Signing(gateway.world))
    answer = client.service.consultSocialReport(**_values(gateway, new_ticket("zeep"), SAMPLE_SSIN))
    assert answer.status.value == "NO_DATA_FOUND"


def test_a_sample_signed_by_our_command_can_be_posted_with_curl(gateway: Gateway, tmp_path: Path) -> None:
    key, certificate = gateway.world.key_files(ASKING)
    signed = command("rse-gateway", "sign", SAMPLE, "--as", key, certificate, "--ticket", "NEW").encode()
    reply = _posted_by_curl(gateway, signed, tmp_path)
    answer = answer_in(gateway.world, reply)
    assert answer.findtext("status/value") == "NO_DATA_FOUND"
    assert answer.findtext("criteria/ssin") == SAMPLE_SSIN


def _posted_by_curl(gateway: Gateway, message: bytes, folder: Path) -> HttpReply:
    if shutil.which("curl") is None:
        print("no curl on this machine: posted by http.client instead")
        return post(gateway, message)
    head = folder / "head.txt"
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", "--dump-header", head, "--data-binary", "@-",
         "--header", "Content-Type: text/xml; charset=utf-8",
         f"{gateway.url}/ElectronicSocialReportService/v1"],
        input=message, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    status, *lines = head.read_text().strip().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return HttpReply(int(status.split()[1]), headers, done.stdout)


def test_the_test_command_shows_what_the_gateway_saw(gateway: Gateway) -> None:
    configuration = gateway.world.configuration(ASKING)
    shown = command(
        "rse-cpas-stub", "test", "--config", configuration, "--gateway-url", gateway.url,
        "--message", "bonjour", "--json",
    )  # fmt: skip
    seen = json.loads(shown)
    assert (seen["message"], seen["institution"], seen["environment"]) == ("bonjour", ASKING, "test")


def test_the_ask_command_answers_in_words_and_by_its_exit_status(gateway: Gateway) -> None:
    person, period = KNOWN[6], gateway.world.period
    ask = (
        "ask", "--config", gateway.world.configuration(ASKING), "--gateway-url", gateway.url,
        "--begin", period.begin.isoformat(), "--end", period.end.isoformat(), "--ssin-file", "-",
    )  # fmt: skip
    ticket = new_ticket("words")
    shown = command("rse-cpas-stub", *ask, "--ticket", ticket, stdin=person.ssin.encode())
    for expected in ("DATA_FOUND", person.last_name, person.aid):
        assert expected in shown
    refused = command(
        "rse-cpas-stub", *ask, "--legal-context", "PCSA:OTHER", stdin=person.ssin.encode(), status=1
    )
    assert "MSG00013" in refused


def test_the_log_command_tells_a_consultation_to_the_auditor(gateway: Gateway) -> None:
    ticket, person = new_ticket("story"), KNOWN[7]
    gateway.ask(person, ticket)
    look = ("--settings", gateway.settings, "log", "show", ticket, "--reason", "acceptance")
    told = command("rse-gateway", *look, "--auditor-key", gateway.world.auditor_key)
    assert person.ssin in told
    closed = command("rse-gateway", *look)
    assert person.ssin not in closed
    looks = gateway_trail(gateway).of_kind("LOG_CONSULTED")
    assert [row.fields["reason"] for row in looks[:2]] == ["acceptance", "acceptance"]
