"""Does the connection work? An echo for every registered institution; it discloses nothing, so it is no row.

Rules: contract page, `sendTestMessage`; its replay key is written like that of every authenticated message,
and a refusal is a row.
"""

from dataclasses import dataclass

from rse_gateway.domain.consultation import CustomerInformation
from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Clock, UnitOfWork, Writer
from rse_gateway.use_cases.admission import TEST_ORDER, AccessRules, Admission, Sources, admit
from rse_gateway.use_cases.rows import Rows


@dataclass(frozen=True, slots=True)
class TestConnection:
    """The use case `sendTestMessage`."""

    __test__ = False

    clock: Clock
    sources: Sources
    writer: Writer
    rows: Rows
    rules: AccessRules

    def check(self, request: CustomerInformation, legal_context: str, context: MessageContext) -> None:
        """Apply what check 4 asks of a test message.

        Raises:
            RequestRefused: another environment, a form that version 1 does not know, not the signer, or a
                role that may not use the operation.
        """
        admit(
            TEST_ORDER,
            Admission(
                customer=request,
                legal_context=legal_context,
                context=context,
                now=self.clock.now(),
                today=self.clock.today(),
                rules=self.rules,
                sources=self.sources,
            ),
        )

    def refused(
        self, refusal: RequestRefused, customer: CustomerInformation, context: MessageContext
    ) -> None:
        """Write the row of a refusal.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: the log cannot be written.
        """
        row = self.rows.refused(customer, context, refusal)
        self.writer.commit(UnitOfWork(replay_key=(context.replay_key, context.received_at), log=(row,)))

    def answered(self, context: MessageContext) -> None:
        """Write the replay key.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: the store cannot be written.
        """
        self.writer.commit(UnitOfWork(replay_key=(context.replay_key, context.received_at)))
