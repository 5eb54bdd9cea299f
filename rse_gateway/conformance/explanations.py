"""Why a partner's answer cannot be used, in words for who has to mend it: the step, the cause, what to do.

Reads nothing that the adapters did not already find out; texts of the partner's own (a fault) are cut short.
"""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from rse_gateway.adapters.holding_cpas import LEG_ORDER
from rse_gateway.adapters.http_reply import HttpReply
from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import build_tree
from rse_gateway.errors import (
    ContentRefused,
    EdgeRefused,
    MessageRefused,
    SupplierFailed,
    SupplierUnreachable,
    Unheard,
)

REPLY, SIGNATURE, STRUCTURE, CONTENT, STATUS = STEPS = (
    "reply",
    "signature",
    "structure",
    "content",
    "status",
)
"""What an answer passes, in this order."""

NO_DATA_EXPECTED: Final = (
    "answer a person that you do not know with NO_DATA_FOUND, MSG00100, and no socialReport"
)
_TOLD: Final = 5
_SHOWN: Final = 200
_OWN_LOG: Final = "look into its own log"
_FORM: Final = "answer with a SOAP 1.1 envelope: XML 1.0 in UTF-8, no DOCTYPE, comment or byte order mark"
_GATE_MENDS: Final = {
    "G4": "the WS-Security header must have the contract's form (docs/explanation/security.md): a token, a "
    "Timestamp, one Signature",
    "G5": "set its clock by NTP; a message is valid for at most 5 minutes",
    "G6": "sign token, Timestamp and Body, by exclusive C14N, SHA-256, and RSA-SHA256 or ECDSA-SHA256",
    "G7": "sign with a certificate of a trusted CA, and register it (rse-gateway institutions import)",
    "G8": "sign with the private key of the certificate that is sent along, and change nothing after signing",
}
_LEG_MENDS: Final = {
    "signer": "sign with a key of the institution asked, or register its mandate for provideSocialReport",
    "environment": "copy informationCustomer from the question, and serve each environment apart",
    "ticket": "copy ticket and ticketCBSS from the question",
    "questionDigest": "a trail header names the digest of the Body that it answers, or leave the header out",
    "addressee": "supplierIdentification is the institution that the question is addressed to",
    "legalContext": "copy legalContext from the question",
    "asker": "copy customerIdentification from the question",
    "person": "copy the criteria from the question",
    "period": "copy the criteria from the question",
}
_STATUS_MENDS: Final = {
    401: "open the address to the gateway: no HTTP authentication",
    403: "open the address to the gateway: no HTTP authentication, and let its firewall pass",
    404: "register the whole address of the service, with its path",
    405: "register the address that takes POST",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The step at which an answer failed, what was seen, and what to mend."""

    step: str
    seen: str
    mend: str


def explained(failure: SupplierFailed, reply: HttpReply | None) -> Explanation:
    """Return where and why an attempt failed; ``reply`` is what came back, None for nothing."""
    cause = failure.__cause__
    http = isinstance(failure, SupplierUnreachable) and failure.why in (Unheard.HTTP, Unheard.FAULT)
    if http or reply is None:
        return _unreachable(failure, reply)
    if isinstance(cause, ContentRefused):
        return Explanation(
            STRUCTURE, _violations(cause), "answer as xsd/report/ElectronicSocialReport-v1.xsd says"
        )
    if isinstance(cause, EdgeRefused):
        return Explanation(REPLY, cause.reason, _FORM)
    if isinstance(cause, MessageRefused):
        return Explanation(SIGNATURE, cause.reason, _GATE_MENDS.get(cause.step, _OWN_LOG))
    check, _, reason = failure.reason.partition(": ")
    if check in (name for name, _run in LEG_ORDER):
        return Explanation(
            SIGNATURE if check == "signer" else CONTENT, reason, _LEG_MENDS.get(check, _OWN_LOG)
        )
    return Explanation(STATUS, failure.reason, NO_DATA_EXPECTED)


def _unreachable(failure: SupplierFailed, reply: HttpReply | None) -> Explanation:
    if reply is None:
        return Explanation(REPLY, failure.reason, "answer completely within 15 s, with at most 1 MiB")
    fault = fault_in(reply.raw)
    if not isinstance(failure.__cause__, MessageRefused) and fault is not None:
        return Explanation(STRUCTURE, f"a signed fault: {fault}", f"{_OWN_LOG}; {NO_DATA_EXPECTED}")
    seen = f"HTTP status {reply.status}" + (f", an unsigned fault: {fault}" if fault else "")
    return Explanation(REPLY, seen, _STATUS_MENDS.get(reply.status, _OWN_LOG))


def _violations(refused: ContentRefused) -> str:
    told = [f"line {v.line}, {v.xpath}: {v.expected.text('EN')}" for v in refused.violations[:_TOLD]]
    more = len(refused.violations) - len(told)
    return "breaks the XSD: " + "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def fault_in(raw: bytes) -> str | None:
    """Return what a SOAP 1.1 fault says, cut short; None where the bytes hold none. It may be unsigned."""
    try:
        root = build_tree(raw)
    except EdgeRefused:
        return None
    fault = root.find(f"{{{SOAP11}}}Body/{{{SOAP11}}}Fault")
    if fault is None:
        return None
    code = _text(fault, "faultcode").rpartition(":")[2]
    details = (
        f"{_text(detail, 'reasonCode')} {_text(detail, 'diagnostic')}".strip()
        for detail in fault.iterfind("detail/*/detail")
    )
    told = [_text(fault, "faultstring"), *details]
    return f"{code}: {'; '.join(dict.fromkeys(one for one in told if one))}"[:_SHOWN]


def _text(parent: etree._Element, name: str) -> str:
    return " ".join((parent.findtext(name) or "").split())
