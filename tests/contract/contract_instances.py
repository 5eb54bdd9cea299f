"""Builds instances of the contract from its own schemas, and breaks them one place at a time.

The values come from the table below, by name of simple type; the structure comes from the schema, so that no
message can be forgotten here.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Final

import xmlschema
from lxml import etree
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

NISS: Final = "85073003328"
CBE: Final = "0299990019"
UUID: Final = "0192f0c1-7a3b-7def-8123-456789abcdef"
NOW: Final = "2026-11-21T09:30:00.000Z"
DIGEST: Final = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
TEXT_BAD: Final = ("", " ", "a\tb", "a\nb", "a\rb", "a\x85b", "a\x7fb", "a\u2028b", "a\u202eb")
TOKEN_BAD: Final = ("", " a", "a b", "a\n", "é", "a/b")

VALUES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "SsinType": (
        (NISS, "98472899765", "00010100105"),
        (
            "",
            "8507300332",
            "850730033281",
            f" {NISS}",
            "85.07.30-033.28",
            "\u0668\u0665073003328",
            "８5073003328",
        ),
    ),
    "CbeNumberType": ((CBE, "1000000000"), ("", "2299990019", "029999001", "BE0299990019", "0299.990.019")),
    "TicketType": (("T-1", "a" * 36, "A.b_c-9"), (*TOKEN_BAD, "a" * 37, "a:b")),
    "TicketCbssType": ((UUID,), ("", UUID.upper(), UUID.replace("-", ""), f"{UUID}0", f"{{{UUID}}}")),
    "EntryIdType": ((UUID,), ("", UUID.upper(), UUID[:-1])),
    "SectorType": (("17", "0", "999"), ("", "-1", "1000", "+17", "1.0", "\u0661\u0667")),
    "InstitutionType": (("44", "0", "999"), ("", "-1", "1000", "+44")),
    "QualityCodeType": (("1", "0", "7", "8", "40", "902", "999"), ("", "01", "-1", "+1", "1000")),
    "LegalContextType": (
        ("PCSA:SOCIAL_INQUIRY", "A:" + "B" * 62),
        ("", "PCSA", "PCSA:", ":SOCIAL", "pcsa:social", "PCSA:SOCIAL INQUIRY", "A:" + "B" * 63, "A:B:C"),
    ),
    "UserReferenceType": (("u-1", "a@b.c:d_e", "u" * 64), (*TOKEN_BAD, "u" * 65)),
    "AuthorCodeType": (("gateway", "G" * 64), (*TOKEN_BAD, "G" * 65)),
    "StatusCodeType": (("MSG00000", "RSE00021"), ("", "MSG0000", "MSG000000", "msg00000", "ABC00000")),
    "TelephoneType": (("+32 2 123 45 67", "02/123.45.67"), ("", "02", "zero", "0" * 31, "02\t123", "+32;")),
    "ShortTextType": (("Dossier 7", "é" * 64), (*TEXT_BAD, "x" * 65)),
    "NameType": (("Centre public d'action sociale", "é" * 128), (*TEXT_BAD, "x" * 129)),
    "TextType": (("Tout va bien / Alles gaat goed", "\U0001f600" * 256), (*TEXT_BAD, "x" * 257)),
    "LongTextType": (("Commentaire libre", "é" * 1000), (*TEXT_BAD, "x" * 1001)),
    "CertificateSubjectType": (("CN=test,O=CPAS", "x" * 512), (*TEXT_BAD, "x" * 513)),
    "DateType": (
        ("2026-02-28", "2024-02-29", "1999-12-31"),
        (
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-01-01Z",
            "2026-01-01+01:00",
            "01/01/2026",
            "1899-12-31",
            "9999-12-31",
        ),
    ),
    "TimestampType": (
        (NOW, "2026-11-21T23:59:59.999Z"),
        (
            "",
            NOW[:-1],
            NOW.replace("Z", "+01:00"),
            "2026-11-21T09:30:00Z",
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T09:30:60.000Z",
            "2026-02-30T09:30:00.000Z",
            "2026-11-21T09:30:00.0000Z",
        ),
    ),
    "ReceivedTimestampType": (
        (NOW, "2026-11-21T09:30:00Z", "2026-11-21T09:30:00.1Z", "2026-11-21T09:30:00.123456789Z"),
        (
            "",
            NOW[:-1],
            NOW.replace("Z", "+01:00"),
            "2026-11-21T09:30:00.Z",
            "2026-11-21T09:30:00.1234567890Z",
        ),
    ),
    "AmountType": (
        ("867.40", "0.00", "999999999.99"),
        (
            "",
            "867.4",
            "867",
            "867.400",
            "867,40",
            "-1.00",
            "-0.00",
            "+1.00",
            "1234567890.00",
            "1e2",
            "NaN",
            ".50",
        ),
    ),
    "CollectWindowType": (("5", "0", "60"), ("", "61", "-1", "5.0", "+5", "PT5S")),
    "DurationValueType": (("6", "1", "9999"), ("", "0", "-1", "10000", "06", "1.5")),
    "ReminderNumberType": (("0", "999"), ("", "-1", "1000", "+1")),
    "OffsetType": (("0", "500", "9999999"), ("", "-1", "10000000", "1.0")),
    "ServiceNameType": (("ManageAccessService",), ("", "a b", "a1", "x" * 65)),
    "ServiceVersionType": (("v1", "v999"), ("", "1", "v0", "v1000", "V1")),
    "OperationNameType": (("manageAccess",), ("", "a b", "x" * 65)),
    "CertificateDigestType": (("0a" * 32,), ("", "0A" * 32, "0a" * 31, "0g" * 32)),
    "LeafHashType": (("0a" * 32,), ("", "0A" * 32, "0a" * 33)),
    "LogIdType": (("gateway/2026#1", "x" * 128), ("", "a b", "a\nb", "é", "x" * 129)),
    "MessageDigestType": (
        (DIGEST,),
        ("", DIGEST[:-1], "A" * 42 + "B=", "A" * 44, "A" * 20 + " " + DIGEST[20:]),
    ),
    "CheckpointType": (
        ("rse-log/1\nlog#1\n42\nAAAA\n" + NOW, "a\nb\nc\nd\ne\nkey\nsig\n"),
        ("", "a\nb\nc\nd", "a\n\nb\nc\nd\ne", "a\nb\nc\nd\né", "a\nb\nc\nd\n" + "x" * 1024, "a\n" * 11),
    ),
}
BOOLEAN_VALUES: Final = (("true", "false", "1", "0"), ("", "TRUE", "yes", "2"))


def good_value(simple_type: object) -> str:
    """Return one value that a simple type accepts."""
    name = getattr(simple_type, "local_name", None) or ""
    if name == "boolean":
        return "true"
    enumeration = getattr(simple_type, "enumeration", None)
    return str(enumeration[0]) if enumeration else VALUES[name][0][0]


def build(declaration: XsdElement, *, optional: bool, choice: int) -> "etree._Element":
    """Build one instance of a declared element.

    Args:
        declaration: the element as xmlschema compiled it.
        optional: whether elements that may be absent are present.
        choice: which alternative of each choice is taken, counted modulo their number.
    """
    node = etree.Element(declaration.name)
    if declaration.type.is_simple():
        node.text = good_value(declaration.type)
        return node
    assert isinstance(declaration.type, XsdComplexType)
    assert isinstance(declaration.type.content, XsdGroup)
    for name in declaration.type.attributes:
        node.set(str(name), "trail-1")
    for child in _members(declaration.type.content, optional=optional, choice=choice):
        node.append(build(child, optional=optional, choice=choice))
    return node


def _members(group: XsdGroup, *, optional: bool, choice: int) -> Iterator[XsdElement]:
    members = list(group)
    if group.model == "choice":
        members = [members[choice % len(members)]]
    for member in members:
        if isinstance(member, XsdGroup):
            yield from _members(member, optional=optional, choice=choice)
        elif isinstance(member, XsdElement) and (optional or member.min_occurs):
            yield member


def variants(declaration: XsdElement) -> Iterator["etree._Element"]:
    """Build the smallest instance, and the fullest one for each alternative of the choices."""
    yield build(declaration, optional=False, choice=0)
    for choice in range(3):
        yield build(declaration, optional=True, choice=choice)


def messages(schema: xmlschema.XMLSchema10) -> list[XsdElement]:
    """List the root elements of a schema's own namespace."""
    return [item for item in schema.elements.values() if item.target_namespace == schema.target_namespace]


