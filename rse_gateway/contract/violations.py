"""All violations of one message, within a budget: where, which field, what was expected, what kind was found.

No received value is ever told.

Runs only after the shared schema has said no. A name stands in a text only when the contract itself uses it;
any other received name becomes ``*``. Rules: contract page, check 3; security page, "Unsafe defaults".
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any, Final

import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement

from rse_gateway.contract.components import components
from rse_gateway.contract.expected import Expected, elements_expected, value_expected
from rse_gateway.contract.found import Found, element_found, value_found
from rse_gateway.contract.namespaces import XSI
from rse_gateway.errors import Violation

BUDGET_SECONDS: Final = 0.2
MAX_VIOLATIONS: Final = 30
LineOf = Callable[[etree._Element], int]


def source_line(element: etree._Element) -> int:
    """Return the line that the parser saw (right up to line 65,535), 0 when it saw none."""
    line: Any = element.sourceline  # None where no parser made the element
    return 0 if line is None else int(line)


@dataclass(slots=True)
class _Search:
    namespace: str
    payload: etree._Element
    line_of: LineOf
    deadline: float
    late: bool = False
    found: dict[Violation, None] = field(default_factory=dict)

    def out_of_time(self, *_: object) -> bool:
        """Tell xmlschema to skip an element: from the deadline on all are skipped."""
        self.late = self.late or time.monotonic() > self.deadline
        return self.late


def list_violations(
    namespace: str,
    payload: etree._Element,
    *,
    line_of: LineOf = source_line,
    budget: float = BUDGET_SECONDS,
    limit: int = MAX_VIOLATIONS,
) -> tuple[tuple[Violation, ...], bool]:
    """Return at least one and at most ``limit`` violations, and whether there may be more.

    ``budget`` is in seconds; the components of the schema are not counted in it.
    """
    schema = components(namespace)
    search = _Search(namespace, payload, line_of, time.monotonic() + budget)
    truncated = False
    for violation in _violations(schema, search):
        if len(search.found) == limit:
            truncated = violation not in search.found
            if truncated:
                break
        search.found[violation] = None
        if search.out_of_time():
            break
    if not search.found:
        place = _path(search, payload), _known_name(search, payload)
        return (Violation(line_of(payload), *place, Expected("somewhere")),), True
    return tuple(search.found), truncated or search.late


def marked_violations(
    namespace: str, payload: etree._Element, marked: Iterable[etree._Element], line_of: LineOf
) -> tuple[Violation, ...]:
    """Return a violation for each element that carries an attribute of XML Schema's instances, at most 30."""
    search = _Search(namespace, payload, line_of, math.inf)
    return tuple(
        _at(search, one, *_mark_contrast(_declaration(search, one), one))
        for one in islice(marked, MAX_VIOLATIONS)
    )


def _mark_contrast(declared: XsdElement | None, element: etree._Element) -> tuple[Expected, Found]:
    nil = (element.get(f"{{{XSI}}}nil") or "").strip() in ("true", "1")
    if declared is None or not nil:
        return Expected("no_attribute"), Found("attribute")
    if declared.min_occurs == 0:
        return Expected("left_out"), Found("nil")
    return (value_expected(declared) if declared.type.is_simple() else Expected("no_attribute")), Found("nil")


def _violations(schema: xmlschema.XMLSchema, search: _Search) -> Iterator[Violation]:
    errors = schema.iter_errors(search.payload, validation_hook=search.out_of_time, use_location_hints=False)
    try:
        for error in errors:
            yield _violation(search, error)
    except (xmlschema.XMLSchemaException, etree.LxmlError, ValueError):
        return  # a second opinion that fails adds nothing: the verdict stands without it


def _violation(search: _Search, error: Any) -> Violation:
    element = error.elem if isinstance(error.elem, etree._Element) else search.payload
    if isinstance(error, xmlschema.XMLSchemaChildrenValidationError):
        return _children_violation(search, element, error)
    return _at(search, element, *_contrast(_declaration(search, element), element))


def _contrast(declared: XsdElement | None, element: etree._Element) -> tuple[Expected, Found | None]:
    """Return what was expected of an element itself, and what kind of thing it is instead."""
    if declared is None:
        return Expected("nothing"), Found("unknown_element")
    if element.attrib:
        return Expected("no_attribute"), Found("attribute")
    if not declared.type.is_simple():
        return Expected("no_text"), Found("text")
    if len(element):
        return Expected("text_only"), Found("children")
    return value_expected(declared), value_found(declared, element.text or "")


def _children_violation(search: _Search, parent: etree._Element, error: Any) -> Violation:
    names = sorted({str(e.local_name) for e in error.expected or () if isinstance(e, XsdElement)})
    child = error.invalid_child
    if not isinstance(child, etree._Element):
        missing = names[0] if len(names) == 1 else _known_name(search, parent)
        place = search.line_of(parent), _path(search, parent), missing
        return Violation(*place, elements_expected(names, None), Found("missing"))
    received = etree.QName(child).localname
    found = element_found(_known_name(search, child), due=received in names)
    return _at(search, child, elements_expected(names, received), found)


def _at(search: _Search, element: etree._Element, expected: Expected, found: Found | None) -> Violation:
    place = search.line_of(element), _path(search, element), _known_name(search, element)
    return Violation(*place, expected, found)


def _path(search: _Search, element: etree._Element) -> str:
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None and node is not search.payload:
        name = _known_name(search, node)
        same = "*" if name == "*" else node.tag
        steps.append(f"{name}[{1 + sum(1 for _ in node.itersiblings(same, preceding=True))}]")
        node = node.getparent()
    steps.append(_known_name(search, search.payload))
    return ("/" + "/".join(reversed(steps)))[:256]


def _known_name(search: _Search, element: etree._Element) -> str:
    name = etree.QName(element).localname
    return name if name in vocabulary(search.namespace) else "*"


@cache
def vocabulary(namespace: str) -> frozenset[str]:
    """Return every element name that the messages of a namespace use."""
    schema = components(namespace)
    names: set[str] = set(schema.elements)
    for xsd_type in schema.maps.types.values():
        content: Any = getattr(xsd_type, "content", None)
        if hasattr(content, "iter_elements"):
            names.update(str(e.local_name) for e in content.iter_elements() if isinstance(e, XsdElement))
    return frozenset(names)


def _declaration(search: _Search, element: etree._Element) -> XsdElement | None:
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None and node is not search.payload:
        steps.append(str(node.tag))
        node = node.getparent()
    declared = components(search.namespace).elements.get(etree.QName(search.payload).localname)
    for tag in reversed(steps):
        declared = _child_declaration(declared, tag)
    return declared


def _child_declaration(parent: XsdElement | None, tag: str) -> XsdElement | None:
    content: Any = None if parent is None else getattr(parent.type, "content", None)
    if content is None or not hasattr(content, "iter_elements"):
        return None
    return next((e for e in content.iter_elements() if isinstance(e, XsdElement) and e.name == tag), None)
