"""Text that looks like empty tags: it made G3 fail (MSG00001), or take 140 ms for a message of 1 MiB."""

import pytest
from lxml import etree
from security.conftest import BOUNDS
from security.forge import Forgery
from security.pki import CPAS, make_test_keys

from regressions.bombs import OPERATION_END, prefixes
from regressions.cpu_of_calm import least_cpu
from rse_gateway.contract.canonical_length import escaped_length
from rse_gateway.contract.parsing import parse_unverified
from rse_gateway.errors import EdgeRefused

MAX_CPU_SECONDS = 0.05


@pytest.mark.parametrize("text", [b"</>", b"< />", b"<\n\t/>", b"a</>b</>", b"</a/>"])
def test_cdata_that_looks_like_an_empty_tag_has_a_length(text):
    """What stands in CDATA is text, whatever it looks like, and is counted with its escapes."""
    raw = b"<a><![CDATA[%s]]></a>" % text
    canonical = etree.tostring(etree.fromstring(raw), method="c14n", exclusive=True)
    assert escaped_length(raw) >= len(canonical)


@pytest.mark.parametrize("text", [b"</>", b"< />"])
def test_a_bomb_with_such_cdata_is_refused_at_g3(text):
    """Nobody without a key brings the gate to an error of its own: the bomb is refused as any other."""
    genuine = Forgery(issued=make_test_keys.make_pki(institutions=(CPAS,)).issued[f"cpas-{CPAS}"]).raw()
    used = b"".join(b"<p%d:a/>" % (number % 60) for number in range(800))
    bomb = b"<o" + prefixes(60, 900) + b">" + used + b"<![CDATA[" + text + b"]]></o>"
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(genuine.replace(OPERATION_END, bomb + OPERATION_END), BOUNDS)
    assert refusal.value.step == "G3"


@pytest.mark.parametrize(
    "raw", [b"<aaa b='/>'/>", b"<aaa b='/>' >/></aaa>", b"<a><bb\n/><c>/>/></c><d e='x'/></a>"]
)
def test_empty_tags_among_text_that_looks_like_them_are_counted(raw):
    """An empty element is found beside attributes and text that hold the same two characters."""
    canonical = etree.tostring(etree.fromstring(raw), method="c14n", exclusive=True)
    assert escaped_length(raw) >= len(canonical)


def test_a_text_full_of_such_ends_is_judged_in_time():
    """Text that looks like half a million ends of tags costs no more than any other text of its length."""
    raw = b"<o>" + b"/>" * 520_000 + b"</o>"
    assert least_cpu(lambda: escaped_length(raw), MAX_CPU_SECONDS) < MAX_CPU_SECONDS
