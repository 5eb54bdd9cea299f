"""Rows of the gateway's consultation log: the one place that says what each kind of row holds.

Rules: trail page, "Rows". A record holds no person; persons, file reference and the proof of the message go
into the private part, which the record's commitment binds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from rse_gateway.domain.access import DRY_RUN_PASSED
from rse_gateway.domain.consultation import (
    ConsultAnswer,
    ConsultRequest,
    CustomerInformation,
    DeliveryRequest,
    DisclosedPerson,
    Period,
    PushedAnswer,
    SocialReport,
    SupplierQuestion,
)
from rse_gateway.domain.directory import AccessRequest
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import RequestRefused, SupplierUnusable
from rse_gateway.ports import BoundConsultation, HolderAnswer
from rse_gateway.trail.entry import EntryMaker, LogEntry
from rse_gateway.trail.kinds import Kind
from rse_gateway.trail.national_numbers import holds_number, looks_like_niss
from rse_gateway.trail.private import Person, PrivatePart, Role
from rse_gateway.trail.record import time_text

DELIVERY = "deliverSocialReport"
"""The one operation whose caller is the holding CPAS."""

_REFERENCES = frozenset({"ticket", "userReference", "legalContext"})


class Rows:
    """Makes the gateway's log entries; writes nothing."""

    def __init__(self, maker: EntryMaker, hub: CbeNumber) -> None:
        """Keep the maker (log id, environment, keys, ids) and the hub's number, which signs what we send."""
        self._maker = maker
        self._hub = hub

    def request(
        self,
        kind: Kind,
        request: ConsultRequest,
        context: MessageContext,
        *,
        outcome: Mapping[str, str],
    ) -> LogEntry:
        """Return the row that records a received consultation (received, repeated, refused, dry run).

        ``outcome`` holds what only this kind has: outcome, check, qualityCode.
        """
        fields = _request_fields(request.customer, context)
        fields |= {**ground_fields(request.legal_context), **_period_fields(request.period), **outcome}
        private = _private(_asked_person(request.ssin), context.proof, request.customer.file_reference)
        return self._made(kind, context.received_at, fields, private)

    def refused_fault(self, context: MessageContext, code: str, check: str) -> LogEntry:
        """Return the row of an authenticated message that was answered by a fault: its Body was not read."""
        fields = _request_fields(None, context) | {"outcome": code, "check": check}
        return self._made(Kind.REFUSED, context.received_at, fields, _private((), context.proof, None))

    def person_request(
        self,
        kind: Kind,
        customer: CustomerInformation,
        context: MessageContext,
        niss: str,
        *,
        fields: Mapping[str, str],
    ) -> LogEntry:
        """Return the row of a received request about one person that is no consultation itself."""
        row = _request_fields(customer, context) | dict(fields)
        private = _private(_asked_person(niss), context.proof, customer.file_reference)
        return self._made(kind, context.received_at, row, private)

    def plain_request(
        self, customer: CustomerInformation, context: MessageContext, fields: Mapping[str, str]
    ) -> LogEntry:
        """Return the row of a received request that is about nobody."""
        row = _request_fields(customer, context) | dict(fields)
        private = _private((), context.proof, customer.file_reference)
        return self._made(Kind.REQUEST_RECEIVED, context.received_at, row, private)

    def refused(
        self,
        customer: CustomerInformation,
        context: MessageContext,
        refusal: RequestRefused,
        *,
        person: str | None = None,
        asking: CbeNumber | None = None,
        about: str | None = None,
    ) -> LogEntry:
        """Return the row of a request, other than a consultation, that was refused or was a dry run.

        ``asking`` is who asked the question that a delivery answers, ``about`` the number that must not
        stand in a reference, where the row names nobody.
        """
        fields = _request_fields(customer, context, about) | {"outcome": refusal.code} | _asked_by(asking)
        kind = Kind.DRY_RUN
        if refusal.code != DRY_RUN_PASSED:
            kind, fields["check"] = Kind.REFUSED, refusal.check
        persons = () if person is None else _asked_person(person)
        private = _private(persons, context.proof, customer.file_reference)
        return self._made(kind, context.received_at, fields, private)

    def answered(
        self,
        customer: CustomerInformation,
        context: MessageContext,
        code: str,
        *,
        proof: MessageProof,
        kind: Kind = Kind.ANSWER_SENT,
        persons: Iterable[DisclosedPerson] = (),
        asking: CbeNumber | None = None,
        about: str | None = None,
    ) -> LogEntry:
        """Return the row of an answer that is no consultation's, with everyone it is about.

        ``asking`` is who asked the question that a delivery answers, ``about`` the number that must not
        stand in a reference, where the row names nobody.
        """
        fields = _request_fields(customer, context, about) | _asked_by(asking)
        fields |= {"outcome": code} | self._sealed_by_hub(proof)
        private = _private(persons, proof, customer.file_reference)
        return self._made(kind, context.received_at, fields, private)

    def access(
        self,
        kind: Kind,
        request: AccessRequest,
        context: MessageContext,
        *,
        persons: Iterable[DisclosedPerson],
    ) -> LogEntry:
        """Return the row of what a CPAS did with its own directory lines."""
        fields = _request_fields(request.customer, context) | ground_fields(request.legal_context)
        if request.quality_code is not None:
            fields["qualityCode"] = str(request.quality_code)
        if request.begin is not None:
            fields["periodBegin"] = request.begin.isoformat()
        if request.end is not None:
            fields["periodEnd"] = request.end.isoformat()
        reference = request.file_reference or request.customer.file_reference
        return self._made(kind, context.received_at, fields, _private(persons, context.proof, reference))

    def delivered(
        self,
        kind: Kind,
        request: DeliveryRequest,
        context: MessageContext,
        *,
        bound: BoundConsultation,
        code: str,
        report: SocialReport | None,
        failed: SupplierUnusable | None = None,
    ) -> LogEntry:
        """Return the row of a delivery: accepted, the same again, unusable (why) or in conflict."""
        fields = _request_fields(request.customer, context)
        fields.pop("userReference", None)
        fields.pop("userRole", None)
        fields |= {
            "ticketCBSS": str(bound.gateway_ticket),
            "ticket": bound.ticket.value,
            "asking": bound.requesting_cpas.value,
            "holding": request.customer.cbe_number or "",
            "legalContext": bound.legal_context,
            "outcome": code,
            **_period_fields(bound.period),
        }
        if failed is not None:
            fields |= {"check": failed.check, "reason": failed.reason}
        persons = (report.persons if report else ()) or _asked_person(request.ssin)
        return self._made(kind, context.received_at, fields, _private(persons, context.proof, None))

    def pushed(
        self,
        pushed: PushedAnswer,
        holding_cpas: CbeNumber,
        *,
        proof: MessageProof,
        persons: Iterable[DisclosedPerson],
    ) -> LogEntry:
        """Return the row that says: this late answer may have left for the requester's receiver."""
        consultation = pushed.consultation
        fields = {
            "ticketCBSS": str(consultation.gateway_ticket),
            "ticket": consultation.ticket.value,
            "service": "SocialReportReceiverService",
            "operation": "receiveSocialReport",
            "asking": pushed.requesting_cpas.value,
            "holding": holding_cpas.value,
            "legalContext": pushed.legal_context,
            "outcome": pushed.result.code,
            **self._sealed_by_hub(proof),
            **_period_fields(consultation.period),
        }
        return self._made(Kind.ANSWER_SENT, pushed.sent_at, fields, _private(persons, proof, None))

    def answer_sent(
        self,
        answer: ConsultAnswer,
        context: MessageContext,
        *,
        proof: MessageProof,
        persons: Iterable[DisclosedPerson],
    ) -> LogEntry:
        """Return the row of an answer to a consultation, with everyone it discloses something about."""
        request = answer.request
        fields = _request_fields(request.customer, context)
        fields |= {
            "ticketCBSS": str(answer.gateway_ticket),
            "outcome": answer.status.code,
            **ground_fields(request.legal_context),
            **self._sealed_by_hub(proof),
            **_period_fields(request.period),
        }
        private = _private(persons, proof, request.customer.file_reference)
        return self._made(Kind.ANSWER_SENT, answer.replied_at, fields, private)

    def forwarded(self, question: SupplierQuestion, proof: MessageProof) -> LogEntry:
        """Return the row that says: this question may have left for this holding CPAS."""
        fields = _leg_fields(question) | self._sealed_by_hub(proof)
        private = _private((DisclosedPerson(question.niss.value, "BENEFICIARY"),), proof, None)
        return self._made(Kind.FORWARDED, question.sent_at, fields, private)

    def supplier_answered(self, question: SupplierQuestion, answer: HolderAnswer) -> LogEntry:
        """Return the row of a usable answer of a holding CPAS, with everyone it is about."""
        fields = _leg_fields(question)
        fields |= {
            "outcome": answer.code,
            "signing": answer.context.signing.value,
            "certificate": answer.context.proof.certificate_digest,
        }
        persons = (answer.report.persons if answer.report else ()) or _asked_person(question.niss.value)
        private = _private(persons, answer.context.proof, None)
        return self._made(Kind.SUPPLIER_ANSWERED, answer.context.received_at, fields, private)

    def supplier_failed(
        self, question: SupplierQuestion, code: str, at: datetime, *, reason: str, check: str | None = None
    ) -> LogEntry:
        """Return the row of an attempt that brought nothing usable: why, and the check it failed."""
        fields = _leg_fields(question) | {"outcome": code, "reason": reason}
        if check is not None:
            fields["check"] = check
        private = PrivatePart(persons=(Person(question.niss.value, Role.BENEFICIARY),))
        return self._made(Kind.SUPPLIER_FAILED, at, fields, private)

    def refused_unauthenticated(
        self, reason: str, code: str, count: int, *, since: datetime, until: datetime
    ) -> LogEntry:
        """Return the summary row of one minute's refusals of messages whose sender is not known."""
        fields = {
            "outcome": code,
            "check": reason,
            "count": str(count),
            "from": time_text(since),
            "until": time_text(until),
        }
        return self._maker.make(Kind.REFUSED_UNAUTHENTICATED, until, fields, None)

    def _sealed_by_hub(self, proof: MessageProof) -> dict[str, str]:
        """Who signed what the gateway itself sends."""
        return {"signing": self._hub.value, "certificate": proof.certificate_digest}

    def _made(self, kind: Kind, at: datetime, fields: Mapping[str, str], private: PrivatePart) -> LogEntry:
        """Return a row; a refused reference that holds the number that it is about stays out of it."""
        about = [person.niss for person in private.persons if person.role is Role.BENEFICIARY]
        kept = {
            name: text
            for name, text in fields.items()
            if name not in _REFERENCES or not any(holds_number(text, niss) for niss in about)
        }
        return self._maker.make(kind, at, kept, private)

    def event(self, kind: Kind, at: datetime, fields: Mapping[str, str]) -> LogEntry:
        """Return the row of something an operator or auditor did (import, look, change)."""
        return self._maker.make(kind, at, fields, None)


