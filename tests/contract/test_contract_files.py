"""The files of the contract parse and compile, offline, and the standard ones are the pinned ones."""

import hashlib
import re
import socket
from pathlib import Path

import pytest
from contract_files import (
    ALL_FILES,
    STANDARD_FILES,
    WSDL,
    XS,
    XSD,
    LocalFilesOnly,
    NetworkRefusedError,
    lxml_schema,
    parse,
    xmlschema_schema,
)
from lxml import etree


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise NetworkRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_list_names_every_schema_file_in_the_tree() -> None:
    assert sorted(ALL_FILES) == sorted(path.relative_to(XSD).as_posix() for path in XSD.rglob("*.xsd"))


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_schema_compiles_with_libxml2_without_network(name: str) -> None:
    assert lxml_schema(name) is not None


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_schema_compiles_with_xmlschema_from_local_files_only(name: str) -> None:
    assert xmlschema_schema(name).built


@pytest.mark.parametrize("path", sorted(WSDL.glob("*.wsdl")), ids=lambda path: path.name)
def test_a_wsdl_parses_and_imports_only_files_that_stand_beside_it(path: Path) -> None:
    tree = parse(path)
    places = [node.get("schemaLocation") for node in tree.iter(f"{XS}import", f"{XS}include")]
    assert places
    assert all(place and place.startswith("../xsd/") and (WSDL / place).is_file() for place in places)


@pytest.mark.parametrize("name", ALL_FILES)
def test_every_import_and_include_is_a_relative_path_to_a_file_of_the_tree(name: str) -> None:
    for node in parse(XSD / name).iter(f"{XS}import", f"{XS}include", f"{XS}redefine"):
        place = node.get("schemaLocation")
        assert place is not None
        assert "://" not in place
        assert ((XSD / name).parent / place).resolve().is_relative_to(XSD)


@pytest.mark.parametrize("name", ALL_FILES)
def test_no_schema_has_a_document_type(name: str) -> None:
    assert parse(XSD / name).docinfo.internalDTD is None


def test_the_refusing_resolver_does_refuse() -> None:
    parser = etree.XMLParser()
    parser.resolvers.add(LocalFilesOnly())
    source = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        '<xs:include schemaLocation="http://localhost/elsewhere.xsd"/></xs:schema>'
    )
    with pytest.raises((etree.XMLSchemaParseError, NetworkRefusedError)):
        etree.XMLSchema(etree.fromstring(source, parser))


@pytest.mark.parametrize("name", STANDARD_FILES)
def test_a_standard_schema_has_the_digest_that_the_readme_pins(name: str) -> None:
    readme = (XSD / "README.md").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"\| `([^`]+\.xsd)` \|[^\n]*\| `([0-9a-f]{64})` \|", readme))
    assert pinned[name] == hashlib.sha256((XSD / name).read_bytes()).hexdigest()


def test_the_readme_names_every_folder() -> None:
    readme = (XSD / "README.md").read_text(encoding="utf-8")
    folders = [path.name for path in XSD.iterdir() if path.is_dir()]
    assert [name for name in folders if f"`{name}/`" not in readme] == []
