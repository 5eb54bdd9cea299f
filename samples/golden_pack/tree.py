"""Plain values → XML: a dict is an element's children in its own order, a list an element that repeats.

Nothing of the gateway builds these messages, so a mistake of its mapper cannot hide in a sample. The order is
the dict's, so a sample may have a wrong one on purpose.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lxml import etree

from golden_pack.ground import NAMESPACES

_PREFIX: Final = "rse"


def message(name: str, values: Mapping[str, Any]) -> etree._Element:
    """Return the root element of a message (``consultSocialReportRequest``) with its children."""
    namespace = NAMESPACES[operation_of(name)]
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={_PREFIX: namespace})
    fill(root, values)
    return root


def fill(parent: etree._Element, values: Mapping[str, Any]) -> None:
    """Append ``values`` to ``parent``, in their order."""
    for tag, value in values.items():
        several = isinstance(value, Sequence) and not isinstance(value, str)
        for one in value if several else (value,):
            child = etree.SubElement(parent, tag)
            if isinstance(one, Mapping):
                fill(child, one)
            else:
                child.text = str(one)


def operation_of(name: str) -> str:
    """Return the operation that a message element belongs to."""
    return name.removesuffix("Request").removesuffix("Response")


def pretty(root: etree._Element) -> bytes:
    """Return the bytes of a message file: declaration, two spaces per level, a line feed at the end."""
    etree.indent(root, space="  ")
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
