"""Signed samples through the gate, at the moment that the manifest names."""

import pytest
from lxml import etree
from sample_pack import by_file, contract_element, opened, select, violations_told

from rse_gateway.contract.parsing import build_tree
from rse_gateway.errors import MessageRefused
from rse_gateway.security.gate import GATE_ORDER

STEPS = {step.name for step in GATE_ORDER}
SIGNED = select(signed=True)
REFUSED = [s for s in SIGNED if s.stoppedAt in STEPS]
OPENED = [s for s in SIGNED if s.stoppedAt not in STEPS]


@pytest.mark.parametrize("sample", REFUSED, ids=by_file)
def test_the_gate_refuses_at_the_listed_step_with_the_listed_code(sample):
    with pytest.raises(MessageRefused) as refusal:
        opened(sample)
    assert refusal.value.step == sample.stoppedAt
    if sample.expected == "fault":
        assert refusal.value.code == sample.code
    mismatch = getattr(refusal.value, "version_mismatch", False)
    assert mismatch == sample.file.endswith("soap-1.2.signed.xml")


@pytest.mark.parametrize("sample", OPENED, ids=by_file)
def test_the_gate_opens_and_the_xsd_says_what_is_listed(sample):
    element = contract_element(opened(sample).payload)
    assert violations_told(element) == (sample.violations if sample.stoppedAt == "G10" else None)


@pytest.mark.parametrize("sample", OPENED, ids=by_file)
def test_the_signed_message_holds_the_same_payload_as_its_unsigned_twin(sample):
    twins = select(file=sample.file.replace(".signed.xml", ".xml"))
    for twin in twins:
        unsigned = etree.tostring(build_tree(twin.raw), method="c14n", exclusive=True)
        signed = etree.tostring(opened(sample).payload, method="c14n", exclusive=True)
        assert signed == unsigned
        assert {k: v for k, v in twin.entry.items() if k not in ("file", "signed")} == {
            k: v for k, v in sample.entry.items() if k not in ("file", "signed", "verifiedAt")
        }
