"""`--parts`: what each part of a nobody-known consultation costs, as multiples of the floor.

Processor time of the thread that does the work, without what is called and listed by itself. One process
without HTTP, so it tells where time goes, not how much a consultation costs.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from floor import measure_floor, sign, verify
from in_process import InProcess
from lxml import etree
from questions import gateway_key, reply_like, signed_questions
from sqlalchemy.engine.default import DefaultDialect

from rse_gateway.contract.answers import SignedAnswers
from rse_gateway.contract.schemas import Schemas
from rse_gateway.security.gate import Gate
from rse_gateway.security.signing import MessageSigner
from rse_gateway.soap.application import GatewayApplication
from rse_gateway.soap.operations import ContractOperations
from rse_gateway.store import units, writer
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.writer import GroupWriter
from rse_gateway.use_cases.rows import Rows

BETWEEN = 300
PARTS: tuple[tuple[str, object, str], ...] = (
    ("edge: context, endpoint, answer", GatewayApplication, "__call__"),
    ("gate: parse, shape, time, certificate, signature", Gate, "open"),
    ("replay key and ticket looked up", SqlConsultations, "replay_seen"),
    ("replay key and ticket looked up", SqlConsultations, "bound_to"),
    ("question and answer held against the XSD", Schemas, "check"),
    ("Spyne", GatewayApplication, "_call"),
    ("rights and rules", ContractOperations, "handle"),
    ("directory looked up", SqlDirectory, "lines_of"),
    ("two log rows made and sealed", Rows, "request"),
    ("two log rows made and sealed", Rows, "answer_sent"),
    ("answer composed", SignedAnswers, "consult"),
    ("answer signed", MessageSigner, "sign"),
    ("unit turned into rows", writer, "prepare"),
    ("handed to the writer, waited for", GroupWriter, "commit"),
    ("writer: connection, locks, BEGIN, waking", GroupWriter, "_write"),
    ("writer: keys and tickets claimed", writer, "write_batch"),
    ("writer: log rows inserted", units, "insert_log_rows"),
    ("writer: COMMIT", DefaultDialect, "do_commit"),
)


class Meter:
    """Adds up, per part, the processor time of a thread that no inner part took."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.spent: dict[str, float] = defaultdict(float)
        self._inner = threading.local()

    def watch(self, part: str, owner: object, name: str) -> None:
        """Measure every call of ``owner.name`` from now on."""
        setattr(owner, name, self._measured(part, getattr(owner, name)))

    def _measured(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*given: Any, **named: Any) -> Any:
            outer = getattr(self._inner, "taken", 0.0)
            self._inner.taken = 0.0
            begin = time.thread_time()
            try:
                return call(*given, **named)
            finally:
                took = time.thread_time() - begin
                self.spent[part] += took - self._inner.taken
                self._inner.taken = outer + took

        return measured


def print_parts(folder: Path, count: int, *, clients: int) -> None:
    """Ask ``count`` questions and print the table; the floor is measured before and after."""
    meter = Meter()
    for part, owner, name in PARTS:
        meter.watch(part, owner, name)
    gateway = InProcess(folder, count)
    floors = [_floor(gateway, folder)]
    meter.spent.clear()
    before = time.process_time()
    gateway.ask(gateway.messages, clients=clients)
    total = (time.process_time() - before) / count * 1e3
    spent = dict(meter.spent)
    floors.append(_floor(gateway, folder))
    cold = _floor_between_messages(gateway)
    gateway.close()
    floor = sum(floors) / 2
    for part in dict.fromkeys(part for part, _, _ in PARTS):
        print(f"{part:52s} {spent[part] / count * 1e3 / floor:6.2f}")
    print(f"{f'all, {clients} client(s), without HTTP':52s} {total / floor:6.2f}")
    print(f"{'(the code of the floor, run between messages)':52s} {cold / floor:6.2f}")


def _floor_between_messages(gateway: InProcess) -> float:
    """Return what the floor's own code costs where other code ran just before: caches are no longer warm."""
    spent = 0.0
    body, key = etree.fromstring(reply_like(gateway.messages[0])), gateway_key(gateway.world)
    for raw in signed_questions(gateway.world, 1, BETWEEN):
        gateway.ask([raw], clients=0)
        begin = time.thread_time()
        verify(raw)
        sign(body, key)
        spent += time.thread_time() - begin
    return spent / BETWEEN * 1e3


def _floor(gateway: InProcess, folder: Path) -> float:
    messages = gateway.messages[:300]
    return measure_floor(messages, reply_like(messages[0]), gateway_key(gateway.world), folder).cpu
