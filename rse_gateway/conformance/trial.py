"""A real signed question to one partner, about nobody, and what its answer shows step by step.

Nothing is sent that is not logged: the row FORWARDED is durable before the question leaves, and what came
back is a row too. The question is the hub's own, under a ticket that begins with ``RSE-CHECK-``; the answer
passes the same gate and checks as every answer of a holding CPAS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from rse_gateway.adapters.holding_cpas import MAX_ANSWER_BYTES
from rse_gateway.adapters.partner_probe import WatchedTransport
from rse_gateway.conformance.explanations import (
    CONTENT,
    NO_DATA_EXPECTED,
    REPLY,
    SIGNATURE,
    STATUS,
    STEPS,
    STRUCTURE,
    Explanation,
    explained,
)
from rse_gateway.conformance.findings import Finding, not_tried, ok, warning, wrong
from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.parsing import Bounds
from rse_gateway.domain.access import five_years_before
from rse_gateway.domain.consultation import Period, SupplierQuestion, SupplierReply
from rse_gateway.domain.identifiers import CbeNumber, Niss, Ticket
from rse_gateway.errors import EdgeRefused, SecurityRefused, SupplierFailed
from rse_gateway.ports import Clock, HolderAnswer, HoldingCpas, Ids
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.trail.entry import LogEntry
from rse_gateway.use_cases.rows import Rows

NOBODY: Final = Niss("85010199984")
"""Valid and nobody's: born on 1 January 1985 with serial number 999; the register gives 001 to 998."""
TICKET_PREFIX: Final = "RSE-CHECK-"
LEGAL_CONTEXT: Final = "PCSA:SOCIAL_INQUIRY"
SOON: Final = timedelta(days=30)
_BOUNDS: Final = Bounds(max_bytes=MAX_ANSWER_BYTES, max_elements=25_000)
_NO_DATA: Final = "MSG00100"


@dataclass(frozen=True, slots=True)
class Trial:
    """Asks a partner one question; ``write`` makes a log row durable before it returns."""

    clock: Clock
    ids: Ids
    holders: HoldingCpas
    transport: WatchedTransport
    gate: Gate
    rows: Rows
    write: Callable[[LogEntry], None]
    hub: CbeNumber
    environment: str

    def __call__(self, holding_cpas: CbeNumber, endpoint: str, person: Niss | None) -> list[Finding]:
        """Ask about ``person`` (None: nobody) and return what each step of the answer shows.

        Raises:
            GatewayFault: our own question cannot be made or signed.
            GatewayUnavailable: the log cannot be written; before the question, nothing was sent.
        """
        question = self._question(holding_cpas, person or NOBODY)
        prepared = self.holders.prepare(question, endpoint)
        self.write(self.rows.forwarded(question, prepared.sealed.proof))
        try:
            answer = self.holders.ask(prepared)
        except SupplierFailed as failure:
            at = self.clock.now()
            self.write(self.rows.supplier_failed(question, failure.code, at, reason=failure.reason))
            return self._failed(explained(failure, self.transport.last_reply))
        self.write(self.rows.supplier_answered(question, answer))
        return [*self._passed(), _status(answer, invented=person is None)]

    def _question(self, holding_cpas: CbeNumber, niss: Niss) -> SupplierQuestion:
        now, today, ticket = self.clock.now(), self.clock.today(), self.ids.gateway_ticket()
        return SupplierQuestion(
            gateway_ticket=ticket,
            ticket=Ticket(f"{TICKET_PREFIX}{str(ticket)[-12:]}"),
            requesting_cpas=self.hub,
            holding_cpas=holding_cpas,
            legal_context=LEGAL_CONTEXT,
            niss=niss,
            period=Period(five_years_before(today, 1), today),
            reminder_number=0,
            environment=self.environment,
            received_at=now,
            sent_at=now,
        )

    def _failed(self, why: Explanation) -> list[Finding]:
        at = STEPS.index(why.step)
        before = [finding for finding in self._passed() if finding.step in STEPS[:at]]
        after = [not_tried(step, f"the {why.step} is wrong") for step in STEPS[at + 1 :]]
        return [*before, wrong(why.step, why.seen, why.mend), *after]

    def _passed(self) -> list[Finding]:
        """Return the findings of an answer that passed everything before its status."""
        found = [ok(REPLY, f"an answer after {milliseconds(self.transport.seconds)}")]
        message = self._reopened()
        if message is not None:
            found.append(self._signature(message))
        return [
            *found,
            ok(STRUCTURE, "follows the XSD of contract version v1"),
            ok(CONTENT, "answers this question: addressee, tickets, person, period"),
        ]

    def _reopened(self) -> SignedMessage | None:
        """Open the last reply once more: what it was signed with is kept nowhere else."""
        reply = self.transport.last_reply
        if reply is None:
            return None
        try:
            return self.gate.open(reply.raw, bounds=_BOUNDS, now=self.clock.now())
        except (EdgeRefused, SecurityRefused):
            return None

    def _signature(self, message: SignedMessage) -> Finding:
        until = x509.load_der_x509_certificate(message.certificate_der).not_valid_after_utc
        seen = (
            f"signed by {message.signer.cbe_number} with the registered key {message.signer.key_id[:12]}…, "
            f"certificate until {until.date().isoformat()}"
        )
        if until - self.clock.now() >= SOON:
            return ok(SIGNATURE, seen)
        return warning(SIGNATURE, seen, "have the next certificate issued and registered before that day")


def _status(answer: HolderAnswer, *, invented: bool) -> Finding:
    match answer.reply:
        case SupplierReply.NO_DATA if answer.code == _NO_DATA:
            return ok(STATUS, f"NO_DATA_FOUND, {_NO_DATA}: it looked and has nothing")
        case SupplierReply.NO_DATA:
            return warning(STATUS, f"NO_DATA_FOUND with the code {answer.code}", f"its code is {_NO_DATA}")
        case SupplierReply.REPORT if invented:
            return wrong(STATUS, "DATA_FOUND: a report about a person who does not exist", NO_DATA_EXPECTED)
        case SupplierReply.REPORT:
            return ok(STATUS, "DATA_FOUND: a report that can be passed on")
        case SupplierReply.PROMISED:
            return warning(
                STATUS,
                "ACCEPTED: it answers later, by deliverSocialReport",
                "nothing, if that is meant; its delivery for this ticket will be refused with RSE00004",
            )
        case SupplierReply.REFUSED:
            told = load_catalogue().text(answer.code, "EN")
            return wrong(STATUS, f"NO_RESULT, {answer.code}: {told}", NO_DATA_EXPECTED)


def milliseconds(seconds: float) -> str:
    """Return a duration for people."""
    return f"{seconds * 1000:.0f} ms"


def days_left(until: datetime, now: datetime) -> int:
    """Return how many whole days remain."""
    return max(0, (until - now).days)
