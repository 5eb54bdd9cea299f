"""A broken signature is explained with its right cause; a good one has none; no value is told."""

import base64
import hashlib
import json
from datetime import timedelta
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from security.forge import Forgery
from security.pki import make_test_keys, registry_of

from diagnosis.broken_signatures import BROKEN, CPAS, NISS, NOW, OTHER_CPAS, signed
from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.parsing import Bounds
from rse_gateway.diagnosis.causes import LIKELIEST_FIRST
from rse_gateway.diagnosis.explanation import Trusted, explain_signature
from rse_gateway.diagnosis.signature_value import KnownKey
from rse_gateway.diagnosis.signature_words import load_words
from rse_gateway.errors import MessageRefused
from rse_gateway.security.gate import Gate
from rse_gateway.security.trust import TrustAnchor, TrustPolicy, key_id_of

PKI = make_test_keys.make_pki(institutions=(CPAS, OTHER_CPAS, "0299990316"))
REGISTRY = registry_of(PKI)
KEYS = {
    "cpas": PKI.issued[f"cpas-{CPAS}"],
    "rsa": PKI.issued[f"cpas-{CPAS}-rsa"],
    "other": PKI.issued[f"cpas-{OTHER_CPAS}"],
    "stranger": PKI.issued["cpas-0299990316"],
    "stranger_rsa": PKI.issued["cpas-0299990316-rsa"],
}
for name in ("stranger", "stranger_rsa"):
    del REGISTRY.keys[key_id_of(KEYS[name].key.public_key())]
ANCHORS = (TrustAnchor(PKI.ca.certificate, "ou"),)
TRUSTED = Trusted(ANCHORS, REGISTRY, (KnownKey(KEYS["other"].key.public_key(), OTHER_CPAS),))
SOON = NOW + timedelta(seconds=5)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_signature_is_explained_with_the_right_cause(name):
    make, cause = BROKEN[name]
    told = explain_signature(make(**KEYS), SOON, TRUSTED)
    assert told.gate.step
    assert told.causes[0].key == cause, [one.text("EN") for one in told.causes]


@pytest.mark.parametrize("name", BROKEN)
def test_the_verdict_is_the_gates_own(name):
    raw = BROKEN[name][0](**KEYS)
    with pytest.raises(MessageRefused) as refusal:
        Gate(TrustPolicy(ANCHORS, REGISTRY)).open(raw, bounds=Bounds(256 * 1024, 2000), now=SOON)
    told = explain_signature(raw, SOON, TRUSTED)
    assert (told.gate.step, told.gate.reason) == (refusal.value.step, refusal.value.reason)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_explanation_holds_a_value_of_the_message(name, language):
    told = explain_signature(BROKEN[name][0](**KEYS), SOON, TRUSTED)
    text = json.dumps(told.values(language), ensure_ascii=False)
    assert NISS not in text
    assert "N-2026" not in text
    assert "as-0042" not in text


@pytest.mark.parametrize("key", ["cpas", "rsa"])
def test_a_good_signature_has_no_cause_and_every_digest_is_right(key):
    told = explain_signature(signed(KEYS[key]), SOON, TRUSTED)
    assert (told.gate.step, told.causes, told.deviations) == ("", (), ())
    assert [one.right for one in told.references] == [True, True, True]
    assert told.value.right
    assert told.certificate.institution == CPAS
    assert told.certificate.registered


def test_the_canonical_bytes_are_those_that_were_digested():
    told = explain_signature(signed(KEYS["cpas"]), SOON, TRUSTED)
    parts = dict(told.canonical_parts())
    assert list(parts) == ["SignedInfo", "1-BinarySecurityToken", "2-Timestamp", "3-Body"]
    digest = base64.b64encode(hashlib.sha256(parts["3-Body"]).digest()).decode()
    assert digest == told.references[2].expected


def test_without_anybody_to_trust_everything_but_the_certificate_is_judged():
    told = explain_signature(signed(KEYS["cpas"]), SOON, Trusted())
    assert (told.gate.step, told.gate.judged, told.causes) == ("", False, ())
    assert told.certificate.registered is None
    broken = explain_signature(BROKEN["ECDSA value in DER"][0](**KEYS), SOON, Trusted())
    assert (broken.gate.step, broken.causes[0].key) == ("G8", "ecdsa_der")


def test_an_authority_that_is_not_trusted_is_named():
    other = make_test_keys.make_pki(institutions=(CPAS,))
    told = explain_signature(signed(KEYS["cpas"]), SOON, Trusted((TrustAnchor(other.ca.certificate, "ou"),)))
    assert [one.key for one in told.causes] == ["untrusted"]


def test_a_deviation_says_whether_the_profile_toolkit_would_accept_it():
    raw = Forgery(issued=KEYS["cpas"], covered=("ts", "body")).raw()
    told = explain_signature(raw, SOON, TRUSTED)
    assert told.deviations == ("token not covered by the signature",)
    assert told.gate.toolkit
    assert "toolkit_profile" in [one.key for one in told.causes]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_whatever_the_bytes_an_explanation_comes_and_nothing_is_raised(raw):
    assert explain_signature(raw, SOON, TRUSTED).gate.step


@given(st.integers(min_value=0), st.binary(min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_wherever_a_good_message_is_damaged_an_explanation_comes(at, bytes_):
    raw = bytearray(GOOD)
    place = at % len(raw)
    raw[place : place + len(bytes_)] = bytes_
    told = explain_signature(bytes(raw), SOON, TRUSTED)
    assert bool(told.causes) == bool(told.gate.step)


GOOD = signed(KEYS["cpas"])


def test_every_cause_is_ranked_and_told_in_four_languages_with_the_same_facts():
    causes = load_words()["causes"]
    assert set(causes) == set(LIKELIEST_FIRST)
    for group in load_words().values():
        for key, texts in group.items():
            assert tuple(texts) == LANGUAGES, key
            fields = {
                frozenset(field for _, field, _, _ in Formatter().parse(text) if field)
                for text in texts.values()
            }
            assert len(fields) == 1, key
