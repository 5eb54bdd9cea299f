"""What a gateway would say: questions to a holder, answers to a requester; signed as the hub."""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import waitress
from lxml import etree
from stub_pki import HOLDER, HUB, REQUESTER, authority, identity
from waitress import wasyncore

from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.messages import answering_trail
from rse_cpas_stub.names import REPORT, SOAP
from rse_cpas_stub.signature import sign, verify

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
JEANNE = "85073003328"
GATEWAY_TICKET = "019a0000-0000-7000-8000-000000000001"
OTHER_TICKET = "019a0000-0000-7000-8000-000000000002"
TICKET = "R-2026-000123"
RECEIVED_AT = "2026-11-21T09:29:59.500Z"


def question(**changes: str) -> etree._Element:
    said = {
        "environment": "test",
        "addressee": HOLDER,
        "ssin": JEANNE,
        "begin": "2024-01-01",
        "end": "2024-12-31",
        "reminder": "0",
        **changes,
    }
    return etree.fromstring(f"""
<v1:provideSocialReportRequest xmlns:v1="{REPORT}">
<informationCustomer><ticket>{TICKET}</ticket><timestampSent>{RECEIVED_AT}</timestampSent>
<customerIdentification><cbeNumber>{REQUESTER}</cbeNumber></customerIdentification>
<environment>{said["environment"]}</environment></informationCustomer>
<informationCBSS><ticketCBSS>{GATEWAY_TICKET}</ticketCBSS>
<timestampReceive>{RECEIVED_AT}</timestampReceive></informationCBSS>
<supplierIdentification><cbeNumber>{said["addressee"]}</cbeNumber></supplierIdentification>
<legalContext>PCSA:SOCIAL_INQUIRY</legalContext>
<criteria><ssin>{said["ssin"]}</ssin>
<period><beginDate>{said["begin"]}</beginDate><endDate>{said["end"]}</endDate></period></criteria>
<reminderNumber>{said["reminder"]}</reminderNumber>
</v1:provideSocialReportRequest>""")


def asked(who: Identity | None = None, **changes: str) -> bytes:
    return sign(question(**changes), who or identity(HUB), NOW).raw


def consult_answer(ticket: str, ssin: str = JEANNE, status: str = "DATA_FOUND") -> etree._Element:
    code = {"DATA_FOUND": "MSG00000", "NO_RESULT": "MSG00012"}[status]
    result = (
        ""
        if status == "NO_RESULT"
        else f"""
<supplierResult><supplier><cbeNumber>{HOLDER}</cbeNumber><nameFr>CPAS d'Exemple</nameFr>
<nameNl>OCMW Voorbeeld</nameNl><telephone>02 555 00 00</telephone></supplier><outcome>ANSWERED</outcome>
<outcomeSince>{RECEIVED_AT}</outcomeSince><code>MSG00000</code><socialReport><beneficiary>
<ssin>{ssin}</ssin><lastName>Modèle</lastName><firstName>Jeanne</firstName></beneficiary>
<partner><ssin>80010100107</ssin></partner>
<decision><decisionType>GRANT</decisionType><ratificationDate>2024-05-21</ratificationDate>
<followsJudgment>true</followsJudgment><duration><value>12</value><unit>MONTHS</unit></duration>
<aid><legislation>DRI</legislation><aidType><code>RIS</code></aidType><amount>909.29</amount>
<paymentFrequency><code>MONTHLY</code></paymentFrequency>
<calculationElement><elementType><code>PENSION</code></elementType><amount>400.00</amount>
<unit>MONTH</unit><cohabitantIncome><ssin>80010100206</ssin><amount>10.00</amount><unit>YEAR</unit>
</cohabitantIncome></calculationElement></aid></decision></socialReport></supplierResult>"""
    )
    return etree.fromstring(f"""
<v1:consultSocialReportResponse xmlns:v1="{REPORT}">
<informationCustomer><ticket>{ticket}</ticket>
<customerIdentification><cbeNumber>{REQUESTER}</cbeNumber></customerIdentification>
<userReference>u-1</userReference><userRole>SOCIAL_WORKER</userRole>
<environment>test</environment></informationCustomer>
<informationCBSS><ticketCBSS>{GATEWAY_TICKET}</ticketCBSS>
<timestampReceive>{RECEIVED_AT}</timestampReceive></informationCBSS>
<legalContext>PCSA:SOCIAL_INQUIRY</legalContext>
<criteria><ssin>{ssin}</ssin>
<period><beginDate>2024-01-01</beginDate><endDate>2024-12-31</endDate></period></criteria>
<status><value>{status}</value><code>{code}</code><description>said by the test</description></status>
{result}</v1:consultSocialReportResponse>""")


