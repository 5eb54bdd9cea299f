"""An answer in words, for a person at a terminal. What the XSD admitted holds no control characters."""

from collections.abc import Iterator

from lxml import etree

from rse_cpas_stub.messages import Status, SupplierResult, text
from rse_cpas_stub.outcomes import AccessOutcome, ConsultOutcome, ListOutcome

_WORDS = {
    "GRANT": "grant",
    "REFUSAL": "refusal",
    "REVISION": "revision",
    "EXTENSION": "extension",
    "SUSPENSION": "suspension",
    "SANCTION": "sanction",
    "RECOVERY": "recovery",
    "DRI": "right to social integration",
    "ERI": "equivalent integration income",
    "INSTALLATION_PREMIUM": "installation premium",
    "RIS": "integration income",
    "FINANCIAL_AID": "financial aid",
    "RIS_COMPLEMENT": "supplement to the integration income",
    "ONCE": "once",
}


_LISTS = frozenset({"decision", "aid", "calculationElement", "cohabitantIncome"})


def _word(code: str) -> str:
    return _WORDS.get(code, code.replace("_", " ").lower())


def _coded(element: etree._Element, path: str) -> str:
    other = element.findtext(f"{path}/other")
    return other if other is not None else _word(text(element, f"{path}/code"))


def _sentence(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _dated(words: str, value: str) -> str:
    return f"{words} {value}" if value else ""


def _duration(element: etree._Element, path: str) -> str:
    value = text(element, f"{path}/value")
    return f"for {value} {text(element, f'{path}/unit').lower()}" if value else ""


def _yes(element: etree._Element, path: str, words: str) -> str:
    return words if text(element, path) in {"true", "1"} else ""


def lines_of(outcome: ConsultOutcome) -> Iterator[str]:
    """Yield the lines of an answer: status, then each holding CPAS with its report."""
    status = outcome.status
    yield status_line(status)
    yield f"ticket {outcome.ticket}, gateway ticket {outcome.gateway_ticket}"
    yield from (f"  {name}: {value}" for name, value in status.information)
    for result in outcome.results:
        yield ""
        yield from lines_of_result(result)


def status_line(status: Status) -> str:
    """Return a status as one line."""
    return f"{status.value} ({status.code}): {status.description}"


def lines_of_list(outcome: ListOutcome) -> Iterator[str]:
    """Yield the lines of a list: status, the next ``since``, each consultation with its holding CPAS."""
    yield status_line(outcome.status)
    if outcome.as_of:
        more = ", there is more" if outcome.more else ""
        yield f"as of {outcome.as_of}: the next time, ask since then{more}"
    for listed in outcome.consultations:
        yield f"{listed.gateway_ticket} (ticket {listed.ticket}), asked {listed.accepted_at}: {listed.status}"
        for state in listed.suppliers:
            late = ", late" if state.late else ""
            yield f"  {state.cbe_number}: {state.outcome} ({state.code}) since {state.since}{late}"


def lines_of_access(outcome: AccessOutcome) -> Iterator[str]:
    """Yield the lines of an answer about the directory: status, then each line."""
    yield status_line(outcome.status)
    yield from (f"  {name}: {value}" for name, value in outcome.status.information)
    for line in outcome.lines:
        until = f" to {line['endDate']}" if "endDate" in line else ""
        yield f"  {line['ssin']}: quality {line['qualityCode']}, from {line['beginDate']}{until}"
    if outcome.more:
        yield "  there are more: ask again with --offset"


def lines_of_result(result: SupplierResult) -> Iterator[str]:
    """Yield the lines of what one holding CPAS answered."""
    named = f"{result.name_fr} / {result.name_nl} ({result.cbe_number})"
    late = ", late" if result.late else ""
    telephone = f", telephone {result.telephone}" if result.telephone else ""
    yield f"{named}: {result.outcome} ({result.code}){late}{telephone}"
    yield from (f"  {name}: {value}" for name, value in result.information)
    if result.report is not None:
        yield from _report(result.report)


def _report(report: etree._Element) -> Iterator[str]:
    person = f"{text(report, 'beneficiary/lastName')} {text(report, 'beneficiary/firstName')}".strip()
    yield f"  beneficiary {person}, {text(report, 'beneficiary/ssin')}"
    partner = text(report, "partner/ssin")
    if partner:
        yield f"  partner {partner}"
    for decision in report.findall("decision"):
        yield "  " + _sentence(
            f"decision of {text(decision, 'ratificationDate')}: {_word(text(decision, 'decisionType'))}",
            _dated("in force from", text(decision, "entryIntoForceDate")),
            _duration(decision, "duration"),
            _yes(decision, "followsJudgment", "after a judgment"),
        )
        for aid in decision.findall("aid"):
            yield from _aid(aid)


def _aid(aid: etree._Element) -> Iterator[str]:
    amount, frequency = text(aid, "amount"), aid.find("paymentFrequency")
    paid = "" if frequency is None else " " + _coded(aid, "paymentFrequency")
    yield "    " + _sentence(
        f"aid: {_coded(aid, 'aidType')} ({_word(text(aid, 'legislation'))})",
        f"{amount} euro{paid}" if amount else paid.strip(),
        _dated("from", text(aid, "period/beginDate")),
        _dated("to", text(aid, "period/endDate")),
        _duration(aid, "period/duration"),
        _dated("effectively from", text(aid, "effectiveFrom")),
        _yes(aid, "legalSubrogation", "legal subrogation"),
    )
    if text(aid, "comment"):
        yield f"      comment: {text(aid, 'comment')}"
    for element in aid.findall("calculationElement"):
        kind = _coded(element, "elementType")
        yield f"      calculation: {kind}, {_income(element)}"
        for income in element.findall("cohabitantIncome"):
            yield f"        same kind of income of {text(income, 'ssin')}: {_income(income)}"


def _income(element: etree._Element) -> str:
    return f"{text(element, 'amount')} euro a {text(element, 'unit').lower()}"


def plain_outcome(outcome: ConsultOutcome) -> dict[str, object]:
    """Return an answer as plain JSON values; a report keeps the contract's names."""
    status = outcome.status
    return {
        "ticket": outcome.ticket,
        "ticketCBSS": outcome.gateway_ticket,
        "status": plain_status(status),
        "suppliers": [plain_result(result) for result in outcome.results],
    }


def plain_status(status: Status) -> dict[str, object]:
    """Return a status as plain JSON values."""
    return {
        "value": status.value,
        "code": status.code,
        "description": status.description,
        "information": dict(status.information),
    }


def plain_list(outcome: ListOutcome) -> dict[str, object]:
    """Return a list as plain JSON values."""
    return {
        "status": plain_status(outcome.status),
        "asOf": outcome.as_of,
        "more": outcome.more,
        "consultations": [
            {
                "ticket": listed.ticket,
                "ticketCBSS": listed.gateway_ticket,
                "acceptedAt": listed.accepted_at,
                "status": listed.status,
                "suppliers": [
                    {
                        "cbeNumber": state.cbe_number,
                        "outcome": state.outcome,
                        "code": state.code,
                        "outcomeSince": state.since,
                        "late": state.late,
                    }
                    for state in listed.suppliers
                ],
            }
            for listed in outcome.consultations
        ],
    }


def plain_access(outcome: AccessOutcome) -> dict[str, object]:
    """Return an answer about the directory as plain JSON values."""
    return {
        "status": plain_status(outcome.status),
        "lines": [dict(line) for line in outcome.lines],
        "more": outcome.more,
    }


def plain_result(result: SupplierResult) -> dict[str, object]:
    """Return what one holding CPAS answered as plain JSON values."""
    return {
        "cbeNumber": result.cbe_number,
        "nameFr": result.name_fr,
        "nameNl": result.name_nl,
        "telephone": result.telephone,
        "outcome": result.outcome,
        "code": result.code,
        "late": result.late,
        "information": dict(result.information),
        "socialReport": None if result.report is None else _plain(result.report),
    }


def _plain(element: etree._Element) -> object:
    if len(element) == 0:
        return element.text or ""
    content: dict[str, object] = {}
    for child in element:
        name = str(child.tag)
        if name in _LISTS:
            listed = content.setdefault(name, [])
            if isinstance(listed, list):
                listed.append(_plain(child))
        else:
            content[name] = _plain(child)
    return content
