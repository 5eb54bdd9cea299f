"""What an institution registered as toolkit may do, and one registered as strict may not."""

import pytest

from .forge import DS, EXC, ID, part
from .pki import CPAS

ENVELOPING = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
CANONICAL = f'<ds:Transform Algorithm="{EXC}"/>'


def with_plain_id(path):
    def change(root):
        element = part(root, path)
        element.set("Id", element.attrib.pop(ID))

    return change


RELAXED = {
    "the token is not covered": {"covered": ("ts", "body")},
    "an enveloped-signature transform without effect": {"transforms": ENVELOPING + CANONICAL},
    "un-namespaced Id on Body": {"before": with_plain_id("s:Body")},
    "un-namespaced Id on Timestamp": {"before": with_plain_id(".//wsu:Timestamp")},
}


@pytest.mark.parametrize("options", RELAXED.values(), ids=RELAXED.keys())
def test_a_toolkit_may(options, cpas, forge, opened, toolkit_gate):
    assert opened(forge(issued=cpas, **options), by=toolkit_gate).signer.cbe_number.value == CPAS


@pytest.mark.parametrize("options", RELAXED.values(), ids=RELAXED.keys())
def test_strict_may_not(options, cpas, forge, refused_at):
    assert refused_at(forge(issued=cpas, **options)) == "G7"


NEITHER = {
    "un-namespaced Id on the token": {"before": with_plain_id(".//wsse:BinarySecurityToken")},
    "un-namespaced Id on Body that is not unique": {
        "before": lambda root: (with_plain_id("s:Body")(root), part(root, ".//a:consult").set("Id", "body"))
    },
    "upper-case ID on Body": {
        "before": lambda root: part(root, "s:Body").set("ID", part(root, "s:Body").attrib.pop(ID))
    },
    "an enveloped-signature transform after canonicalisation": {"transforms": CANONICAL + ENVELOPING},
    "the Timestamp is not covered": {"covered": ("bst", "body")},
}


@pytest.mark.parametrize("options", NEITHER.values(), ids=NEITHER.keys())
@pytest.mark.parametrize("profile", ["strict", "toolkit"])
def test_neither_may(options, profile, forge, refused_at, gate, toolkit_gate):
    assert refused_at(forge(**options), by=gate if profile == "strict" else toolkit_gate) in {"G4", "G6"}


def test_a_wsu_id_counts_before_an_un_namespaced_one(forge, refused_at, toolkit_gate):
    """Both on one Body, and the signature names the un-namespaced one: it could name another node."""

    def two_ids(root):
        body = part(root, "s:Body")
        body.set(ID, "other")
        body.set("Id", "body")

    assert refused_at(forge(before=two_ids), by=toolkit_gate) == "G6"
