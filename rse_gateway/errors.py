"""The one error tree of the gateway.

    RseError
    ├── MessageRefused             checks 1–3: the caller gets a signed fault
    │   ├── EdgeRefused            G0–G3: HTTP and bytes (MSG00004, or an empty 400/408/413/431/503)
    │   ├── SecurityRefused        G4–G8: envelope, time, certificate, signature (RSE00001, one opaque text)
    │   ├── ReplayRefused          G9: the same signed message was received before (RSE00002)
    │   └── ContentRefused         G10: the signed Body breaks the XSD (MSG00004, every violation)
    ├── RequestRefused             checks 4–6: the caller gets a normal answer with status NO_RESULT
    ├── SupplierFailed             a holding CPAS gave no usable answer: the state of its leg, never a fault
    │   ├── SupplierUnreachable    nothing came back, or nothing that we can attribute to it (MSG00020)
    │   │   └── KeptConnectionLost a connection kept from before died before the reply: asked once more
    │   └── SupplierUnusable       what came back is signed by it but breaks the contract (MSG00023)
    ├── GatewayUnavailable         store or log cannot be written: nothing is disclosed (MSG00001)
    ├── GatewayFault               our own answer is invalid or cannot be signed (MSG00003)
    └── SetupError                 a file, setting or key given by an operator is wrong (command line)
        └── SettingsRefused        several of them at once, each in a line of its own

Codes are stable: `contract/catalogue.json` holds their texts. Texts of exceptions are for the operator's
log; they never hold a NISS, a name or the text of a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RseError(Exception):
    """Root of every error that the gateway raises on purpose."""


@dataclass(frozen=True, slots=True)
class TextFault:
    """What makes a received text unreadable: a kind, by the key of its words, and where (both from 1)."""

    kind: str
    line: int
    column: int


class MessageRefused(RseError):
    """A message refused before it was understood (checks 1–3 of the contract): answered by a fault."""

    code = "MSG00004"
    fault: TextFault | None = None

    def __init__(self, step: str, reason: str) -> None:
        """Keep the gate's step (``G0`` … ``G10``) and the exact reason, for the operator's log."""
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class EdgeRefused(MessageRefused):
    """HTTP or bytes refused (G0–G3). ``status`` is the HTTP status to answer with."""

    def __init__(
        self,
        step: str,
        reason: str,
        *,
        status: int = 500,
        version_mismatch: bool = False,
        fault: TextFault | None = None,
    ) -> None:
        """Keep the HTTP status, whether the answer is a SOAP VersionMismatch, and the place in the text."""
        super().__init__(step, reason)
        self.status = status
        self.fault = fault
        self.version_mismatch = version_mismatch


class SecurityRefused(MessageRefused):
    """Skeleton, time, certificate or signature refused (G4–G8)."""

    code = "RSE00001"

    def __init__(self, step: str, reason: str, *, version_mismatch: bool = False) -> None:
        """Keep whether the root was a SOAP 1.2 envelope, which gets a VersionMismatch instead."""
        super().__init__(step, reason)
        self.version_mismatch = version_mismatch


class ReplayRefused(MessageRefused):
    """The same signed message was received before (G9)."""

    code = "RSE00002"


class Expectation(Protocol):
    """What the contract expects at a place, or what stood there, before the reader's language is known.

    Hashable.
    """

    def text(self, language: str | None) -> str:
        """Return it in words; French and Dutch when no language is known."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of the XSD; holds no value of a personal field.

    Attributes:
        line: line of the received text, 1-based (0 when unknown).
        xpath: path of the element from the operation's root element, local names, with positions.
        field: local name of the element or attribute.
        expected: what the contract expects there, to be said in the reader's language.
        found: what kind of thing stood there instead, None where that is not known; never a value.
    """

    line: int
    xpath: str
    field: str
    expected: Expectation
    found: Expectation | None = None


class ContentRefused(MessageRefused):
    """The signed Body breaks the XSD (G10)."""

    def __init__(self, violations: tuple[Violation, ...], *, truncated: bool = False) -> None:
        """Keep at most 30 violations; ``truncated`` says that there were more."""
        super().__init__("G10", f"{len(violations)} violation(s) of the XSD")
        self.violations = violations
        self.truncated = truncated


class RequestRefused(RseError):
    """A request refused on business grounds (checks 4–6): status NO_RESULT, a row REFUSED.

    Attributes:
        code: a code of the catalogue.
        check: the name of the check that failed, as written in the log.
        information: (fieldName, fieldValue) pairs that help the caller mend the request.
    """

    def __init__(self, code: str, check: str, *, information: tuple[tuple[str, str], ...] = ()) -> None:
        """Keep what the answer and the log row need."""
        super().__init__(f"{code} at check {check}")
        self.code = code
        self.check = check
        self.information = information


class SupplierFailed(RseError):
    """A holding CPAS gave no usable answer to one attempt; ``reason`` is for the operator's log."""

    code = "MSG00020"

    def __init__(self, reason: str) -> None:
        """Keep the reason (never message text)."""
        super().__init__(reason)
        self.reason = reason


class Unheard(StrEnum):
    """Why nothing that came back counts as the answer of the holding CPAS that was asked."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    HTTP = "HTTP"
    UNSIGNED = "unsigned"
    STALE = "stale"
    FOREIGN_SIGNER = "foreign signer"
    OTHER_TICKET = "other ticket"
    RECEIVED_BEFORE = "received before"
    FAULT = "fault"


class SupplierUnreachable(SupplierFailed):
    """Nothing came back that the holder signed, fresh and for this question; ``why`` tells what did."""

    def __init__(self, reason: str, *, why: Unheard = Unheard.CONNECTION) -> None:
        """Keep the reason (never message text) and its kind."""
        super().__init__(reason)
        self.why = why


class KeptConnectionLost(SupplierUnreachable):
    """A connection kept from an earlier call died before the first byte of a reply: the holder did not fail.

    The question may be asked once more: signed anew, its own row FORWARDED (same reminderNumber) written
    first, and this error handed to the second call, which then takes a fresh connection and ends when the
    first would have ended. ``until`` is that end, on the clock of whoever raised this.
    """

    def __init__(self, reason: str, *, until: float) -> None:
        """Keep when the whole call ends."""
        super().__init__(reason)
        self.until = until


class SupplierUnusable(SupplierFailed):
    """The holding CPAS answered this question, and its answer breaks the contract.

    ``check`` names what it breaks: three times in a row the same ends the reminders.
    """

    code = "MSG00023"

    def __init__(self, reason: str, *, check: str = "report", field: str = "socialReport") -> None:
        """Keep the name of the check that failed, and the field that is wrong."""
        super().__init__(reason)
        self.check = check
        self.field = field


class GatewayUnavailable(RseError):
    """Store or log cannot be written: no data leaves."""

    code = "MSG00001"


class GatewayFault(RseError):
    """Our own answer is invalid or cannot be signed."""

    code = "MSG00003"


class SetupError(RseError):
    """Something an operator gave is wrong: the text says which file, line or setting, and what to do."""


class SettingsRefused(SetupError):
    """Settings of which several may be wrong; ``problems`` are all of them, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep what to mend."""
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
