"""Fixtures: one PKI per run, a registry, gates for both profiles, shorthands to open and be refused."""

from collections.abc import Callable

import pytest
from lxml import etree

from rse_gateway.contract.parsing import Bounds
from rse_gateway.errors import MessageRefused
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.trust import TrustAnchor, TrustPolicy

from .forge import PAYLOAD, TRAIL_HEADER, Forgery
from .pki import CPAS, NOW, FakeRegistry, make_test_keys, registry_of

BOUNDS = Bounds(max_bytes=256 * 1024, max_elements=2000)


@pytest.fixture(scope="session")
def pki():
    return make_test_keys.make_pki(institutions=(CPAS, "0299990217"))


@pytest.fixture
def registry(pki) -> FakeRegistry:
    return registry_of(pki)


@pytest.fixture
def trust(pki, registry) -> TrustPolicy:
    return TrustPolicy([TrustAnchor(pki.ca.certificate, "ou")], registry)


@pytest.fixture
def gate(trust) -> Gate:
    return Gate(trust)


@pytest.fixture
def toolkit_gate(pki, registry) -> Gate:
    anchors = [TrustAnchor(pki.ca.certificate, "ou")]
    return Gate(TrustPolicy(anchors, registry.with_profile("toolkit")))


@pytest.fixture(params=["p256", "rsa"])
def cpas(request, pki):
    return pki.issued[f"cpas-{CPAS}" if request.param == "p256" else f"cpas-{CPAS}-rsa"]


@pytest.fixture
def p256(pki):
    return pki.issued[f"cpas-{CPAS}"]


@pytest.fixture
def forge(p256) -> Callable[..., bytes]:
    def forged(**options) -> bytes:
        return Forgery(**{"issued": p256, **options}).raw()

    return forged


@pytest.fixture
def opened(gate) -> Callable[..., SignedMessage]:
    def open_it(raw: bytes, *, now=NOW, by: Gate = gate) -> SignedMessage:
        return by.open(raw, bounds=BOUNDS, now=now)

    return open_it


@pytest.fixture
def refused_at(gate) -> Callable[..., str]:
    """Return the step that refuses a message; the gate must refuse it."""

    def step_of(raw: bytes, *, now=NOW, by: Gate = gate, bounds: Bounds = BOUNDS) -> str:
        with pytest.raises(MessageRefused) as refusal:
            by.open(raw, bounds=bounds, now=now)
        return refusal.value.step

    return step_of


@pytest.fixture
def payload() -> etree._Element:
    return etree.fromstring(PAYLOAD)


@pytest.fixture
def trail() -> etree._Element:
    return etree.fromstring(TRAIL_HEADER.replace(' wsu:Id="trail"', ""))
