"""Each reference of a signature: which part it names, which digest it has, and why that one differs."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from rse_gateway.diagnosis.canonical_variants import (
    CANONICALIZATIONS,
    DIGESTS,
    EXCLUSIVE,
    Variant,
    canonical,
    digest,
    variants,
)
from rse_gateway.diagnosis.causes import Cause, detail
from rse_gateway.diagnosis.signature_reading import (
    MAX_NODES,
    WSU_ID,
    ReferenceRead,
    SignatureRead,
    Transform,
    id_attributes,
    is_element,
    name_of,
    place_of,
)
from rse_gateway.security.signature import ENVELOPED_SIGNATURE, SHA256

_DEMANDED: Final = ("Body", "Timestamp", "trail", "BinarySecurityToken")


@dataclass(frozen=True, slots=True, repr=False)
class ReferenceExplained:
    """One reference.

    Attributes:
        uri: as it stands.
        places: where the parts stand that the id names (one, if all is well).
        expected, found: digests, Base64; ``found`` is "" where nothing could be digested.
        content: the canonical bytes that were digested.
        match: details of the other form under which the digest would be right; "" where there is none.
    """

    uri: str
    places: tuple[str, ...]
    transforms: tuple[str, ...]
    digest_method: str
    expected: str
    found: str
    content: bytes
    match: tuple[str, str]
    causes: tuple[Cause, ...]
    node: etree._Element | None

    @property
    def right(self) -> bool:
        """Tell whether the digest is right as declared."""
        return bool(self.found) and self.found == self.expected

    def values(self, language: str) -> dict[str, Any]:
        """Return it for machines."""
        cause, words = self.match
        return {
            "uri": self.uri,
            "places": list(self.places),
            "transforms": list(self.transforms),
            "digestMethod": self.digest_method,
            "digestExpected": self.expected,
            "digestFound": self.found,
            "right": self.right,
            "matchesWith": {"cause": cause, "detail": detail(words, language) if words else ""}
            if cause
            else None,
            "causes": [one.values(language) for one in self.causes],
        }


def explain_reference(read: SignatureRead, reference: ReferenceRead) -> ReferenceExplained:
    """Return what there is to say of one reference."""
    name = reference.uri.removeprefix("#")
    nodes = read.ids.get(name, []) if reference.uri.startswith("#") and name else []
    how = next((one for one in reference.transforms if one.algorithm in CANONICALIZATIONS), Transform(""))
    node = next((one for one in nodes if _positioned(read, one)), nodes[0] if nodes else None)
    content = b"" if node is None else canonical(node, how) or b""
    found = digest(reference.digest_method, content) if content else b""
    causes = list(_stated(reference))
    if len(nodes) > 1:
        causes.append(Cause("id_duplicate", (_shown(name), str(len(nodes)))))
    match = ("", "")
    if node is None:
        causes.append(_without_node(read, reference, name, how))
    elif found != reference.digest:
        match, cause = _difference(read, reference, node, how)
        causes.append(cause)
    return ReferenceExplained(
        uri=reference.uri[:80],
        places=tuple(place_of(one) for one in nodes[:5]),
        transforms=tuple(_transform_text(one) for one in reference.transforms),
        digest_method=reference.digest_method[:120],
        expected=base64.b64encode(reference.digest).decode("ascii"),
        found=base64.b64encode(found).decode("ascii"),
        content=content,
        match=match,
        causes=tuple(causes),
        node=node,
    )


def coverage_causes(read: SignatureRead, references: list[ReferenceExplained]) -> Iterator[Cause]:
    """Yield a cause for each part that has to be covered and is not."""
    covered = [one.node for one in references if one.node is not None]
    parts = dict(zip(_DEMANDED, (read.body, read.timestamp, read.trail, read.token), strict=True))
    for name, part in parts.items():
        if part is not None and not any(node is part for node in covered):
            yield Cause("not_covered", (name,))


def _positioned(read: SignatureRead, node: etree._Element) -> bool:
    return any(node is part for part in (read.body, read.timestamp, read.token, read.trail))


def _stated(reference: ReferenceRead) -> Iterator[Cause]:
    """Yield what the reference itself states wrongly, whatever its digest."""
    if reference.digest_method != SHA256:
        yield Cause("algorithm", (_short(reference.digest_method),))
    for one in reference.transforms:
        if one.algorithm in CANONICALIZATIONS and not one.algorithm.startswith(EXCLUSIVE):
            yield Cause("wrong_canonicalization", (_shown(reference.uri),))
        elif one.algorithm not in (*CANONICALIZATIONS, ENVELOPED_SIGNATURE):
            yield Cause("transform", (_short(one.algorithm),))
        elif one.algorithm.endswith("WithComments"):
            yield Cause("comments", (_shown(reference.uri),))
    if not reference.transforms:
        yield Cause("wrong_canonicalization", (_shown(reference.uri),))


def _difference(
    read: SignatureRead, reference: ReferenceRead, node: etree._Element, how: Transform
) -> tuple[tuple[str, str], Cause]:
    """Return the form under which the digest is right, and the cause that follows from it."""
    moved = _digested_elsewhere(read, reference, node, how)
    if moved is not None:
        name = reference.uri.removeprefix("#")
        return ("id_moved", ""), Cause("id_moved", (_shown(name), place_of(node), place_of(moved)))
    for variant in variants(node, how):
        hit = _hit(reference, variant, node)
        if hit is not None:
            return (hit.key, variant.detail), hit
    if node is read.token:
        return ("", ""), Cause("certificate_swapped")
    return ("", ""), Cause("content_changed", (name_of(node),))


def _hit(reference: ReferenceRead, variant: Variant, node: etree._Element) -> Cause | None:
    """Return the cause that a form of the part explains, None when it does not have the digest."""
    name = name_of(node)
    if variant.cause and digest(reference.digest_method, variant.content) == reference.digest:
        if variant.cause in ("white_space", "prefix_list"):
            return Cause(variant.cause, (name, f"={variant.detail}"))
        return Cause(variant.cause, (name,))
    for algorithm, (words, _) in DIGESTS.items():
        other = digest(algorithm, variant.content)
        if other == reference.digest and algorithm != reference.digest_method:
            return Cause("digest_algorithm", (name, words))
        if other.hex().encode() == reference.digest.lower():
            return Cause("digest_encoding", (name,))
    return None


def _digested_elsewhere(
    read: SignatureRead, reference: ReferenceRead, named: etree._Element, how: Transform
) -> etree._Element | None:
    """Return another element of the document that has the digest, as it stands or with the id instead."""
    name = reference.uri.removeprefix("#")
    for count, element in enumerate(read.root.iter()):
        if count > MAX_NODES:
            return None
        if element is named or not is_element(element) or element is read.root:
            continue
        if not (_carries_id(element) or element.getparent() is read.body or element is read.body):
            continue
        if _has_digest(reference, element, name, how) or _has_without(reference, element, named, name, how):
            return element
    return None


def _has_digest(reference: ReferenceRead, element: etree._Element, name: str, how: Transform) -> bool:
    return any(
        digest(reference.digest_method, content) == reference.digest
        for content in _with_id(element, name, how)
    )


def _has_without(
    reference: ReferenceRead, element: etree._Element, named: etree._Element, name: str, how: Transform
) -> bool:
    """Tell the same of an element that holds ``named``, while that one does not carry the id."""
    if not any(one is element for one in named.iterancestors()):
        return False
    carried = [(key, value) for key, value in id_attributes(named) if value == name]
    for key, _ in carried:
        del named.attrib[key]
    try:
        return _has_digest(reference, element, name, how)
    finally:
        for key, value in carried:
            named.set(key, value)


def _without_node(read: SignatureRead, reference: ReferenceRead, name: str, how: Transform) -> Cause:
    for part in (read.body, read.timestamp, read.token, read.trail):
        if part is None or not name or not reference.uri.startswith("#"):
            continue
        if _has_digest(reference, part, name, how):
            return Cause("id_renamed", (_shown(name), name_of(part)))
    return Cause("id_missing", (_shown(reference.uri),))


def _with_id(element: etree._Element, name: str, how: Transform) -> Iterator[bytes]:
    """Yield the canonical element as it stands, and with that id instead of its own."""
    own = canonical(element, how)
    if own is not None:
        yield own
    if not name or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return
    kept = [(key, value) for key, value in id_attributes(element)]
    keys = [key for key, _ in kept] or [WSU_ID]
    try:
        for key in keys:
            element.set(key, name)
            changed = canonical(element, how)
            if changed is not None:
                yield changed
            _restore(element, keys, dict(kept))
    finally:
        _restore(element, keys, dict(kept))


def _restore(element: etree._Element, keys: list[str], kept: dict[str, str]) -> None:
    for key in keys:
        if key in kept:
            element.set(key, kept[key])
        elif key in element.attrib:
            del element.attrib[key]


def _carries_id(element: etree._Element) -> bool:
    return next(id_attributes(element), None) is not None


def _transform_text(one: Transform) -> str:
    words = _short(one.algorithm)
    return words if one.prefixes is None else f"{words} (InclusiveNamespaces: {' '.join(one.prefixes)[:200]})"


def _short(algorithm: str) -> str:
    """Return the telling end of an algorithm's URI."""
    return algorithm.rstrip("#").rpartition("/")[2][:60] or "?"


def _shown(text: str) -> str:
    """Return an id or URI, cut to what fits a sentence."""
    return "".join(one if one.isprintable() else "?" for one in text[:64])
