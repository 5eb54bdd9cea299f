"""``rse-gateway explain-signature``: the cause in words, facts for machines, canonical bytes in files."""

import base64
import hashlib
import json

import pytest
from cli_runs import NISS, ROOT, call, run

from rse_gateway.contract.catalogue import LANGUAGES

MESSAGES = ROOT / "samples" / "messages"
CAUSES = {
    "G8-white-space-in-the-body": "white_space",
    "G8-altered-body": "content_changed",
    "G8-another-certificate": "certificate_swapped",
    "G7-unregistered-key": "key_not_registered",
    "G7-key-no-longer-active": "key_inactive",
    "G7-rogue-authority": "untrusted",
    "G7-expired": "certificate_time",
    "G7-token-not-covered": "not_covered",
    "G6-inclusive-canonicalization": "wrong_canonicalization",
    "G6-trail-not-covered": "not_covered",
    "G6-rsa-sha1": "algorithm",
    "G5-expired": "expired",
    "G5-from-the-future": "clock_ahead",
    "G5-lifetime-too-long": "lifetime",
    "G4-duplicate-id": "id_duplicate",
    "G4-unsigned": "no_signature",
    "G4-soap-1.2": "soap12",
    "G2-truncated": "not_xml",
}
WORLD = ("--world", MESSAGES / "world.json", "--at", "2026-11-21T10:00:30Z")
GOOD = MESSAGES / "good" / "consultSocialReport" / "request-full.signed.xml"
SPACED = MESSAGES / "bad" / "gate" / "G8-white-space-in-the-body.signed.xml"


@pytest.mark.parametrize("name", CAUSES)
def test_a_bad_sample_is_explained_with_its_cause_and_step(name):
    file = MESSAGES / "bad" / "gate" / f"{name}.signed.xml"
    ended = call("explain-signature", file, *WORLD, "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["gate"]["step"]) == (1, name.partition("-")[0])
    assert told["causes"][0]["cause"] == CAUSES[name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_sample_has_no_cause_and_ends_with_0(language):
    ended = call("explain-signature", GOOD, *WORLD, "--language", language)
    assert ended.code == 0
    assert NISS not in ended.out
    assert "0299990118" in ended.out


def test_the_causes_are_told_in_the_wanted_language():
    heads = {"FR": "Cause probable", "NL": "Waarschijnlijke oorzaak", "DE": "Wahrscheinliche", "EN": "Likely"}
    for language, head in heads.items():
        assert head in call("explain-signature", SPACED, *WORLD, "--language", language).out


def test_canonical_bytes_are_written_for_their_owner_and_have_the_digest_that_is_told(tmp_path):
    ended = call("explain-signature", SPACED, *WORLD, "--canonical-out", tmp_path / "out", "--json")
    told = json.loads(ended.out)
    body = tmp_path / "out" / "3-Body.c14n.xml"
    assert str(body) in told["canonicalFiles"]
    assert body.stat().st_mode & 0o077 == 0
    found = base64.b64encode(hashlib.sha256(body.read_bytes()).digest()).decode()
    assert found == told["references"][2]["digestFound"]
    assert found != told["references"][2]["digestExpected"]


def test_with_settings_the_keys_of_the_database_count(settings, pki, tmp_path):
    request = MESSAGES / "good" / "sendTestMessage" / "request.xml"
    pair = ("--as", pki / "test-cpas-0299990118.key.pem", pki / "test-cpas-0299990118.cert.pem")
    (tmp_path / "signed.xml").write_bytes(call("sign", request, *pair).raw)
    ended = call("explain-signature", tmp_path / "signed.xml", "--json", settings=settings)
    told = json.loads(ended.out)
    assert [one["cause"] for one in told["causes"]] == ["key_not_registered"]
    assert told["certificate"]["trusted"]
    assert told["certificate"]["registered"] is False


def test_a_ca_alone_is_enough_to_judge_everything_but_the_registration():
    at = WORLD[2:]
    ca = ROOT / "samples" / "keys" / "test-ca.cert.pem"
    told = json.loads(call("explain-signature", GOOD, "--trusted-ca", ca, *at, "--json").out)
    assert (told["certificate"]["trusted"], told["certificate"]["registered"]) == (True, None)
    rogue = ROOT / "samples" / "keys" / "test-rogue-ca.cert.pem"
    ended = call("explain-signature", GOOD, "--trusted-ca", rogue, *at, "--json")
    assert (ended.code, json.loads(ended.out)["causes"][0]["cause"]) == (1, "untrusted")


def test_it_needs_no_settings_and_reads_standard_input(tmp_path):
    ended = run("explain-signature", "-", *WORLD[2:], given=GOOD.read_bytes())
    assert ended.code == 0, ended.err
    assert "certificate not judged" in ended.out


@pytest.mark.parametrize(
    "arguments", [(), (GOOD, "--at", "x"), (GOOD, "--trusted-ca", GOOD), (GOOD, "--world", GOOD)]
)
def test_a_wrong_call_ends_with_2(arguments):
    assert run("explain-signature", *arguments).code == 2
