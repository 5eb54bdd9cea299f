"""Social reports of invented persons: amounts are the real ones of their dates (RIS per month)."""

from typing import Any, Final

from golden_pack.ground import CHILD, JEANNE, PARTNER

Report = dict[str, Any]
CATEGORY_SINGLE: Final = {"2021": "984.68", "2023": "1214.13", "2024": "1288.46", "2025": "1314.20"}
CATEGORY_FAMILY: Final = {"2023": "1640.83", "2024": "1741.29", "2025": "1776.07"}


def beneficiary(ssin: str = JEANNE) -> Report:
    """Return who the report is about."""
    return {"ssin": ssin, "lastName": "Modèle", "firstName": "Jeanne"}


def single_report(ssin: str = JEANNE) -> Report:
    """Return an everyday report: one person, a grant and its extension."""
    return {
        "beneficiary": beneficiary(ssin),
        "decision": [
            grant("2024-05-21", "2024-05-01", CATEGORY_SINGLE["2024"], end="2025-04-30"),
            grant("2025-04-15", "2025-05-01", CATEGORY_SINGLE["2025"], end="2026-04-30", kind="EXTENSION"),
        ],
    }


def grant(ratified: str, begin: str, amount: str, *, end: str, kind: str = "GRANT") -> Report:
    """Return a decision for one year of RIS, paid monthly."""
    return {
        "decisionType": kind,
        "ratificationDate": ratified,
        "duration": {"value": "12", "unit": "MONTHS"},
        "entryIntoForceDate": begin,
        "aid": {
            "legislation": "DRI",
            "aidType": {"code": "RIS"},
            "amount": amount,
            "paymentFrequency": {"code": "MONTHLY"},
            "period": {"beginDate": begin, "endDate": end},
        },
    }


def largest_report() -> Report:
    """Return a report that, signed, comes near the 1 MiB that an answer may have: long comments fill it."""
    comment = ("Remarque du travailleur social, sans valeur pour le calcul. " * 17)[:1000].strip()
    aid = {"legislation": "DRI", "aidType": {"code": "FINANCIAL_AID"}, "amount": "100.00", "comment": comment}
    decision = {"decisionType": "GRANT", "ratificationDate": "2024-05-21", "aid": [aid] * 40}
    return {"beneficiary": beneficiary(), "decision": [decision] * 20}


def full_report() -> Report:
    """Return a report with every optional element there is."""
    return {
        "beneficiary": beneficiary(),
        "partner": {"ssin": PARTNER},
        "decision": [
            {
                "decisionType": "GRANT",
                "ratificationDate": "2024-05-21",
                "followsJudgment": "true",
                "duration": {"value": "12", "unit": "MONTHS"},
                "entryIntoForceDate": "2024-05-01",
                "aid": [_full_aid(), _premium()],
            }
        ],
    }


def _full_aid() -> Report:
    return {
        "legislation": "DRI",
        "aidType": {"code": "RIS"},
        "amount": "1028.79",
        "paymentFrequency": {"code": "MONTHLY"},
        "period": {"beginDate": "2024-05-01", "duration": {"value": "12", "unit": "MONTHS"}},
        "effectiveFrom": "2024-05-06",
        "legalSubrogation": "false",
        "comment": "Travail à mi-temps depuis mai 2024 ; le conjoint perçoit une pension. "
        "Deeltijds werk sinds mei 2024.",
        "calculationElement": [
            {
                "elementType": {"code": "PROFESSIONAL_INCOME"},
                "amount": "500.00",
                "unit": "MONTH",
                "cohabitantIncome": [
                    {"ssin": PARTNER, "amount": "212.50", "unit": "MONTH"},
                    {"ssin": CHILD, "amount": "0.00", "unit": "YEAR"},
                ],
            },
            {"elementType": {"code": "EXEMPTION"}, "amount": "310.00", "unit": "YEAR"},
            {"elementType": {"other": "Bourse d'étude / studiebeurs"}, "amount": "238.04", "unit": "YEAR"},
        ],
    }


def _premium() -> Report:
    return {
        "legislation": "INSTALLATION_PREMIUM",
        "aidType": {"code": "INSTALLATION_PREMIUM"},
        "amount": CATEGORY_FAMILY["2024"],
        "paymentFrequency": {"code": "ONCE"},
        "effectiveFrom": "2024-05-06",
    }


def bare_report() -> Report:
    """Return a report without any optional element: an old file has a name and nothing more."""
    return {"beneficiary": {"ssin": JEANNE, "lastName": "Modèle"}}


def old_file_report() -> Report:
    """Return what an old closed file often holds: what was decided and when, and of which kind."""
    aid = {"legislation": "DRI", "aidType": {"code": "RIS"}}
    return {
        "beneficiary": {"ssin": JEANNE, "lastName": "Modèle"},
        "decision": {"decisionType": "GRANT", "ratificationDate": "2022-03-08", "aid": aid},
    }


def report_with_decisions_outside() -> Report:
    """Return a report whose first decision ended before the period asked: it is left out and counted."""
    report = single_report()
    early = grant("2021-11-30", "2020-12-01", "928.73", end="2021-11-30")
    return report | {"decision": [early, *report["decision"]]}


def refusal_report() -> Report:
    """Return a report with a refusal, which carries no aid."""
    return {
        "beneficiary": beneficiary(),
        "decision": {"decisionType": "REFUSAL", "ratificationDate": "2025-02-11", "followsJudgment": "false"},
    }


def with_aid(changes: Report, **decision: Any) -> Report:
    """Return a report of one decision with one aid, changed as told."""
    aid = {
        "legislation": "DRI",
        "aidType": {"code": "RIS"},
        "amount": CATEGORY_SINGLE["2025"],
        "paymentFrequency": {"code": "MONTHLY"},
        **changes,
    }
    head = {"decisionType": "GRANT", "ratificationDate": "2025-03-11", **decision}
    return {"beneficiary": beneficiary(), "decision": head | {"aid": aid}}


def with_element(element: Report) -> Report:
    """Return a report of one aid with one calculation element."""
    return with_aid({"calculationElement": element})


def with_decision(kind: str) -> Report:
    """Return a report with one decision of that type; a refusal without aid."""
    if kind == "REFUSAL":
        return refusal_report()
    return with_aid({}, decisionType=kind)
