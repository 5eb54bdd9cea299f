"""A tolerant reader of signed envelopes: it finds what is there, wherever it stands, and refuses nothing.

For explanations only: unlike the gate it searches by name and by id, as careless software does. Nothing that
it returns may be believed. Names of elements are told only when a standard or the contract has them.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, cast

from lxml import etree

from rse_gateway.contract.canonical_length import estimated_declarations
from rse_gateway.contract.namespaces import DS, EC, SOAP11, SOAP12, TRAIL, WSSE, WSU

WSU_ID: Final = f"{{{WSU}}}Id"
MAX_NODES: Final = 5_000
_MAX_DECLARATIONS: Final = 8 * 1024 * 1024  # bytes that canonicalisation may write of them for any element
_KNOWN: Final = {
    SOAP11: "soap",
    SOAP12: "soap12",
    WSSE: "wsse",
    WSU: "wsu",
    DS: "ds",
    EC: "ec",
    TRAIL: "trail",
}
_MAX_TEXT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform, or the canonicalisation of SignedInfo: algorithm and prefix list (None = none)."""

    algorithm: str
    prefixes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceRead:
    """One reference as it stands."""

    element: etree._Element
    uri: str
    transforms: tuple[Transform, ...]
    digest_method: str
    digest: bytes


@dataclass(slots=True, repr=False)
class SignatureRead:
    """What was found of one envelope; what is absent is None or empty.

    Attributes:
        counts: how often a part that may stand once stands there, by its name.
        ids: every element that carries an id, by the id, however the attribute is spelt.
        comments, instructions: whether there is a comment, or a processing instruction, anywhere.
    """

    root: etree._Element
    counts: dict[str, int] = field(default_factory=dict)
    ids: dict[str, list[etree._Element]] = field(default_factory=dict)
    body: etree._Element | None = None
    timestamp: etree._Element | None = None
    token: etree._Element | None = None
    trail: etree._Element | None = None
    signature: etree._Element | None = None
    signed_info: etree._Element | None = None
    canonicalization: Transform = field(default_factory=lambda: Transform(""))
    signature_method: str = ""
    signature_value: bytes = b""
    references: list[ReferenceRead] = field(default_factory=list)
    comments: bool = False
    instructions: bool = False


def read_tolerantly(raw: bytes) -> SignatureRead | None:
    """Return what can be found in ``raw``; None when it is no XML, brings a document type, or is a bomb.

    Nothing is fetched or expanded.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.LxmlError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None or estimated_declarations(root) > _MAX_DECLARATIONS:
        return None
    read = SignatureRead(root)
    _find_ids(read)
    _find_parts(read)
    if read.signature is not None:
        _read_signature(read, read.signature)
    return read


def place_of(element: etree._Element) -> str:
    """Return where an element stands, by names that a standard or the contract's envelope has."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None and len(steps) < 12:
        steps.append(name_of(node))
        node = node.getparent()
    return "/".join(reversed(steps))


def is_element(node: etree._Element) -> bool:
    """Tell whether a node is an element: what iterates a tree meets comments and instructions, too."""
    tag: Any = node.tag
    return isinstance(tag, str)


def is_comment(node: etree._Element) -> bool:
    """Tell whether a node is a comment."""
    tag: Any = node.tag
    return tag is etree.Comment


def is_instruction(node: etree._Element) -> bool:
    """Tell whether a node is a processing instruction."""
    tag: Any = node.tag
    return tag is etree.ProcessingInstruction


def name_of(element: etree._Element) -> str:
    """Return prefix and local name of an element of the standards; ``*`` stands for every other."""
    if not is_element(element):
        return "*"
    name = etree.QName(element)
    prefix = _KNOWN.get(name.namespace or "")
    return "*" if prefix is None else f"{prefix}:{name.localname}"[:60]


def decoded(text: str | None) -> bytes:
    """Return what Base64 stands for; empty when it stands for nothing."""
    try:
        return base64.b64decode("".join((text or "")[:_MAX_TEXT].split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def id_attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield name and value of every attribute of an element that some software takes for an id."""
    for name in cast("list[str]", element.keys()):
        if name.rpartition("}")[2].lower() == "id":
            yield name, element.get(name, "")


def _find_ids(read: SignatureRead) -> None:
    beside = (*read.root.itersiblings(preceding=True), *read.root.itersiblings())
    for count, element in enumerate(chain(beside, read.root.iter())):
        if count > MAX_NODES:
            return
        if is_comment(element):
            read.comments = True
        elif is_instruction(element):
            read.instructions = True
        elif is_element(element):
            for _, value in id_attributes(element):
                read.ids.setdefault(value, []).append(element)


def _find_parts(read: SignatureRead) -> None:
    soap = etree.QName(read.root).namespace or ""
    for name, tag in (
        ("Header", f"{{{soap}}}Header"),
        ("Body", f"{{{soap}}}Body"),
        ("Security", f"{{{WSSE}}}Security"),
        ("Signature", f"{{{DS}}}Signature"),
        ("SignedInfo", f"{{{DS}}}SignedInfo"),
        ("Timestamp", f"{{{WSU}}}Timestamp"),
        ("BinarySecurityToken", f"{{{WSSE}}}BinarySecurityToken"),
        ("trail", f"{{{TRAIL}}}trail"),
    ):
        found = list(read.root.iter(tag))
        read.counts[name] = len(found)
        first = found[0] if found else None
        if name == "Body":
            direct = read.root.find(tag)
            read.body = direct if direct is not None else first
        elif name == "Signature":
            read.signature = first
        elif name == "Timestamp":
            read.timestamp = first
        elif name == "BinarySecurityToken":
            read.token = first
        elif name == "trail":
            read.trail = first


def _read_signature(read: SignatureRead, signature: etree._Element) -> None:
    read.signature_value = decoded(signature.findtext(f"{{{DS}}}SignatureValue"))
    info = signature.find(f"{{{DS}}}SignedInfo")
    if info is None:
        return
    read.signed_info = info
    method = info.find(f"{{{DS}}}CanonicalizationMethod")
    read.canonicalization = Transform("") if method is None else _transform(method)
    read.signature_method = _algorithm(info.find(f"{{{DS}}}SignatureMethod"))
    for reference in info.findall(f"{{{DS}}}Reference")[:20]:
        transforms = tuple(_transform(one) for one in reference.iter(f"{{{DS}}}Transform"))
        read.references.append(
            ReferenceRead(
                reference,
                reference.get("URI", ""),
                transforms,
                _algorithm(reference.find(f"{{{DS}}}DigestMethod")),
                decoded(reference.findtext(f"{{{DS}}}DigestValue")),
            )
        )


def _algorithm(element: etree._Element | None) -> str:
    return "" if element is None else element.get("Algorithm", "")


def _transform(element: etree._Element) -> Transform:
    inclusive: Any = element.find(f"{{{EC}}}InclusiveNamespaces")
    prefixes = None if inclusive is None else tuple((inclusive.get("PrefixList") or "").split())
    return Transform(_algorithm(element), prefixes)
