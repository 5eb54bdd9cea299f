"""The reference CPAS and explain-signature canonicalise what nobody vouched for, too: both are bounded."""

import contextlib

import pytest
from lxml import etree
from security.canonical_trees import Envelopes
from security.forge import Forgery
from security.pki import CPAS, make_test_keys

from regressions.bombs import OPERATION_END, bombs, prefixes
from regressions.cpu_of_calm import least_cpu
from rse_cpas_stub.canonical_size import check_canonical_size
from rse_cpas_stub.errors import SignatureRefused
from rse_cpas_stub.skeleton import MAX_BYTES, parse_unverified
from rse_gateway.diagnosis.signature_reading import read_tolerantly
from rse_gateway.security.signature import canonical_bytes

MAX_CPU_SECONDS = 0.2


@pytest.fixture(scope="module")
def genuine():
    pki = make_test_keys.make_pki(institutions=(CPAS,))
    return Forgery(issued=pki.issued[f"cpas-{CPAS}"]).raw()


@pytest.fixture(scope="module")
def bomb(genuine):
    opening = b"<o" + prefixes(16, 900) + b">"
    unit = b"<a" + b"".join(b' p%d:a=""' % n for n in range(16)) + b"/>"
    return genuine.replace(OPERATION_END, opening + unit * 1_000 + b"</o>" + OPERATION_END, 1)


def test_the_reference_cpas_refuses_the_bomb_before_it_canonicalises(genuine, bomb):
    assert parse_unverified(genuine).token
    with pytest.raises(SignatureRefused, match="canonicalisation"):
        parse_unverified(bomb)


def test_the_reference_cpas_reads_every_bomb_cheaply(genuine):
    for kind, raw in bombs(genuine, 27):
        assert least_cpu(lambda raw=raw: _read(raw), MAX_CPU_SECONDS) < MAX_CPU_SECONDS, kind


def _read(raw: bytes) -> None:
    with contextlib.suppress(SignatureRefused):
        parse_unverified(raw)


def test_the_reference_cpas_never_takes_a_tree_for_smaller_than_its_canonical_form():
    for seed in range(100):
        text, listed = Envelopes(seed).envelope()
        root = etree.fromstring(text.encode())
        for part in root:
            for names in ((), tuple(listed)):
                length = len(canonical_bytes(part, names))
                with pytest.raises(SignatureRefused):
                    check_canonical_size(root, length - 1)
        check_canonical_size(root, MAX_BYTES)


def test_the_reference_cpas_reads_a_root_with_forty_unused_declarations_over_25000_elements():
    declarations = " ".join(
        f'xmlns:ns{n}="http://example.org/generated/by/jaxb/package{n}"' for n in range(40)
    )
    root = etree.fromstring(
        f"<ns1:list {declarations}>{'<a>12345678901234</a>' * 25_000}</ns1:list>".encode()
    )
    check_canonical_size(root, MAX_BYTES)


def test_explain_signature_does_not_canonicalise_a_bomb(genuine, bomb):
    assert read_tolerantly(genuine) is not None
    assert read_tolerantly(bomb) is None
