"""Canonical forms of one part: the declared one, and those that other software may have digested instead.

Each variant names the mistake that would explain it. Everything works on copies; the tree that was read is
never changed.
"""

import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from rse_gateway.diagnosis.signature_reading import Transform, id_attributes, is_comment

EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11: Final = "http://www.w3.org/2006/12/xml-c14n11"
_WITH_COMMENTS: Final = "WithComments"
CANONICALIZATIONS: Final = frozenset({
    EXCLUSIVE, f"{EXCLUSIVE}{_WITH_COMMENTS}", INCLUSIVE, f"{INCLUSIVE}#{_WITH_COMMENTS}", INCLUSIVE_11,
    f"{INCLUSIVE_11}#{_WITH_COMMENTS}",
})  # fmt: skip
DIGESTS: Final = {
    "http://www.w3.org/2000/09/xmldsig#sha1": ("SHA-1", "sha1"),
    "http://www.w3.org/2001/04/xmlenc#sha256": ("SHA-256", "sha256"),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": ("SHA-384", "sha384"),
    "http://www.w3.org/2001/04/xmlenc#sha512": ("SHA-512", "sha512"),
    "http://www.w3.org/2001/04/xmldsig-more#md5": ("MD5", "md5"),
}
_MAX_SINGLE_CHANGES: Final = 400
_MAX_LISTS: Final = 64
_MAX_LEVELS: Final = 5


@dataclass(frozen=True, slots=True, repr=False)
class Variant:
    """Canonical bytes and the mistake that would explain them ("" = as declared).

    ``detail`` is a key of the details' words.
    """

    cause: str
    content: bytes
    detail: str = ""


def canonical(node: etree._Element, how: Transform) -> bytes | None:
    """Return ``node`` as a canonicalisation writes it; None where that is not possible."""
    algorithm = how.algorithm or INCLUSIVE
    if algorithm not in CANONICALIZATIONS:
        return None
    exclusive = algorithm.startswith(EXCLUSIVE)
    comments = algorithm.endswith(_WITH_COMMENTS)
    try:
        copy = _detached(node)
        if exclusive and how.prefixes:
            return etree.tostring(
                copy, method="c14n", exclusive=True, with_comments=comments,
                inclusive_ns_prefixes=list(how.prefixes),
            )  # fmt: skip
        return etree.tostring(copy, method="c14n", exclusive=exclusive, with_comments=comments)
    except (etree.LxmlError, ValueError):
        return None


def variants(node: etree._Element, how: Transform) -> Iterator[Variant]:
    """Yield the declared form of a part, then other forms, the likelier mistakes first."""
    declared = canonical(node, how)
    if declared is not None:
        yield Variant("", declared)
    yield from _other_methods(node, how)
    yield from _other_ids(node, how)
    yield from _other_line_ends(node, how)
    yield from _other_white_space(node, how)


def digest(algorithm: str, content: bytes) -> bytes:
    """Return the digest of ``content``; empty for an algorithm that is not known here."""
    name = DIGESTS.get(algorithm, ("", ""))[1]
    return hashlib.new(name, content, usedforsecurity=False).digest() if name else b""


