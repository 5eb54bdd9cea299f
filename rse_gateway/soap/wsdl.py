"""The contract's files as they are served: exactly the files, with the address filled in and nothing else.

Two variants of one service. ``?wsdl`` holds every schema inside ``wsdl:types``, once each, so that one
document is enough for every toolkit. ``?wsdl=import`` keeps the schemas apart: their locations point at
``?xsd=<path>`` of the same address. Nothing is generated: what a file says is copied, and a test compares
the components of both variants with those of the files.

All documents are put together when the gateway starts; a request only has the address filled in.
"""

import re
from copy import deepcopy
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from rse_gateway.errors import EdgeRefused, SetupError
from rse_gateway.soap.endpoints import ENDPOINTS, Endpoint

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_ADDRESS: Final = re.compile(rb"""(<soap:address\s+location=)("[^"]*"|'[^']*')""")
_LOCATION: Final = re.compile(rb"""(\sschemaLocation=)("[^"]*"|'[^']*')""")
_TYPES: Final = re.compile(rb"(<wsdl:types>).*?(</wsdl:types>)", re.DOTALL)
_BASE: Final = re.compile(
    r"https?://(?:[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[\w./\-]*)?", re.ASCII
)
_MARK: Final = b"@@address@@"


class ContractFiles:
    """The WSDL and XSD documents of every endpoint, ready to be served."""

    def __init__(self, folder: Path, *, public_url: str = "") -> None:
        """Read everything under ``folder`` (which holds ``wsdl/`` and ``xsd/``).

        Args:
            folder: where the contract's files are.
            public_url: what the address starts with; empty = what the caller used.

        Raises:
            SetupError: a file is missing or cannot be put together; which one and why.
        """
        if public_url and not _BASE.fullmatch(public_url):
            raise SetupError("setting public_url: http(s)://host[:port][/path] expected")
        self._public_url = public_url.rstrip("/")
        self._schemas = {
            file.relative_to(folder / "xsd").as_posix(): file.read_bytes()
            for file in sorted((folder / "xsd").rglob("*.xsd"))
        }
        self._documents: dict[tuple[str, str, str], bytes] = {}
        for endpoint in ENDPOINTS:
            self._put_together(endpoint, folder)

    def document(self, endpoint: Endpoint, kind: str, variant: str, *, host: str) -> bytes:
        """Return one document with the address filled in.

        Args:
            endpoint: whose document.
            kind: ``wsdl`` or ``xsd``.
            variant: of a WSDL: empty (schemas inside) or ``import``; of an XSD: its path.
            host: scheme and host that the caller used, for example ``http://localhost:8080``.

        Raises:
            EdgeRefused: there is no such document, or the host is none.
        """
        document = self._documents.get((endpoint.path, kind, variant))
        if document is None:
            raise EdgeRefused("G0", "no such document of the contract")
        base = self._public_url or host
        if not _BASE.fullmatch(base):
            raise EdgeRefused("G0", "malformed Host", status=400)
        return document.replace(_MARK, f"{base}{endpoint.path}".encode())

    def _put_together(self, endpoint: Endpoint, folder: Path) -> None:
        file = folder / "wsdl" / endpoint.wsdl_file
        try:
            text = file.read_bytes()
        except OSError as error:
            raise SetupError(f"contract file {file}: cannot be read ({error.strerror})") from error
        wsdl, found = _ADDRESS.subn(rb'\1"' + _MARK + rb'"', text)
        if found != 1:
            raise SetupError(f"contract file {file}: exactly one soap:address expected")
        entries = {_resolve("../wsdl", location) for location in _locations(wsdl)}
        needed = self._closure(entries, file)
        self._documents[endpoint.path, "wsdl", "import"] = _point_at_us(wsdl, "../wsdl")
        self._documents[endpoint.path, "wsdl", ""] = _inline(
            wsdl, {path: self._schemas[path] for path in needed}
        )
        for path in needed:
            parent = PurePosixPath(path).parent.as_posix()
            self._documents[endpoint.path, "xsd", path] = _point_at_us(self._schemas[path], parent)

    def _closure(self, entries: set[str], file: Path) -> tuple[str, ...]:
        found: set[str] = set()
        waiting = sorted(entries)
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            if path not in self._schemas:
                raise SetupError(f"contract file {file}: needs xsd/{path}, which is not there")
            found.add(path)
            parent = PurePosixPath(path).parent.as_posix()
            waiting += [_resolve(parent, location) for location in _locations(self._schemas[path])]
        return tuple(sorted(found))


def _locations(text: bytes) -> list[str]:
    root = etree.fromstring(text)
    return [str(node.get("schemaLocation")) for node in root.iter(f"{_XS}import", f"{_XS}include")]


def _resolve(parent: str, location: str) -> str:
    """Return the path below ``xsd/`` that ``location`` means in a file of ``parent``."""
    return normpath(f"{parent}/{location}").removeprefix("../xsd/")


def _point_at_us(text: bytes, parent: str) -> bytes:
    def replace(found: re.Match[bytes]) -> bytes:
        path = _resolve(parent, found[2][1:-1].decode())
        return found[1] + quoteattr(f"{_MARK.decode()}?xsd={path}").encode()

    return _LOCATION.sub(replace, text)


def _inline(wsdl: bytes, schemas: dict[str, bytes]) -> bytes:
    """Return the WSDL with all schemas inside: includes merged, imports without location.

    The schemas are put in as text: lxml drops a prefix that only attribute values use when it moves a node
    under an ancestor that binds the same namespace to another prefix.
    """
    trees = {path: etree.fromstring(text) for path, text in schemas.items()}
    included = {
        _resolve(PurePosixPath(path).parent.as_posix(), str(node.get("schemaLocation")))
        for path, tree in trees.items()
        for node in tree.iter(f"{_XS}include")
    }
    texts = [
        etree.tostring(_merged(path, trees), encoding="unicode").strip().encode()
        for path in sorted(trees)
        if path not in included
    ]
    inlined, found = _TYPES.subn(lambda types: types[1] + b"\n" + b"\n".join(texts) + b"\n" + types[2], wsdl)
    if found != 1:
        raise SetupError("contract: a WSDL without wsdl:types")
    return inlined


def _merged(path: str, trees: dict[str, etree._Element]) -> etree._Element:
    """Return the schema with what it includes (same prefixes, one level) and imports without location."""
    schema = deepcopy(trees[path])
    while (include := schema.find(f"{_XS}include")) is not None:
        other_path = _resolve(PurePosixPath(path).parent.as_posix(), str(include.get("schemaLocation")))
        other = deepcopy(trees[other_path])
        if other.nsmap != schema.nsmap or sorted(other.items()) != sorted(schema.items()):
            raise SetupError(f"contract file xsd/{other_path}: prefixes and attributes unlike xsd/{path}")
        if other.find(f"{_XS}include") is not None:
            raise SetupError(f"contract file xsd/{other_path}: an included file includes nothing itself")
        place = schema.index(include)
        schema.remove(include)
        for node in reversed([child for child in other if child.tag == f"{_XS}import"]):
            schema.insert(place, node)
        schema.extend([child for child in other if child.tag not in (f"{_XS}import", f"{_XS}annotation")])
    seen: set[str | None] = set()
    for node in schema.findall(f"{_XS}import"):
        if (namespace := node.get("namespace")) in seen:
            schema.remove(node)
        seen.add(namespace)
        if "schemaLocation" in node.attrib:
            del node.attrib["schemaLocation"]
    return schema
