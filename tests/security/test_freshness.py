"""Time (G5): only what was made in the last five minutes counts, to the nanosecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rse_gateway.errors import SecurityRefused
from rse_gateway.security.freshness import fresh_validity, instant_text

from .pki import NOW

CREATED, EXPIRES = "2026-06-01T12:00:00Z", "2026-06-01T12:05:00Z"


def test_the_validity_is_returned_in_utc():
    validity = fresh_validity("2026-06-01T12:00:00.123456789Z", "2026-06-01T12:05:00.1Z", NOW)
    assert validity.created == NOW + timedelta(microseconds=123456)
    assert validity.expires == NOW + timedelta(minutes=5, milliseconds=100)


@pytest.mark.parametrize(
    ("created", "expires", "now"),
    [
        pytest.param(CREATED, EXPIRES, NOW + timedelta(seconds=300), id="expired this instant"),
        pytest.param(CREATED, EXPIRES, NOW + timedelta(hours=1), id="stale"),
        pytest.param(CREATED, EXPIRES, NOW - timedelta(seconds=60, microseconds=1), id="future"),
        pytest.param(CREATED, "2026-06-01T12:05:00.000000001Z", NOW, id="a nanosecond too long"),
        pytest.param(CREATED, CREATED, NOW, id="no lifetime"),
        pytest.param(CREATED, "2026-06-01T11:59:59Z", NOW - timedelta(seconds=30), id="negative lifetime"),
    ],
)
def test_a_time_out_of_bounds_is_refused(created, expires, now):
    with pytest.raises(SecurityRefused) as refusal:
        fresh_validity(created, expires, now)
    assert refusal.value.step == "G5"


@pytest.mark.parametrize(
    "now", [NOW - timedelta(seconds=60), NOW, NOW + timedelta(seconds=299, microseconds=999_999)]
)
def test_the_bounds_themselves_are_allowed(now):
    assert fresh_validity(CREATED, EXPIRES, now).created == NOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-01T12:00:00",
        "2026-06-01T12:00:00+00:00",
        "2026-06-01T12:00:00z",
        "2026-06-01 12:00:00Z",
        " 2026-06-01T12:00:00Z",
        "2026-06-01T12:00:00Z\n",
        "2026-06-01T12:00:00.Z",
        "2026-06-01T12:00:00.1234567890Z",
        "2026-06-01T12:00:60Z",
        "2026-06-01T24:00:00Z",
        "2026-02-30T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "-026-06-01T12:00:00Z",
        "12026-06-01T12:00:00Z",
        "\u0662026-06-01T12:00:00Z",
        "2026-06-01",
    ],
)
def test_a_time_written_otherwise_is_refused(text):
    with pytest.raises(SecurityRefused) as refusal:
        fresh_validity(text, EXPIRES, NOW)
    assert refusal.value.step == "G5"


def test_our_own_times_are_utc_with_milliseconds():
    brussels_summer = timezone(timedelta(hours=2))
    moment = datetime(2026, 6, 1, 14, 0, 0, 1_999, tzinfo=brussels_summer)
    assert instant_text(moment) == "2026-06-01T12:00:00.001Z"
    assert instant_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "options",
    [
        {"created": NOW - timedelta(hours=1)},
        {"created": NOW + timedelta(minutes=2)},
        {"lifetime": timedelta(seconds=301)},
        {"lifetime": timedelta(0)},
        {"times": ("2026-06-01T14:00:00+02:00", EXPIRES)},
    ],
    ids=["stale", "future", "too long", "no lifetime", "offset"],
)
def test_the_gate_refuses_a_message_that_is_not_fresh(options, forge, refused_at):
    assert refused_at(forge(**options)) == "G5"
