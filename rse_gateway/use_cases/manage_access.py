"""A CPAS registers, ends and lists its own lines of the sectoral directory; all of it is logged.

Ending a line sets its last day and deletes nothing but what the line gave a right to: stored answers of
consultations on that person. Rules: contract page, `manageAccess`; domain page §5.
"""

from dataclasses import dataclass, replace

from rse_gateway.domain.access import stop_dry_run
from rse_gateway.domain.consultation import DisclosedPerson
from rse_gateway.domain.directory import (
    AccessAction,
    AccessAnswer,
    AccessRequest,
    DirectoryLine,
    OwnLine,
    active_line,
)
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.domain.message import MessageContext, SealedMessage
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import Answers, Clock, LineEnded, LineRegistered, QuotaUsedUp, UnitOfWork, Writer
from rse_gateway.trail.kinds import Kind
from rse_gateway.use_cases.admission import ACCESS_ORDER, AccessAdmission, AccessRules, Sources, admit
from rse_gateway.use_cases.rights_on_person import MOST_LINES
from rse_gateway.use_cases.rows import Rows

PAGE = 500
NO_SUCH_LINE = "line"
LINES_NOT_SHOWN = "linesNotShown"
"""Information: how many own lines of this page no message can show (dates outside the contract's bounds)."""
_KIND_OF = {
    AccessAction.REGISTER: Kind.ACCESS_REGISTERED,
    AccessAction.UNREGISTER: Kind.ACCESS_ENDED,
    AccessAction.LIST: Kind.ACCESS_LISTED,
}


@dataclass(frozen=True, slots=True)
class ManageAccess:
    """The use case `manageAccess`."""

    clock: Clock
    sources: Sources
    writer: Writer
    answers: Answers
    rows: Rows
    rules: AccessRules

    def __call__(self, request: AccessRequest, context: MessageContext) -> SealedMessage:
        """Return the signed answer, whose log row is durable (raises as `Retrieve`)."""
        now = self.clock.now()
        admission = AccessAdmission(
            customer=request.customer,
            legal_context=request.legal_context,
            request=request,
            context=context,
            now=now,
            today=self.clock.today(),
            rules=self.rules,
            sources=self.sources,
        )
        blank = AccessAnswer(request, context.gateway_ticket, context.received_at, now, "OK", "MSG00000")
        try:
            admit(ACCESS_ORDER, admission)
            answer, unit = self._done(admission, blank)
            stop_dry_run(request.options)
        except RequestRefused as refusal:
            return self._refuse(blank, context, refusal)
        persons = _persons(admission, answer.lines)
        try:
            return self._send(answer, context, unit, persons)
        except QuotaUsedUp:  # others that arrived together took the last places
            return self._refuse(blank, context, RequestRefused("RSE00003", "quota"))

    def _done(self, admission: AccessAdmission, blank: AccessAnswer) -> tuple[AccessAnswer, UnitOfWork]:
        match admission.request.action:
            case AccessAction.REGISTER:
                return blank, self._register(admission)
            case AccessAction.UNREGISTER:
                return blank, self._end(admission)
            case AccessAction.LIST:
                return self._listed(admission, blank), UnitOfWork()

    def _register(self, admission: AccessAdmission) -> UnitOfWork:
        request = admission.request
        if admission.niss is None or request.quality_code is None or request.begin is None:
            raise RequestRefused("MSG00008", "criteria")
        line = DirectoryLine(
            admission.niss, admission.caller, request.quality_code, request.begin, request.end
        )
        return UnitOfWork(access=LineRegistered(line, admission.now), quota=admission.quota)

    def _end(self, admission: AccessAdmission) -> UnitOfWork:
        """End the caller's line of that person, quality and begin.

        Raises:
            RequestRefused: the caller has no such line (MSG00100).
        """
        request, directory = admission.request, self.sources.directory
        if admission.niss is None or request.end is None:
            raise RequestRefused("MSG00008", "criteria")
        own = directory.own_lines(admission.own_numbers, admission.niss, offset=0, limit=PAGE)
        wanted = (request.quality_code, request.begin)
        found = [one for one in own if (one.line.quality_code, one.line.begin) == wanted]
        if not found:
            raise RequestRefused("MSG00100", NO_SUCH_LINE)
        ended = LineEnded(found[0].line_id, request.end, admission.now)
        return UnitOfWork(access=ended, forgotten=self._forgotten(admission, found[0]))

    def _forgotten(self, admission: AccessAdmission, ended: OwnLine) -> tuple[GatewayTicket, ...]:
        """Consultations whose kept answers the caller has no right to any more, once this line ended."""
        end = admission.request.end
        person = self.sources.directory.numbers_of(ended.line.niss)
        own = self.sources.directory.own_lines(
            admission.own_numbers, ended.line.niss, offset=0, limit=MOST_LINES
        )
        after = [replace(one.line, end=end) if one == ended else one.line for one in own]
        codes = self.rules.integration_codes
        if active_line(after, admission.own_numbers, admission.today, codes=codes) is not None:
            return ()
        return tuple(
            bound.gateway_ticket
            for bound in self.sources.consultations.kept_answers(admission.own_numbers)
            if bound.niss in person.all
        )

    def _listed(self, admission: AccessAdmission, blank: AccessAnswer) -> AccessAnswer:
        lines = self.sources.directory.own_lines(
            admission.own_numbers, admission.niss, offset=admission.request.offset, limit=PAGE + 1
        )
        page = lines[:PAGE]
        shown = tuple(one for one in page if one.line.sayable)
        left_out = len(page) - len(shown)
        value, code = ("DATA_FOUND", "MSG00000") if shown else ("NO_DATA_FOUND", "MSG00100")
        information = ((LINES_NOT_SHOWN, str(left_out)),) if left_out else ()
        more = len(lines) > PAGE
        return replace(blank, value=value, code=code, lines=shown, more=more, information=information)

    def _refuse(self, blank: AccessAnswer, context: MessageContext, refusal: RequestRefused) -> SealedMessage:
        request = blank.request
        value = "NOK" if refusal.check == NO_SUCH_LINE else "NO_RESULT"
        answer = replace(blank, value=value, code=refusal.code, information=refusal.information)
        sealed = self.answers.access(answer, context)
        refused = self.rows.refused(request.customer, context, refusal, person=request.ssin)
        sent = self.rows.answered(
            request.customer, context, refusal.code, proof=sealed.proof, about=request.ssin
        )
        key = (context.replay_key, context.received_at)
        self.writer.commit(UnitOfWork(replay_key=key, log=(refused, sent)))
        return sealed

    def _send(
        self,
        answer: AccessAnswer,
        context: MessageContext,
        unit: UnitOfWork,
        persons: list[DisclosedPerson],
    ) -> SealedMessage:
        request = answer.request
        sealed = self.answers.access(answer, context)
        did = self.rows.access(_KIND_OF[request.action], request, context, persons=persons)
        sent = self.rows.answered(request.customer, context, answer.code, proof=sealed.proof, persons=persons)
        key = (context.replay_key, context.received_at)
        self.writer.commit(replace(unit, replay_key=key, log=(did, sent)))
        return sealed


def _persons(admission: AccessAdmission, lines: tuple[OwnLine, ...]) -> list[DisclosedPerson]:
    named = [] if admission.niss is None else [admission.niss]
    numbers = dict.fromkeys([*named, *(one.line.niss for one in lines)])
    return [DisclosedPerson(niss.value, "BENEFICIARY") for niss in numbers]
