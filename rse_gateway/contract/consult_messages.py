"""`consultSocialReport` between tree and domain: the request as it came, the answer as decided."""

import re
from typing import Final

from lxml import etree

from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.envelope import (
    customer_information,
    customer_values,
    gateway_values,
    information_values,
    payload_values,
    period_of,
    period_values,
    request_options,
    status_values,
    text,
    timestamp,
)
from rse_gateway.contract.mapper import Values, mapper_for
from rse_gateway.contract.namespaces import REPORT
from rse_gateway.domain.consultation import ConsultAnswer, ConsultRequest, Supplier, SupplierResult
from rse_gateway.errors import GatewayFault

_MAX_REPORT_BYTES: Final = 2 * 1024 * 1024
_TELEPHONE: Final = re.compile(r"[0-9+][0-9 /.()\-]{2,29}", re.ASCII)


def consult_request(payload: etree._Element) -> ConsultRequest:
    """Return the request that a valid ``consultSocialReportRequest`` makes.

    Raises:
        GatewayFault: the payload was not validated.
    """
    values = payload_values(payload)
    return ConsultRequest(
        customer=customer_information(values["informationCustomer"]),
        legal_context=values["legalContext"],
        options=request_options(values),
        ssin=values["criteria"]["ssin"],
        period=period_of(values["criteria"]["period"]),
    )


def consult_response(answer: ConsultAnswer, language: str | None) -> etree._Element:
    """Return the ``consultSocialReportResponse``; ``language`` None gives French and Dutch.

    Raises:
        GatewayFault: a code outside the catalogue, or a stored report that cannot be read.
    """
    request, status = answer.request, answer.status
    try:
        values = {
            "informationCustomer": customer_values(request.customer),
            "informationCBSS": gateway_values(answer.gateway_ticket, answer.received_at, answer.replied_at),
            "legalContext": request.legal_context,
            "criteria": {"ssin": request.ssin, "period": period_values(request.period)},
            "status": status_values(status.value.value, status.code, status.information, language),
            "supplierResult": [supplier_result_values(result, language) for result in answer.results],
        }
    except KeyError as error:
        raise GatewayFault("a code of our own answer is not in the catalogue") from error
    return mapper_for(REPORT).write("consultSocialReportResponse", values)


def supplier_result_values(result: SupplierResult, language: str | None) -> Values:
    """Return one holding CPAS's part of an answer, its report grafted as a subtree.

    Raises:
        GatewayFault: the stored report cannot be read.
        KeyError: the code is not in the catalogue.
    """
    values: Values = {
        "supplier": _supplier_values(result.supplier),
        "outcome": result.outcome.value,
        "outcomeSince": timestamp(result.since),
        "code": result.code,
        "description": load_catalogue().text(result.code, language),
    }
    if result.late:
        values["late"] = "true"
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
