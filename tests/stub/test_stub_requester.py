"""What a requesting CPAS does beside asking: pick up, list, keep its directory lines, deliver by hand."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from serving import table, write_toml, write_world
from stub_gateway import (
    GATEWAY_TICKET,
    JEANNE,
    NOW,
    OTHER_TICKET,
    RECEIVED_AT,
    TICKET,
    answering,
    answering_to,
    asked,
    consult_answer,
    listening,
    status_xml,
)
from stub_pki import HOLDER, HUB, REQUESTER, authority, identity

from rse_cpas_stub import contract
from rse_cpas_stub.client import Requester
from rse_cpas_stub.command import run
from rse_cpas_stub.errors import ContractBroken, SetupRefused
from rse_cpas_stub.exchange import User
from rse_cpas_stub.holder import Holder
from rse_cpas_stub.identity import Trust
from rse_cpas_stub.log import OwnLog, read_log
from rse_cpas_stub.names import ACCESS, REPORT, tag
from rse_cpas_stub.outcomes import AccessAction, AccessLine
from rse_cpas_stub.persons import PersonFiles
from rse_cpas_stub.signature import verify
from rse_gateway.trail import Kind, PrivateReader
from rse_gateway.trail.sql import ConsultationLog

USER = User("u-1", "ADMINISTRATION", file_reference="N-1")
LINE = AccessLine(ssin=JEANNE, quality_code=2, begin=date(2025, 1, 1), file_reference="N-1")
BOTH = [Kind.REQUEST_SENT, Kind.ANSWER_RECEIVED]


def consultation(ticket: str = GATEWAY_TICKET) -> str:
    return f"""<consultation><ticket>{TICKET}</ticket><ticketCBSS>{ticket}</ticketCBSS>
<acceptedAt>{RECEIVED_AT}</acceptedAt><ssin>{JEANNE}</ssin>
<period><beginDate>2024-01-01</beginDate><endDate>2024-12-31</endDate></period></consultation>"""


def retrieved(ticket: str = GATEWAY_TICKET) -> str:
    result = etree.tostring(consult_answer(TICKET).find("supplierResult"), encoding="unicode")
    return status_xml("DATA_FOUND", "MSG00000") + consultation(ticket) + result


LISTED = (
    status_xml("DATA_FOUND", "MSG00000")
    + f"""<asOf>{RECEIVED_AT}</asOf><more>true</more><consultation><ticket>{TICKET}</ticket>
<ticketCBSS>{GATEWAY_TICKET}</ticketCBSS><acceptedAt>{RECEIVED_AT}</acceptedAt>
<statusValue>INCOMPLETE_DATA</statusValue><supplierState><cbeNumber>{HOLDER}</cbeNumber>
<outcome>PENDING</outcome><outcomeSince>{RECEIVED_AT}</outcomeSince><code>MSG00020</code><late>true</late>
</supplierState></consultation>"""
)
LINES = (
    status_xml("DATA_FOUND", "MSG00000")
    + f"""<accessLine><ssin>{JEANNE}</ssin><sector>17</sector><cbeNumber>{REQUESTER}</cbeNumber>
<qualityCode>2</qualityCode><beginDate>2025-01-01</beginDate><changedAt>{RECEIVED_AT}</changedAt>
</accessLine><more>false</more>"""
)


class Desk:
    """The gateway: keeps what it was asked, and answers with one operation's rest."""

    def __init__(
        self, operation: str, rest: str, *, asking: str = REQUESTER, now: datetime | None = NOW
    ) -> None:
        self.seen: list[etree._Element] = []
        self._operation, self._rest, self._asking, self._now = operation, rest, asking, now

    def __call__(self, raw: bytes) -> bytes:
        now = self._now or datetime.now(UTC)
        payload = verify(raw, Trust(self._asking, (authority().certificate,)), now).payload
        contract.check(payload, tag(etree.QName(payload).namespace or "", f"{self._operation}Request"))
        self.seen.append(payload)
        return answering_to(raw, self._operation, self._rest, asking=self._asking, now=now)


@contextmanager
def requester(log: OwnLog, reply: Callable[[bytes], bytes]) -> Iterator[Requester]:
    with listening(answering(reply)) as url:
        yield Requester(
            identity(REQUESTER),
            Trust(HUB, (authority().certificate,)),
            gateway_url=url,
            log=log,
            environment="test",
            clock=lambda: NOW,
            timeout_seconds=5,
        )


def kinds(log: ConsultationLog, ticket: str) -> list[Kind]:
    return [entry.parsed().kind for entry in log.by_ticket(ticket)]


def test_retrieve_returns_the_consultation_as_it_stands(requester_log: OwnLog) -> None:
    desk = Desk("retrieveSocialReport", retrieved())
    with requester(requester_log, desk) as asking:
        outcome = asking.retrieve(GATEWAY_TICKET, USER, supplier=HOLDER)
    assert desk.seen[0].findtext("criteria/supplier") == HOLDER
    assert (outcome.ticket, outcome.gateway_ticket) == (TICKET, GATEWAY_TICKET)
    assert outcome.results[0].report is not None


