"""The contract's requests beside a consultation: pick up, list, directory lines, a late delivery."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from lxml import etree

from rse_cpas_stub.messages import Customer, Status, add_customer, add_status, message
from rse_cpas_stub.names import ACCESS, REPORT
from rse_cpas_stub.report import add
from rse_cpas_stub.signature import instant_text

_LINE = {
    "register": ("ssin", "qualityCode", "beginDate", "endDate", "fileReference"),
    "unregister": ("ssin", "qualityCode", "beginDate", "endDate", "fileReference"),
    "list": ("ssin", "offset"),
}


def retrieve_request(
    customer: Customer, now: datetime, *, legal_context: str, ticket_cbss: str, supplier: str | None
) -> etree._Element:
    """Return a ``retrieveSocialReportRequest``."""
    root, criteria = _request(REPORT, "retrieveSocialReportRequest", customer, now, legal_context)
    add(criteria, "ticketCBSS", ticket_cbss)
    add(criteria, "supplier", supplier)
    return root


def list_request(
    customer: Customer,
    now: datetime,
    *,
    legal_context: str,
    since: datetime | None,
    confirmed: Sequence[str],
) -> etree._Element:
    """Return a ``listSocialReportsRequest``."""
    root, criteria = _request(REPORT, "listSocialReportsRequest", customer, now, legal_context)
    add(criteria, "since", None if since is None else instant_text(since))
    add(criteria, "confirmed", list(confirmed))
    return root


def access_request(
    customer: Customer, now: datetime, *, legal_context: str, action: str, line: Mapping[str, Any]
) -> etree._Element:
    """Return a ``manageAccessRequest``; ``action``: register, unregister or list."""
    root, criteria = _request(ACCESS, "manageAccessRequest", customer, now, legal_context)
    block = etree.SubElement(criteria, action)
    for name in _LINE[action]:
        add(block, name, line.get(name))
    return root


def deliver_request(
    customer: Customer,
    now: datetime,
    *,
    legal_context: str,
    ticket_cbss: str,
    ssin: str,
    status: Status,
    report: object | None,
) -> etree._Element:
    """Return a ``deliverSocialReportRequest``."""
    root, criteria = _request(REPORT, "deliverSocialReportRequest", customer, now, legal_context)
    add(criteria, "ticketCBSS", ticket_cbss)
    add(criteria, "ssin", ssin)
    add_status(root, "supplierStatus", status)
    add(root, "socialReport", report)
    return root


def sent_now(request: etree._Element, now: datetime) -> etree._Element:
    """Return a copy of a request that says it is sent ``now``: the same content once more."""
    again = deepcopy(request)
    for found in again.findall("informationCustomer/timestampSent"):
        found.text = instant_text(now)
    return again


def _request(
    namespace: str, name: str, customer: Customer, now: datetime, legal_context: str
) -> tuple[etree._Element, etree._Element]:
    root = message(namespace, name)
    add_customer(root, customer, now)
    add(root, "legalContext", legal_context)
    return root, etree.SubElement(root, "criteria")
