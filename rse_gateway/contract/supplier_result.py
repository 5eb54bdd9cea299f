"""One holding CPAS's part of an answer, the same in `consult`, `retrieve` and `receive`.

Outcome ANSWERED without a report is possible: its code says why (RSE00021 fetch separately, RSE00010 no
longer kept). Rules: contract page (table of outcomes and codes).
"""

import re
from typing import Final

from lxml import etree

from rse_gateway.contract.envelope import boolean, description, information_values, text, timestamp
from rse_gateway.contract.mapper import Values
from rse_gateway.domain.consultation import Supplier, SupplierResult
from rse_gateway.errors import GatewayFault

_MAX_REPORT_BYTES: Final = 2 * 1024 * 1024
_TELEPHONE: Final = re.compile(r"[0-9+][0-9 /.()\-]{2,29}", re.ASCII)


def supplier_result_values(result: SupplierResult, language: str | None) -> Values:
    """Return one holding CPAS's part of an answer, its report grafted as a subtree.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    values: Values = {
        "supplier": _supplier_values(result.supplier),
        "outcome": result.outcome.value,
        "outcomeSince": timestamp(result.since),
        "code": result.code,
        "description": description(result.code, language),
    }
    if result.late:
        values["late"] = boolean(True)
    values |= information_values(result.information)
    if result.report is not None:
        values["socialReport"] = report_element(result.report)
    return values


def report_element(canonical: bytes) -> etree._Element:
    """Return the ``socialReport`` element of canonical bytes that the gateway stored itself.

    Raises:
        GatewayFault: the bytes are no `socialReport`.
    """
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        if len(canonical) > _MAX_REPORT_BYTES:
            raise GatewayFault("a stored report is too large")
        element = etree.fromstring(canonical, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise GatewayFault("a stored report cannot be read") from None  # libxml2 quotes the text
    if element.tag != "socialReport":
        raise GatewayFault("a stored report is no socialReport")
    return element


def _supplier_values(supplier: Supplier) -> Values:
    values = {
        "cbeNumber": supplier.cbe_number.value,
        "nameFr": text(supplier.name_fr, 128),
        "nameNl": text(supplier.name_nl, 128),
    }
    if supplier.telephone is not None and _TELEPHONE.fullmatch(supplier.telephone):
        values["telephone"] = supplier.telephone
    return values
