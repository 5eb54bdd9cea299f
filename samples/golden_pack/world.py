"""The world in which the samples are true: environment, date, institutions, keys, directory, tickets."""

from typing import Any

from golden_pack import blocks
from golden_pack.ground import (
    BIS_PERSON,
    CANCELLED,
    CENTRE,
    DEBT_MEDIATION,
    EAST,
    ENDED_FILE,
    FORMER_FILE,
    GATEWAY,
    JEANNE,
    LANGUAGES,
    MERGED_FILE,
    MEUSE,
    NEW_NUMBER,
    NORTH,
    OLD_NUMBER,
    SOCIAL_INQUIRY,
    SOUTH,
    SPRINGS,
    TODAY,
    WEST,
)
from golden_pack.stored import STORED

OLD_CONTEXT = "PCSA:HOUSING"
CONSULTING_ONLY = "PCSA:URGENT_AID"
"""A legal context that `NORTH` and `CENTRE` have for consulting and for nothing else."""
_URGENT = {"operation": "consultSocialReport", "legalContext": CONSULTING_ONLY}
_OPERATIONS = ("consultSocialReport", "retrieveSocialReport", "listSocialReports", "manageAccess",
               "deliverSocialReport")  # fmt: skip


def _rights() -> list[dict[str, str]]:
    return [{"operation": operation, "legalContext": SOCIAL_INQUIRY} for operation in _OPERATIONS]


def _institution(number: str, *, answers: bool, own_keys: bool = True, **more: Any) -> dict[str, Any]:
    name_fr, name_nl = blocks.NAMES[number]
    files = [f"keys/test-cpas-{number}.cert.pem", f"keys/test-cpas-{number}-rsa.cert.pem"]
    keys = [{"certificate": file, "roles": ["cpas"], "profile": "strict"} for file in files]
    telephone = {"telephone": blocks.TELEPHONES[number]} if number in blocks.TELEPHONES else {}
    values = {
        "cbeNumber": number,
        "nameFr": name_fr,
        "nameNl": name_nl,
        **telephone,
        "language": LANGUAGES[number],
        "answers": answers,
        "quota": "none",
        "rights": _rights(),
        "keys": keys if own_keys else [],
    }
    return values | more


def _mandate(cpas: str, *operations: str, begin: str, end: str | None = None) -> dict[str, Any]:
    """Return a mandate of ``cpas`` for the institution in whose entry it stands."""
    return {"cpas": cpas, "operations": list(operations), "validFrom": begin, "validUntil": end}


def _gateway() -> dict[str, Any]:
    name_fr, name_nl = blocks.NAMES[GATEWAY]
    keys = [
        {"certificate": "keys/test-gateway.cert.pem", "roles": [], "profile": "strict"},
        {"certificate": "keys/test-gateway-rsa.cert.pem", "roles": [], "profile": "strict"},
        {"certificate": "keys/test-auditor.cert.pem", "roles": ["hub-auditor"], "profile": "strict"},
    ]
    names = {"cbeNumber": GATEWAY, "nameFr": name_fr, "nameNl": name_nl, "language": "FR"}
    return names | {"answers": False, "rights": [], "keys": keys}


def _line(
    ssin: str, number: str, quality: int, begin: str, end: str | None = None, *, changed: str = ""
) -> dict[str, Any]:
    line = {"ssin": ssin, "cbeNumber": number, "qualityCode": quality, "beginDate": begin, "endDate": end}
    return line | {"changedAt": changed or f"{end or begin}T08:15:00Z"}


def _north() -> dict[str, Any]:
    north = _institution(NORTH, answers=True, receives=True)
    ended = {"operation": "consultSocialReport", "legalContext": OLD_CONTEXT, "validUntil": "2025-12-31"}
    mediation = {"operation": "manageAccess", "legalContext": DEBT_MEDIATION}
    north["rights"] = [*_rights(), mediation, _URGENT, ended]
    return north


def _centre() -> dict[str, Any]:
    mandates = [
        _mandate(WEST, *_OPERATIONS, "provideSocialReport", begin="2026-01-01"),
        _mandate(SPRINGS, "consultSocialReport", begin="2026-01-01"),
        _mandate(MEUSE, "listSocialReports", begin="2026-01-01"),
    ]
    rights = [*_rights(), _URGENT]
    return _institution(CENTRE, answers=True, quota=2, mandates=mandates, rights=rights)


def _south() -> dict[str, Any]:
    mandates = [
        _mandate(WEST, "consultSocialReport", begin="2025-01-01", end="2025-12-31"),
        _mandate(MEUSE, "consultSocialReport", begin="2027-01-01"),
    ]
    south = _institution(SOUTH, answers=True, mandates=mandates)
    south["keys"][1] |= {"activeUntil": "2026-10-01T00:00:00Z"}
    return south


def _east() -> dict[str, Any]:
    exempt = {"exemptFrom": "2026-01-01", "exemptUntil": "2026-06-30"}
    return _institution(EAST, answers=False, registerQuota=0, **exempt)


def _springs() -> dict[str, Any]:
    merged = {"successor": SOUTH, "successorSince": "2026-11-01"}
    return _institution(SPRINGS, answers=False, own_keys=False, **merged)


DIRECTORY: list[dict[str, Any]] = [
    _line(JEANNE, NORTH, 2, "2026-11-02"),
    _line(JEANNE, CENTRE, 2, "2023-01-20"),
    _line(JEANNE, SOUTH, 4, "2025-03-01", "2025-12-31"),
    _line(JEANNE, EAST, 2, "2026-01-05"),
    _line(BIS_PERSON, NORTH, 1, "2026-10-01"),
    _line(BIS_PERSON, CENTRE, 2, "2023-05-01", "2024-04-30"),
    _line(BIS_PERSON, WEST, 2, "2025-02-01"),
    _line(ENDED_FILE, NORTH, 2, "2024-06-01", "2025-05-31"),
    _line(FORMER_FILE, NORTH, 2, "2026-03-01", "2026-11-18"),
    _line(FORMER_FILE, CENTRE, 2, "2024-01-10", "2025-01-09"),
    _line(MERGED_FILE, NORTH, 2, "2026-10-20"),
    _line(MERGED_FILE, CENTRE, 2, "2022-01-15", "2023-12-31"),
    _line(MERGED_FILE, SPRINGS, 2, "2024-03-01"),
    _line(NEW_NUMBER, NORTH, 2, "2026-09-20"),
    _line(OLD_NUMBER, CENTRE, 2, "2025-06-01"),
    _line(CANCELLED, NORTH, 2, "2026-08-03"),
]

WORLD: dict[str, Any] = {
    "format": "rse-gateway sample world 1",
    "environment": "test",
    "today": TODAY.isoformat(),
    "periodYears": 5,
    "authorities": [{"certificate": "keys/test-ca.cert.pem", "subjectRule": "ou"}],
    "institutions": [
        _gateway(),
        _north(),
        _centre(),
        _south(),
        _east(),
        _institution(WEST, answers=True, own_keys=False),
        _springs(),
        _institution(MEUSE, answers=True, own_keys=False),
    ],
    "directory": DIRECTORY,
    "replacedNumbers": [
        {"old": OLD_NUMBER, "new": NEW_NUMBER, "since": "2026-09-15"},
        {"old": CANCELLED, "new": None, "since": "2026-09-01"},
    ],
    "deadlineHours": 24,
    "horizonDays": 30,
    "boundTickets": STORED,
}
