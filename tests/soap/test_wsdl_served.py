"""The contract as it is served: both variants mean the same as the files, and one document is enough."""

from collections import Counter
from pathlib import Path

import pytest
import xmlschema
import zeep
from lxml import etree

from rse_gateway.contract.files import contract_root
from rse_gateway.errors import EdgeRefused, SetupError
from rse_gateway.soap.endpoints import ENDPOINTS, request_element
from rse_gateway.soap.wsdl import ContractFiles

from .fakes import PATH, request_bytes, talk

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP_BINDING = "{http://schemas.xmlsoap.org/wsdl/soap/}"
HOST = "http://localhost:8080"
endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.service)


def served(endpoint, kind="wsdl", variant="") -> etree._Element:
    document = ContractFiles(contract_root()).document(endpoint, kind, variant, host=HOST)
    return etree.fromstring(document)


def file_of(endpoint) -> etree._Element:
    return etree.parse(contract_root() / "wsdl" / endpoint.wsdl_file).getroot()


def schema_files(endpoint) -> list[Path]:
    """Every schema file that the WSDL reaches."""
    found, waiting = [], [contract_root() / "wsdl" / endpoint.wsdl_file]
    while waiting:
        file = waiting.pop()
        for node in etree.parse(file).getroot().iter(f"{XS}import", f"{XS}include"):
            other = (file.parent / node.get("schemaLocation")).resolve()
            if other not in found:
                found.append(other)
                waiting.append(other)
    return found


def components(schemas) -> Counter:
    """Every top-level component with its namespace, names resolved; documentation counts too."""
    return Counter(
        (schema.get("targetNamespace"), canonical(node))
        for schema in schemas
        for node in schema
        if isinstance(node.tag, str)
        and etree.QName(node).localname not in ("import", "include", "annotation")
    )


def canonical(component: etree._Element) -> bytes:
    """Exclusive C14N with the prefixes inside attribute values resolved to namespaces."""
    copy = etree.fromstring(etree.tostring(component, with_tail=False))
    for node in copy.iter(etree.Element):
        for name in ("type", "base", "ref", "itemType", "memberTypes"):
            if (value := node.get(name)) is not None:
                names = (qname.rpartition(":") for qname in value.split())
                node.set(
                    name, " ".join(f"{{{node.nsmap[prefix or None]}}}{local}" for prefix, _, local in names)
                )
    return etree.tostring(copy, method="c14n", exclusive=True)


@endpoints
def test_the_table_of_endpoints_names_everything_as_the_wsdl_does(endpoint):
    wsdl = file_of(endpoint)
    messages = {
        message.get("name"): message.find(f"{WSDL}part").get("element")
        for message in wsdl.iter(f"{WSDL}message")
    }
    prefixes = wsdl.nsmap

    def element(message: str) -> str:
        prefix, _, name = messages[message.partition(":")[2]].partition(":")
        return f"{{{prefixes[prefix]}}}{name}"

    actions = {
        operation.get("name"): operation.find(f"{SOAP_BINDING}operation").get("soapAction")
        for operation in wsdl.find(f"{WSDL}binding").iter(f"{WSDL}operation")
    }
    written = {
        (
            operation.get("name"),
            element(operation.find(f"{WSDL}input").get("message")),
            actions[operation.get("name")],
            element(operation.find(f"{WSDL}fault").get("message")),
        )
        for operation in wsdl.find(f"{WSDL}portType").iter(f"{WSDL}operation")
    }
    assert written == {(o.name, o.request, o.soap_action, o.fault) for o in endpoint.operations}


@endpoints
def test_the_address_in_the_file_ends_with_the_endpoints_path(endpoint):
    assert file_of(endpoint).find(f".//{SOAP_BINDING}address").get("location").endswith(endpoint.path)


def test_no_operation_that_nobody_serves_has_a_request_element():
    with pytest.raises(KeyError):
        request_element("provideSocialReport")


@endpoints
def test_the_inlined_variant_holds_every_component_of_the_files_once_and_no_location(endpoint):
    inlined = served(endpoint).findall(f".//{XS}schema")
    files = [etree.parse(file).getroot() for file in schema_files(endpoint)]
    assert components(inlined) == components(files)
    assert len({schema.get("targetNamespace") for schema in inlined}) == len(inlined)
    assert not [node for schema in inlined for node in schema.iter() if node.get("schemaLocation")]
    assert not [node for schema in inlined for node in schema.iter(f"{XS}include")]


@endpoints
def test_beside_the_schemas_the_inlined_variant_is_the_file_with_the_address_filled_in(endpoint):
    texts = []
    for wsdl in (served(endpoint), file_of(endpoint)):
        types = wsdl.find(f"{WSDL}types")
        for node in list(types):
            types.remove(node)
        types.text = None
        wsdl.find(f".//{SOAP_BINDING}address").set("location", HOST + endpoint.path)
        texts.append(etree.tostring(wsdl, method="c14n"))
    assert texts[0] == texts[1]


