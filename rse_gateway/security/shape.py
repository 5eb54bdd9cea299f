"""Exact shapes: an element has these children, these attributes and this text, and nothing more.

Used by the skeleton (G4) and by the signature (G6). Everything is reached by position from its parent;
nothing here searches for an id or a name somewhere below.
"""

import base64
import binascii
from collections.abc import Collection
from typing import Final

from lxml import etree

from rse_gateway.errors import SecurityRefused

_XML_SPACE: Final = " \t\r\n"
_NO_SPACE: Final = {ord(character): None for character in _XML_SPACE}


def children_in_order(step: str, parent: etree._Element, *tags: str) -> tuple[etree._Element, ...]:
    """Return the children of ``parent``, which are exactly ``tags`` in that order, without text between them.

    Raises:
        SecurityRefused: another child, order or number, or text.
    """
    children = element_children(step, parent)
    if tuple(child.tag for child in children) != tags:
        raise SecurityRefused(
            step, f"{local_name(parent)} does not hold exactly the expected elements in order"
        )
    return children


def element_children(step: str, parent: etree._Element) -> tuple[etree._Element, ...]:
    """Return the children of ``parent``, which holds nothing else but white space.

    Raises:
        SecurityRefused: text beside the elements.
    """
    children = tuple(parent)
    texts = [parent.text, *(child.tail for child in children)]
    if any(text and text.strip(_XML_SPACE) for text in texts):
        raise SecurityRefused(step, f"text between the elements of {local_name(parent)}")
    return children


def leaf_text(step: str, element: etree._Element) -> str:
    """Return the text of ``element``, which has no child (so no comment can cut it).

    Raises:
        SecurityRefused: it has children.
    """
    if len(element):
        raise SecurityRefused(step, f"{local_name(element)} holds elements instead of text")
    return element.text or ""


def empty(step: str, element: etree._Element) -> None:
    """Make sure that ``element`` has no child and no text.

    Raises:
        SecurityRefused: it has.
    """
    if leaf_text(step, element).strip(_XML_SPACE):
        raise SecurityRefused(step, f"{local_name(element)} is not empty")


def only_attributes(step: str, element: etree._Element, *allowed: str) -> None:
    """Make sure that ``element`` carries no attribute but ``allowed`` ones.

    Raises:
        SecurityRefused: it does.
    """
    if any(name not in allowed for name in element.keys()):  # noqa: SIM118 -- an element iterates children
        raise SecurityRefused(step, f"unexpected attribute on {local_name(element)}")


def attribute_one_of(step: str, element: etree._Element, name: str, values: Collection[str]) -> str:
    """Return the value of an attribute, which is one of ``values``.

    Raises:
        SecurityRefused: absent or another value.
    """
    value = element.get(name)
    if value is None or value not in values:
        raise SecurityRefused(
            step, f"{local_name(element)}: {name.rpartition('}')[2]} absent or not accepted"
        )
    return value


def base64_bytes(step: str, element: etree._Element, *, max_bytes: int) -> bytes:
    """Return what the Base64 text of ``element`` stands for; white space in it is allowed, nothing else.

    Raises:
        SecurityRefused: not Base64, empty, or longer than ``max_bytes``.
    """
    text = leaf_text(step, element).translate(_NO_SPACE)
    if len(text) > max_bytes * 2:
        raise SecurityRefused(step, f"{local_name(element)} is too long")
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise SecurityRefused(step, f"{local_name(element)} is not Base64") from None
    if not 0 < len(decoded) <= max_bytes:
        raise SecurityRefused(step, f"{local_name(element)} is empty or too long")
    return decoded


def local_name(element: etree._Element) -> str:
    """Return the local name of an element of the envelope, for an operator's log."""
    return str(element.tag).rpartition("}")[2][:40]
