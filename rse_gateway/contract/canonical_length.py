"""How long exclusive canonicalisation would make the parts of a tree, told before anything is canonicalised.

Guaranteed: a sum told here is never below the bytes that Exclusive XML Canonicalization 1.0 (without
comments) writes for any part that a signature may reference. Without it a few hundred kB of namespace
declarations become hundreds of MB before any digest is compared. Rules: security page, step G3.

A sum has two sides. What tags, attributes and escaped text can come to is read off the received bytes
(`escaped_length`). Declarations are counted where the element or one of its attributes uses the prefix, or
a PrefixList names it, and the nearest ancestor that wrote the prefix wrote something else;
`written_declarations` walks for that. Nearly every message has so few that the walk of G3 sees without it
that they do not matter.

A part is each child of the root, and in the first one, the SOAP header, every element down to SignedInfo too;
those are added up together, which only overstates them.
"""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

from rse_gateway.contract.namespaces import EC, XML

LEVELS_OF_PARTS: Final = 5
"""Envelope, Header, Security, Signature, SignedInfo: no part that a signature references stands deeper."""

_ROOT: Final = 1
_CHILD_OF_ROOT: Final = 2
_SINGLE_QUOTED: Final = re.compile(rb"=\s*'")
_TAKEN_BACK: Final = len(' xmlns=""')
_SOMETHING_ELSE: Final = " "  # no namespace: whatever is used next is written

Prefix = str | None
Declared = list[tuple[str, str]]


def escaped_length(raw: bytes) -> int:
    """Return what ``raw`` can come to in canonical form without its declarations; never too little.

    Only these grow: > in text to &gt;, " in an attribute between apostrophes to &quot;, some references by
    one character, an empty element by its end tag, and < > & in CDATA.
    """
    length = len(raw) + raw.count(b"&")
    tags = raw.count(b"<")
    if b"<![CDATA[" in raw:
        length += 4 * raw.count(b"&") + 3 * tags + 3 * raw.count(b">")
    else:
        length += 3 * max(0, raw.count(b">") - tags)
    if _SINGLE_QUOTED.search(raw, raw.find(b"?>") if raw.startswith(b"<?xml") else 0):
        length += 5 * raw.count(b'"')
    if b"/>" in raw:
        length += sum(_end_tag_length(one) for one in raw.split(b"<") if b"/>" in one)
    return length


def _end_tag_length(tag: bytes) -> int:
    """Return by how much ``<name … />`` grows; ``tag`` is what follows one < up to the next, or to the end.

    There is one empty element at most in it, however often text and attributes hold ``/>``: so telling costs
    by the tag. In CDATA there may be no name at all, as in ``</>``.
    """
    name = tag.partition(b"/>")[0].split(None, 1)
    return len(name[0]) + 2 if name else 0


def declaration_length(prefix: Prefix, namespace: str) -> int:
    """Return the length of a namespace declaration with the space before it."""
    name = len(prefix.encode()) + 1 if prefix else 0
    return (
        len(' xmlns=""')
        + name
        + len(namespace.encode())
        + 5 * namespace.count('"')
        + 4 * namespace.count("&")
    )


def listed_prefixes(root: etree._Element) -> frozenset[str]:
    """Return every prefix that a PrefixList of the tree names, for whichever part."""
    lists = root.iter(f"{{{EC}}}InclusiveNamespaces")
    return frozenset(prefix for one in lists for prefix in (one.get("PrefixList") or "").split())


class DeclarationEstimate:
    """What all declarations of a tree may come to when every element is taken to write what it may have to.

    ``length`` overstates: an element whose prefix is not its parent's, or that declares anything, is taken to
    write its own, and every attribute in a namespace the longest one for that namespace.
    """

    __slots__ = ("_known", "_lengths", "_listed", "_of_name", "length", "uses")

    def __init__(self, root: etree._Element) -> None:
        """Start before the first element."""
        self.length = self.uses = 0
        self._lengths: dict[str, int] = {XML: 0}
        self._of_name: dict[str, int] = {}
        self._known: set[tuple[str, str]] = set()
        self._listed = listed_prefixes(root)

    def is_new(self, declaration: tuple[str, str]) -> bool:
        """Take note of a declaration and return whether it is the first of its kind."""
        prefix, namespace = declaration
        known = declaration in self._known
        if known and prefix not in self._listed:
            return False
        length = declaration_length(prefix, namespace)
        if prefix in self._listed:  # written here, or where a part begins below
            self.uses += 2
            self.length += 2 * length
        if known:
            return False
        self._lengths[namespace] = max(length, self._lengths.get(namespace, 0))
        self._known.add(declaration)
        self._of_name.clear()
        return True

    @property
    def different(self) -> int:
        """Return how many different declarations were taken note of."""
        return len(self._known)

    def use_own(self, tag: str) -> None:
        """Count what an element may have to write for its own name."""
        length = self._of_name.get(tag)
        if length is None:
            length = self._of_name[tag] = self._lengths[_namespace(tag)] if tag[0] == "{" else _TAKEN_BACK
        self.uses += 1
        self.length += length

    def use_attributes(self, names: list[str]) -> None:
        """Count what the attributes of an element may make it write."""
        for name in names:
            if name[0] == "{":
                self.uses += 1
                self.length += self._lengths[_namespace(name)]


