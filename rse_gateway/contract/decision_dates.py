"""The days of a report's decisions, read in place: what decides whether a decision is passed on, no more.

Nothing of amounts, persons or calculations is looked at, so a report of 1 MiB costs a walk over its
decisions and aids. The report passed the XSD; dates may still stand between white space.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from lxml import etree

from rse_gateway.domain.decisions import AidDates, AidKind, DecisionDates, Duration

_ONCE: Final = "ONCE"


def decision_dates(report: etree._Element) -> tuple[DecisionDates, ...]:
    """Return the days of every decision of a valid ``socialReport``, in its order."""
    return tuple(_decision(element) for element in report.iterfind("decision"))


def _decision(element: etree._Element) -> DecisionDates:
    parts = _parts(element)
    return DecisionDates(
        kind=parts["decisionType"].text or "",
        ratified=_day(parts["ratificationDate"]),
        in_force=_optional_day(parts.get("entryIntoForceDate")),
        duration=_duration(parts.get("duration")),
        aids=tuple(_aid(aid) for aid in element.iterfind("aid")),
    )


def _aid(element: etree._Element) -> AidDates:
    parts = _parts(element)
    paid = {} if (period := parts.get("period")) is None else _parts(period)
    frequency = parts.get("paymentFrequency")
    return AidDates(
        kind=_kind(parts),
        begin=_optional_day(paid.get("beginDate", parts.get("effectiveFrom"))),
        end=_optional_day(paid.get("endDate")),
        duration=_duration(paid.get("duration")),
        once=frequency is not None and frequency.findtext("code") == _ONCE,
    )


def _kind(parts: dict[str, etree._Element]) -> AidKind:
    """Legislation and aid type; a description (`other`) is never the same type as a code."""
    (aid_type,) = parts["aidType"].iterchildren(tag=etree.Element)
    return parts["legislation"].text or "", f"{aid_type.tag} {' '.join((aid_type.text or '').split())}"


def _parts(parent: etree._Element) -> dict[str, etree._Element]:
    """Return the children by name; of those that stand once, the one."""
    children: Iterable[etree._Element] = parent.iterchildren(tag=etree.Element)
    return {str(child.tag): child for child in children}


def _duration(element: etree._Element | None) -> Duration | None:
    if element is None:
        return None
    return int(element.findtext("value") or ""), element.findtext("unit") or ""


def _optional_day(element: etree._Element | None) -> date | None:
    return None if element is None else _day(element)


def _day(element: etree._Element) -> date:
    return date.fromisoformat((element.text or "").strip())
