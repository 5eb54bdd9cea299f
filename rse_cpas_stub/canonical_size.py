"""How large exclusive canonicalisation can make a message, told before signxml canonicalises anything.

A bound from above, made apart from the gateway's: every element whose prefix its parent does not have, or
that declares anything, and every attribute with a prefix is taken to write the longest declaration of its
namespace; what libxml2 writes of the tree itself is measured, with an end tag for every empty element.
Source: security page, step G3.
"""

from lxml import etree

from rse_cpas_stub.errors import SignatureRefused

MAX_DECLARATIONS = 64
MAX_NAMESPACE = 1_024
FREE_ATTRIBUTES = 2_048
MAX_ELEMENTS = 100_000
_DEEP = 6  # parts of a signature stand above this level: each writes its own declaration


def check_markup(raw: bytes) -> None:
    """Refuse more markup than any message of the contract has; looks at the bytes alone.

    Raises:
        SignatureRefused: too many tags, attributes or declarations.
    """
    if raw.count(b"<") + 2 * max(0, raw.count(b"=") - FREE_ATTRIBUTES) > 2 * MAX_ELEMENTS:
        raise SignatureRefused("the message has too many tags, attributes or namespace declarations")


def check_canonical_size(root: etree._Element, limit: int) -> None:
    """Refuse a tree of which canonicalisation can make more than ``limit`` bytes.

    Raises:
        SignatureRefused: it can, or a declaration is longer or more numerous than any message needs.
    """
    size = _serialised(root)
    longest: dict[str, int] = {"http://www.w3.org/XML/1998/namespace": 0, "": len(' xmlns=""')}
    declared = 0
    prefixes: list[str | None] = [""]
    for event, node in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            declared += 1
            if declared > MAX_DECLARATIONS or len(node[1]) > MAX_NAMESPACE:
                raise SignatureRefused("a namespace declaration that no message needs")
            length = len(f' xmlns:{node[0]}=""'.encode()) + 6 * len(node[1].encode())
            size += 2 * length  # a PrefixList may have it written here, or where a part begins
            longest[node[1]] = max(length, longest.get(node[1], 0))
        elif event == "end":
            prefixes.pop()
        else:
            names = [name for name in node.keys() if name[0] == "{"]  # noqa: SIM118 -- elements iterate children
            if declared or len(prefixes) <= _DEEP or node.prefix != prefixes[-1]:
                names.append(node.tag)
                declared = 0
            size += sum(longest[_namespace(name)] for name in names)
            prefixes.append(node.prefix)
            if size > limit:
                raise SignatureRefused("canonicalisation would make the message too long")


def _serialised(root: etree._Element) -> int:
    """Return the length of the tree's text with all end tags, references at the length of canonical ones."""
    text = etree.tostring(root, encoding="UTF-8")
    empty = sum(len(before) - before.rfind(b"<") + 2 for before in text.split(b"/>")[:-1])
    return len(text) + text.count(b"&#") + empty


def _namespace(name: str) -> str:
    return name[1 : name.index("}")] if name[0] == "{" else ""