def damaged(root: "etree._Element") -> Iterator[tuple[str, "etree._Element"]]:
    """Yield copies of an instance that no schema may accept, each with what was done to it."""
    for index, node in enumerate(root.iter()):
        if index:
            yield f"{node.tag} qualified", _at(root, index, _qualify)
        yield (
            f"{node.tag} with an unknown child",
            _at(root, index, lambda item: etree.SubElement(item, "unknown")),
        )
        yield f"{node.tag} with an unknown attribute", _at(root, index, lambda item: item.set("unknown", "1"))
        if len(node):
            yield f"{node.tag} with text", _at(root, index, lambda item: setattr(item, "text", "text"))
            yield f"{node.tag} emptied", _at(root, index, _empty)


def reshaped(root: "etree._Element") -> Iterator[tuple[str, "etree._Element"]]:
    """Yield copies of an instance with one element dropped, doubled or moved, be they valid or not."""
    for index, node in enumerate(root.iter()):
        if index:
            yield f"{node.tag} dropped", _at(root, index, _drop)
            yield f"{node.tag} doubled", _at(root, index, lambda item: item.addnext(copy.deepcopy(item)))
            yield f"{node.tag} first", _at(root, index, _move_first)


def _qualify(node: "etree._Element") -> None:
    node.tag = "{urn:somewhere-else}" + node.tag


def _empty(node: "etree._Element") -> None:
    node.clear()


def _drop(node: "etree._Element") -> None:
    _parent(node).remove(node)


def _move_first(node: "etree._Element") -> None:
    _parent(node).insert(0, node)


def _parent(node: "etree._Element") -> "etree._Element":
    parent = node.getparent()
    assert parent is not None
    return parent


def _at(root: "etree._Element", index: int, change: "Callable[[etree._Element], object]") -> "etree._Element":
    twin = copy.deepcopy(root)
    change(list(twin.iter())[index])
    return twin
