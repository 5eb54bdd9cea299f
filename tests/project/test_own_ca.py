"""The how-to "a CA of your own": its six commands run as they stand and make what nothing stands against."""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from pages import ROOT, blocks

from rse_gateway.security.certificates import TrustAnchor, judge_authority, judge_certificate
from rse_gateway.security.keys import load_certificate, signer_from_pem

PAGE = ROOT / "docs/how-to/make-a-ca-of-your-own.md"


@pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("bash") is None, reason="openssl or bash is not installed"
)
def test_the_six_commands_make_certificates_that_nothing_stands_against(tmp_path) -> None:
    (commands,) = blocks(PAGE, "sh")
    assert len(commands.strip().splitlines()) == 6
    subprocess.run(["bash", "-ec", commands], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    now, ca = datetime.now(UTC), load_certificate(tmp_path / "ca.cert.pem")
    assert judge_authority(ca, now) == ()
    for name, number in (("gateway", "0299990019"), ("cpas", "0299990118")):
        certificate = load_certificate(tmp_path / f"{name}.cert.pem")
        judged = judge_certificate(certificate, now, (TrustAnchor(ca, "ou"),))
        assert (judged.reasons, str(judged.institution)) == ((), number)
        signer_from_pem(tmp_path / f"{name}.key.pem", tmp_path / f"{name}.cert.pem")
