"""The world in which the samples are true: environment, date, institutions, keys, directory, tickets."""

from typing import Any

from golden_pack import blocks
from golden_pack.ground import (
    BIS_PERSON,
    BOUND_CONSULTATION,
    CENTRE,
    DEBT_MEDIATION,
    EAST,
    ENDED_FILE,
    GATEWAY,
    JEANNE,
    NORTH,
    SOCIAL_INQUIRY,
    SOUTH,
    TODAY,
)

OLD_CONTEXT = "PCSA:HOUSING"
_OPERATIONS = ("consultSocialReport", "retrieveSocialReport", "listSocialReports", "manageAccess",
               "deliverSocialReport")  # fmt: skip


def _rights() -> list[dict[str, str]]:
    return [{"operation": operation, "legalContext": SOCIAL_INQUIRY} for operation in _OPERATIONS]


def _institution(number: str, language: str, *, answers: bool, **more: Any) -> dict[str, Any]:
    name_fr, name_nl = blocks.NAMES[number]
    keys = [
        {"certificate": f"keys/test-cpas-{number}.cert.pem", "roles": ["cpas"], "profile": "strict"},
        {"certificate": f"keys/test-cpas-{number}-rsa.cert.pem", "roles": ["cpas"], "profile": "strict"},
    ]
    values = {
        "cbeNumber": number,
        "nameFr": name_fr,
        "nameNl": name_nl,
        "telephone": blocks.TELEPHONES[number],
        "language": language,
        "answers": answers,
        "rights": _rights(),
        "keys": keys,
    }
    return values | more


def _gateway() -> dict[str, Any]:
    name_fr, name_nl = blocks.NAMES[GATEWAY]
    keys = [
        {"certificate": "keys/test-gateway.cert.pem", "roles": [], "profile": "strict"},
        {"certificate": "keys/test-gateway-rsa.cert.pem", "roles": [], "profile": "strict"},
        {"certificate": "keys/test-auditor.cert.pem", "roles": ["hub-auditor"], "profile": "strict"},
    ]
    names = {"cbeNumber": GATEWAY, "nameFr": name_fr, "nameNl": name_nl, "language": "FR"}
    return names | {"answers": False, "rights": [], "keys": keys}


def _line(ssin: str, number: str, quality: int, begin: str, end: str | None = None) -> dict[str, Any]:
    return {"ssin": ssin, "cbeNumber": number, "qualityCode": quality, "beginDate": begin, "endDate": end}


def _north() -> dict[str, Any]:
    north = _institution(NORTH, "NL", answers=True)
    ended = {"operation": "consultSocialReport", "legalContext": OLD_CONTEXT, "validUntil": "2025-12-31"}
    mediation = {"operation": "manageAccess", "legalContext": DEBT_MEDIATION}
    north["rights"] = [*_rights(), mediation, ended]
    return north


def _south() -> dict[str, Any]:
    south = _institution(SOUTH, "FR", answers=True)
    south["keys"][1] |= {"activeUntil": "2026-10-01T00:00:00Z"}
    return south


WORLD: dict[str, Any] = {
    "format": "rse-gateway sample world 1",
    "environment": "test",
    "today": TODAY.isoformat(),
    "periodYears": 5,
    "authorities": [{"certificate": "keys/test-ca.cert.pem", "subjectRule": "ou"}],
    "institutions": [
        _gateway(),
        _north(),
        _institution(CENTRE, "FR", answers=True),
        _south(),
        _institution(EAST, "DE", answers=False, exemptFrom="2026-01-01", exemptUntil="2026-06-30"),
    ],
    "directory": [
        _line(JEANNE, NORTH, 2, "2026-11-02"),
        _line(JEANNE, CENTRE, 2, "2023-01-20"),
        _line(JEANNE, SOUTH, 4, "2025-03-01", "2025-12-31"),
        _line(JEANNE, EAST, 2, "2026-01-05"),
        _line(BIS_PERSON, NORTH, 1, "2026-10-01"),
        _line(ENDED_FILE, NORTH, 2, "2024-06-01", "2025-05-31"),
    ],
    "boundTickets": [
        {
            "cbeNumber": NORTH,
            "ticket": "N-2026-000001",
            "ticketCBSS": BOUND_CONSULTATION,
            "ssin": JEANNE,
            "beginDate": "2024-01-01",
            "endDate": "2024-12-31",
            "legalContext": SOCIAL_INQUIRY,
            "acceptedAt": "2026-11-20T09:00:00Z",
        }
    ],
}
