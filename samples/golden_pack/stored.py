"""The consultations that the gateway has stored in the world of the samples, and how their parts stand."""

from typing import Any, Final

from golden_pack.ground import (
    BIS_PERSON,
    BOUND_CONSULTATION,
    CENTRE,
    CONFIRMED_CONSULTATION,
    DELIVERED_CONSULTATION,
    EAST,
    EXPIRED_CONSULTATION,
    FORMER_CONSULTATION,
    FORMER_FILE,
    HOSTED_CONSULTATION,
    JEANNE,
    LATE_CONSULTATION,
    MERGED_CONSULTATION,
    MERGED_FILE,
    NORTH,
    PREDECESSORS_CONSULTATION,
    QUOTA_CONSULTATIONS,
    SOCIAL_INQUIRY,
    SOUTH,
    SPRINGS,
    WEST,
)

FULL_ANSWER: Final = "messages/good/provideSocialReport/answer-full.signed.xml"
DELIVERED_ANSWER: Final = "messages/good/deliverSocialReport/request-again.signed.xml"
LATE_PERIOD: Final = ("2022-01-01", "2026-11-19")
_NOT_ASKED: Final = "MSG00020"


def _leg(number: str, state: str, since: str, code: str = "MSG00020", **more: Any) -> dict[str, Any]:
    """Return one holding CPAS's part: its state, since when, and the code that stands with it.

    ``answer`` names the sample whose content it answered with, ``kept`` tells whether that is still stored.
    """
    values = {"cbeNumber": number, "connected": True, "state": state, "since": since, "code": code}
    return values | {"late": False} | more


def _not_connected(number: str, since: str) -> dict[str, Any]:
    return _leg(number, "DUE", since, _NOT_ASKED, connected=False)


def _answered(number: str, since: str, answer: str, *, kept: bool = True, **more: Any) -> dict[str, Any]:
    return _leg(number, "ANSWERED", since, "MSG00000", answer=answer, kept=kept, **more)


def _stored(
    ticket: str,
    number: str,
    accepted: str,
    *legs: dict[str, Any],
    by: str = NORTH,
    ssin: str = JEANNE,
    period: tuple[str, str] = LATE_PERIOD,
) -> dict[str, Any]:
    """Return a consultation: ``ticket`` is the requester's own number, ``number`` the gateway's."""
    return {
        "cbeNumber": by,
        "ticket": ticket,
        "ticketCBSS": number,
        "ssin": ssin,
        "beginDate": period[0],
        "endDate": period[1],
        "legalContext": SOCIAL_INQUIRY,
        "acceptedAt": accepted,
        "legs": list(legs),
    }


STORED: Final = [
    _stored(
        "N-2026-000001", BOUND_CONSULTATION, "2026-11-20T09:00:00Z",
        _answered(CENTRE, "2026-11-20T09:00:01.400Z", FULL_ANSWER),
        period=("2024-01-01", "2024-12-31"),
    ),
    _stored(
        "N-2026-000002", LATE_CONSULTATION, "2026-11-20T08:00:00Z",
        _not_connected(EAST, "2026-11-20T08:00:00Z"),
        _leg(CENTRE, "PROMISED", "2026-11-20T08:00:00Z"),
        _leg(SOUTH, "UNUSABLE", "2026-11-20T15:00:00Z", "MSG00023"),
    ),
    _stored(
        "N-2026-000003", DELIVERED_CONSULTATION, "2026-11-19T09:00:00Z",
        _not_connected(EAST, "2026-11-19T09:00:00Z"),
        _answered(CENTRE, "2026-11-20T14:30:00Z", DELIVERED_ANSWER, late=True),
        _leg(SOUTH, "REFUSED", "2026-11-19T09:00:02Z", "MSG00027"),
        period=("2022-01-01", "2026-11-18"),
    ),
    _stored(
        "N-2026-000004", EXPIRED_CONSULTATION, "2026-10-05T09:00:00Z",
        _leg(CENTRE, "EXPIRED", "2026-11-04T09:00:00Z"),
        _leg(WEST, "NO_DATA", "2026-10-05T09:00:03Z", "MSG00100"),
        ssin=BIS_PERSON, period=("2022-01-01", "2026-10-04"),
    ),
    _stored(
        "N-2026-000005", CONFIRMED_CONSULTATION, "2026-11-10T09:00:00Z",
        _answered(CENTRE, "2026-11-10T09:00:01.200Z", FULL_ANSWER, kept=False),
        period=("2024-01-01", "2024-12-31"),
    ),
    _stored(
        "N-2026-000006", FORMER_CONSULTATION, "2026-11-16T09:00:00Z",
        _leg(CENTRE, "NO_DATA", "2026-11-16T09:00:01Z", "MSG00100"),
        ssin=FORMER_FILE, period=("2024-01-01", "2024-12-31"),
    ),
    _stored(
        "N-2026-000007", HOSTED_CONSULTATION, "2026-11-20T12:00:00Z",
        _leg(CENTRE, "NO_DATA", "2026-11-20T12:00:01Z", "MSG00100"),
        _leg(WEST, "PROMISED", "2026-11-20T12:00:00Z"),
        ssin=BIS_PERSON,
    ),
    _stored(
        "N-2026-000008", MERGED_CONSULTATION, "2026-10-28T09:00:00Z",
        _leg(SPRINGS, "DUE", "2026-10-28T09:00:00Z"),
        _leg(CENTRE, "NO_DATA", "2026-10-28T09:00:01Z", "MSG00100"),
        ssin=MERGED_FILE, period=("2022-01-01", "2026-10-27"),
    ),
    _stored(
        "B-2026-000071", PREDECESSORS_CONSULTATION, "2026-10-30T09:00:00Z",
        _leg(CENTRE, "NO_DATA", "2026-10-30T09:00:02Z", "MSG00100"),
        by=SPRINGS, ssin=MERGED_FILE, period=("2022-01-01", "2023-12-31"),
    ),
    *(
        _stored(f"C-2026-00{4400 + number}", ticket, accepted, by=CENTRE, period=("2022-01-01", "2024-12-31"))
        for number, (ticket, accepted) in enumerate(
            zip(QUOTA_CONSULTATIONS, ("2026-11-21T09:15:00Z", "2026-11-21T09:40:00Z"), strict=True)
        )
    ),
]  # fmt: skip
