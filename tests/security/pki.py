"""The test PKI and an in-memory key registry."""

import importlib.util
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from cryptography import x509
from cryptography.x509.oid import NameOID

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.trust import Profile, RegisteredKey, key_id_of

SAMPLE_KEYS = Path(__file__).parents[2] / "samples" / "keys"
CPAS = "0299990118"
OTHER_CPAS = "0299990217"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def _load_make_test_keys() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_test_keys", SAMPLE_KEYS / "make_test_keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_test_keys"] = module
    spec.loader.exec_module(module)
    return module


make_test_keys = _load_make_test_keys()


@dataclass
class FakeRegistry:
    """A key registry in memory."""

    keys: dict[str, RegisteredKey] = field(default_factory=dict)

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        return self.keys.get(key_id)

    def register(self, issued, number: str, *, begin=None, until=None) -> None:
        key_id = key_id_of(issued.key.public_key())
        begin = begin or make_test_keys.VALID_FROM
        self.keys[key_id] = RegisteredKey(CbeNumber(number), frozenset({"cpas"}), "strict", begin, until)

    def with_profile(self, profile: Profile) -> "FakeRegistry":
        return FakeRegistry({name: replace(key, profile=profile) for name, key in self.keys.items()})


def registry_of(pki) -> FakeRegistry:
    """Return a registry of every key that the trusted CA issued."""
    registry = FakeRegistry()
    for issued in pki.issued.values():
        registry.register(issued, number_in(issued.certificate))
    return registry


def number_in(certificate: x509.Certificate) -> str:
    (unit,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return str(unit.value)[-10:]
