"""The WSDL files as the pages need them: services, operations, their messages and addresses."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from reference_maker.schema import UnknownSchemaPart

_NAMES = {"wsdl": "http://schemas.xmlsoap.org/wsdl/", "soap": "http://schemas.xmlsoap.org/wsdl/soap/"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; elements in Clark notation."""

    name: str
    what: dict[str, str]
    soap_action: str
    request: str
    response: str
    fault: str


@dataclass(frozen=True, slots=True)
class Service:
    """One service of one version, with the path of its address."""

    name: str
    what: dict[str, str]
    file: str
    path: str
    operations: tuple[Operation, ...]


def read_services(folder: Path) -> tuple[Service, ...]:
    """Return the services of all WSDL files, by name."""
    return tuple(_service(file) for file in sorted(folder.glob("*.wsdl")))


def _service(file: Path) -> Service:
    root = etree.parse(file).getroot()
    (port_type,) = root.findall("wsdl:portType", _NAMES)
    (address,) = root.findall("wsdl:service/wsdl:port/soap:address", _NAMES)
    return Service(
        name=str(root.get("name")),
        what=_documentation(root),
        file=file.name,
        path=urlsplit(str(address.get("location"))).path,
        operations=tuple(_operation(root, node) for node in port_type.findall("wsdl:operation", _NAMES)),
    )


def _operation(root: etree._Element, node: etree._Element) -> Operation:
    name = str(node.get("name"))
    (bound,) = root.findall(f"wsdl:binding/wsdl:operation[@name='{name}']/soap:operation", _NAMES)
    return Operation(
        name=name,
        what=_documentation(node),
        soap_action=str(bound.get("soapAction")),
        request=_message(root, node, "input"),
        response=_message(root, node, "output"),
        fault=_message(root, node, "fault"),
    )


def _message(root: etree._Element, operation: etree._Element, role: str) -> str:
    (used,) = operation.findall(f"wsdl:{role}", _NAMES)
    name = str(used.get("message")).rpartition(":")[2]
    (part,) = root.findall(f"wsdl:message[@name='{name}']/wsdl:part", _NAMES)
    prefix, _, element = str(part.get("element")).partition(":")
    return f"{{{part.nsmap[prefix]}}}{element}"


def _documentation(node: etree._Element) -> dict[str, str]:
    """Return what ``FR: … NL: …`` says, by language."""
    text = " ".join((node.findtext("wsdl:documentation", "", _NAMES)).split())
    french, mark, dutch = text.removeprefix("FR: ").partition(" NL: ")
    if not mark:
        raise UnknownSchemaPart(f"{node.get('name')}: documentation in one language only")
    return {"fr": french, "nl": dutch}
