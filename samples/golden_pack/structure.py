"""Requests and answers that break the XSD: one facet or rule each, and several at once."""

from dataclasses import dataclass, replace

from golden_pack import blocks, deliveries, reports, services
from golden_pack.ground import CENTRE, NORTH, OWN_TICKET, KeyPair, cpas_key
from golden_pack.sample import Expected, Family, Pack, breaks_xsd
from golden_pack.structure_cases import CASES, Case
from golden_pack.structure_reports import REPORT_CASES
from golden_pack.tree import message, pretty
from rse_gateway.contract.parsing import build_tree


@dataclass(frozen=True)
class Base:
    """A good message that cases break, as text, and what goes with it."""

    text: str
    operation: str
    direction: str
    key: KeyPair


def add(pack: Pack) -> dict[str, bytes]:
    """Add the family; return the contents by name."""
    made: dict[str, bytes] = {}
    known = bases()
    for case in (*CASES, *REPORT_CASES):
        base = known[case.base]
        content = _broken(case, base.text).encode()
        family = Family(pack=pack, folder="bad/structure", operation=base.operation, direction=base.direction)
        expected = _expected(case, base)
        family.unsigned(case.name, content, case.shows, key=base.key, expected=expected)
        if case.signed_too:
            family.signed(case.name, build_tree(content), case.shows, key=base.key, expected=expected)
        made[case.name] = content
    return made


def bases() -> dict[str, Base]:
    """Return the messages that cases start from."""
    who = blocks.customer(ticket="N-2026-004801")
    system = replace_role(who, "SYSTEM")
    options = {"language": "FR", "collectWindow": "5", "dryRun": "false"}
    consult = blocks.request(blocks.person_criteria(), who=who, options=options)
    answer = blocks.holder_answer(blocks.status("DATA_FOUND", "MSG00000"), reports.full_report())
    north, centre = cpas_key(NORTH), cpas_key(CENTRE)
    delivered = deliveries.delivery(deliveries.found(), reports.full_report())
    return {
        "deliver": _base("deliverSocialReportRequest", delivered, centre),
        "consult": _base("consultSocialReportRequest", consult, north),
        "manage": _base(
            "manageAccessRequest",
            services.access_request({"register": services.line()}, "N-2026-004802"),
            north,
        ),
        "list": _base(
            "listSocialReportsRequest", blocks.request({"confirmed": [OWN_TICKET]}, who=system), north
        ),
        "echo": _base("sendTestMessageRequest", blocks.request({"message": "Bonjour"}, who=system), north),
        "answer": replace(_base("provideSocialReportResponse", answer, centre), direction="answer"),
    }


def replace_role(who: blocks.Values, role: str) -> blocks.Values:
    """Return the same customer with another role."""
    return who | {"userRole": role}


def _base(name: str, values: blocks.Values, key: KeyPair) -> Base:
    operation = name.removesuffix("Request").removesuffix("Response")
    return Base(pretty(message(name, values)).decode(), operation, "request", key)


def _broken(case: Case, text: str) -> str:
    for old, new in case.changes:
        if old not in text:
            raise ValueError(f"{case.name}: nothing to replace")
        text = text.replace(old, new, 1)
    return text


def _expected(case: Case, base: Base) -> Expected:
    if base.direction == "answer":
        return Expected(outcome="unusable", code="MSG00023", stopped_at="G10", violations=case.violations)
    return breaks_xsd(case.violations)
