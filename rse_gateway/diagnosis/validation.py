"""One file through everything that can be checked without a running gateway: bytes, signature, XSD, rules.

All violations come at once, each with line, place, what was expected and what kind was found; what the
gateway would answer comes from the gateway's own code. Nothing that is returned holds a value of a message.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from lxml import etree

from rse_gateway.contract.messages import options_of
from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.schemas import Schemas
from rse_gateway.contract.violations import list_violations
from rse_gateway.diagnosis.admission_check import SERVED, Asked, Sender, admission_of, leg_breach
from rse_gateway.diagnosis.content import UNUSABLE, Content, content_findings
from rse_gateway.diagnosis.findings import (
    XSD_CODE,
    XSD_STEP,
    CodeText,
    Finding,
    Kind,
    Place,
    Places,
    Rule,
    Unreadable,
    of_violation,
)
from rse_gateway.diagnosis.reading import Claim, NoPayload, Opened, claim_of, open_message
from rse_gateway.diagnosis.world import World
from rse_gateway.domain.access import DRY_RUN_PASSED
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import ContentRefused, MessageRefused, SetupError, SupplierUnreachable
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.trust import RegisteredKey, TrustPolicy
from rse_gateway.use_cases.manage_access import NO_SUCH_LINE

_LISTING_SECONDS: Final = 30.0
_HOLDER_FAULTS: Final = frozenset({"socialReportSupplierFault", "socialReportReceiverFault"})
_TRIED_DRY: Final = frozenset(SERVED) - {"sendTestMessage", "listRights"}
_REFUSING: Final = frozenset({"NO_RESULT", "NOK"})
_FIELD_PATHS: Final = {
    "environment": "informationCustomer/environment",
    "customerIdentification": "informationCustomer/customerIdentification",
    "signer": "informationCustomer/customerIdentification",
    "legalContext": "legalContext",
    "userRole": "informationCustomer/userRole",
    "ticket": "informationCustomer/ticket",
    "ssin": "criteria//ssin",
    "period": "criteria/period",
    "integration": "criteria//ssin",
    "replaced": "criteria//ssin",
    "cancelled": "criteria//ssin",
    "confirmed": "criteria/confirmed",
}


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file beside its bytes.

    Attributes:
        now, today: the moment and the day on which it is judged.
        signed: whether it has to be signed; None = as it looks.
        signer: the key that signs a payload file; None = the customer itself.
        question: the opened question that a holder's answer belongs to.
    """

    now: datetime
    today: date
    signed: bool | None = None
    signer: RegisteredKey | None = None
    question: SignedMessage | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one file.

    Attributes:
        operation, form: what it is (form: Request, Response or Fault); "" where that is unknown.
        outcome: accepted, fault, NO_RESULT, NOK, unusable or unreachable, as the samples' manifest says.
        code: of the catalogue, "" with accepted.
        stopped_at: step of the gate or name of the check that refuses it; "" for none.
        violations: how many breaches of the XSD there are (at most 30, see ``truncated``).
    """

    operation: str
    form: str
    signed: bool
    outcome: str = "accepted"
    code: str = ""
    stopped_at: str = ""
    violations: int = 0
    truncated: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def right(self) -> bool:
        """Tell whether nothing is wrong; notes do not count."""
        return all(one.note for one in self.findings)

    def values(self, language: str) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "operation": self.operation,
            "form": self.form,
            "signed": self.signed,
            "right": self.right,
            "outcome": self.outcome,
            "code": self.code,
            "stoppedAt": self.stopped_at,
            "violations": self.violations,
            "more": self.truncated,
            "findings": [one.values(language) for one in self.findings],
        }


class Validator:
    """Judges files one by one and keeps nothing of them."""

    def __init__(self, schemas: Schemas, world: World | None = None, *, operation: str | None = None) -> None:
        """Judge in ``world`` where there is one; ``operation`` is the only one that is accepted."""
        self._schemas = schemas
        self._world = world
        self._operation = operation
        self.gate = None if world is None else Gate(TrustPolicy(world.anchors, world))

    def check(self, raw: bytes, about: About) -> Verdict:
        """Return the verdict on the bytes of one file."""
        claim = claim_of(raw)
        try:
            opened = open_message(raw, claim, self.gate, about.now, signed=about.signed)
        except MessageRefused as refusal:
            return _refused_at_the_gate(refusal, claim, signed=bool(about.signed))
        except NoPayload:
            finding = Finding(Place(), Rule("body"), None, XSD_CODE, "G4")
            return Verdict("", "", False, "fault", XSD_CODE, "G4", findings=(finding,))
        return self._judged(opened, about)

    def _judged(self, opened: Opened, about: About) -> Verdict:
        payload = opened.payload
        if payload.tag == f"{{{SOAP11}}}Fault":
            return self._fault(opened)
        name = etree.QName(payload).localname
        form = next((one for one in ("Request", "Response") if name.endswith(one)), "Request")
        operation = name.removesuffix(form)
        base = Verdict(operation, form, opened.signed)
        if self._operation not in (None, operation):
            finding = Finding(
                Place(opened.line_of(payload), "/*", "*"),
                Rule("operation", (str(self._operation),)), Kind("message"), XSD_CODE, XSD_STEP,
            )  # fmt: skip
            return _against_the_xsd(base, (finding,), truncated=False)
        findings, truncated = self._violations(payload, opened)
        if findings:
            return _against_the_xsd(base, findings, truncated=truncated)
        notes = tuple(_notes(opened, self._world))
        content = Content(
            payload, Places(payload, opened.line_of), operation, form == "Request", about.today,
            5 if self._world is None else self._world.period_years,
        )  # fmt: skip
        found = (*notes, *content_findings(content))
        if form == "Response":
            return self._answer(base, opened, about, found)
        return self._request(base, content, about, found, opened.message)

    def _violations(self, payload: etree._Element, opened: Opened) -> tuple[tuple[Finding, ...], bool]:
        """Return every breach of the XSD; a list that ran out of time is made again with plenty of it."""
        try:
            self._schemas.check(payload, line_of=opened.line_of)
        except ContentRefused as refusal:
            found, truncated = refusal.violations, refusal.truncated
            if truncated:
                namespace = etree.QName(payload).namespace or ""
                options: dict[str, Any] = {"line_of": opened.line_of, "budget": _LISTING_SECONDS}
                found, truncated = list_violations(namespace, payload, **options)
            return tuple(of_violation(one) for one in found), truncated
        except SetupError:
            return (), False
        return (), False

    def _fault(self, opened: Opened) -> Verdict:
        element = opened.payload.find("detail/*")
        if element is None:
            finding = Finding(Place(opened.line_of(opened.payload)), Rule("body"), None, XSD_CODE, XSD_STEP)
            return _against_the_xsd(Verdict("", "Fault", opened.signed), (finding,), truncated=False)
        base = Verdict("", "Fault", opened.signed)
        findings, truncated = self._violations(element, opened)
        if findings:
            return _against_the_xsd(base, findings, truncated=truncated)
        notes = tuple(_notes(opened, self._world))
        if etree.QName(element).localname in _HOLDER_FAULTS:
            return _with(base, "unreachable", "MSG00020", "leg.fault", notes)
        return _with(base, "fault", element.findtext("detail/reasonCode") or "", "", notes)

    def _request(
        self,
        base: Verdict,
        content: Content,
        about: About,
        found: tuple[Finding, ...],
        message: SignedMessage | None,
    ) -> Verdict:
        payload, operation = content.payload, content.operation
        if self._world is not None and operation in SERVED:
            asked = Asked(payload, operation, _sender(payload, about, message), about.now, about.today)
            said = admission_of(asked, self._world)
            if said.repeat:
                found = tuple(one for one in found if one.note or one.check not in ("ssin", "period"))
            if said.code:
                same = any((one.code, one.check) == (said.code, said.check) for one in found)
                if not same:
                    place = content.places.of(_field(payload, said.check))
                    found = (*found, Finding(place, CodeText(said.code), None, said.code, said.check))
                return _with(base, _refusal_of(operation, said.check), said.code, said.check, found)
        first = next((one for one in found if not one.note), None)
        if first is not None:
            return _with(base, _refusal_of(operation, first.check), first.code, first.check, found)
        if operation in _TRIED_DRY and options_of(payload).dry_run:
            return _with(base, _refusal_of(operation, "dryRun"), DRY_RUN_PASSED, "dryRun", found)
        return _with(base, "accepted", "", "", found)

    def _answer(self, base: Verdict, opened: Opened, about: About, found: tuple[Finding, ...]) -> Verdict:
        if base.operation != "provideSocialReport":
            value = opened.payload.findtext("status/value")
            if value in _REFUSING:
                return _with(base, value or "", opened.payload.findtext("status/code") or "", "", found)
            return _with(base, "accepted", "", "", found)
        if opened.message is not None and about.question is not None and self._world is not None:
            check, reason, failure = leg_breach(opened.message, about.question, self._world, about.today)
            if failure is not None:
                unheard = isinstance(failure, SupplierUnreachable)
                finding = Finding(Place(), Rule("leg", (reason,)), None, failure.code, check)
                outcome = "unreachable" if unheard else "unusable"
                return _with(base, outcome, failure.code, check, (*found, finding))
        first = next((one for one in found if not one.note), None)
        if first is not None:
            return _with(base, "unusable", UNUSABLE, first.check, found)
        return _with(base, "accepted", "", "", found)


def _notes(opened: Opened, world: World | None) -> list[Finding]:
    """Return what was not checked, and should have been of a message on the wire."""
    if not opened.enveloped:
        return []
    if not opened.signed:
        return [Finding(Place(1), Rule("signed"), None, "", "G4", note=True)]
    return [] if world is not None else [Finding(Place(1), Rule("trusted"), None, "", "G7", note=True)]


def _refused_at_the_gate(refusal: MessageRefused, claim: Claim, *, signed: bool) -> Verdict:
    outcome, code = ("fault", refusal.code) if claim.form == "Request" else ("unreachable", "MSG00020")
    finding = Finding(Place(), CodeText(refusal.code), None, refusal.code, refusal.step, refusal.reason)
    if refusal.fault is not None:
        place = Place(refusal.fault.line)
        finding = replace(finding, place=place, expected=Unreadable(refusal.fault), reason="")
    base = Verdict(claim.operation, claim.form, signed or refusal.step not in ("G1", "G2", "G3"))
    return _with(base, outcome, code, refusal.step, (finding,))


def _against_the_xsd(base: Verdict, findings: tuple[Finding, ...], *, truncated: bool) -> Verdict:
    outcome, code = ("fault", XSD_CODE) if base.form == "Request" else ("unusable", UNUSABLE)
    return Verdict(
        base.operation, base.form, base.signed, outcome, code, XSD_STEP, len(findings), truncated, findings
    )


def _with(base: Verdict, outcome: str, code: str, stopped_at: str, findings: tuple[Finding, ...]) -> Verdict:
    return Verdict(base.operation, base.form, base.signed, outcome, code, stopped_at, findings=findings)


def _sender(payload: etree._Element, about: About, message: SignedMessage | None) -> Sender:
    """Return who signs: whose signature it is, whose key was named, else the customer itself."""
    if message is not None:
        return Sender(message.signer.cbe_number, message.signer.roles)
    if about.signer is not None:
        return Sender(about.signer.cbe_number, about.signer.roles)
    stated = payload.findtext("informationCustomer/customerIdentification/cbeNumber") or ""
    try:
        return Sender(CbeNumber(stated), frozenset({"cpas"}))
    except ValueError:  # no such institution: the check of the signer says so
        return Sender(CbeNumber("0000000097"), frozenset({"cpas"}))


def _field(payload: etree._Element, check: str) -> etree._Element | None:
    return payload.find(_FIELD_PATHS[check]) if check in _FIELD_PATHS else None


def _refusal_of(operation: str, check: str) -> str:
    """Return with which status the gateway refuses: a delivery, or an end of no line, NOK; else NO_RESULT."""
    refuses_a_write = operation == "deliverSocialReport" or check == NO_SUCH_LINE
    return "NOK" if refuses_a_write else "NO_RESULT"
