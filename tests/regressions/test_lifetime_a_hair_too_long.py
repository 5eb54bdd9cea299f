"""A time that breaks a bound by less than a second is told in digits that show it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from security.forge import WSU

from rse_gateway.diagnosis.certificate_reading import explain_time, seconds_told
from rse_gateway.diagnosis.explanation import Trusted, explain_signature
from rse_gateway.security.freshness import MAX_CLOCK_SKEW_SECONDS, MAX_LIFETIME_SECONDS

HAIR = (Path(__file__).with_name("inputs") / "expires-a-hair-after-300-s.signed.xml").read_bytes()
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
_SECOND = 1_000_000_000


def told(created: str, expires: str) -> list[tuple[str, tuple[str, ...]]]:
    timestamp = etree.fromstring(
        f'<t xmlns="{WSU}"><Created>2026-11-21T{created}</Created><Expires>2026-11-21T{expires}</Expires></t>'
    )
    return [(cause.key, cause.facts) for cause in explain_time(timestamp, AT).causes]


def test_a_lifetime_of_half_a_millisecond_too_much_is_told_as_such() -> None:
    causes = explain_signature(HAIR, AT, Trusted()).causes
    assert [(one.key, one.facts) for one in causes] == [("lifetime", ("300.0005",))]


@pytest.mark.parametrize(
    ("over", "text"),
    [(1, "{}.000000001"), (999, "{}.000001"), (456_600, "{}.0005"), (400_000_000, "{}.4"), (_SECOND, "{}")],
)
def test_no_excess_is_rounded_away(over: int, text: str) -> None:
    whole = MAX_LIFETIME_SECONDS + over // _SECOND
    assert seconds_told(MAX_LIFETIME_SECONDS * _SECOND + over, MAX_LIFETIME_SECONDS) == text.format(whole)


def test_one_nanosecond_too_much_is_a_lifetime_and_no_wrong_form() -> None:
    later = f"{10 + MAX_LIFETIME_SECONDS // 3600}:{MAX_LIFETIME_SECONDS // 60 % 60:02d}"
    assert told("10:00:00.000000000Z", f"{later}:00.000000001Z") == [
        ("lifetime", (f"{MAX_LIFETIME_SECONDS}.000000001",))
    ]


def test_an_end_a_hair_before_the_begin_is_not_told_as_zero() -> None:
    assert told("10:00:00.5Z", "10:00:00.4Z") == [("lifetime", ("-0.1",))]
    assert told("10:00:00.5Z", "10:00:00.5Z") == [("lifetime", ("0",))]


def test_a_message_expired_or_ahead_by_a_hair_is_told_so() -> None:
    assert told("10:00:00Z", "10:00:29.9996Z") == [("expired", ("0.0004",))]
    assert told("10:01:30.0004Z", "10:02:00Z") == [("clock_ahead", (f"{MAX_CLOCK_SKEW_SECONDS}.0004",))]
