"""Step G5: a message is fresh, by its own signed Timestamp and the time passed in.

Rules: security page, "Profile": ``Z`` only, at most 9 fraction digits, 0 < Expires − Created ≤ 300 s,
Created ≤ now + 60 s, now < Expires. Comparisons are in whole nanoseconds, so that no digit is rounded away.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rse_gateway.errors import SecurityRefused

_STEP: Final = "G5"
_INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?Z", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000_000

MAX_LIFETIME_SECONDS: Final = 300
MAX_CLOCK_SKEW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Validity:
    """When a message was made and until when it may be accepted (UTC, microseconds, cut off)."""

    created: datetime
    expires: datetime


def fresh_validity(created_text: str, expires_text: str, now: datetime) -> Validity:
    """Return the validity that two texts of a Timestamp state, which holds at ``now`` (with a time zone).

    Raises:
        SecurityRefused: step G5, malformed, too long, from the future or expired.
    """
    created, expires = nanoseconds_of(created_text), nanoseconds_of(expires_text)
    present = _since_epoch(now)
    if not 0 < expires - created <= MAX_LIFETIME_SECONDS * _SECOND:
        raise SecurityRefused(_STEP, "Expires is not within 300 seconds after Created")
    if created > present + MAX_CLOCK_SKEW_SECONDS * _SECOND:
        raise SecurityRefused(_STEP, "Created more than 60 seconds in the future")
    if present >= expires:
        raise SecurityRefused(_STEP, "expired")
    return Validity(_instant(created), _instant(expires))


def instant_text(moment: datetime) -> str:
    """Return a moment (with a time zone) as the profile writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def nanoseconds_of(text: str) -> int:
    """Return the moment that a text of a Timestamp states, in nanoseconds since 1970, no digit lost.

    Raises:
        SecurityRefused: step G5, malformed or no such moment.
    """
    match = _INSTANT.fullmatch(text)
    if not match:
        raise SecurityRefused(_STEP, "a time is not written YYYY-MM-DDThh:mm:ss[.fraction]Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        whole = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise SecurityRefused(_STEP, "a time that does not exist") from None
    return _since_epoch(whole) + int((match.group(7) or "").ljust(9, "0"))


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _instant(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