def test_a_retrieval_is_two_rows_of_its_consultation_with_every_person(
    requester_log: OwnLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    with requester(requester_log, Desk("retrieveSocialReport", retrieved())) as asking:
        asking.retrieve(GATEWAY_TICKET, USER)
    log = requester_log.consultations
    assert kinds(log, GATEWAY_TICKET) == BOTH
    private = PrivateReader(log.month_keys(), auditor).open(log.by_ticket(GATEWAY_TICKET)[1])
    assert [person.niss for person in private.persons] == ["80010100107", "80010100206", JEANNE]


def test_another_consultation_than_the_one_asked_is_not_believed(requester_log: OwnLog) -> None:
    desk = Desk("retrieveSocialReport", retrieved(OTHER_TICKET))
    with requester(requester_log, desk) as asking, pytest.raises(ContractBroken):
        asking.retrieve(GATEWAY_TICKET, USER)
    assert kinds(requester_log.consultations, GATEWAY_TICKET) == BOTH[:1]


def test_a_refused_retrieval_names_nobody(requester_log: OwnLog) -> None:
    desk = Desk("retrieveSocialReport", status_xml("NO_RESULT", "RSE00004"))
    with requester(requester_log, desk) as asking:
        outcome = asking.retrieve(GATEWAY_TICKET, USER)
    assert (outcome.refused, outcome.results) == (True, ())


def test_list_sends_since_and_confirmed_and_returns_what_changed(requester_log: OwnLog) -> None:
    desk = Desk("listSocialReports", LISTED)
    with requester(requester_log, desk) as asking:
        since = datetime(2026, 11, 21, 8, tzinfo=UTC)
        outcome = asking.list_reports(USER, since=since, confirmed=[OTHER_TICKET], ticket="L-1")
    criteria = desk.seen[0].find("criteria")
    assert [child.text for child in criteria] == ["2026-11-21T08:00:00.000Z", OTHER_TICKET]
    assert (outcome.as_of, outcome.more) == (RECEIVED_AT, True)
    (listed,) = outcome.consultations
    assert (listed.ticket, listed.status, listed.suppliers[0].outcome) == (
        TICKET,
        "INCOMPLETE_DATA",
        "PENDING",
    )
    assert listed.suppliers[0].late
    assert kinds(requester_log.consultations, "L-1") == BOTH


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (AccessAction.REGISTER, LINE),
        (
            AccessAction.UNREGISTER,
            AccessLine(
                ssin=JEANNE,
                quality_code=2,
                begin=date(2025, 1, 1),
                end=date(2025, 6, 30),
                file_reference="N-1",
            ),
        ),
    ],
)
def test_register_and_unregister_name_one_line(
    requester_log: OwnLog, action: AccessAction, line: AccessLine, auditor: ec.EllipticCurvePrivateKey
) -> None:
    desk = Desk("manageAccess", status_xml("OK", "MSG00000"))
    with requester(requester_log, desk) as asking:
        outcome = asking.access(action, line, USER, ticket="A-1")
    assert not outcome.refused
    assert desk.seen[0].tag == tag(ACCESS, "manageAccessRequest")
    assert desk.seen[0].findtext(f"criteria/{action}/ssin") == JEANNE
    log = requester_log.consultations
    sent, received = log.by_ticket("A-1")
    assert (sent.parsed().get("qualityCode"), sent.parsed().get("periodBegin")) == ("2", "2025-01-01")
    assert received.parsed().get("ticketCBSS") == OTHER_TICKET
    assert PrivateReader(log.month_keys(), auditor).open(sent).persons[0].niss == JEANNE


def test_a_line_without_file_reference_is_neither_logged_nor_sent(requester_log: OwnLog) -> None:
    line = AccessLine(ssin=JEANNE, quality_code=2, begin=date(2025, 1, 1))
    desk = Desk("manageAccess", status_xml("OK", "MSG00000"))
    with requester(requester_log, desk) as asking, pytest.raises(SetupRefused):
        asking.access(AccessAction.REGISTER, line, USER, ticket="A-1")
    assert (desk.seen, kinds(requester_log.consultations, "A-1")) == ([], [])


