"""Two implementations of one profile: the gateway opens what the stub signs, the stub what the gateway signs.

The only place where the stub's tests know the gateway.
"""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from stub_gateway import question
from stub_pki import FROM, HOLDER, HUB, authority, identity

from rse_cpas_stub.identity import Trust
from rse_cpas_stub.messages import answering_trail
from rse_cpas_stub.signature import sign, verify
from rse_gateway.contract.parsing import Bounds
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.gate import Gate
from rse_gateway.security.signing import MessageSigner
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, TrustPolicy

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BOUNDS = Bounds(max_bytes=256 * 1024, max_elements=2000)
DIGEST = "A" * 43 + "="
KINDS = pytest.mark.parametrize("kind", ["p256", "rsa"])
WITH_TRAIL = pytest.mark.parametrize("with_trail", [False, True])


class OneKey:
    """A registry that knows every key as the holder's, in the strict profile."""

    def registered_key(self, _: str) -> RegisteredKey:
        return RegisteredKey(CbeNumber(HOLDER), frozenset({"cpas"}), "strict", FROM, None)


@KINDS
@WITH_TRAIL
def test_the_gateway_opens_what_the_stub_signs(kind: str, with_trail: bool) -> None:
    gate = Gate(TrustPolicy([TrustAnchor(authority().certificate, "ou")], OneKey()))
    trail = answering_trail(DIGEST) if with_trail else None
    message = sign(question(), identity(HOLDER, kind), NOW, trail=trail)
    opened = gate.open(message.raw, bounds=BOUNDS, now=NOW)
    assert opened.signer.cbe_number == CbeNumber(HOLDER)
    proof = message.proof
    assert (opened.body_digest, opened.signed_info) == (proof.body_digest, proof.signed_info)
    assert opened.signature_value == proof.signature_value
    assert (opened.trail is not None) == with_trail


@KINDS
@WITH_TRAIL
def test_the_stub_opens_what_the_gateway_signs(kind: str, with_trail: bool) -> None:
    hub = identity(HUB, kind)
    signer = MessageSigner(hub.key, hub.certificate.public_bytes(Encoding.DER))
    trail = answering_trail(DIGEST) if with_trail else None
    envelope = signer.sign(question(), created=NOW, trail=trail)
    verified = verify(envelope.raw, Trust(HUB, (authority().certificate,)), NOW)
    assert verified.payload.findtext("supplierIdentification/cbeNumber") == HOLDER
    assert verified.proof.body_digest == envelope.body_digest
    assert (verified.trail is not None) == with_trail
