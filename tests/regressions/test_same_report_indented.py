"""The same report indented and compact is one content: the second delivery was a CONFLICT (case 13)."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from rse_gateway.contract.supplier_messages import answer_digest

COMPACT = (
    "<socialReport><beneficiary><ssin>80010100206</ssin></beneficiary>"
    "<decision><comment>one two</comment></decision></socialReport>"
)
INDENTED = COMPACT.replace("><", ">\n  <")
SPACE = st.text(" \t\n\r", max_size=4)


def digest(text: str) -> bytes:
    return answer_digest("DATA_FOUND", "MSG00000", etree.fromstring(text))


def test_white_space_between_elements_is_no_content() -> None:
    assert digest(INDENTED) == digest(COMPACT)


@given(st.lists(SPACE, min_size=12, max_size=12))
def test_whatever_white_space_stands_between_elements_the_content_is_the_same(spaces: list[str]) -> None:
    parts = COMPACT.split("><")
    spaced = parts[0] + "".join(f">{space}<{part}" for space, part in zip(spaces, parts[1:], strict=False))
    assert digest(spaced) == digest(COMPACT)


def test_white_space_within_a_text_is_content() -> None:
    assert digest(COMPACT.replace("one two", "one  two")) != digest(COMPACT)
    assert digest(COMPACT.replace("one two", " ")) != digest(COMPACT.replace("one two", ""))


def test_the_report_itself_is_not_changed() -> None:
    report = etree.fromstring(INDENTED)
    before = etree.tostring(report)
    answer_digest("DATA_FOUND", "MSG00000", report)
    assert etree.tostring(report) == before
