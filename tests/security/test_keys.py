"""Key files: refused with advice when others can read them; the checked-in test keys are what they say."""

import stat
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from rse_gateway.errors import SetupError
from rse_gateway.security import keys
from rse_gateway.security.gate import Gate
from rse_gateway.security.signing import MessageSigner
from rse_gateway.security.trust import TrustAnchor, TrustPolicy, key_id_of

from .conftest import BOUNDS
from .pki import NOW, SAMPLE_KEYS, FakeRegistry, make_test_keys, number_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys")
    make_test_keys.make_pki(path, institutions=["0299990118"])
    return path


STEM = "test-cpas-0299990118"


@pytest.mark.parametrize("kind", ["", "-rsa"])
def test_a_signer_is_read_from_two_pem_files(kind, folder, payload):
    signer = keys.signer_from_pem(folder / f"{STEM}{kind}.key.pem", folder / f"{STEM}{kind}.cert.pem")
    assert len(signer.sign(payload, created=NOW).signature_value) == (256 if kind else 64)


def test_every_key_file_is_readable_by_its_owner_only(folder):
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.key.pem")}
    assert modes == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_file_that_others_can_read_is_refused_with_advice(mode, folder, tmp_path):
    path = tmp_path / "open.key.pem"
    path.write_bytes((folder / f"{STEM}.key.pem").read_bytes())
    path.chmod(mode)
    with pytest.raises(SetupError, match="chmod 600"):
        keys.load_private_key(path)
    assert keys.load_private_key_unsafe(path).key_size == 256


def test_an_absent_or_unreadable_file_is_a_mistake_of_the_operator(folder, tmp_path):
    path = tmp_path / "empty.pem"
    path.touch(mode=0o600)
    for load in (keys.load_private_key, keys.load_certificate):
        for file in (path, tmp_path / "absent.pem"):
            with pytest.raises(SetupError, match=file.name):
                load(file)


def test_an_encrypted_key_needs_its_password(pki, tmp_path, p256):
    path = tmp_path / "locked.pem"
    path.touch(mode=0o600)
    path.write_bytes(
        p256.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw"))
    )
    assert key_id_of(keys.load_private_key(path, password=b"pw").public_key()) == key_id_of(
        p256.key.public_key()
    )
    for wrong in (None, b"other"):
        with pytest.raises(SetupError, match="password"):
            keys.load_private_key(path, password=wrong)


def test_a_signer_is_read_from_pkcs12(p256, tmp_path):
    path = tmp_path / "key.p12"
    path.touch(mode=0o600)
    path.write_bytes(
        serialize_key_and_certificates(b"x", p256.key, p256.certificate, None, BestAvailableEncryption(b"pw"))
    )
    assert keys.signer_from_pkcs12(path, password=b"pw").certificate_der == p256.certificate_der
    with pytest.raises(SetupError, match="password"):
        keys.signer_from_pkcs12(path, password=b"wrong")


def test_a_pkcs12_file_without_a_key_is_refused(p256, tmp_path):
    path = tmp_path / "no-key.p12"
    path.touch(mode=0o600)
    path.write_bytes(
        serialize_key_and_certificates(b"x", None, p256.certificate, None, BestAvailableEncryption(b"pw"))
    )
    with pytest.raises(SetupError, match="holds no key"):
        keys.signer_from_pkcs12(path, password=b"pw")


def test_the_command_makes_the_institutions_that_it_is_told(tmp_path):
    script = SAMPLE_KEYS / "make_test_keys.py"
    command = [sys.executable, str(script), str(tmp_path), "--institution", "0299990316"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "7 certificates" in done.stdout
    assert (tmp_path / "test-cpas-0299990316-rsa.cert.pem").exists()


def checked_in() -> list[str]:
    return sorted(path.name.removesuffix(".cert.pem") for path in SAMPLE_KEYS.glob("*.cert.pem"))


def test_the_checked_in_keys_cover_gateway_auditor_and_institutions():
    expected = {"test-ca", "test-rogue-ca", "test-gateway", "test-gateway-rsa", "test-auditor"}
    for number in make_test_keys.INSTITUTIONS:
        expected |= {f"test-cpas-{number}", f"test-cpas-{number}-rsa"}
    assert set(checked_in()) == expected


@pytest.mark.parametrize("stem", checked_in())
def test_a_checked_in_key_belongs_to_its_certificate_and_says_that_it_is_a_test(stem):
    certificate = keys.load_certificate(SAMPLE_KEYS / f"{stem}.cert.pem")
    private_key = keys.load_private_key_unsafe(SAMPLE_KEYS / f"{stem}.key.pem")
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert private_key.public_key() == certificate.public_key()
    assert "TEST" in name.value
    assert certificate.not_valid_before_utc == datetime(2026, 1, 1, tzinfo=UTC)
    assert certificate.not_valid_after_utc == datetime(2046, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("stem", [stem for stem in checked_in() if "ca" not in stem.split("-")])
def test_the_gate_opens_what_a_checked_in_key_signs(stem, payload):
    certificate = keys.load_certificate(SAMPLE_KEYS / f"{stem}.cert.pem")
    issued = make_test_keys.Issued(keys.load_private_key_unsafe(SAMPLE_KEYS / f"{stem}.key.pem"), certificate)
    registry = FakeRegistry()
    registry.register(issued, number_in(certificate))
    anchor = TrustAnchor(keys.load_certificate(SAMPLE_KEYS / "test-ca.cert.pem"), "ou")
    raw = MessageSigner(issued.key, issued.certificate_der).sign(payload, created=NOW).raw
    message = Gate(TrustPolicy([anchor], registry)).open(raw, bounds=BOUNDS, now=NOW)
    assert message.signer.cbe_number.value == number_in(certificate)