def fault(code: str, faultcode: str) -> etree._Element:
    return etree.fromstring(f"""
<soap:Fault xmlns:soap="{SOAP}" xmlns:v1="{REPORT}"><faultcode>{faultcode}</faultcode>
<faultstring>refused</faultstring><detail><v1:electronicSocialReportFault>
<informationCBSS><ticketCBSS>{GATEWAY_TICKET}</ticketCBSS>
<timestampReceive>{RECEIVED_AT}</timestampReceive></informationCBSS>
<detail><severity>FATAL</severity><reasonCode>{code}</reasonCode><diagnostic>refused</diagnostic></detail>
</v1:electronicSocialReportFault></detail></soap:Fault>""")


def signed_answer(payload: etree._Element, now: datetime, digest: bytes | None = None) -> bytes:
    trail = None if digest is None else answering_trail(b64encode(digest).decode())
    return sign(payload, identity(HUB), now, trail=trail).raw


def answered(raw: bytes, payload: etree._Element, now: datetime, asking: str = REQUESTER) -> bytes:
    """Answer a request as the gateway does: signed, naming the digest of what was asked."""
    asked_by = Trust(asking, (authority().certificate,))
    return signed_answer(payload, now, verify(raw, asked_by, now).proof.body_digest)


@contextmanager
def listening(application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> Iterator[str]:
    """Serve a WSGI application on a real socket and give its base address."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(application, map=sockets, host="127.0.0.1", port=0)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown()
        stopping.set()
        server.pull_trigger()
        thread.join()
        wasyncore.close_all(sockets, ignore_all=True)


def answering(reply: Callable[[bytes], bytes]) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = reply(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
        return [raw]

    return application


def answering_to(
    raw: bytes, operation: str, rest: str, *, asking: str = REQUESTER, now: datetime = NOW
) -> bytes:
    """Answer any request: its blocks copied, then ``rest``."""
    asked_of_us = verify(raw, Trust(asking, (authority().certificate,)), now).payload
    namespace = etree.QName(asked_of_us).namespace
    answer = etree.Element(f"{{{namespace}}}{operation}Response", nsmap={"v1": namespace})
    answer.append(deepcopy(asked_of_us.find("informationCustomer")))
    answer.extend(
        etree.fromstring(
            f"<x><informationCBSS><ticketCBSS>{OTHER_TICKET}</ticketCBSS>"
            f"<timestampReceive>{RECEIVED_AT}</timestampReceive></informationCBSS></x>"
        )
    )
    answer.append(deepcopy(asked_of_us.find("legalContext")))
    answer.append(deepcopy(asked_of_us.find("criteria")))
    answer.extend(etree.fromstring(f"<x>{rest}</x>"))
    return answered(raw, answer, now, asking)


def status_xml(value: str, code: str) -> str:
    said = f"<value>{value}</value><code>{code}</code><description>said by the test</description>"
    return f"<status>{said}</status>"


def pushed(**changes: str) -> etree._Element:
    """A ``receiveSocialReportRequest``: a late answer on its way to the requester."""
    said = {"environment": "test", "customer": REQUESTER, **changes}
    answer = consult_answer(TICKET)
    root = etree.Element(f"{{{REPORT}}}receiveSocialReportRequest", nsmap={"v1": REPORT})
    root.extend(
        etree.fromstring(f"""<x><informationCustomer><ticket>{TICKET}</ticket>
<timestampSent>{RECEIVED_AT}</timestampSent>
<customerIdentification><cbeNumber>{said["customer"]}</cbeNumber></customerIdentification>
<environment>{said["environment"]}</environment></informationCustomer></x>""")
    )
    for name in ("informationCBSS", "legalContext", "criteria", "supplierResult"):
        root.append(answer.find(name))
    return root
