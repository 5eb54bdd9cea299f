"""Unsigned samples against the XSD: two validators agree, and the list of violations is as long as listed."""

import pytest
from lxml import etree
from sample_pack import Listed, by_file, select, violations_told

from rse_gateway.contract.components import components, verdict_schema

UNSIGNED = select(signed=False)


def breaks_the_xsd(sample: Listed) -> bool:
    return sample.stoppedAt == "G10"


@pytest.mark.parametrize("sample", UNSIGNED, ids=by_file)
def test_both_validators_give_the_listed_verdict(sample):
    payload = sample.payload
    namespace = etree.QName(payload).namespace
    valid = not breaks_the_xsd(sample)
    assert verdict_schema(namespace).validate(payload) is valid
    assert components(namespace).is_valid(payload, use_location_hints=False) is valid


@pytest.mark.parametrize("sample", UNSIGNED, ids=by_file)
def test_the_contract_layer_tells_as_many_violations_as_listed(sample):
    assert violations_told(sample.payload) == (sample.violations if breaks_the_xsd(sample) else None)


@pytest.mark.parametrize("sample", select(signed=False, direction="fault"), ids=by_file)
def test_a_fault_names_the_code_and_has_one_detail_per_violation(sample):
    details = sample.payload.findall("detail")
    assert sample.code in {detail.findtext("reasonCode") for detail in details} | {"MSG00020"}
    if sample.violations:
        assert len(details) == sample.violations


@pytest.mark.parametrize(
    "sample", [s for s in UNSIGNED if s.file.startswith("messages/replies/")], ids=by_file
)
def test_a_reply_that_refuses_names_the_code(sample):
    assert sample.payload.findtext("status/code") == sample.code
