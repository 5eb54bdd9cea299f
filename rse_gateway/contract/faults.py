"""Errors that are answered by a SOAP fault: `FAULT_RULES` is the one table, and the only maker of faults.

A fault tells the caller what to mend, never what was received: texts come from the catalogue, violations from
the schema, and the reason of a refused signature stays in the operator's log in production. Rules: contract
page, "Checks and their answers" (faults); SOAP 1.1 §4.4; domain page §4 (fault detail).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.envelope import copied, gateway_values, information_values
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import MANAGE_ACCESS, REPORT, SOAP11, TEST_CONNECTION
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.errors import (
    ContentRefused,
    EdgeRefused,
    GatewayFault,
    GatewayUnavailable,
    KeptConnectionLost,
    MessageRefused,
    ReplayRefused,
    RequestRefused,
    RseError,
    SecurityRefused,
    SettingsRefused,
    SetupError,
    SupplierFailed,
    SupplierUnreachable,
    SupplierUnusable,
    Violation,
)

MAX_DETAILS: Final = 30
_CLIENT: Final = "soap:Client"
_SERVER: Final = "soap:Server"
_VERSION_MISMATCH: Final = "soap:VersionMismatch"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """How a class of errors is told.

    Attributes:
        faultcode: whose fault it is.
        reason: when step and reason are told: ``always``, ``outside prod`` or ``never``.
    """

    faultcode: str
    reason: str = "never"


FAULT_RULES: Final[dict[type[RseError], FaultRule]] = {
    MessageRefused: FaultRule(_CLIENT),
    EdgeRefused: FaultRule(_CLIENT, "always"),
    SecurityRefused: FaultRule(_CLIENT, "outside prod"),
    ReplayRefused: FaultRule(_CLIENT),
    ContentRefused: FaultRule(_CLIENT),
    GatewayUnavailable: FaultRule(_SERVER),
    GatewayFault: FaultRule(_SERVER),
}
"""Every error that becomes a fault; its code is the class's own."""

NEVER_FAULTS: Final[frozenset[type[RseError]]] = frozenset(
    {
        RequestRefused,
        SupplierFailed,
        SupplierUnreachable,
        KeptConnectionLost,
        SupplierUnusable,
        SetupError,
        SettingsRefused,
    }
)
"""Errors that are answers, states of a leg, or an operator's; one that reaches a caller is our own fault."""

FAULT_ELEMENTS: Final[dict[str, tuple[str, str]]] = {
    "ElectronicSocialReportService": (REPORT, "electronicSocialReportFault"),
    "SocialReportDeliveryService": (REPORT, "socialReportDeliveryFault"),
    "ManageAccessService": (MANAGE_ACCESS, "manageAccessFault"),
    "TestConnectionService": (TEST_CONNECTION, "testConnectionFault"),
}
_DEFAULT_SERVICE: Final = "ElectronicSocialReportService"


@dataclass(frozen=True, slots=True)
class FaultFrame:
    """What stands around the reason of a fault.

    Attributes:
        service: whose fault element is used; None (nothing served there) uses the main service's.
        customer: the copied ``informationCustomer``, only where its message followed the XSD.
    """

    service: str | None
    gateway_ticket: GatewayTicket
    received_at: datetime
    replied_at: datetime
    environment: str
    customer: etree._Element | None = None
    language: str | None = None


def fault_envelope_body(error: RseError, frame: FaultFrame) -> etree._Element:
    """Return the ``soap:Fault`` element that answers ``error``: the one child of the Body.

    An error that is no fault by `FAULT_RULES` is told as our own internal error, MSG00003.
    """
    rule, code = _rule_of(error)
    version_mismatch = isinstance(error, EdgeRefused | SecurityRefused) and error.version_mismatch
    text = load_catalogue().text(code, frame.language)
    fault = etree.Element(f"{{{SOAP11}}}Fault", nsmap={"soap": SOAP11})
    etree.SubElement(fault, "faultcode").text = _VERSION_MISMATCH if version_mismatch else rule.faultcode
    etree.SubElement(fault, "faultstring").text = text
    etree.SubElement(fault, "detail").append(_fault_element(error, rule, code, frame))
    return fault


def _rule_of(error: RseError) -> tuple[FaultRule, str]:
    for error_class in type(error).__mro__:
        if error_class in FAULT_RULES:
            return FAULT_RULES[error_class], str(getattr(error, "code", GatewayFault.code))
    return FAULT_RULES[GatewayFault], GatewayFault.code


def _fault_element(error: RseError, rule: FaultRule, code: str, frame: FaultFrame) -> etree._Element:
    namespace, name = FAULT_ELEMENTS.get(frame.service or "", FAULT_ELEMENTS[_DEFAULT_SERVICE])
    head = gateway_values(frame.gateway_ticket, frame.received_at, frame.replied_at)
    details = list(_details(error, rule, code, frame))
    element = mapper_for(namespace).write(name, {"informationCBSS": head, "detail": details[:MAX_DETAILS]})
    if frame.customer is not None:
        element.insert(0, copied(frame.customer))
    return element


def _details(error: RseError, rule: FaultRule, code: str, frame: FaultFrame) -> Iterator[Values]:
    catalogue = load_catalogue()
    detail = {
        "severity": catalogue.severity(code),
        "reasonCode": code,
        "diagnostic": catalogue.text(code, frame.language),
        "authorCode": catalogue.author,
    }
    if isinstance(error, ContentRefused) and error.violations:
        for violation in error.violations:
            yield detail | information_values(violation_information(violation, frame.language))
    elif isinstance(error, MessageRefused) and _tells_reason(rule, frame.environment):
        yield detail | information_values((("step", error.step), ("reason", error.reason)))
    else:
        yield detail


def violation_information(violation: Violation, language: str | None) -> tuple[tuple[str, str], ...]:
    """Return what a caller is told of one violation: the same names and words in faults and on screens."""
    told = (
        ("line", str(violation.line)),
        ("xpath", violation.xpath),
        ("field", violation.field),
        ("expected", violation.expected.text(language)),
    )
    return told if violation.found is None else (*told, ("found", violation.found.text(language)))


def _tells_reason(rule: FaultRule, environment: str) -> bool:
    return rule.reason == "always" or (rule.reason == "outside prod" and environment != "prod")
