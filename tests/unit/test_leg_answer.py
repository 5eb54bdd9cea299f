"""A trail header of a holding CPAS's answer names our question, or makes it unusable, whatever it holds."""

from base64 import b64encode
from types import SimpleNamespace

import pytest
from gateway_fakes import proof

from rse_gateway.adapters.holding_cpas import LEG_ORDER, LegAnswer
from rse_gateway.contract.trail_header import trail_header

SENT = proof()


def stating(digest: str | None) -> str | None:
    header = None
    if digest is not None:
        header = trail_header(bytes(32))
        header[0].text = digest
    message = SimpleNamespace(trail=header)
    leg = LegAnswer(question=None, sent=SENT, message=message, answer=None, mandated=False)  # type: ignore[arg-type]
    return dict(LEG_ORDER)["questionDigest"](leg)


@pytest.mark.parametrize("digest", [None, b64encode(SENT.body_digest).decode()])
def test_no_header_and_our_digest_pass(digest: str | None) -> None:
    assert stating(digest) is None


OTHER = b64encode(bytes(32)).decode()


@pytest.mark.parametrize("digest", ["", "A", "é", OTHER], ids=["empty", "A", "é", "other"])
def test_what_is_no_digest_is_another_question(digest: str) -> None:
    assert stating(digest) == "its trail header names another question"
