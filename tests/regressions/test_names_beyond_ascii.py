"""A name with a letter beyond ASCII cannot be written as a character reference: copies are made in UTF-8."""

from lxml import etree

from rse_gateway.diagnosis.canonical_variants import EXCLUSIVE, variants
from rse_gateway.diagnosis.signature_reading import Transform
from rse_gateway.security.signature import canonical_bytes

PART = etree.fromstring(
    '<body xmlns:a="urn:a" Id="b" l\u00e0="1"><a:d\u00e9cision>caf\u00e9</a:d\u00e9cision></body>'
)


def test_the_gate_canonicalises_names_beyond_ascii_with_a_prefix_list_as_without():
    expected = etree.tostring(PART, method="c14n", exclusive=True)
    assert canonical_bytes(PART, ("b",)) == canonical_bytes(PART) == expected


def test_every_other_canonical_form_of_such_a_part_is_tried_and_nothing_is_raised():
    causes = {one.cause for one in variants(PART, Transform(EXCLUSIVE))}
    assert {"", "id_added_late", "prefix_list"} <= causes
