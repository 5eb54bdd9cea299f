"""The contract's files: validate a message against the XSD, and serve the WSDL with its schemas inlined.

They are found in the source tree or, installed, beside the gateway's code. Nothing is ever fetched.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path

from lxml import etree

from rse_cpas_stub.errors import ContractBroken, SetupRefused
from rse_cpas_stub.names import ACCESS, REPORT, TEST, TRAIL, tag

_XS = "http://www.w3.org/2001/XMLSchema"
_WSDL = "http://schemas.xmlsoap.org/wsdl/"
_SOAP_BINDING = "http://schemas.xmlsoap.org/wsdl/soap/"
_SCHEMAS = {
    REPORT: "xsd/report/ElectronicSocialReport-v1.xsd",
    ACCESS: "xsd/access/ManageAccess-v1.xsd",
    TEST: "xsd/access/TestConnection-v1.xsd",
    TRAIL: "xsd/trail/trail-v1.xsd",
}
_PLACE = "SCHEMAS-STAND-HERE"
_HERE = Path(__file__).resolve().parents[1]


@cache
def contract_root() -> Path:
    """Return the folder that holds ``xsd/`` and ``wsdl/``.

    Raises:
        SetupRefused: the installation has no contract files.
    """
    for place in (_HERE, _HERE / "rse_gateway" / "contract" / "files"):
        if (place / _SCHEMAS[REPORT]).is_file():
            return place
    raise SetupRefused("the contract files (xsd/, wsdl/) are missing: install the package again")


@cache
def _schema(namespace: str) -> etree.XMLSchema:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    return etree.XMLSchema(etree.parse(contract_root() / _SCHEMAS[namespace], parser))


def compile_schemas() -> None:
    """Compile every schema of the contract now, not at the first message: a question waits for none.

    Raises:
        SetupRefused: the installation has no contract files.
    """
    for namespace in _SCHEMAS:
        _schema(namespace)
    _report_schema()


def check(payload: etree._Element, expected: str) -> None:
    """Return only where ``payload`` is a valid message of the contract with the tag ``expected``.

    Raises:
        ContractBroken: another message, or an invalid one. The text names no value.
    """
    namespace = etree.QName(payload).namespace or ""
    if payload.tag != expected or namespace not in _SCHEMAS or not _schema(namespace).validate(payload):
        raise ContractBroken("the message breaks the XSD of the contract")


@cache
def _report_schema() -> etree.XMLSchema:
    included = (contract_root() / "xsd" / "report" / "SocialReport-v1.xsd").as_uri()
    source = (
        f'<xs:schema xmlns:xs="{_XS}" xmlns:r="{REPORT}" targetNamespace="{REPORT}">'
        f'<xs:include schemaLocation="{included}"/>'
        '<xs:element name="socialReport" type="r:SocialReportType"/>'
        "</xs:schema>"
    )
    return etree.XMLSchema(etree.fromstring(source))


def check_report(report: etree._Element) -> None:
    """Return only where ``report``, a qualified ``socialReport`` that stands alone, is valid.

    Raises:
        ContractBroken: invalid. The text names no value.
    """
    if not _report_schema().validate(report):
        raise ContractBroken("a social report breaks the XSD of the contract")


def served_wsdl(service: str, address: str) -> bytes:
    """Return the WSDL of a service with our address and its schemas inlined: every toolkit reads it."""
    tree = etree.parse(contract_root() / "wsdl" / f"{service}-v1.wsdl").getroot()
    schemas: dict[str, etree._Element] = {}
    types = tree.find(tag(_WSDL, "types"))
    if types is None:
        raise SetupRefused(f"the WSDL of {service} has no types")
    for named in types.iter(tag(_XS, "import")):
        _collect(contract_root() / "wsdl" / named.get("schemaLocation", ""), schemas)
    for child in list(types):
        types.remove(child)
    types.text = _PLACE
    for location in tree.iter(tag(_SOAP_BINDING, "address")):
        location.set("location", address)
    # spliced as text: lxml drops a prefix that only attribute values use when it moves a tree into another
    inlined = b"".join(
        etree.tostring(schema, encoding="UTF-8", xml_declaration=False) for schema in schemas.values()
    )
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True).replace(
        _PLACE.encode("ascii"), inlined
    )


def _collect(path: Path, schemas: dict[str, etree._Element]) -> None:
    """Add the schema at ``path``, includes merged in, and every schema that it imports."""
    schema = _merged(path)
    schemas[schema.get("targetNamespace", "")] = schema
    for named in schema.iter(tag(_XS, "import")):
        location = named.attrib.pop("schemaLocation", "")
        if location and named.get("namespace") not in schemas:
            _collect(path.parent / str(location), schemas)


def _merged(path: Path) -> etree._Element:
    schema = etree.parse(path).getroot()
    for include in schema.findall(tag(_XS, "include")):
        included = _merged(path.parent / include.get("schemaLocation", ""))
        schema.remove(include)
        imports = {named.get("namespace") for named in schema.iter(tag(_XS, "import"))}
        for child in included:
            if child.tag == tag(_XS, "import") and child.get("namespace") in imports:
                continue
            schema.append(deepcopy(child))
    return schema
