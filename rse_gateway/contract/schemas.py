"""Does a message follow the XSD? The verdict on every message, ours included, and the refusal that says why.

One shared `etree.XMLSchema` per types namespace gives the verdict (26 µs for 5 kB); its error log is never
read, because it shows other threads' values. Rules: contract page, check 3; stack page.
"""

from functools import cache
from typing import Final

from lxml import etree

from rse_gateway.contract.components import SCHEMA_FILES, components, root_names, verdict_schema
from rse_gateway.contract.expected import Expected
from rse_gateway.contract.found import Found
from rse_gateway.contract.namespaces import XSI
from rse_gateway.contract.violations import (
    MAX_VIOLATIONS,
    LineOf,
    list_violations,
    marked_violations,
    source_line,
    vocabulary,
)
from rse_gateway.errors import ContentRefused, GatewayFault, Violation

_XSI_ATTRIBUTES: Final = etree.XPath("descendant-or-self::*[@xsi:*]", namespaces={"xsi": XSI})


class Schemas:
    """The schemas of the contract; safe to share between threads."""

    def __init__(self) -> None:
        """Compile every schema.

        Raises:
            SetupError: a contract file is missing or invalid.
        """
        self._schemas = {namespace: verdict_schema(namespace) for namespace in SCHEMA_FILES}

    def warm(self) -> None:
        """Read the components too (before a fork), so that no invalid message waits for them."""
        for namespace in SCHEMA_FILES:
            components(namespace)
            vocabulary(namespace)

    def check(
        self, payload: etree._Element, *, root: str | None = None, line_of: LineOf = source_line
    ) -> None:
        """Accept a payload that follows its schema; ``root`` names the element that the operation expects.

        Raises:
            ContentRefused: at most 30 violations, found within 200 ms, without any received value.
        """
        name = etree.QName(payload)
        namespace = name.namespace or ""
        schema = self._schemas.get(namespace)
        if (
            schema is None
            or name.localname not in root_names(namespace)
            or root not in (None, name.localname)
        ):
            raise ContentRefused(
                (Violation(line_of(payload), "/*", "*", Expected("root"), Found("message")),)
            )
        marked = _XSI_ATTRIBUTES(payload)
        if isinstance(marked, list) and marked:
            raise self._refuse_marked(
                payload, [one for one in marked if isinstance(one, etree._Element)], line_of
            )
        if not schema.validate(payload):
            violations, truncated = list_violations(namespace, payload, line_of=line_of)
            raise ContentRefused(violations, truncated=truncated)

    def _refuse_marked(
        self, payload: etree._Element, marked: list[etree._Element], line_of: LineOf
    ) -> ContentRefused:
        """Return the refusal of a payload with ``xsi`` attributes: each of them, and every other violation.

        libxml2 never sees them, for it would fetch what ``xsi:schemaLocation`` names: they are taken off
        while it looks.
        """
        namespace = etree.QName(payload).namespace or ""
        told = marked_violations(namespace, payload, marked, line_of)
        taken = [(one, dict(one.attrib)) for one in marked]
        try:
            for one in marked:
                for name in [name for name in one.attrib if str(name).startswith(f"{{{XSI}}}")]:
                    del one.attrib[name]
            if self._schemas[namespace].validate(payload):
                return ContentRefused(told, truncated=len(marked) > len(told))
            others, truncated = list_violations(namespace, payload, line_of=line_of)
        finally:
            for one, attributes in taken:
                one.attrib.update(attributes)
        places = {one.xpath for one in told}
        rest = tuple(one for one in others if one.xpath not in places or one.xpath.count("/") == 1)
        every = tuple(sorted((*told, *rest), key=lambda one: one.line))
        more = truncated or len(marked) > len(told) or len(every) > MAX_VIOLATIONS
        return ContentRefused(every[:MAX_VIOLATIONS], truncated=more)

    def check_own(self, payload: etree._Element) -> None:
        """Accept a message of our own that follows its schema.

        Raises:
            GatewayFault: it does not; the text names the places (no value) for the operator's log.
        """
        try:
            self.check(payload)
        except ContentRefused as refusal:
            places = "; ".join(
                f"{v.xpath} ({v.field}): {v.expected.text('EN')}" for v in refusal.violations[:5]
            )
            raise GatewayFault(f"our own message breaks the XSD: {places}") from refusal


@cache
def load_schemas() -> Schemas:
    """Return the one `Schemas` of this process.

    Raises:
        SetupError: a contract file is missing or invalid.
    """
    return Schemas()