def _request_fields(
    customer: CustomerInformation | None, context: MessageContext, about: str | None = None
) -> dict[str, str]:
    """Return who asked what; a reference that holds the number ``about``, or looks like one, is left out."""
    fields = {
        "ticketCBSS": str(context.gateway_ticket),
        "service": context.service,
        "operation": context.operation,
        "signing": context.signing.value,
        "certificate": context.proof.certificate_digest,
    }
    if customer is not None:
        free = {"ticket": customer.ticket.value, "userReference": customer.user_reference}
        fields |= {name: text for name, text in free.items() if not _names_person(text, about)}
        fields["userRole"] = customer.user_role
        if customer.cbe_number is not None:
            fields["holding" if context.operation == DELIVERY else "asking"] = customer.cbe_number
    return fields


def _leg_fields(question: SupplierQuestion) -> dict[str, str]:
    return {
        "ticketCBSS": str(question.gateway_ticket),
        "ticket": question.ticket.value,
        "service": "SocialReportSupplierService",
        "operation": "provideSocialReport",
        "asking": question.requesting_cpas.value,
        "holding": question.holding_cpas.value,
        "legalContext": question.legal_context,
        "reminderNumber": str(question.reminder_number),
        **_period_fields(question.period),
    }


def _asked_by(asking: CbeNumber | None) -> dict[str, str]:
    return {} if asking is None else {"asking": asking.value}


def _names_person(text: str, about: str | None) -> bool:
    return looks_like_niss(text) or holds_number(text, about or "")


def ground_fields(legal_context: str) -> dict[str, str]:
    """The ground as stated; a refused one that holds a national number stays out of the record."""
    return {} if looks_like_niss(legal_context) else {"legalContext": legal_context}


def _period_fields(period: Period) -> dict[str, str]:
    return {"periodBegin": period.begin.isoformat(), "periodEnd": period.end.isoformat()}


def _asked_person(ssin: str) -> tuple[DisclosedPerson, ...]:
    """The person asked about, as asked: a refused number with wrong check digits is on record too."""
    return (DisclosedPerson(ssin, "BENEFICIARY"),)


def _private(
    persons: Iterable[DisclosedPerson], proof: MessageProof, file_reference: str | None
) -> PrivatePart:
    return PrivatePart(
        persons=tuple(Person(p.niss, Role(p.role)) for p in persons),
        file_reference=file_reference,
        message_digest=proof.body_digest,
        signed_info=proof.signed_info,
        signature_value=proof.signature_value,
        certificate=proof.certificate_digest,
    )
