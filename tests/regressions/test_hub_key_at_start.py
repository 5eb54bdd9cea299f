"""A registry that an older version let hold the hub's own key: the gateway does not start with it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from rse_gateway.bootstrap.trust import refuse_registered_hub_key
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import SetupError
from rse_gateway.security.trust import RegisteredKey

HUB_KEY, OTHER_KEY = "ab" * 32, "cd" * 32


@dataclass
class Registered:
    key_id: str

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        known = RegisteredKey(CbeNumber("0299990019"), frozenset({"cpas"}), "strict", since, None)
        return known if key_id == self.key_id else None


def test_the_institution_and_the_key_are_named() -> None:
    with pytest.raises(SetupError, match=f"0299990019 is registered with the hub's own key {HUB_KEY}"):
        refuse_registered_hub_key(Registered(HUB_KEY), frozenset({HUB_KEY}))


def test_another_key_is_nobody_s_business_here() -> None:
    refuse_registered_hub_key(Registered(OTHER_KEY), frozenset({HUB_KEY}))
