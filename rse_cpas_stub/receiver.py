"""The receiver of a requesting CPAS: late answers that the gateway pushes, logged, kept and confirmed.

Order: signature → XSD → environment and addressee → answer → signature → content kept → row ANSWER_RECEIVED
committed → OK out. Rules: contract page, ``receiveSocialReport``.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

from rse_cpas_stub import contract
from rse_cpas_stub.errors import ContractBroken, LogUnwritable, SetupRefused
from rse_cpas_stub.identity import Identity, Trust
from rse_cpas_stub.log import OwnLog
from rse_cpas_stub.messages import (
    Status,
    SupplierResult,
    add_status,
    copied,
    message,
    read_results,
    text,
)
from rse_cpas_stub.names import RECEIVER_SERVICE, REPORT, tag
from rse_cpas_stub.replies import Desk, Reply
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.signature import VerifiedMessage
from rse_gateway.trail import Kind, LogEntry, Person, Role
from rse_gateway.trail.sql import ConsultationLog, Search

OPERATION = "receiveSocialReport"


@dataclass(frozen=True, slots=True, repr=False)
class Received:
    """One late answer that was pushed to us."""

    ticket: str
    gateway_ticket: str
    result: SupplierResult


class Receiver:
    """Receives for one CPAS; no state but its log and folder, safe between threads."""

    def __init__(
        self,
        identity: Identity,
        gateway: Trust,
        *,
        log: OwnLog,
        environment: str,
        clock: Callable[[], datetime],
        folder: Path | None = None,
    ) -> None:
        """Take who we are and whom we believe; ``folder``: where what was received is kept, or nowhere."""
        self._identity = identity
        self._gateway = gateway
        self._log = log
        self._environment = environment
        self._folder = folder
        self._desk = Desk(
            operation=OPERATION,
            fault_element="socialReportReceiverFault",
            gateway=gateway,
            signs_as=identity,
            clock=clock,
        )

    def handle(self, raw: bytes) -> Reply:
        """Return the signed answer to the bytes of one push; never raises on what a caller sends."""
        return self._desk.handle(raw, self._receive)

    def _receive(self, received: VerifiedMessage, _at: datetime) -> Reply:
        root = received.payload
        status = self._refusal(root) or Status("OK", "MSG00000", "Received.")
        answer = message(REPORT, f"{OPERATION}Response")
        for name in ("informationCustomer", "informationCBSS", "legalContext", "criteria"):
            answer.append(copied(root, name))
        add_status(answer, "status", status)
        etree.cleanup_namespaces(answer)
        contract.check(answer, tag(REPORT, f"{OPERATION}Response"))
        signed = self._desk.sign(answer, received)
        if status.value == "OK":
            self._keep(root)
            self._log_received(root, received)
        return Reply(200, signed.raw)

    def _refusal(self, root: etree._Element) -> Status | None:
        expected = {
            "environment": ("informationCustomer/environment", self._environment),
            "customerIdentification": (
                "informationCustomer/customerIdentification/cbeNumber",
                self._identity.cbe_number,
            ),
        }
        for field, (path, own) in expected.items():
            named = text(root, path)
            if named != own:
                return Status("NOK", "MSG00008", "Not for us.", ((field, named or "absent"),))
        return None

    def _keep(self, root: etree._Element) -> None:
        if self._folder is None:
            return
        holding = text(root, "supplierResult/supplier/cbeNumber")
        path = self._folder / f"{text(root, 'informationCBSS/ticketCBSS')}-{holding}.xml"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
        except OSError:
            raise LogUnwritable("what was received cannot be kept") from None

    def _log_received(self, root: etree._Element, received: VerifiedMessage) -> None:
        report = root.find("supplierResult/socialReport")
        late = text(root, "supplierResult/late") in {"true", "1"}
        fields = {
            "ticketCBSS": text(root, "informationCBSS/ticketCBSS"),
            "ticket": text(root, "informationCustomer/ticket"),
            "service": RECEIVER_SERVICE,
            "operation": OPERATION,
            "asking": self._identity.cbe_number,
            "holding": text(root, "supplierResult/supplier/cbeNumber"),
            "signing": self._gateway.institution,
            "legalContext": text(root, "legalContext"),
            "periodBegin": text(root, "criteria/period/beginDate"),
            "periodEnd": text(root, "criteria/period/endDate"),
            "outcome": text(root, "supplierResult/code"),
            "late": "true" if late else None,
        }
        about = (Person(text(root, "criteria/ssin"), Role.BENEFICIARY),)
        persons = about if report is None else about + persons_in(report)
        self._log.write(Kind.ANSWER_RECEIVED, fields, received.proof, persons=persons)


def received_rows(log: ConsultationLog) -> list[LogEntry]:
    """Return the rows of late answers that were pushed to us, oldest first."""
    rows = log.find(Search(kind=Kind.ANSWER_RECEIVED, limit=1_000_000))
    return [row for row in reversed(rows) if row.parsed().get("operation") == OPERATION]


def read_received(folder: Path, row: LogEntry) -> Received | None:
    """Return what was kept of the push that a row records; None: nothing was kept.

    Raises:
        SetupRefused: the kept file cannot be read, or is no such message any more. Names no person.
    """
    record = row.parsed()
    path = folder / f"{record.get('ticketCBSS')}-{record.get('holding')}.xml"
    if not path.is_file():
        return None
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
        contract.check(root, tag(REPORT, f"{OPERATION}Request"))
    except (OSError, etree.XMLSyntaxError, ContractBroken):
        raise SetupRefused(f"{path} is no message that was received") from None
    (result,) = read_results(root)
    return Received(
        text(root, "informationCustomer/ticket"), text(root, "informationCBSS/ticketCBSS"), result
    )
