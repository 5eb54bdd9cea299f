"""A person's file as JSON ↔ the contract's ``socialReport``: same names, the contract's order.

A list in the contract is a list in JSON; everything else is text, ``true``/``false``, a number, or an object.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from rse_cpas_stub.names import REPORT, tag
from rse_gateway.trail import Person, Role

Json = Mapping[str, Any]

_ORDER: Mapping[str, Sequence[str]] = {
    "socialReport": ("beneficiary", "partner", "decision"),
    "beneficiary": ("ssin", "lastName", "firstName"),
    "partner": ("ssin",),
    "decision": (
        "decisionType",
        "ratificationDate",
        "followsJudgment",
        "duration",
        "entryIntoForceDate",
        "aid",
    ),
    "duration": ("value", "unit"),
    "aid": (
        "legislation",
        "aidType",
        "amount",
        "paymentFrequency",
        "period",
        "effectiveFrom",
        "legalSubrogation",
        "comment",
        "calculationElement",
    ),
    "aidType": ("code", "other"),
    "paymentFrequency": ("code", "other"),
    "elementType": ("code", "other"),
    "period": ("beginDate", "endDate", "duration"),
    "calculationElement": ("elementType", "amount", "unit", "cohabitantIncome"),
    "cohabitantIncome": ("ssin", "amount", "unit"),
}


def add(parent: etree._Element, name: str, value: Any) -> None:
    """Append ``value`` to ``parent`` as element ``name``, as several when it is a list; None is absent."""
    if value is None:
        return
    if isinstance(value, list | tuple):
        for item in value:
            add(parent, name, item)
        return
    element = etree.SubElement(parent, name)
    if isinstance(value, Mapping):
        for child in _ORDER[name]:
            add(element, child, value.get(child))
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    else:
        element.text = str(value)


def report_of(file: Json) -> etree._Element:
    """Return a person's whole file as a ``socialReport`` that stands alone (its root is qualified)."""
    holder = etree.Element("holder")
    add(holder, "socialReport", {name: file.get(name) for name in _ORDER["socialReport"]})
    report = holder[0]
    report.tag = tag(REPORT, "socialReport")
    holder.remove(report)
    return report


def persons_in(report: etree._Element) -> tuple[Person, ...]:
    """Return every person that a ``socialReport`` discloses, with its role."""
    return tuple(_persons(report))


def _persons(report: etree._Element) -> Iterator[Person]:
    for path, role in (
        ("beneficiary/ssin", Role.BENEFICIARY),
        ("partner/ssin", Role.PARTNER),
        ("decision/aid/calculationElement/cohabitantIncome/ssin", Role.COHABITANT),
    ):
        for number in report.findall(path):
            yield Person(number.text or "", role)
