"""Certificates that the gate refuses were registered without a word: they are named when they are entered."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rse_gateway.registration.certificates import CertificateRules
from rse_gateway.registration.institutions_file import read_institutions
from rse_gateway.registration.problems import ImportRefused
from rse_gateway.security.certificates import (
    TrustAnchor,
    judge_authority,
    judge_certificate,
    key_id_of,
)
from tests.security.pki import CPAS, OTHER_CPAS, make_test_keys

NOW = datetime(2026, 11, 21, tzinfo=UTC)
OU = "urn:be:fgov:kbo-bce:organization:cbe-number:"
PURPOSE = "1.3.6.1.5.5.7.3."
CA = make_test_keys.make_ca()
ANCHORS = (TrustAnchor(CA.certificate, "ou"),)


def name(*rdns: tuple[tuple[x509.ObjectIdentifier, str], ...]) -> x509.Name:
    return x509.Name(
        [x509.RelativeDistinguishedName([x509.NameAttribute(*one) for one in rdn]) for rdn in rdns]
    )


def unit(number: str) -> tuple[x509.ObjectIdentifier, str]:
    return NameOID.ORGANIZATIONAL_UNIT_NAME, OU + number


def identifier(text: str) -> tuple[x509.ObjectIdentifier, str]:
    return NameOID.ORGANIZATION_IDENTIFIER, text


CN = (NameOID.COMMON_NAME, "RSE TEST")


def usage(*, sign: bool = True, issue: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(sign, False, not sign, False, False, issue, issue, False, False)


def purposes(*last: str) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in last])


def issued(subject=None, *extensions, key=None, by=CA, begin=NOW - timedelta(1), days=2) -> x509.Certificate:
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        by.certificate.subject if by else subject, subject or name((unit(CPAS),), (CN,)),
        key.public_key(), 7, begin, begin + timedelta(days),
    )  # fmt: skip
    for extension in extensions or (usage(),):
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(by.key if by else key, hashes.SHA256())


def names_of(certificate: x509.Certificate, **known) -> set[str]:
    return {reason.name for reason in judge_certificate(certificate, NOW, ANCHORS, **known).reasons}


def test_a_good_certificate_has_no_reason_against_it_and_names_its_institution():
    judged = judge_certificate(issued(), NOW, ANCHORS)
    assert (judged.reasons, str(judged.institution), judged.anchor) == ((), CPAS, ANCHORS[0])


def test_every_reason_is_told_and_not_the_first_one():
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- the attack
    subject = name((unit("0299990119"),), (CN,))
    bad = issued(subject, usage(sign=False), purposes(PURPOSE + "1"), key=weak, begin=NOW - timedelta(9))
    assert names_of(bad) == {"weak_key", "key_usage", "extended_key_usage", "expired", "check_digits"}


@pytest.mark.parametrize(
    ("oid", "right"),
    [(PURPOSE + "2", True), (PURPOSE + "4", True), (PURPOSE + "36", True), ("2.5.29.37.0", True),
     (PURPOSE + "1", False), (PURPOSE + "3", False), (PURPOSE + "8", False)],
)  # fmt: skip
def test_an_extended_key_usage_has_to_hold_one_purpose_that_signs_messages(oid, right):
    certificate = issued(None, usage(), purposes(PURPOSE + "9", oid))
    assert names_of(certificate) == (set() if right else {"extended_key_usage"})


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        pytest.param(
            name((unit(CPAS),), (identifier(f"NTRBE-{OTHER_CPAS}"),)), "several_institutions", id="other form"
        ),
        pytest.param(
            name((unit(CPAS),), (identifier(f"VATBE-{OTHER_CPAS}"),)), "several_institutions", id="VAT"
        ),
        pytest.param(
            name((unit(CPAS),), ((NameOID.COMMON_NAME, OU + OTHER_CPAS),)), "several_institutions", id="CN"
        ),
        pytest.param(name((unit(CPAS),), (unit(OTHER_CPAS),)), "several_institutions", id="two units"),
        pytest.param(name((unit(CPAS), CN)), "several_values", id="multi-valued RDN"),
        pytest.param(name((identifier(f"NTRBE-{CPAS}"),)), "no_institution", id="not this CA's attribute"),
        pytest.param(name((unit("0299990119"),)), "check_digits", id="check digits"),
        pytest.param(name((unit("299990118"),)), "number_malformed", id="nine digits"),
    ],
)
def test_a_subject_names_one_institution_over_all_attributes_and_forms(subject, reason):
    assert names_of(issued(subject)) == {reason}


def test_one_institution_in_two_forms_is_one_institution():
    assert names_of(issued(name((unit(CPAS),), (identifier(f"NTRBE-{CPAS}"),)))) == set()


def test_the_hubs_own_key_is_never_an_institutions():
    key = ec.generate_private_key(ec.SECP256R1())
    assert names_of(issued(key=key), not_of=frozenset({key_id_of(key.public_key())})) == {"hub_key"}


def test_a_ca_without_key_usage_is_told_as_what_openssl_made():
    subject = name((CN,))
    made = issued(subject, x509.BasicConstraints(ca=True, path_length=None), by=None)
    (reason,) = judge_authority(made, NOW)
    assert reason.name == "authority_no_key_usage"
    assert "openssl req -x509" in reason.text
    assert "keyUsage=critical,keyCertSign,cRLSign" in reason.text


def test_what_is_wrong_with_the_ca_is_said_of_its_certificates_too():
    key = ec.generate_private_key(ec.SECP256R1())
    bare = issued(name((CN,)), x509.BasicConstraints(ca=True, path_length=None), key=key, by=None)
    authority = make_test_keys.Issued(key, bare)
    judged = judge_certificate(issued(by=authority), NOW, (TrustAnchor(bare, "ou"),))
    assert [reason.name for reason in judged.reasons] == ["authority_no_key_usage"]


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        (lambda: issued(name((CN,)), usage(sign=False, issue=True), by=None), ["no_ca"]),
        (
            lambda: issued(name((CN,)), x509.BasicConstraints(True, None), usage(), by=None),
            ["authority_key_usage"],
        ),
        (lambda: CA.certificate, ["test_authority"]),
    ],
)
def test_a_ca_is_judged_by_its_own_rules(made, reasons):
    assert [
        one.name for one in judge_authority(made(), NOW, production=True) if one.name in reasons
    ] == reasons


CASE_10 = """-----BEGIN CERTIFICATE-----
MIIBuTCCAWCgAwIBAgIUOQMeS5HJLm72XkvdNOq3s9BlSJYwCgYIKoZIzj0EAwIw
SzELMAkGA1UEBhMCQkUxETAPBgNVBAoMCFJTRSBURVNUMSkwJwYDVQQDDCBSU0Ug
VEVTVCBDQSAtIG5vdCBmb3IgcHJvZHVjdGlvbjAeFw0yNjAxMDEwMDAwMDBaFw0y
NzAyMDUwMDAwMDBaME0xPzA9BgNVBAsMNnVybjpiZTpmZ292Omtiby1iY2U6b3Jn
YW5pemF0aW9uOmNiZS1udW1iZXI6MDI5OTk5MDExODEKMAgGA1UEAwwBeDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABKBERkZr86vA1slWm+sJrcqqinrTebqoy+8Z
r3dPdQV/jKc7+hb0rxVJfUgff4dFHM8FgfOFaQP63ST/JV7s0tCjIDAeMAwGA1Ud
EwEB/wQCMAAwDgYDVR0PAQH/BAQDAgZAMAoGCCqGSM49BAMCA0cAMEQCIEX0vtpu
ZZHCqBYFXcx3ejmQEpWChUL8yY28ApISJxxpAiAE0SOUI4+W9ZTw0vTePRPB3Ua5
tlvDKLGP2cWU63eXWg==
-----END CERTIFICATE-----
"""


def write_file(folder: Path, certificate: str) -> Path:
    (folder / "cpas.pem").write_text(certificate)
    file = folder / "institutions.toml"
    file.write_text(
        f'[[institution]]\ncbe_number = "{CPAS}"\nname_fr = "CPAS"\nname_nl = "OCMW"\n'
        'certificates = ["cpas.pem"]\n'
    )
    return file


def test_a_certificate_without_digital_signature_is_named_at_import(tmp_path):
    ca = x509.load_pem_x509_certificate(
        (Path(__file__).parents[2] / "samples/keys/test-ca.cert.pem").read_bytes()
    )
    file = write_file(tmp_path, CASE_10)
    with pytest.raises(ImportRefused) as refused:
        read_institutions(
            file, environment="test", now=NOW, rules=CertificateRules((TrustAnchor(ca, "ou"),), "ou")
        )
    texts = [problem.text("institutions.toml") for problem in refused.value.problems]
    assert all("institutions.toml:5" in text for text in texts)
    assert [text for text in texts if "key usage digitalSignature is absent" in text]
    assert [text for text in texts if "no valid path" in text], "its CA is a former one: both are told"


def test_a_certificate_of_an_unknown_ca_and_the_hubs_own_are_named_at_import(tmp_path):
    certificate = issued()
    file = write_file(tmp_path, certificate.public_bytes(Encoding.PEM).decode())
    hub = frozenset({key_id_of(certificate.public_key())})
    rules = CertificateRules((TrustAnchor(make_test_keys.make_ca().certificate, "ou"),), "ou", hub)
    with pytest.raises(ImportRefused) as refused:
        read_institutions(file, environment="test", now=NOW, rules=rules)
    told = " ".join(problem.expected for problem in refused.value.problems)
    assert "no valid path to a trusted CA" in told
    assert "the hub's own" in told


def test_a_certificate_that_begins_later_may_be_registered_today(tmp_path):
    later = issued(begin=NOW + timedelta(30), days=30)
    file = write_file(tmp_path, later.public_bytes(Encoding.PEM).decode())
    read = read_institutions(file, environment="test", now=NOW, rules=CertificateRules(ANCHORS, "ou"))
    assert read.records[0].keys[0].active_from == NOW + timedelta(30)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: nothing to compare")
def test_set_up_names_the_ca_that_openssl_makes_without_key_usage(tmp_path):
    pki = tmp_path / "pki"
    make_test_keys.make_pki(pki, institutions=[CPAS])
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=RSE TEST CA", "-keyout", "ca.key", "-out", "test-ca.cert.pem", "-days", "9"],
        cwd=pki, check=True, capture_output=True,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "rse_gateway.cli.main", "setup", str(tmp_path / "hub"), "--keys", str(pki)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "as openssl req -x509 makes it" in done.stderr
    assert not (tmp_path / "hub").exists()