@endpoints
def test_the_inlined_schemas_are_a_valid_schema_for_lxml_and_for_xmlschema(endpoint, tmp_path):
    inlined = served(endpoint).findall(f".//{XS}schema")
    for number, schema in enumerate(inlined):
        (tmp_path / f"{number}.xsd").write_bytes(etree.tostring(schema))
    imports = "".join(
        f'<xs:import namespace="{schema.get("targetNamespace")}" schemaLocation="{number}.xsd"/>'
        for number, schema in enumerate(inlined)
    )
    (tmp_path / "all.xsd").write_text(f'<xs:schema xmlns:xs="{XS[1:-1]}">{imports}</xs:schema>')
    requests = {operation.request for operation in endpoint.operations}
    read = xmlschema.XMLSchema(str(tmp_path / "all.xsd"))
    assert requests <= set(read.maps.elements)
    assert etree.XMLSchema(etree.parse(tmp_path / "all.xsd")) is not None


@endpoints
def test_the_import_variant_is_the_file_but_for_locations_that_point_at_this_address(endpoint):
    apart, file = served(endpoint, variant="import"), file_of(endpoint)
    locations = [node.get("schemaLocation") for node in apart.iter(f"{XS}import")]
    assert locations
    assert all(location.startswith(f"{HOST}{endpoint.path}?xsd=") for location in locations)
    for tree in (apart, file):
        for node in tree.iter(f"{XS}import", f"{SOAP_BINDING}address"):
            node.attrib.pop("schemaLocation", None)
            node.attrib.pop("location", None)
    assert etree.tostring(apart, method="c14n") == etree.tostring(file, method="c14n")


@endpoints
def test_every_schema_that_the_import_variant_reaches_is_served_and_is_the_file(endpoint):
    base, seen = f"{HOST}{endpoint.path}?xsd=", set()
    trees = [served(endpoint, variant="import")]
    while trees:
        for node in trees.pop().iter(f"{XS}import", f"{XS}include"):
            path = node.get("schemaLocation").removeprefix(base)
            if path not in seen:
                seen.add(path)
                trees.append(served(endpoint, "xsd", path))
    assert {contract_root() / "xsd" / path for path in seen} == set(schema_files(endpoint))
    for path in seen:
        assert components([served(endpoint, "xsd", path)]) == components(
            [etree.parse(contract_root() / "xsd" / path).getroot()]
        )


@pytest.mark.parametrize("variant", ["wsdl", "WSDL", "wsdl=import"])
@endpoints
def test_zeep_builds_a_client_with_every_operation_over_http(port, endpoint, variant):
    address = f"http://127.0.0.1:{port}{endpoint.path}"
    client = zeep.Client(f"{address}?{variant}")
    port_read = next(iter(client.wsdl.services[endpoint.service].ports.values()))
    operations = port_read.binding._operations
    assert set(operations) == {operation.name for operation in endpoint.operations}
    assert port_read.binding_options["address"] == address
    for operation in endpoint.operations:
        assert operations[operation.name].soapaction == operation.soap_action
        assert operations[operation.name].input.body.qname.text == operation.request


@pytest.mark.parametrize(
    "query",
    ["xsd=../../etc/passwd", "xsd=/etc/passwd", "xsd=%2e%2e/wsdl/x", "xsd=", "wsdl=other", "wsdl&x=1"],
)
def test_nothing_but_the_contracts_documents_can_be_fetched(port, query):
    got = talk(port, request_bytes(method="GET", path=f"{PATH}?{query}"))
    assert (got.is_signed_fault, got.status >= 400) == (True, True)


def test_the_public_url_of_the_settings_stands_in_the_document_whatever_the_caller_used():
    contract = ContractFiles(contract_root(), public_url="https://rse.example.be/hub/")
    document = contract.document(ENDPOINTS[0], "wsdl", "", host="http://10.0.0.1")
    assert f'location="https://rse.example.be/hub{ENDPOINTS[0].path}"'.encode() in document
    assert b"10.0.0.1" not in document


@pytest.mark.parametrize("host", ['http://a"b', "http://a/b?c", "javascript:x", "http://a b", "http://"])
def test_a_host_that_is_none_never_reaches_the_document(host):
    with pytest.raises(EdgeRefused) as caught:
        ContractFiles(contract_root()).document(ENDPOINTS[0], "wsdl", "", host=host)
    assert caught.value.status == 400


def test_a_public_url_that_is_none_stops_the_start():
    with pytest.raises(SetupError, match="public_url"):
        ContractFiles(contract_root(), public_url="rse.example.be")


def test_a_missing_file_of_the_contract_stops_the_start(tmp_path):
    with pytest.raises(SetupError, match="cannot be read"):
        ContractFiles(tmp_path)
