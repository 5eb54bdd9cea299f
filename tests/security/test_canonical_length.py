"""The sum that G3 makes of canonical bytes is never below what canonicalisation then writes."""

import io

import pytest
from lxml import etree

from rse_gateway.contract import canonical_length, parsing
from rse_gateway.contract.parsing import Bounds, check_tree, parse_unverified
from rse_gateway.errors import EdgeRefused
from rse_gateway.security.signature import canonical_bytes

from .canonical_trees import Envelopes

ALL = Bounds(max_bytes=2**20, max_elements=25_000)
NO_LIMIT = 2**40
SEEDS = 12  # each of the trees below


def parts_of(root: etree._Element):
    """Yield every element that a signature may reference."""
    header = root[0]
    yield root[1]
    for node in header.iter():
        depth = 1 + len(list(node.iterancestors()))
        if depth <= canonical_length.LEVELS_OF_PARTS:
            yield node


def declarations_in(canonical: bytes) -> int:
    """Return the length of the declarations in a canonical text."""
    events = etree.iterparse(io.BytesIO(canonical), events=("start-ns",))
    return sum(canonical_length.declaration_length(*declared) for _, declared in events)


def estimated(root: etree._Element, raw: bytes, monkeypatch) -> int:
    """Return what the walk of G3 takes the declarations for."""
    seen = []
    monkeypatch.setattr(parsing, "_check_canonical_length", lambda *given: seen.append(given[-1].length))
    check_tree(root, ALL, raw)
    monkeypatch.undo()
    return seen[0]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("one_prefix", [False, True])
def test_no_sum_is_below_what_canonicalisation_writes(seed, one_prefix, monkeypatch):
    for turn in range(25):
        text, listed = Envelopes(seed * 1000 + turn, one_prefix=one_prefix).envelope()
        raw = text.encode()
        root = parse_unverified(raw, ALL)
        estimate = estimated(root, raw, monkeypatch)
        exact = canonical_length.written_declarations(root, limit=NO_LIMIT)
        for part in parts_of(root):
            for prefixes in ((), tuple(listed)):
                canonical = canonical_bytes(part, prefixes)
                declarations = declarations_in(canonical)
                assert declarations <= exact
                assert declarations <= estimate
                assert len(canonical) - declarations <= canonical_length.escaped_length(raw)
                assert canonical_length.escaped_length(raw) <= 6 * len(raw)


def test_the_sum_is_the_length_where_every_namespace_has_one_prefix():
    checked = 0
    for seed in range(200):
        text, listed = Envelopes(seed, one_prefix=True).envelope()
        root = parse_unverified(text.encode(), ALL)
        if not listed:
            root.remove(root[0])
            root.insert(0, etree.Element("nothing"))
            body = declarations_in(canonical_bytes(root[1]))
            assert canonical_length.written_declarations(root, limit=NO_LIMIT) == max(body, 0)
            checked += 1
    assert checked > 50


def delivery(root_tag: str, element: str, times: int) -> bytes:
    name = root_tag.split(maxsplit=1)[0]
    envelope = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
    return f"{envelope}<{root_tag}>{element * times}</{name}></s:Body></s:Envelope>".encode()


def test_a_root_with_forty_unused_declarations_over_25000_elements_passes():
    declarations = " ".join(
        f'xmlns:ns{n}="http://example.org/generated/by/jaxb/package{n}"' for n in range(40)
    )
    raw = delivery(f"ns1:deliver {declarations}", "<a>12345678901234</a>", 24_996)
    assert parse_unverified(raw, ALL)[1][0][0].text == "12345678901234"


def test_elements_in_another_namespace_than_their_parent_pass_while_they_fit():
    declarations = 'xmlns:n="urn:n" xmlns:item="urn:rse-gateway:types:ElectronicSocialReport:v1"'
    assert len(parse_unverified(delivery(f"n:list {declarations}", "<item:a>1</item:a>", 15_000), ALL)) == 2
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(delivery(f"n:list {declarations}", f"<item:a>{'1' * 20}</item:a>", 24_000), ALL)
    assert refusal.value.step == "G3"


def test_a_written_ancestor_counts_where_the_walk_is_made():
    """Alternating prefixes are written once each, however often they alternate below."""
    small = Bounds(max_bytes=60_000, max_elements=2_000)
    inner = "<p:a><q:b>" * 10 + "</q:b></p:a>" * 10
    declarations = f'xmlns:p="urn:{"p" * 100}" xmlns:q="urn:{"q" * 100}"'
    assert (
        parse_unverified(delivery(f"p:top {declarations}", f"<q:x>{inner * 4}</q:x>", 12), small) is not None
    )


def test_64_declarations_may_stand_on_one_element_and_65_may_not():
    for number, passes in ((64, True), (65, False)):
        declarations = " ".join(f'xmlns:n{n}="urn:n{n}"' for n in range(number))
        raw = f"<a {declarations}/>".encode()
        if passes:
            assert parse_unverified(raw, ALL).tag == "a"
        else:
            with pytest.raises(EdgeRefused, match="too many namespace declarations"):
                parse_unverified(raw, ALL)


def test_attributes_and_declarations_beyond_2048_weigh_as_elements():
    few = Bounds(max_bytes=2**20, max_elements=500)
    row = "<b " + " ".join(f'a{n}="1"' for n in range(8)) + "/>"
    assert len(parse_unverified(f"<a>{row * 256}</a>".encode(), few)) == 256
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(f"<a>{row * 330}</a>".encode(), few)
    assert refusal.value.step == "G1"
