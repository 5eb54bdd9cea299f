"""The contract's files are found in a source tree and in an installed wheel, and nowhere else."""

import pytest

from rse_gateway.contract import files
from rse_gateway.errors import SetupError


def test_the_files_of_the_source_tree_are_found():
    assert files.contract_path("xsd/common/common-v1.xsd").is_file()
    assert files.contract_path("wsdl/TestConnectionService-v1.wsdl").is_file()


@pytest.mark.parametrize(
    "name", ["xsd/none.xsd", "pyproject.toml", "pyproject.toml/../../etc/passwd", "../outside", "xsd"]
)
def test_nothing_else_is_given_out(name):
    with pytest.raises(SetupError):
        files.contract_path(name)


def test_the_files_of_an_installed_wheel_come_first(tmp_path, monkeypatch):
    common = tmp_path / "files" / "xsd" / "common" / "common-v1.xsd"
    common.parent.mkdir(parents=True)
    common.touch()
    monkeypatch.setattr(files, "_PLACES", (tmp_path / "files", tmp_path))
    files.contract_root.cache_clear()
    try:
        assert files.contract_path("xsd/common/common-v1.xsd") == common
    finally:
        files.contract_root.cache_clear()


def test_an_installation_without_files_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_PLACES", (tmp_path,))
    files.contract_root.cache_clear()
    try:
        with pytest.raises(SetupError, match="install the package again"):
            files.contract_root()
    finally:
        files.contract_root.cache_clear()
