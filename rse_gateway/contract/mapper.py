"""Tree ↔ values, compiled from the XSD: order, names and repetition come from the schema and nowhere else.

For envelopes and criteria. A text is a str, an element with children a dict, an element that may repeat a
list; an absent element is an absent key. A `socialReport` is never mapped: it stays an lxml element. The
mapper trusts that the tree follows the schema (`Schemas.check` comes first). Rules: stack page.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from lxml import etree
from xmlschema.validators import XsdElement

from rse_gateway.contract.components import components
from rse_gateway.errors import GatewayFault

Values = dict[str, Any]
OPAQUE: Final = frozenset({"socialReport"})


@dataclass(slots=True)
class _Shape:
    """What one element holds: ``fields`` in the order of the XSD; no fields = text."""

    repeated: bool = False
    collapse: bool = False
    opaque: bool = False
    fields: "dict[str, _Shape]" = field(default_factory=dict)


class Mapper:
    """The mapper of one types namespace; holds compiled shapes only and is safe to share."""

    def __init__(self, namespace: str) -> None:
        """Compile the shape of every global element of the namespace.

        Raises:
            SetupError: the namespace has no schema.
        """
        self._namespace = namespace
        self._roots = {
            name: _shape(element) for name, element in components(namespace).elements.items()
        }  # fmt: skip

    def read(self, element: etree._Element) -> Values:
        """Return the values of a valid message.

        Raises:
            GatewayFault: it does not follow the schema (somebody forgot to validate).
        """
        name = etree.QName(element)
        shape = self._roots.get(name.localname)
        if shape is None or name.namespace != self._namespace:
            raise GatewayFault("a message without shape in this namespace was to be read")
        try:
            return _read(element, shape.fields)
        except KeyError:
            raise GatewayFault("a message that breaks the XSD was to be read") from None

    def write(self, name: str, values: Values) -> etree._Element:
        """Return the message ``name`` with its values; opaque elements are moved into it, not copied.

        Raises:
            GatewayFault: no such message, or values that its schema does not know.
        """
        shape = self._roots.get(name)
        if shape is None:
            raise GatewayFault(f"the contract has no message {name}")
        root = etree.Element(f"{{{self._namespace}}}{name}", nsmap={"rse": self._namespace})
        _write(root, values, shape.fields)
        return root


def _shape(element: XsdElement) -> _Shape:
    repeated = element.max_occurs is None or element.max_occurs > 1
    name = str(element.local_name)
    if name in OPAQUE:
        return _Shape(repeated, opaque=True)
    xsd_type: Any = element.type
    if xsd_type.is_simple():
        return _Shape(repeated, collapse=xsd_type.white_space == "collapse")
    children = [child for child in xsd_type.content.iter_elements() if isinstance(child, XsdElement)]
    return _Shape(repeated, fields={str(child.name): _shape(child) for child in children})


def _read(element: etree._Element, fields: dict[str, _Shape]) -> Values:
    values: Values = {}
    for child in element:
        tag = child.tag
        shape = fields[tag]
        value: Any
        if shape.fields:
            value = _read(child, shape.fields)
        elif shape.opaque:
            value = child
        else:
            text = child.text or ""
            value = " ".join(text.split()) if shape.collapse else text
        if shape.repeated:
            values.setdefault(tag, []).append(value)
        else:
            values[tag] = value
    return values


def _write(parent: etree._Element, values: Values, fields: dict[str, _Shape]) -> None:
    if not values.keys() <= fields.keys():
        raise GatewayFault(f"no such field in {etree.QName(parent).localname}")
    for tag, shape in fields.items():
        if tag not in values:
            continue
        for value in values[tag] if shape.repeated else (values[tag],):
            if shape.opaque:
                parent.append(value)
            elif shape.fields:
                _write(etree.SubElement(parent, tag), value, shape.fields)
            else:
                etree.SubElement(parent, tag).text = value


@cache
def mapper_for(namespace: str) -> Mapper:
    """Return the one mapper of a types namespace in this process.

    Raises:
        SetupError: the namespace has no schema.
    """
    return Mapper(namespace)
