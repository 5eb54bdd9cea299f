"""Bytes → tree, for bytes nobody has vouched for: steps G1, G2 and G3 of the gate.

Guaranteed of a tree that comes out: it was strict UTF-8 and XML 1.0 without a document type, so nothing was
expanded, fetched or defaulted while parsing; it is within its bounds; it holds elements, attributes and text
only (no comment, no processing instruction), in absolute namespaces. Not guaranteed: who sent it, or that it
follows any schema. Rules: security page, "The gate"; contract page, check 1.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from rse_gateway.contract import text_faults
from rse_gateway.contract.canonical_length import (
    LEVELS_OF_PARTS,
    DeclarationEstimate,
    escaped_length,
    written_declarations,
)
from rse_gateway.errors import EdgeRefused

_DECLARATION: Final = re.compile(
    rb"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')"""
    rb"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"utf-8"|'utf-8'))?"""
    rb"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>""",
    re.IGNORECASE,
)
_DECLARATION_START: Final = re.compile(rb"[ \t\r\n]*<\?xml[ \t\r\n?]", re.IGNORECASE)
_DOCTYPE: Final = re.compile(rb"<![ \t\r\n]*DOCTYPE", re.IGNORECASE)
_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.", re.ASCII)
_START_TAG: Final = re.compile(rb"<!\[CDATA\[.*?\]\]>|<(?=[^/!?])", re.DOTALL)
_MAX_DIFFERENT: Final = 2_048  # declarations of a message: each that is new costs as much as several elements
_WORST_ESCAPE: Final = 6  # bytes of one: a quotation mark in an attribute becomes &quot;
_MAX_NAMESPACE: Final = 1_024  # characters: lxml copies it into the name of every element and attribute
_FREE_ATTRIBUTES: Final = (
    2_048  # and declarations: any further one weighs as an element, for it costs as much
)
_MAX_WALKED: Final = 5_000  # uses of a prefix; above it the estimate counts, so that telling stays cheap
CANONICAL_GROWTH: Final = 2  # how many times ``max_bytes`` a part may have in canonical form
_WALK_EVENTS: Final = ("start", "end", "start-ns", "comment", "pi")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a message may be; bytes and elements depend on the operation.

    Attributes:
        max_bytes: of the received text.
        max_elements: of the whole envelope.
        max_depth: the root has depth 1.
        max_attributes: per element, namespace declarations not counted.
        max_declarations: of namespaces, per element.
    """

    max_bytes: int
    max_elements: int
    max_depth: int = 32
    max_attributes: int = 16
    max_declarations: int = 64


def parse_unverified(raw: bytes, bounds: Bounds) -> etree._Element:
    """Return the root of ``raw``, of which only form and size have been checked.

    Raises:
        EdgeRefused: G1 (bytes), G2 (not well-formed) or G3 (bounds); the reason quotes nothing of the text.
    """
    check_bytes(raw, bounds)
    root = build_tree(raw)
    check_tree(root, bounds, raw)
    return root


def check_bytes(raw: bytes, bounds: Bounds) -> None:
    """Refuse (G1) bytes that are no plain XML 1.0 in UTF-8, or plainly too many.

    Raises:
        EdgeRefused: step G1.
    """
    if len(raw) > bounds.max_bytes:
        raise EdgeRefused("G1", "more bytes than the operation allows", status=413)
    if raw.startswith(b"\xef\xbb\xbf"):
        raise text_faults.at(raw, 0, "text_byte_order_mark", "byte order mark")
    if b"\x00" in raw:
        if text_faults.is_wide(raw):
            raise text_faults.at(raw, 0, "text_wide", "UTF-16 or UTF-32 instead of UTF-8")
        raise text_faults.at(raw, raw.index(b"\x00"), "text_nul", "NUL byte")
    try:
        raw.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        place = error.start  # the original text would quote the message
        raise text_faults.at(raw, place, "text_not_utf8", "not UTF-8") from None
    _check_declaration_of_xml(raw)
    if b"<!" in raw and (found := _DOCTYPE.search(raw)):
        raise text_faults.at(raw, found.start(), "text_document_type", "document type declaration")
    tags, attributes = raw.count(b"<"), raw.count(b"=")
    if tags + 2 * max(0, attributes - _FREE_ATTRIBUTES) > 2 * bounds.max_elements:
        raise EdgeRefused("G1", "more tags, attributes or declarations than the operation allows")


def _check_declaration_of_xml(raw: bytes) -> None:
    if not _DECLARATION_START.match(raw) or _DECLARATION.match(raw):
        return
    space = text_faults.space_before_declaration(raw)
    if space:
        raise text_faults.at(raw, space, "text_space_first", "white space before the XML declaration")
    reason = "XML declaration other than version 1.0 in UTF-8"
    raise text_faults.at(raw, 0, "text_declaration", reason)


def build_tree(raw: bytes) -> etree._Element:
    """Return the root of ``raw`` (G2): nothing is fetched, expanded or repaired on the way.

    Every call has a parser of its own: it costs 2 µs and shares no lock and no state between threads.

    Raises:
        EdgeRefused: step G2, not well-formed or beyond libxml2's own limits.
    """
    parser = etree.XMLParser(
        encoding="UTF-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=False,
        remove_pis=False,
        remove_blank_text=False,
        strip_cdata=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.LxmlError, ValueError) as error:
        raise text_faults.not_well_formed(raw, error) from None  # libxml2 quotes names of the message
    if root.getroottree().docinfo.internalDTD is not None:
        raise EdgeRefused("G2", "document type declaration")
    return root


def check_tree(root: etree._Element, bounds: Bounds, raw: bytes) -> None:
    """Refuse (G3) a tree that is out of bounds or holds what no message needs, in one walk.

    ``raw`` is the text that the tree was read from. What canonicalisation can make of its parts is bounded
    too, before anything is canonicalised; only where that comes near the bound the tree is walked again.

    Raises:
        EdgeRefused: step G3.
    """
    if root.getprevious() is not None or root.getnext() is not None:
        raise EdgeRefused("G3", "comment or processing instruction beside the root")
    estimate = DeclarationEstimate(root)
    max_elements, max_attributes, max_open = bounds.max_elements, bounds.max_attributes, bounds.max_depth - 1
    elements = declarations = 0
    prefixes: list[str | None] = []  # of the open elements
    for event, node in etree.iterwalk(root, events=_WALK_EVENTS):
        if event == "start":
            elements += 1
            attributes, prefix, depth = node.keys(), node.prefix, len(prefixes)
            if elements > max_elements or depth > max_open or len(attributes) > max_attributes:
                raise EdgeRefused("G3", "too many elements, attributes on one, or levels")
            if declarations or depth < LEVELS_OF_PARTS or prefix != prefixes[-1]:
                declarations = 0
                estimate.use_own(node.tag)
            if attributes:
                estimate.use_attributes(attributes)
            prefixes.append(prefix)
        elif event == "end":
            prefixes.pop()
        elif event == "start-ns":
            declarations += 1
            if declarations > bounds.max_declarations or estimate.is_new(node):
                _check_declaration(node[1], declarations, bounds, different=estimate.different)
        else:
            raise EdgeRefused("G3", "comment or processing instruction")
    _check_canonical_length(root, bounds, raw, estimate)


def _check_declaration(namespace: str, declarations: int, bounds: Bounds, *, different: int) -> None:
    if declarations > bounds.max_declarations:
        raise EdgeRefused("G3", "too many namespace declarations on one element")
    if different > _MAX_DIFFERENT:
        raise EdgeRefused("G3", "too many different namespace declarations")
    if namespace and not _ABSOLUTE_URI.match(namespace):
        raise EdgeRefused("G3", "relative namespace")
    if len(namespace) > _MAX_NAMESPACE:
        raise EdgeRefused("G3", "namespace too long")


def _check_canonical_length(
    root: etree._Element, bounds: Bounds, raw: bytes, estimate: DeclarationEstimate
) -> None:
    """Refuse (G3) a tree of which canonicalisation may make too much, in the last resort by another walk."""
    limit = CANONICAL_GROWTH * bounds.max_bytes
    if _WORST_ESCAPE * len(raw) + estimate.length <= limit:
        return
    room = limit - escaped_length(raw)
    if estimate.length <= room:
        return
    if estimate.uses > _MAX_WALKED or written_declarations(root, limit=room) > room:
        raise EdgeRefused("G3", "canonicalisation would make a part too long")


def element_lines(raw: bytes) -> tuple[int, ...]:
    """Return the 1-based line of every start tag of ``raw``, in document order.

    For texts that passed `parse_unverified`: without comments, instructions and document type every ``<``
    outside CDATA opens a tag, so this is exact also beyond line 65,535, where libxml2 stops counting.
    """
    lines: list[int] = []
    line, counted_to = 1, 0
    for tag in _START_TAG.finditer(raw):
        line += raw.count(b"\n", counted_to, tag.start())
        counted_to = tag.start()
        if tag.end() - tag.start() == 1:
            lines.append(line)
    return tuple(lines)
