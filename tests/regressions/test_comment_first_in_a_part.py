"""A comment or an instruction, wherever it stands in an altered message, is the cause that is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rse_gateway.diagnosis.explanation import Trusted, explain_signature

INPUTS = Path(__file__).with_name("inputs")
AT = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
COMMENTED = (INPUTS / "comment-first-in-the-body-then-altered.signed.xml").read_bytes()
PLAIN = (INPUTS / "rsa-pss.signed.xml").read_bytes()
PARTS = (
    b"<wsu:Created>", b"</wsu:Timestamp>", b"<ds:SignedInfo>", b"<ds:CanonicalizationMethod ",
    b"<ds:Transform ", b"<r:consultSocialReportRequest ", b"<informationCustomer>", b"<beginDate>",
    b"</soap:Body>", b"<soap:Envelope ", b"<soap:Header>",
)  # fmt: skip


def causes(raw: bytes) -> list[str]:
    return [cause.key for cause in explain_signature(raw, AT, Trusted()).causes]


def test_a_comment_as_first_child_of_a_part_that_was_altered_is_the_cause() -> None:
    told = causes(COMMENTED)
    assert told[:2] == ["not_plain", "comments"]
    assert "content_changed" in told


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("node", "cause"), [(b"<!-- made by hand -->", "comments"), (b"<?tool kept?>", "instruction")]
)
def test_it_is_the_cause_in_every_part_of_an_altered_message(part: bytes, node: bytes, cause: str) -> None:
    altered = PLAIN.replace(b"u-4711", b"u-4712").replace(b"10:05:00.123Z", b"10:05:00.124Z")
    told = causes(altered.replace(part, node + part, 1))
    assert told[:2] == ["not_plain", cause]


def test_comments_everywhere_are_told_once() -> None:
    told = causes(PLAIN.replace(b"><", b"><!-- one\nof many --><").replace(b"u-4711", b"u-4712"))
    assert told[:2] == ["not_plain", "comments"]