def estimated_declarations(root: etree._Element) -> int:
    """Return what the declarations of any element of a tree may come to, whichever is canonicalised."""
    estimate = DeclarationEstimate(root)
    prefixes: list[Prefix] = []
    declared = False
    for event, node in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            declared = estimate.is_new(node) or True
        elif event == "end":
            prefixes.pop()
        else:
            if declared or len(prefixes) < LEVELS_OF_PARTS or node.prefix != prefixes[-1]:
                estimate.use_own(node.tag)
                declared = False
            estimate.use_attributes(node.keys())
            prefixes.append(node.prefix)
    return estimate.length


def written_declarations(root: etree._Element, *, limit: int) -> int:
    """Return the length of the declarations that the part with the most of them writes; stop above ``limit``.

    Never too little. It is exact for a child of the root where every namespace of the tree has one prefix
    and no PrefixList is used: where a namespace has several, an attribute is taken to write the longest
    declaration anew, for lxml does not tell the prefix of an attribute; a listed prefix counts on top.
    """
    parts = _Parts(root)
    declared: Declared = []
    prefixes: list[Prefix] = []
    most = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            declared.append(node)
        elif event == "end":
            parts.leave(len(prefixes))
            prefixes.pop()
        else:
            prefix, depth = node.prefix, len(prefixes)
            prefixes.append(prefix)
            if node.attrib or declared or depth < LEVELS_OF_PARTS or prefix != prefixes[-2]:
                parts.enter(node, depth + 1, declared)
                declared = []
                if parts.length > most:
                    most = parts.length
                    if most > limit:
                        break
    return most


class _Parts:
    """What the parts of one tree have written so far; ``length`` is that of the part that is open."""

    __slots__ = (
        "_changed", "_in_header", "_listed", "_longest", "_prefix_of", "_saved", "_seen_header", "_written",
        "length",
    )  # fmt: skip

    def __init__(self, root: etree._Element) -> None:
        self.length = 0
        self._listed = listed_prefixes(root)
        self._in_header = self._seen_header = False
        self._longest = 0
        self._prefix_of: dict[str, str | None] = {}
        self._written: dict[Prefix, str] = {}
        self._changed: dict[int, list[tuple[Prefix, str | None]]] = {}
        self._saved: dict[int, dict[Prefix, str]] = {}

    def enter(self, node: etree._Element, depth: int, declared: Declared) -> None:
        if declared:
            self._remember(declared)
        if depth == _ROOT:
            return
        used: dict[Prefix, str] = {node.prefix: _namespace(node.tag)}
        if depth == _CHILD_OF_ROOT or (self._in_header and depth <= LEVELS_OF_PARTS):
            self._begin(node, depth)
        elif self._listed:
            self._write_listed(declared)
        for name in node.keys():  # noqa: SIM118 -- an element iterates children
            if name[0] == "{":
                self._use_attribute(_namespace(str(name)), used)
        for prefix, namespace in used.items():
            before = self._written.get(prefix)
            if before != namespace and (before is not None or namespace):
                self._changed.setdefault(depth, []).append((prefix, before))
                self._written[prefix] = namespace
                self.length += declaration_length(prefix, namespace)

    def leave(self, depth: int) -> None:
        for prefix, before in self._changed.pop(depth, ()):
            if before is None:
                del self._written[prefix]
            else:
                self._written[prefix] = before
        self._written = self._saved.pop(depth, self._written)
        if depth == _CHILD_OF_ROOT:
            self._in_header = False

    def _begin(self, node: etree._Element, depth: int) -> None:
        """Start a part of its own: nothing is written yet."""
        self._saved[depth] = self._written
        if depth == _CHILD_OF_ROOT:
            self._in_header, self._seen_header = not self._seen_header, True
            self.length = 0
            self._written = {}
        else:  # it is also within its parent, whose default namespace it may have to take back
            self._written = {None: _SOMETHING_ELSE}
        if self._listed:
            self._write_listed(node.nsmap.items())

    def _write_listed(self, declarations: Iterable[tuple[Prefix, str]]) -> None:
        """Count listed prefixes where they come into scope, beside their uses: not every part lists them."""
        for prefix, namespace in declarations:
            if prefix in self._listed:
                self.length += declaration_length(prefix, namespace)

    def _remember(self, declared: Declared) -> None:
        """Remember which prefix stands for a namespace; None when there are several."""
        for prefix, namespace in declared:
            self._longest = max(self._longest, declaration_length(prefix, namespace))
            if prefix and self._prefix_of.get(namespace, prefix) != prefix:
                self._prefix_of[namespace] = None
            elif prefix:
                self._prefix_of[namespace] = prefix

    def _use_attribute(self, namespace: str, used: dict[Prefix, str]) -> None:
        if namespace == XML:
            return
        prefix = self._prefix_of.get(namespace)
        if prefix is None:
            self.length += self._longest
        else:
            used[prefix] = namespace


def _namespace(name: str) -> str:
    return name[1 : name.index("}")] if name[0] == "{" else ""
