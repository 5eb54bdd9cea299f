"""An institution asks what it may call: its own registered rights and the mandates that it holds.

The answer names no person and nothing of anybody else's registration. No right is needed to ask: the checks
are those of a test message. Rules: contract page, `listRights`; the row is durable before the answer leaves.
"""

from dataclasses import dataclass, replace

from rse_gateway.domain.consultation import OverallStatus, Status
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.domain.rights import RightsAnswer, RightsRequest, Served, granted_mandates, granted_rights
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Answers, Clock, UnitOfWork, Writer
from rse_gateway.trail.entry import LogEntry
from rse_gateway.use_cases.admission import TEST_ORDER, AccessRules, Admission, Sources, admit
from rse_gateway.use_cases.rows import Rows, ground_fields


@dataclass(frozen=True, slots=True)
class ListRights:
    """The use case `listRights`; ``served`` says where each operation is."""

    clock: Clock
    sources: Sources
    writer: Writer
    answers: Answers
    rows: Rows
    rules: AccessRules
    served: Served

    def __call__(self, request: RightsRequest, context: MessageContext) -> SealedMessage:
        """Return the signed answer, whose log row is durable.

        Raises:
            ReplayRefused: the same signed message was accepted meanwhile.
            GatewayUnavailable: store or log cannot be written; nothing was disclosed.
            GatewayFault: our own answer is invalid or cannot be signed.
        """
        now = self.clock.now()
        admission = Admission(
            customer=request.customer,
            legal_context=request.legal_context,
            context=context,
            now=now,
            today=self.clock.today(),
            rules=self.rules,
            sources=self.sources,
        )
        answer = RightsAnswer(request, context.gateway_ticket, context.received_at, now, _found(False))
        try:
            admit(TEST_ORDER, admission)
        except RequestRefused as refusal:
            status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
            row = self.rows.refused(request.customer, context, refusal)
            return self._send(replace(answer, status=status), context, row)
        row = self.rows.plain_request(request.customer, context, ground_fields(request.legal_context))
        return self._send(self._filled(answer, admission), context, row)

    def _filled(self, answer: RightsAnswer, admission: Admission) -> RightsAnswer:
        day, service, caller = admission.today, answer.request.service, admission.caller
        rights = granted_rights(admission.institution, self.served, day, service=service)
        held = [one for one in self.sources.registry.mandates_of(caller) if one.mandatary == caller]
        mandates = granted_mandates(held, self.served, day, service=service)
        return replace(answer, status=_found(bool(rights or mandates)), rights=rights, mandates=mandates)

    def _send(self, answer: RightsAnswer, context: MessageContext, row: LogEntry) -> SealedMessage:
        sealed = self.answers.rights(answer, context)
        sent = self.rows.answered(answer.request.customer, context, answer.status.code, proof=sealed.proof)
        key = (context.replay_key, context.received_at)
        self.writer.commit(UnitOfWork(replay_key=key, log=(row, sent)))
        return sealed


def _found(found: bool) -> Status:
    if found:
        return Status(OverallStatus.DATA_FOUND, "MSG00000")
    return Status(OverallStatus.NO_DATA_FOUND, "MSG00100")