def _detached(node: etree._Element) -> etree._Element:
    """Return a copy that declares itself every prefix in its scope."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, collect_ids=False)
    return etree.fromstring(etree.tostring(node, with_tail=False, encoding="UTF-8"), parser)


def _other_methods(node: etree._Element, how: Transform) -> Iterator[Variant]:
    if how.prefixes:
        yield from _made("prefix_list", node, Transform(EXCLUSIVE), "without_list")
    if how.algorithm.startswith(EXCLUSIVE):
        yield from _made("wrong_canonicalization", node, Transform(INCLUSIVE))
    else:
        yield from _made("wrong_canonicalization", node, Transform(EXCLUSIVE), "exclusive")
    scope = [prefix for prefix in node.nsmap if prefix][:_MAX_LISTS]
    lists = [tuple(scope), *((prefix,) for prefix in scope)]
    for prefixes in lists:
        if prefixes and prefixes != how.prefixes:
            yield from _made("prefix_list", node, Transform(EXCLUSIVE, prefixes), "with_list")
    for algorithm in (f"{EXCLUSIVE}{_WITH_COMMENTS}", EXCLUSIVE, f"{INCLUSIVE}#{_WITH_COMMENTS}"):
        if any(is_comment(one) for one in node.iter()) and algorithm != how.algorithm:
            yield from _made("comments", node, Transform(algorithm, how.prefixes))


def _other_ids(node: etree._Element, how: Transform) -> Iterator[Variant]:
    names = [name for name, _ in id_attributes(node)]
    if names:
        copy = _detached(node)
        for name in names:
            del copy.attrib[name]
        yield from _made("id_added_late", copy, how)


def _other_line_ends(node: etree._Element, how: Transform) -> Iterator[Variant]:
    for old, new in (("\r\n", "\n"), ("\r", ""), ("\n", "\r\n")):
        copy = _detached(node)
        changed = False
        for one in copy.iter():
            changed = _replaced(one, old, new) or changed
        if changed:
            yield from _made("line_ends", copy, how)


def _replaced(element: etree._Element, old: str, new: str) -> bool:
    changed = False
    if element.text and old in element.text:
        element.text = element.text.replace(old, new)
        changed = True
    if element.tail and old in element.tail:
        element.tail = element.tail.replace(old, new)
        changed = True
    return changed


def _other_white_space(node: etree._Element, how: Transform) -> Iterator[Variant]:
    compact = _detached(node)
    _strip_blanks(compact)
    yield from _made("white_space", compact, how, "compact")
    for inner in (False, True):
        for space in ("  ", "    ", "\t", " ", ""):
            for level in range(_MAX_LEVELS):
                yield from _made(
                    "white_space", _indented(compact, space, level, inner=inner), how, "indented"
                )
    trimmed = _detached(node)
    for element in trimmed.iter():
        if not len(element) and element.text:
            element.text = element.text.strip()
    yield from _made("white_space", trimmed, how, "trimmed")
    _strip_blanks(trimmed)
    yield from _made("white_space", trimmed, how, "trimmed")
    yield from _one_blank_less(node, how)


def _indented(compact: etree._Element, space: str, level: int, *, inner: bool) -> etree._Element:
    """Return a copy indented as printers do; ``inner``: only what stands in its children."""
    copy = deepcopy(compact)
    if not inner:
        etree.indent(copy, space=space, level=level)
        return copy
    for child in copy.iterchildren(etree.Element):  # a comment or an instruction has nothing to indent
        etree.indent(child, space=space, level=level)
    return copy


def _strip_blanks(root: etree._Element) -> None:
    for element in root.iter():
        if len(element) and element.text and not element.text.strip():
            element.text = None
        if element is not root and element.tail and not element.tail.strip():
            element.tail = None


def _one_blank_less(node: etree._Element, how: Transform) -> Iterator[Variant]:
    """Yield the forms in which one blank text, or the blanks at one end of one text, are not there."""
    count = sum(1 for _ in node.iter())
    if count > _MAX_SINGLE_CHANGES:
        return  # one copy per change: too much work for a large part
    for at in range(count):
        for name in ("text", "tail"):
            for edit in (str.lstrip, str.rstrip, lambda text: text[1:], lambda text: text[:-1]):
                copy = _detached(node)
                element = next(one for place, one in enumerate(copy.iter()) if place == at)
                text = getattr(element, name)
                if not text or (at == 0 and name == "tail"):
                    break
                shorter = edit(text)
                if shorter != text and text.replace(shorter, "", 1).strip() == "":
                    setattr(element, name, shorter or None)
                    yield from _made("white_space", copy, how, "one_blank")


def _made(cause: str, node: etree._Element, how: Transform, detail: str = "") -> Iterator[Variant]:
    content = canonical(node, how)
    if content is not None:
        yield Variant(cause, content, detail)
