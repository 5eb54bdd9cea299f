"""The order of checks is GATE_ORDER, and every step in it is needed."""

from datetime import timedelta
from itertools import pairwise

import pytest

from rse_gateway.errors import MessageRefused
from rse_gateway.security import gate as gate_module

from .conftest import BOUNDS
from .forge import SHA1, XSI, part
from .pki import NOW, make_test_keys

AFTER_WRITING = {
    "G3": lambda raw: raw.replace(b"<a:ssin>", b"<a:ssin><!-- -->"),  # comments are no part of what is signed
    "G2": lambda raw: raw.rstrip()[:-1],
    "G1": lambda raw: b"\xef\xbb\xbf" + raw,
}
STEPS = ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8"]


@pytest.fixture(scope="module")
def stranger(pki):
    """A key with a genuine certificate that nobody registered."""
    subject = make_test_keys.subject_of("RSE TEST stranger", "0299990118")
    return make_test_keys.issue(pki.ca, subject, make_test_keys.new_key("p256"))


@pytest.fixture
def violating(forge, stranger):
    """Return a function: a message that violates exactly the given steps."""
    as_signed = {
        "G4": ("before", lambda root: part(root, ".//a:consult").set(f"{{{XSI}}}type", "other")),
        "G5": ("created", NOW - timedelta(hours=1)),
        "G6": ("digest_method", SHA1),
        "G7": ("issued", stranger),
        "G8": ("after", lambda root: setattr(part(root, ".//a:ssin"), "text", "85073003229")),
    }

    def forged(*steps: str) -> bytes:
        options = {}
        for step, (name, value) in as_signed.items():
            if step in steps:
                options[name] = value
        raw = forge(**options)
        for step, change in AFTER_WRITING.items():
            if step in steps:
                raw = change(raw)
        return raw

    return forged


def test_the_steps_of_the_gate_stand_in_the_order_of_the_security_page():
    assert [step.name for step in gate_module.GATE_ORDER] == STEPS


def test_a_message_that_violates_nothing_is_opened(violating, opened):
    assert opened(violating()).payload[0].text == "85073003328"


@pytest.mark.parametrize("step", STEPS)
def test_a_message_that_violates_one_step_is_refused_by_that_step(step, violating, refused_at):
    assert refused_at(violating(step)) == step


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(STEPS)))
def test_a_message_that_violates_two_steps_is_refused_by_the_earlier(earlier, later, violating, refused_at):
    assert refused_at(violating(earlier, later)) == earlier


def test_a_message_that_violates_every_step_is_refused_by_the_first(violating, refused_at):
    assert refused_at(violating(*STEPS)) == "G1"


def _outcome(gate, raw: bytes) -> str:
    try:
        gate.open(raw, bounds=BOUNDS, now=NOW)
    except MessageRefused as refusal:
        return refusal.step
    except AttributeError:
        return "a later step misses what an earlier one writes"
    return "opened"


@pytest.mark.parametrize("index", range(len(STEPS) - 1))
def test_swapping_two_steps_would_be_noticed(index, violating, gate, monkeypatch):
    order = list(gate_module.GATE_ORDER)
    order[index], order[index + 1] = order[index + 1], order[index]
    monkeypatch.setattr(gate_module, "GATE_ORDER", tuple(order))
    assert _outcome(gate, violating(STEPS[index], STEPS[index + 1])) != STEPS[index]


@pytest.mark.parametrize("index", range(len(STEPS)))
def test_dropping_a_step_would_be_noticed(index, violating, gate, monkeypatch):
    order = gate_module.GATE_ORDER
    monkeypatch.setattr(gate_module, "GATE_ORDER", order[:index] + order[index + 1 :])
    assert _outcome(gate, violating(STEPS[index])) != STEPS[index]
