"""A partner's WSDL beside ours: the same version of the contract, the same operations and messages.

Compared is the interface that both sides must share (namespace, operations, message elements, SOAPAction,
style), never names of types, bindings and ports, which toolkits choose. The partner's text is hostile until
shown otherwise: it is parsed like a message, and nothing that it points at is fetched.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from rse_gateway.contract.files import contract_path
from rse_gateway.contract.parsing import build_tree
from rse_gateway.errors import EdgeRefused

_WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP: Final = "{http://schemas.xmlsoap.org/wsdl/soap/}"
_VERSION: Final = re.compile(r"(.*):(v[0-9]{1,3})", re.ASCII)
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Shape:
    """One operation as both sides see it; elements in Clark notation."""

    request: str
    response: str
    faults: frozenset[str]
    soap_action: str
    style: str


@dataclass(frozen=True, slots=True)
class Interface:
    """What a WSDL offers; ``apart`` when the interface stands in another document that it imports."""

    namespace: str
    operations: dict[str, Shape]
    apart: bool = False


def our_interface(service: str) -> Interface:
    """Return the interface of a service as the contract's own file has it.

    Raises:
        SetupError: the installation has no such file.
    """
    return _interface(build_tree(contract_path(f"wsdl/{service}-v1.wsdl").read_bytes()))


def partner_interface(raw: bytes) -> Interface | None:
    """Return the interface in a partner's WSDL, None when the bytes are no WSDL 1.1."""
    try:
        root = build_tree(raw)
    except EdgeRefused:
        return None
    return _interface(root) if root.tag == f"{_WSDL}definitions" else None


def differences(theirs: Interface, ours: Interface) -> list[str]:
    """Return what differs, each as a sentence; empty when the partner offers what the gateway calls."""
    if theirs.namespace != ours.namespace:
        return [_other_namespace(theirs.namespace, ours.namespace)]
    found = []
    for name, shape in ours.operations.items():
        other = theirs.operations.get(name)
        if other is None:
            found.append(f"the operation {name} is absent")
        else:
            found.extend(_different_shape(name, other, shape))
    return found


def _other_namespace(theirs: str, ours: str) -> str:
    they, we = _VERSION.fullmatch(theirs), _VERSION.fullmatch(ours)
    if they is not None and we is not None and they[1] == we[1]:
        return f"contract version {they[2]}, while the gateway calls {we[2]}"
    return f"namespace {theirs[:_SHOWN] or '(none)'}, while the contract has {ours}"


def _different_shape(name: str, theirs: Shape, ours: Shape) -> list[str]:
    pairs = {
        "request element": (theirs.request, ours.request),
        "response element": (theirs.response, ours.response),
        "SOAPAction": (theirs.soap_action, ours.soap_action),
        "style": (theirs.style, ours.style),
    }
    found = [
        f"{name}: {what} {they[:_SHOWN] or '(none)'}, while the contract has {we}"
        for what, (they, we) in pairs.items()
        if they != we
    ]
    lacking = sorted(ours.faults - theirs.faults)
    return found + [f"{name}: the fault element {fault} is absent" for fault in lacking]


def _interface(root: etree._Element) -> Interface:
    elements = {
        message.get("name"): _clark(part, part.get("element"))
        for message in root.iterchildren(f"{_WSDL}message")
        for part in message.iterchildren(f"{_WSDL}part")
    }
    actions, styles = _bound(root)
    operations = {}
    for operation in root.iterfind(f"{_WSDL}portType/{_WSDL}operation"):
        name = str(operation.get("name"))
        operations[name] = Shape(
            request="".join(_elements(operation, "input", elements)),
            response="".join(_elements(operation, "output", elements)),
            faults=frozenset(_elements(operation, "fault", elements)),
            soap_action=actions.get(name, ""),
            style=styles.get(name, ""),
        )
    apart = not operations and root.find(f"{_WSDL}import") is not None
    return Interface(str(root.get("targetNamespace", "")), operations, apart)


def _elements(operation: etree._Element, kind: str, elements: dict[str | None, str]) -> list[str]:
    messages = [
        str(one.get("message")).rpartition(":")[2] for one in operation.iterchildren(f"{_WSDL}{kind}")
    ]
    return [elements.get(message, "") for message in messages]


def _bound(root: etree._Element) -> tuple[dict[str, str], dict[str, str]]:
    """Return SOAPAction and style of each operation that has a SOAP 1.1 binding."""
    actions, styles = {}, {}
    for binding in root.iterchildren(f"{_WSDL}binding"):
        soap = binding.find(f"{_SOAP}binding")
        if soap is None:
            continue
        for operation in binding.iterchildren(f"{_WSDL}operation"):
            name, bound = str(operation.get("name")), operation.find(f"{_SOAP}operation")
            uses = {body.get("use") for body in operation.iter(f"{_SOAP}body")} or {"literal"}
            style = soap.get("style", "document") if bound is None else bound.get("style", soap.get("style"))
            actions[name] = "" if bound is None else str(bound.get("soapAction", ""))
            styles[name] = f"{style or 'document'}/{'+'.join(sorted(str(use) for use in uses))}"
    return actions, styles


def _clark(part: etree._Element, name: str | None) -> str:
    """Return a name with a prefix in Clark notation; empty when it has none or an unknown one."""
    prefix, _, local = (name or "").rpartition(":")
    namespace = part.nsmap.get(prefix or None)
    return f"{{{namespace}}}{local}" if namespace and local else ""
