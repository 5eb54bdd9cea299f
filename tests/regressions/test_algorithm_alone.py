"""A signature by an algorithm that is not accepted has the algorithm as its only cause."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from security.forge import Forgery
from security.pki import CPAS, NOW, make_test_keys

from rse_gateway.diagnosis.explanation import Trusted, explain_signature

PSS = (Path(__file__).with_name("inputs") / "rsa-pss.signed.xml").read_bytes()
MORE, LATER = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2007/05/xmldsig-more#"
PKI = make_test_keys.make_pki(institutions=(CPAS,))
RSA, EC = PKI.issued[f"cpas-{CPAS}-rsa"], PKI.issued[f"cpas-{CPAS}"]


class Pss(Forgery):
    """Signs with RSA-PSS, whatever it states."""

    def _sign(self, signed_info: bytes) -> bytes:
        digest = self.hash_algorithm
        key: object = self.issued.key
        return key.sign(signed_info, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)


def causes(raw: bytes, at: datetime = NOW + timedelta(seconds=5)) -> list[tuple[str, tuple[str, ...]]]:
    return [(cause.key, cause.facts) for cause in explain_signature(raw, at, Trusted()).causes]


def test_rsa_pss_is_told_as_the_algorithm_and_nothing_else() -> None:
    at = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
    assert causes(PSS, at) == [("algorithm", ("sha256-rsa-MGF1",))]


@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_rsa_pss_that_is_stated_as_the_accepted_algorithm_is_recognised(digest) -> None:
    assert causes(Pss(issued=RSA, hash_algorithm=digest).raw()) == [("algorithm", ("RSA-PSS",))]


@pytest.mark.parametrize(
    ("method", "issued", "digest"),
    [
        (f"{MORE}rsa-sha512", RSA, hashes.SHA512()),
        (f"{MORE}ecdsa-sha512", EC, hashes.SHA512()),
        (f"{MORE}ecdsa-sha224", EC, hashes.SHA224()),
        (f"{LATER}sha3-256-rsa-MGF1", RSA, hashes.SHA3_256()),
        (f"{LATER}ecdsa-sha3-256", EC, hashes.SHA3_256()),
        ("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", EC, hashes.SHA256()),
        (f"{MORE}hmac-sha256", RSA, hashes.SHA224()),
    ],
)
def test_of_any_other_algorithm_no_advice_about_keys_is_given(method, issued, digest) -> None:
    raw = Forgery(issued=issued, signature_method=method, hash_algorithm=digest).raw()
    assert causes(raw) == [("algorithm", (method.rpartition("#")[2],))]


def test_an_algorithm_that_was_written_over_a_right_signature_is_still_told_so() -> None:
    raw = Forgery(issued=RSA).raw().replace(b"#rsa-sha256", b"#rsa-sha512")
    assert [key for key, _ in causes(raw)] == ["signed_info_changed", "algorithm"]
