"""The XSD of each types namespace, read once per process, in the two forms the contract layer works with.

`etree.XMLSchema` gives verdicts (fast, shared by all threads); xmlschema's components say what a schema holds
(for the mapper, and for the list of violations once the verdict is no). Both are built from local files only.
"""

import threading
from functools import cache
from typing import Final

import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement

from rse_gateway.contract.files import contract_path
from rse_gateway.contract.namespaces import MANAGE_ACCESS, REPORT, TEST_CONNECTION, TRAIL
from rse_gateway.errors import SetupError

SCHEMA_FILES: Final = {
    REPORT: "xsd/report/ElectronicSocialReport-v1.xsd",
    MANAGE_ACCESS: "xsd/access/ManageAccess-v1.xsd",
    TEST_CONNECTION: "xsd/access/TestConnection-v1.xsd",
    TRAIL: "xsd/trail/trail-v1.xsd",
}
_building: Final = threading.Lock()


@cache
def verdict_schema(namespace: str) -> etree.XMLSchema:
    """Return the shared schema of a types namespace; its ``error_log`` must never be read.

    The log belongs to all threads at once: reading it would show one caller's values to another.

    Raises:
        SetupError: the namespace has no schema, or its file is missing or invalid.
    """
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    try:
        return etree.XMLSchema(etree.parse(str(contract_path(_file_of(namespace))), parser))
    except (etree.LxmlError, OSError) as error:
        raise SetupError(f"the schema of {namespace} cannot be compiled: {error}") from error


def components(namespace: str) -> xmlschema.XMLSchema:
    """Return the components of a types namespace (built once, about a quarter of a second).

    Raises:
        SetupError: the namespace has no schema, or its file is missing or invalid.
    """
    with _building:
        return _components(namespace)


@cache
def _components(namespace: str) -> xmlschema.XMLSchema:
    path = contract_path(_file_of(namespace))
    try:
        return xmlschema.XMLSchema(str(path), allow="local")
    except xmlschema.XMLSchemaException as error:
        raise SetupError(f"the schema of {namespace} cannot be read: {error}") from error


def root_element(namespace: str, name: str) -> XsdElement | None:
    """Return the global element ``name`` of a types namespace, or None."""
    return components(namespace).elements.get(name)


@cache
def root_names(namespace: str) -> frozenset[str]:
    """Return the local names of the global elements that the schema file declares.

    Raises:
        SetupError: the namespace has no schema, or its file cannot be read.
    """
    try:
        schema = etree.parse(str(contract_path(_file_of(namespace)))).getroot()
    except (etree.LxmlError, OSError) as error:
        raise SetupError(f"the schema of {namespace} cannot be read: {error}") from error
    return frozenset(
        str(child.get("name")) for child in schema.iterchildren("{http://www.w3.org/2001/XMLSchema}element")
    )


def _file_of(namespace: str) -> str:
    try:
        return SCHEMA_FILES[namespace]
    except KeyError:
        raise SetupError(f"the contract has no schema for {namespace}") from None
