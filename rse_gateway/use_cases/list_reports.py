"""A CPAS asks once an hour which of its consultations changed, and confirms the answers that it keeps itself.

The answer names no person. `asOf` is the next request's `since`; it lies 30 s back, so that what is being
written at this moment is not missed. Rules: contract page, `listSocialReports`; reliability page.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rse_gateway.domain.access import stop_dry_run
from rse_gateway.domain.consultation import (
    ListAnswer,
    ListedConsultation,
    ListedSupplier,
    ListRequest,
    OverallStatus,
    Status,
)
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Answers, BoundConsultation, Clock, UnitOfWork, Writer
from rse_gateway.use_cases.admission import LIST_ORDER, AccessRules, ListAdmission, Sources, admit
from rse_gateway.use_cases.results import status_of, supplier_results
from rse_gateway.use_cases.rows import Rows

PAGE = 500
SETTLED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ListReports:
    """The use case `listSocialReports`."""

    clock: Clock
    sources: Sources
    writer: Writer
    answers: Answers
    rows: Rows
    rules: AccessRules

    def __call__(self, request: ListRequest, context: MessageContext) -> SealedMessage:
        """Return the signed list, whose log row is durable (raises as `Retrieve`)."""
        now = self.clock.now()
        admission = ListAdmission(
            customer=request.customer,
            legal_context=request.legal_context,
            request=request,
            context=context,
            now=now,
            today=self.clock.today(),
            rules=self.rules,
            sources=self.sources,
        )
        answer = ListAnswer(request, context.gateway_ticket, context.received_at, now, _found(False))
        try:
            admit(LIST_ORDER, admission)
            stop_dry_run(request.options)
        except RequestRefused as refusal:
            status = Status(OverallStatus.NO_RESULT, refusal.code, refusal.information)
            row = self.rows.refused(request.customer, context, refusal)
            return self._send(replace(answer, status=status), context, UnitOfWork(log=(row,)))
        row = self.rows.plain_request(request.customer, context, {"legalContext": request.legal_context})
        unit = UnitOfWork(log=(row,), confirmed=request.confirmed)
        return self._send(self._filled(answer, admission), context, unit)

    def _filled(self, answer: ListAnswer, admission: ListAdmission) -> ListAnswer:
        until = admission.now - SETTLED
        changed = self.sources.consultations.changed_between(
            admission.own_numbers, admission.request.since, until, limit=PAGE + 1
        )
        page, more = changed[:PAGE], len(changed) > PAGE
        listed = tuple(self._listed(bound, admission.now) for bound, _at in page)
        as_of = page[-1][1] if more else until
        return replace(answer, status=_found(bool(listed)), as_of=as_of, consultations=listed, more=more)

    def _listed(self, bound: BoundConsultation, now: datetime) -> ListedConsultation:
        stored = self.sources.consultations.legs_of(bound.gateway_ticket, with_reports=False)
        results = supplier_results(stored, now, self.sources.registry, telling=None)
        suppliers = tuple(
            ListedSupplier(r.supplier.cbe_number, r.outcome, r.since, r.code, r.late) for r in results
        )
        status = status_of(results).value
        return ListedConsultation(bound.gateway_ticket, bound.ticket, bound.accepted_at, status, suppliers)

    def _send(self, answer: ListAnswer, context: MessageContext, unit: UnitOfWork) -> SealedMessage:
        sealed = self.answers.listed(answer, context)
        sent = self.rows.answered(answer.request.customer, context, answer.status.code, proof=sealed.proof)
        key = (context.replay_key, context.received_at)
        self.writer.commit(replace(unit, replay_key=key, log=(*unit.log, sent)))
        return sealed


def _found(found: bool) -> Status:
    if found:
        return Status(OverallStatus.DATA_FOUND, "MSG00000")
    return Status(OverallStatus.NO_DATA_FOUND, "MSG00100")
