"""A late answer: delivered by hand, or by the holder itself some time after it promised it.

A delivery is a request to the gateway like any other (``exchange``): REQUEST_SENT with every person that it
discloses, ANSWER_RECEIVED with what the gateway says.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from rse_cpas_stub.errors import StubError
from rse_cpas_stub.exchange import Errand, Exchange, Operation, User
from rse_cpas_stub.failures import DeliveryVariant, delivered_wrongly
from rse_cpas_stub.messages import Status, read_status, text
from rse_cpas_stub.names import DELIVERY_SERVICE, REPORT
from rse_cpas_stub.report import persons_in
from rse_cpas_stub.request_messages import deliver_request, sent_now
from rse_gateway.trail import Kind, Person, Record, Role
from rse_gateway.trail.sql import ConsultationLog

DELIVER = Operation(DELIVERY_SERVICE, "deliverSocialReport", REPORT, "socialReportDeliveryFault")
AUTOMATIC = User("stub-delivery", "SYSTEM", real_name="automatic answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAnswer:
    """What to deliver: to which question, about whom, with which status and report (content as in JSON).

    Attributes:
        ticket: the requester's number of the request, which follows it through every step.
        fields: what our log says beside it (asking, periodBegin …).
    """

    ticket: str
    ticket_cbss: str
    ssin: str = field(repr=False)
    legal_context: str
    status: Status
    report: Mapping[str, Any] | None = field(default=None, repr=False)
    file_reference: str | None = None
    fields: Mapping[str, str | None] = field(default_factory=dict)


class Deliverer:
    """Delivers late answers of one CPAS; holds no state, safe between threads."""

    def __init__(self, exchange: Exchange, cbe_number: str) -> None:
        """Take the way to the gateway and our number."""
        self._exchange = exchange
        self._cbe_number = cbe_number

    def deliver(
        self, late: LateAnswer, user: User = AUTOMATIC, *, variant: DeliveryVariant = DeliveryVariant.ONCE
    ) -> tuple[Status, ...]:
        """Return what the gateway says to each message that ``variant`` sends: one, or two in a row.

        Raises:
            StubError: as ``Exchange.ask`` and ``Exchange.keep``.
        """
        user = User(user.reference, user.role, user.real_name, late.file_reference or user.file_reference)
        request = deliver_request(
            self._exchange.customer(late.ticket, user),
            self._exchange.clock(),
            legal_context=late.legal_context,
            ticket_cbss=late.ticket_cbss,
            ssin=late.ssin,
            status=late.status,
            report=late.report,
        )
        if variant is DeliveryVariant.ONCE:
            requests = [request]
        elif variant in {DeliveryVariant.WRONG_PERSON, DeliveryVariant.WRONG_TICKET}:
            requests = [delivered_wrongly(request, variant)]
        else:
            requests = [request, delivered_wrongly(request, variant)]
        return tuple(self._send(one, late, user) for one in requests)

    def _send(self, request: etree._Element, late: LateAnswer, user: User) -> Status:
        request = sent_now(request, self._exchange.clock())
        report = request.find("socialReport")
        about = (Person(text(request, "criteria/ssin"), Role.BENEFICIARY),)
        named = {"ticketCBSS": text(request, "criteria/ticketCBSS"), "holding": self._cbe_number}
        errand = Errand(
            operation=DELIVER,
            request=request,
            user=user,
            fields={**late.fields, **named},
            about=about if report is None else about + persons_in(report),
        )
        answer = self._exchange.ask(errand)
        status = read_status(answer.root)
        self._exchange.keep(errand, answer, outcome=status.code, fields={})
        return status


class Promises:
    """Keeps what a running holder promised: each ticket is delivered once, some seconds later.

    What is promised lives in memory only. A delivery that fails is forgotten, so that the gateway's next
    reminder promises it anew.
    """

    def __init__(
        self,
        deliverer: Deliverer,
        *,
        seconds: float,
        variant: DeliveryVariant,
        tell: Callable[[str], None],
    ) -> None:
        """Take how to deliver, after how long, in which way, and where to say what came of it."""
        self._deliverer = deliverer
        self._seconds = seconds
        self._variant = variant
        self._tell = tell
        self._lock = threading.Lock()
        self._promised: dict[str, threading.Timer] = {}

    def promise(self, late: LateAnswer) -> None:
        """Deliver ``late`` after the time, if its ticket was not promised before."""
        timer = threading.Timer(self._seconds, self._keep, [late])
        timer.daemon = True
        with self._lock:
            if late.ticket_cbss in self._promised:
                return
            self._promised[late.ticket_cbss] = timer
        timer.start()

    def close(self) -> None:
        """Forget what is not delivered yet."""
        with self._lock:
            for timer in self._promised.values():
                timer.cancel()

    def _keep(self, late: LateAnswer) -> None:
        try:
            said = self._deliverer.deliver(late, variant=self._variant)
        except StubError as error:
            with self._lock:
                self._promised.pop(late.ticket_cbss, None)
            self._tell(f"{late.ticket_cbss}: not delivered: {error}")
        else:
            words = ", then ".join(f"{status.value} {status.code}" for status in said)
            self._tell(f"{late.ticket_cbss}: delivered ({self._variant}): {words}")


def asked_before(log: ConsultationLog, ticket_cbss: str) -> Record | None:
    """Return the newest row of our log that says we were asked under this ticket of the gateway."""
    records = [entry.parsed() for entry in log.by_ticket(ticket_cbss)]
    asked = [record for record in records if record.kind is Kind.REQUEST_RECEIVED]
    return asked[-1] if asked else None
