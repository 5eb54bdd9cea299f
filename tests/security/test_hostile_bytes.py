"""Mutated genuine messages: refused in our own words, or opened with the very same Body."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rse_gateway.errors import MessageRefused

from .conftest import BOUNDS
from .forge import TRAIL_HEADER, Forgery
from .pki import CPAS, NOW

TOKENS = [
    *(b"<", b">", b"/", b'"', b"'", b"&", b"&#0;", b"&x;", b"=", b"#", b"\n", b" ", b"9" * 100, b"http://"),
    *(b"\x00", b"\xff", b"\xc3", b"\xf0\x9f\x98\x80", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x?>"),
    *(b"<!DOCTYPE a>", b"<a/>", b'xmlns="urn:x"', b'xmlns:ds=""', b' wsu:Id="body"', b' Id="body"'),
    *(b"</soap:Body>", b"<soap:Body>"),
]


@pytest.fixture(scope="module")
def genuine(pki):
    return [
        Forgery(issued=pki.issued[f"cpas-{CPAS}{kind}"], trail=TRAIL_HEADER).raw() for kind in ("", "-rsa")
    ]


def survives(gate, raw: bytes, body: bytes) -> bool:
    """Return whether the gate refuses ``raw`` in our own words or opens it with the same Body."""
    try:
        return gate.open(raw, bounds=BOUNDS, now=NOW).body_bytes == body
    except MessageRefused:
        return True


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spliced_bytes_never_get_another_body_through(data, gate, toolkit_gate, genuine):
    raw = data.draw(st.sampled_from(genuine))
    body = gate.open(raw, bounds=BOUNDS, now=NOW).body_bytes
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = start + data.draw(st.sampled_from([0, 0, 1, 2, 10, 200]))
        piece = data.draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4)))
        raw = raw[:start] + piece + raw[end:]
    assert survives(gate, raw, body)
    assert survives(toolkit_gate, raw, body)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_never_get_another_body_through(seed, gate, toolkit_gate, genuine):
    chance = random.Random(seed)  # noqa: S311 -- which bytes to flip is no secret
    outcomes = []
    for _ in range(500):
        raw = bytearray(chance.choice(genuine))
        body = gate.open(bytes(raw), bounds=BOUNDS, now=NOW).body_bytes
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        outcomes += [survives(gate, bytes(raw), body), survives(toolkit_gate, bytes(raw), body)]
    assert all(outcomes)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_noise_is_refused_in_our_own_words(raw, gate):
    with pytest.raises(MessageRefused):
        gate.open(raw, bounds=BOUNDS, now=NOW)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mangled_certificate_is_refused_in_our_own_words(data, pki, trust):
    der = pki.issued[f"cpas-{CPAS}"].certificate_der
    start = data.draw(st.integers(0, len(der) - 1))
    piece = data.draw(st.binary(min_size=1, max_size=3))
    mangled = der[:start] + piece + der[start + len(piece) :]
    if mangled != der:
        with pytest.raises(MessageRefused):
            trust.signer_of(mangled, NOW)


def test_no_refusal_quotes_the_message(gate, genuine):
    chance = random.Random(7)  # noqa: S311 -- which bytes to flip is no secret
    texts = set()
    for _ in range(500):
        raw = bytearray(genuine[0])
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        try:
            gate.open(bytes(raw), bounds=BOUNDS, now=NOW)
        except MessageRefused as refusal:
            texts.add(str(refusal))
    assert texts
    assert not any("85073003" in text or "MII" in text for text in texts)
