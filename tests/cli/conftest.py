"""One test PKI and one made environment per run; each test works on a copy of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import MAKE_KEYS, ROOT, run

from tests.databases import copy_folder


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run([sys.executable, MAKE_KEYS, folder], check=True, capture_output=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="session")
def made(pki: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "gateway"
    ended = run("setup", folder, "--keys", pki)
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Path:
    """The settings file of a fresh environment."""
    copy_folder(made, tmp_path / "gateway")
    return tmp_path / "gateway" / "gateway.toml"


@pytest.fixture
def institutions_file(pki: Path, tmp_path: Path):
    """Write an institutions file beside the certificates that it names."""

    def write(text: str) -> Path:
        for certificate in pki.glob("*.cert.pem"):
            shutil.copy(certificate, tmp_path)
        file = tmp_path / "institutions.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
