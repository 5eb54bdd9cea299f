"""Bytes, tree and bounds (G1–G3): what the parser never gets to see, and what it never does."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from rse_gateway.contract.parsing import Bounds, element_lines, parse_unverified
from rse_gateway.errors import EdgeRefused

BOUNDS = Bounds(max_bytes=100_000, max_elements=500)


def step_refusing(raw: bytes, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(raw, bounds)
    return refusal.value.step


@pytest.mark.parametrize(
    "raw",
    [
        b"<a/>",
        b'<?xml version="1.0"?><a/>',
        b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a/>",
        b'<?xml version="1.0" encoding="UTF-8"?>\r\n<a>caf\xc3\xa9</a>\n',
        b"\n<a><![CDATA[1 < 2]]></a>",
        b'<a xmlns="urn:x"><b xmlns=""/></a>',
    ],
)
def test_plain_xml_is_parsed(raw):
    assert etree.QName(parse_unverified(raw, BOUNDS)).localname == "a"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\xef\xbb\xbf<a/>", id="byte order mark"),
        pytest.param("<a/>".encode("utf-16"), id="UTF-16 with mark"),
        pytest.param("<a/>".encode("utf-16-le"), id="UTF-16 without mark"),
        pytest.param("<a/>".encode("utf-32"), id="UTF-32"),
        pytest.param(b'<?xml version="1.0" encoding="UTF-16"?><a/>', id="declared UTF-16"),
        pytest.param(
            b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', id="UTF-7 disguise"
        ),
        pytest.param(b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', id="declared Latin-1"),
        pytest.param(b'<?xml version="1.0" encoding="x"  encoding="UTF-8"?><a/>', id="two encodings"),
        pytest.param(b'<?xml version="1.1"?><a/>', id="XML 1.1"),
        pytest.param(b'<?xml version="1.1" encoding="UTF-8"?><a/>', id="XML 1.1 in UTF-8"),
        pytest.param(b'  <?xml version="1.0" encoding="UTF-7"?><a/>', id="declaration after space"),
        pytest.param(b"<a>\xe9</a>", id="Latin-1 bytes"),
        pytest.param(b"<a>\xc0\xbc</a>", id="overlong UTF-8"),
        pytest.param(b"<a>\xed\xa0\x80</a>", id="surrogate"),
        pytest.param(b"<a>\x00</a>", id="NUL"),
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param(b"<!doctype a><a/>", id="doctype in lower case"),
        pytest.param(b"<! DOCTYPE a><a/>", id="doctype after space"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', id="XXE by file"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', id="XXE by http"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><a/>', id="parameter entity"
        ),
        pytest.param(b"<a>" + b"x" * 100_000 + b"</a>", id="too many bytes"),
        pytest.param(b"<a>" + b"<b/>" * 1001 + b"</a>", id="too many tags"),
    ],
)
def test_bytes_that_are_no_plain_utf8_xml_are_refused_before_parsing(raw):
    assert step_refusing(raw) == "G1"


def test_too_many_bytes_are_refused_with_status_413():
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(b"<a>" + b"x" * 100_000 + b"</a>", BOUNDS)
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>&undefined;</a>",
        b"<a>&#0;</a>",
        b"<a>\x01</a>",
        b'<a b="1" b="2"/>',
        b"<p:a/>",
        b'<a xmlns:p=""/>',
        b'<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>',
        b"<" + b"a>" * 400,
        b"<a>" * 400 + b"</a>" * 400,
    ],
)
def test_what_is_not_well_formed_is_refused_by_the_parser(raw):
    assert step_refusing(raw) == "G2"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"<a>" * 33 + b"</a>" * 33, id="depth 33"),
        pytest.param(b"<a>" + b"<b/>" * 500 + b"</a>", id="501 elements"),
        pytest.param(b"<a " + b" ".join(b'b%d="1"' % n for n in range(17)) + b"/>", id="17 attributes"),
        pytest.param(
            b"<a " + b" ".join(b'xmlns:p%d="urn:x"' % n for n in range(65)) + b"/>", id="65 namespaces"
        ),
        pytest.param(b'<a xmlns="relative"/>', id="relative default namespace"),
        pytest.param(b'<a xmlns:p="../x"/>', id="relative unused namespace"),
        pytest.param(b"<a><!-- --></a>", id="comment"),
        pytest.param(b"<!-- --><a/>", id="comment before the root"),
        pytest.param(b"<a/><!-- -->", id="comment after the root"),
        pytest.param(b"<a><?x y?></a>", id="processing instruction"),
        pytest.param(b'<?xml-stylesheet href="x"?><a/>', id="style sheet"),
    ],
)
def test_a_tree_out_of_bounds_or_with_comments_is_refused(raw):
    assert step_refusing(raw) == "G3"


def test_the_bounds_themselves_are_allowed():
    assert len(parse_unverified(b"<a>" + b"<b/>" * 499 + b"</a>", BOUNDS)) == 499
    assert parse_unverified(b"<a>" * 32 + b"</a>" * 32, BOUNDS).tag == "a"


def test_a_megabyte_of_tags_is_refused_in_no_time():
    raw = b"<a>" * 350_000
    started = time.perf_counter()
    assert step_refusing(raw, Bounds(max_bytes=2**20 + 2**19, max_elements=25_000)) == "G1"
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize("raw", [b"<ssin>85073003328</x>", b"<x>85073003328", b"\xe985073003328"])
def test_a_refusal_quotes_nothing_of_the_message(raw):
    with pytest.raises(EdgeRefused) as refusal:
        parse_unverified(raw, BOUNDS)
    assert "85073003328" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_threads_parse_side_by_side_without_disturbing_each_other():
    def tags_of_many(name: str) -> set[str]:
        raw = b"<a>" + f"<{name}/>".encode() * 50 + b"</a>"
        return {child.tag for _ in range(100) for child in parse_unverified(raw, BOUNDS)}

    names = [f"t{n}" for n in range(4)]
    with ThreadPoolExecutor(max_workers=4) as threads:
        assert list(threads.map(tags_of_many, names)) == [{name} for name in names]


def test_lines_are_counted_beyond_what_libxml2_can_hold():
    raw = b"<a>\n<b><![CDATA[\n<no tag>\n]]></b>" + b"\n" * 70_000 + b"<c\n d='1'/></a>"
    assert element_lines(raw) == (1, 2, 70_004)
