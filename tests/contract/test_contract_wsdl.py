"""Each WSDL follows the conventions of the network; a client library imports it and writes its requests."""

import re
from typing import Any

import pytest
import zeep
from contract_files import SERVICES, WSDL, XSD, NetworkRefusedError, lxml_schema, parse, xmlschema_schema
from contract_instances import build, messages
from lxml import etree
from zeep.transports import Transport

W = "{http://schemas.xmlsoap.org/wsdl/}"
S = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SCHEMA_OF = {
    "ManageAccess": "access/ManageAccess-v1.xsd",
    "TestConnection": "access/TestConnection-v1.xsd",
}
OPERATIONS = [(service, operation) for service, names in SERVICES.items() for operation in names]


class LocalTransport(Transport):
    """Reads local files and refuses every other address."""

    def _load_remote_data(self, url: str) -> bytes:
        raise NetworkRefusedError(url)


def _root(service: str) -> "etree._Element":
    return parse(WSDL / f"{service}Service-v1.wsdl").getroot()


def _schema(service: str) -> str:
    return SCHEMA_OF.get(service, "report/ElectronicSocialReport-v1.xsd")


def _fault(service: str) -> str:
    return f"{service[0].lower()}{service[1:]}Fault"


def _names(root: "etree._Element", path: str) -> list[str | None]:
    return [node.get("name") for node in root.iterfind(path)]


def _arguments(node: "etree._Element") -> dict[str, Any]:
    """Turn an instance into the arguments that a client library takes."""
    found: dict[str, Any] = {}
    for child in node:
        found[child.tag] = _arguments(child) if len(child) else child.text
    return found


def test_the_folder_holds_one_file_per_service() -> None:
    assert {path.name for path in WSDL.glob("*.wsdl")} == {
        f"{service}Service-v1.wsdl" for service in SERVICES
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_names_of_a_wsdl_follow_the_convention(service: str) -> None:
    root = _root(service)
    assert root.get("targetNamespace") == f"urn:rse-gateway:intf:{service}Service:v1"
    assert _names(root, f"{W}portType") == [f"{service}PortType"]
    assert _names(root, f"{W}binding") == [f"{service}ServiceHTTPBinding"]
    assert _names(root, f"{W}service") == [f"{service}Service"]
    assert tuple(_names(root, f"{W}portType/{W}operation")) == SERVICES[service]
    address = root.find(f"{W}service/{W}port/{S}address")
    assert address is not None
    assert address.get("location") == f"http://localhost/{service}Service/v1"


@pytest.mark.parametrize("service", SERVICES)
def test_messages_parts_and_elements_of_a_wsdl_have_the_expected_names(service: str) -> None:
    expected = {
        f"{operation}{kind}Msg": (f"{operation}{kind}Parameters", f"types:{operation}{kind}")
        for operation in SERVICES[service]
        for kind in ("Request", "Response")
    }
    fault = _fault(service)
    expected[f"{fault}Msg"] = (f"{fault}Parameters", f"types:{fault}")
    parts = {
        message.get("name"): (part.get("name"), part.get("element"))
        for message in _root(service).iterfind(f"{W}message")
        for part in message.iterfind(f"{W}part")
    }
    assert parts == expected


@pytest.mark.parametrize("service", SERVICES)
def test_fault_message_element_and_type_have_different_names(service: str) -> None:
    declared = next(
        item for item in messages(xmlschema_schema(_schema(service))) if item.local_name == _fault(service)
    )
    names = {f"{_fault(service)}Msg".lower(), _fault(service).lower(), str(declared.type.local_name).lower()}
    assert len(names) == 3


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_is_document_literal_with_input_output_fault_and_its_action(service: str) -> None:
    root = _root(service)
    for operation in root.iterfind(f"{W}binding/{W}operation"):
        action = operation.find(f"{S}operation")
        assert action is not None
        assert action.get("soapAction") == f"{root.get('targetNamespace')}/{operation.get('name')}"
        bodies = [node.get("use") for node in operation.iter(f"{S}body", f"{S}fault")]
        assert bodies == ["literal"] * 3
    for operation in root.iterfind(f"{W}portType/{W}operation"):
        assert [node.tag for node in operation] == [
            W + kind for kind in ("documentation", "input", "output", "fault")
        ]
    assert {node.get("style") for node in root.iter(f"{S}binding", f"{S}operation")} == {"document"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_wsdl_is_documented_in_french_and_dutch(service: str) -> None:
    texts = [node.text or "" for node in _root(service).iter(f"{W}documentation")]
    assert len(texts) == 1 + len(SERVICES[service])
    assert all(re.fullmatch(r"FR: \S.*\. NL: \S.*\.", text) for text in texts)


@pytest.mark.parametrize("service", SERVICES)
def test_the_trail_header_stands_in_no_wsdl(service: str) -> None:
    assert b":trail:" not in (WSDL / f"{service}Service-v1.wsdl").read_bytes()


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
@pytest.mark.parametrize("choice", [0, 1, 2])
def test_zeep_writes_each_request_as_the_schema_wants_it(service: str, operation: str, choice: int) -> None:
    client = zeep.Client(str(WSDL / f"{service}Service-v1.wsdl"), transport=LocalTransport())
    schema = xmlschema_schema(_schema(service))
    declared = next(item for item in messages(schema) if item.local_name == f"{operation}Request")
    wanted = build(declared, optional=True, choice=choice)
    envelope = client.create_message(client.service, operation, **_arguments(wanted))
    body = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    assert body is not None
    assert etree.tostring(body[0], method="c14n2") == etree.tostring(wanted, method="c14n2")
    assert lxml_schema(_schema(service)).validate(body[0])


def test_no_schema_of_a_wsdl_is_missing_from_the_tree() -> None:
    assert all((XSD / _schema(service)).is_file() for service in SERVICES)
