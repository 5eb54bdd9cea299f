"""The XSD files as the pages need them: types, elements in order, how often, and what they mean.

Reads the files under `xsd/` that this project wrote (not `external/`). It knows exactly the parts of XML
Schema that they use and refuses anything else, so that nothing can be left out of the pages in silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

XS = "http://www.w3.org/2001/XMLSchema"
LANGUAGES = ("fr", "nl")
_SOURCE_MARK = " Source : "
_FACETS = frozenset(
    {"length", "minLength", "maxLength", "minInclusive", "maxInclusive", "fractionDigits", "pattern"}
)


class UnknownSchemaPart(Exception):
    """The XSD uses something that the pages cannot show yet."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a type, an element or a code means, by language, and its source in French."""

    texts: dict[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A form of values.

    Attributes:
        base: local name of the built-in type.
        facets: facet → value, the pattern included.
        codes: of a code list, each value with its label.
    """

    name: str
    meaning: Meaning
    base: str
    facets: dict[str, str]
    codes: tuple[tuple[str, Meaning], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An element or attribute within a block.

    Attributes:
        name: with ``@`` for an attribute.
        type_name: Clark notation.
        branch: which possibility of the block's choice, 0 when it is no choice.
    """

    name: str
    type_name: str
    least: int
    most: int
    branch: int
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class ComplexType:
    """A block of elements; ``base`` is the block whose members it takes over, if any."""

    name: str
    meaning: Meaning
    members: tuple[Member, ...]
    base: str | None


@dataclass(frozen=True, slots=True)
class Root:
    """A global element: the root of a message, of a fault's detail, or the trail header."""

    name: str
    type_name: str
    meaning: Meaning


@dataclass(slots=True)
class Contract:
    """All types and global elements, by Clark name, in the order of the files."""

    simple: dict[str, SimpleType] = field(default_factory=dict)
    complex: dict[str, ComplexType] = field(default_factory=dict)
    roots: dict[str, Root] = field(default_factory=dict)

    def members(self, type_name: str) -> tuple[Member, ...]:
        """Return the members of a block, those that it takes over first."""
        block = self.complex[type_name]
        inherited = () if block.base is None else self.members(block.base)
        return (*inherited, *block.members)


def local(name: str) -> str:
    """Return a Clark name without its namespace."""
    return name.rpartition("}")[2]


def read_contract(folder: Path) -> Contract:
    """Return everything that the project's own XSD files define.

    Raises:
        UnknownSchemaPart: a construction that the pages cannot show.
    """
    contract = Contract()
    for file in sorted(folder.glob("*/*.xsd")):
        if file.parent.name != "external":
            _read_file(etree.parse(file).getroot(), contract)
    return contract


def _read_file(schema: etree._Element, contract: Contract) -> None:
    namespace = schema.get("targetNamespace")
    for node in _elements(schema):
        kind = local(str(node.tag))
        name = f"{{{namespace}}}{node.get('name')}"
        if kind == "simpleType":
            contract.simple[name] = _simple(node)
        elif kind == "complexType":
            contract.complex[name] = _complex(node)
        elif kind == "element":
            contract.roots[name] = Root(str(node.get("name")), _clark(node, "type"), _meaning(node))
        elif kind not in ("annotation", "include", "import"):
            raise UnknownSchemaPart(f"{kind} at the top of a schema")


def _elements(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str))


def _parts(node: etree._Element) -> list[etree._Element]:
    return [child for child in _elements(node) if local(str(child.tag)) != "annotation"]


def _clark(node: etree._Element, attribute: str) -> str:
    prefix, _, name = str(node.get(attribute)).rpartition(":")
    return f"{{{node.nsmap[prefix or None]}}}{name}"


def _meaning(node: etree._Element) -> Meaning:
    texts = {}
    for language in LANGUAGES:
        found = node.findall(
            f"{{{XS}}}annotation/{{{XS}}}documentation[@{{http://www.w3.org/XML/1998/namespace}}lang='{language}']"
        )
        if len(found) != 1 or not found[0].text:
            raise UnknownSchemaPart(f"{node.get('name') or node.get('value')}: no single {language} text")
        texts[language] = " ".join(found[0].text.split())
    texts["fr"], _, source = texts["fr"].partition(_SOURCE_MARK)
    return Meaning(texts, source.removesuffix("."))


def _simple(node: etree._Element) -> SimpleType:
    (restriction,) = _parts(node)
    if local(str(restriction.tag)) != "restriction":
        raise UnknownSchemaPart(f"{node.get('name')}: a simple type that is no restriction")
    facets: dict[str, str] = {}
    codes = []
    for part in _parts(restriction):
        kind, value = local(str(part.tag)), str(part.get("value"))
        if kind == "enumeration":
            codes.append((value, _meaning(part)))
        elif kind in _FACETS and kind not in facets:
            facets[kind] = value
        else:
            raise UnknownSchemaPart(f"{node.get('name')}: facet {kind}")
    base = _clark(restriction, "base")
    if not base.startswith(f"{{{XS}}}"):
        raise UnknownSchemaPart(f"{node.get('name')}: stands on a type of our own")
    return SimpleType(str(node.get("name")), _meaning(node), local(base), facets, tuple(codes))


def _complex(node: etree._Element) -> ComplexType:
    members: list[Member] = []
    base = None
    for part in _parts(node):
        kind = local(str(part.tag))
        if kind in ("sequence", "choice"):
            members += _group(part, branch=0)
        elif kind == "attribute":
            members.append(_attribute(part))
        elif kind == "complexContent":
            (extension,) = _parts(part)
            if local(str(extension.tag)) != "extension" or _parts(extension):
                raise UnknownSchemaPart(f"{node.get('name')}: more than an unchanged extension")
            base = _clark(extension, "base")
        else:
            raise UnknownSchemaPart(f"{node.get('name')}: {kind}")
    return ComplexType(str(node.get("name")), _meaning(node), tuple(members), base)


def _group(group: etree._Element, branch: int) -> Iterator[Member]:
    if group.get("minOccurs", "1") != "1" or group.get("maxOccurs", "1") != "1":
        raise UnknownSchemaPart("a group that repeats or may be absent")
    choice = local(str(group.tag)) == "choice"
    if choice and branch:
        raise UnknownSchemaPart("a choice within a choice")
    for number, part in enumerate(_parts(group), start=1):
        kind = local(str(part.tag))
        within = number if choice else branch
        if kind == "element":
            yield _member(part, within)
        elif kind in ("sequence", "choice"):
            yield from _group(part, within)
        else:
            raise UnknownSchemaPart(f"{kind} in a group")


def _member(node: etree._Element, branch: int) -> Member:
    least, most = int(node.get("minOccurs", "1")), int(node.get("maxOccurs", "1"))
    return Member(str(node.get("name")), _clark(node, "type"), least, most, branch, _meaning(node))


def _attribute(node: etree._Element) -> Member:
    if node.get("ref") != "wsu:Id":
        raise UnknownSchemaPart("an attribute other than wsu:Id")
    least = int(node.get("use") == "required")
    return Member("@wsu:Id", f"{{{XS}}}ID", least, 1, 0, _meaning(node))
