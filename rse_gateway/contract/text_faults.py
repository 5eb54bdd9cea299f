"""What keeps a text from being plain XML, as a kind with line and column; nothing of the text is told.

Only for the words of a refusal: what refuses is `parsing`, and libxml2 in it.
"""

import re
from typing import Final

from lxml import etree

from rse_gateway.errors import EdgeRefused, TextFault

_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"<\x00", b"\x00<", b"\x00\x00\x00<")
_SPACE_FIRST: Final = re.compile(rb"[ \t\r\n]+<\?xml[ \t\r\n?]", re.IGNORECASE)
_KINDS: Final[dict[str, tuple[frozenset[int], str]]] = {
    "text_empty": (frozenset({4}), "nothing, or no element at all"),
    "text_after_end": (frozenset({5}), "something after the end of the root element"),
    "text_character": (frozenset({8, 9}), "a character that XML does not allow"),
    "text_ampersand": (frozenset({22, 23, 68}), "a bare & or < where a name is due"),
    "text_entity": (frozenset({26, 27}), "an entity that XML does not know"),
    "text_declaration_late": (frozenset({64}), "an XML declaration that is not at the very beginning"),
    "text_end_tag": (frozenset({76, 77}), "an end tag that does not fit its start tag, or is missing"),
    "text_prefix": (frozenset({201}), "a prefix without its namespace declaration"),
}
"""Kind (a key of the words of explanations) → libxml2's codes of it (`xmlParserErrors`), English words."""


def not_well_formed(raw: bytes, error: Exception) -> EdgeRefused:
    """Return the refusal (G2) of a text that a parser refused with ``error``."""
    line, column = error.position if isinstance(error, etree.XMLSyntaxError) else (0, 0)
    code = getattr(error, "code", None)
    known = ((kind, words) for kind, (codes, words) in _KINDS.items() if code in codes)
    kind, words = next(known, ("text_not_well_formed", ""))
    reason = "not well-formed XML" + (f": {words}" if words else "")
    if not line:
        return EdgeRefused("G2", reason)
    if kind == "text_entity":  # noticed behind its name; told is where it begins
        before = b"".join(raw.split(b"\n", line)[line - 1 : line])[:column]
        column = max(1, before.rfind(b"&") + 1)
    fault = TextFault(kind, int(line), max(1, int(column)))
    return EdgeRefused("G2", f"{reason} (line {fault.line}, column {fault.column})", fault=fault)


def at(raw: bytes, offset: int, kind: str, reason: str) -> EdgeRefused:
    """Return the refusal (G1) for what stands at ``offset`` of the bytes; the column counts bytes."""
    start = raw.rfind(b"\n", 0, offset) + 1
    fault = TextFault(kind, 1 + raw.count(b"\n", 0, offset), 1 + offset - start)
    return EdgeRefused("G1", reason, fault=fault)


def is_wide(raw: bytes) -> bool:
    """Tell whether a text is written in UTF-16 or UTF-32."""
    return raw.startswith(_WIDE)


def space_before_declaration(raw: bytes) -> int:
    """Return how many bytes of white space stand before the XML declaration."""
    found = _SPACE_FIRST.match(raw)
    return 0 if found is None else raw.index(b"<")