def test_a_list_of_lines_is_logged_with_its_persons(
    requester_log: OwnLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    with requester(requester_log, Desk("manageAccess", LINES)) as asking:
        outcome = asking.access(AccessAction.LIST, AccessLine(), USER, ticket="A-1")
    assert (outcome.lines[0]["qualityCode"], outcome.more) == ("2", False)
    log = requester_log.consultations
    reader = PrivateReader(log.month_keys(), auditor)
    assert [len(reader.open(row).persons) for row in log.by_ticket("A-1")] == [0, 1]


@pytest.fixture
def folder(tmp_path: Path, auditor_file: Path) -> Path:
    write_world(tmp_path, HOLDER, REQUESTER)
    assert auditor_file.parent == tmp_path
    return tmp_path


def command(folder: Path, number: str, desk: Desk, *words: str) -> int:
    with listening(answering(desk)) as url:
        file = write_toml(folder / "stub.toml", table(number, gateway_url=url))
        return run([*words, "--config", str(file)])


ACCESS_LINE = ["--ssin", JEANNE, "--quality-code", "2", "--begin", "2025-01-01", "--file-reference", "N-1"]


@pytest.mark.parametrize(
    ("words", "operation", "rest", "said"),
    [
        (["retrieve", GATEWAY_TICKET], "retrieveSocialReport", retrieved(), "beneficiary Modèle Jeanne"),
        (["list", "--since", "2026-11-21T08:00:00.000Z", "--confirm", OTHER_TICKET], "listSocialReports",
         LISTED, f"{HOLDER}: PENDING (MSG00020) since {RECEIVED_AT}, late"),
        (["access", "list"], "manageAccess", LINES, f"{JEANNE}: quality 2, from 2025-01-01"),
        (["access", "register", *ACCESS_LINE], "manageAccess", status_xml("OK", "MSG00000"), "OK (MSG00000)"),
        (["access", "unregister", *ACCESS_LINE, "--end", "2025-02-01"], "manageAccess",
         status_xml("OK", "MSG00000"), "OK (MSG00000)"),
    ],
    ids=["retrieve", "list", "access list", "register", "unregister"],
)  # fmt: skip
def test_each_verb_is_a_command_with_words_and_json(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    operation: str,
    rest: str,
    said: str,
) -> None:
    desk = Desk(operation, rest, now=None)
    assert command(folder, REQUESTER, desk, *words) == 0
    assert said in capsys.readouterr().out
    assert command(folder, REQUESTER, desk, *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["status"]["code"] == "MSG00000"


@pytest.mark.parametrize(
    ("words", "operation", "value"),
    [
        (["retrieve", GATEWAY_TICKET], "retrieveSocialReport", "NO_RESULT"),
        (["list"], "listSocialReports", "NO_RESULT"),
        (["access", "register", *ACCESS_LINE], "manageAccess", "NOK"),
    ],
)
def test_a_refusal_ends_with_1(folder: Path, words: list[str], operation: str, value: str) -> None:
    assert command(folder, REQUESTER, Desk(operation, status_xml(value, "MSG00015"), now=None), *words) == 1


def test_the_role_is_the_one_that_the_operation_needs(folder: Path) -> None:
    desk = Desk("manageAccess", status_xml("OK", "MSG00000"), now=None)
    command(folder, REQUESTER, desk, "access", "list")
    assert desk.seen[0].findtext("informationCustomer/userRole") == "ADMINISTRATION"


DELIVER = ["deliver", GATEWAY_TICKET, "--ssin", JEANNE]
PERIOD = ["--begin", "2024-01-01", "--end", "2024-12-31"]


def delivery_desk(value: str = "OK") -> Desk:
    return Desk("deliverSocialReport", status_xml(value, "MSG00000"), asking=HOLDER, now=None)


def test_a_delivery_by_hand_knows_the_question_from_our_log(
    folder: Path, own_log: Callable[[str], OwnLog]
) -> None:
    Holder(
        identity(HOLDER),
        Trust(HUB, (authority().certificate,)),
        persons=PersonFiles(HOLDER, {}),
        log=own_log(HOLDER),
        environment="test",
        clock=lambda: NOW,
    ).handle(asked())
    desk = delivery_desk()
    assert command(folder, HOLDER, desk, *DELIVER) == 0
    (request,) = desk.seen
    contract.check(request, tag(REPORT, "deliverSocialReportRequest"))
    assert request.findtext("informationCustomer/ticket") == TICKET
    assert len(request.findall("socialReport/decision")) == 2
    sent = read_log(folder / f"{HOLDER}.db").by_ticket(GATEWAY_TICKET)[2].parsed()
    assert (sent.get("asking"), sent.get("periodEnd")) == (REQUESTER, "2024-12-31")


def test_a_delivery_by_hand_of_an_unknown_question_needs_the_period(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(folder, HOLDER, delivery_desk(), *DELIVER) == 2
    assert "--begin" in capsys.readouterr().err
    assert command(folder, HOLDER, delivery_desk(), *DELIVER, *PERIOD) == 0


def test_a_delivery_by_hand_can_refuse_and_be_refused(folder: Path) -> None:
    desk = delivery_desk("NOK")
    assert command(folder, HOLDER, desk, *DELIVER, *PERIOD, "--code", "MSG00027", "--variant", "twice") == 1
    assert [one.findtext("supplierStatus/value") for one in desk.seen] == ["NO_RESULT", "NO_RESULT"]
    assert desk.seen[0].findtext("supplierStatus/code") == "MSG00027"


@pytest.mark.parametrize("ticket", [f"T{JEANNE}", f"{JEANNE}001", "_".join(JEANNE)])
def test_a_ticket_made_of_the_number_is_named_and_nothing_is_sent(requester_log: OwnLog, ticket: str) -> None:
    desk = Desk("manageAccess", status_xml("OK", "MSG00000"))
    with requester(requester_log, desk) as asking, pytest.raises(SetupRefused, match="ticket") as refused:
        asking.access(AccessAction.REGISTER, LINE, USER, ticket=ticket)
    assert JEANNE not in str(refused.value)
    assert (desk.seen, kinds(requester_log.consultations, ticket)) == ([], [])
