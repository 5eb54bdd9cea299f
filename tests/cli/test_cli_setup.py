"""``rse-gateway setup`` and ``database upgrade``."""

from pathlib import Path

from cli_runs import HUB, call, run

from rse_gateway.adapters.encryption import load_master_key
from rse_gateway.settings import load_settings
from rse_gateway.store.engine import open_engine
from rse_gateway.store.schema_version import is_current


def test_a_made_folder_has_readable_settings_a_secret_master_key_and_a_current_database(made: Path) -> None:
    settings = load_settings(made / "gateway.toml", {})
    assert settings.cbe_number == HUB
    assert len(load_master_key(settings.master_key)) == 32
    assert is_current(open_engine(settings.database))


def test_every_file_that_holds_a_key_is_readable_by_its_owner_alone(made: Path) -> None:
    modes = {file.name: file.stat().st_mode & 0o077 for file in (made / "keys").iterdir()}
    assert {"master.key", "gateway.key.pem"} <= modes.keys()
    assert not any(modes.values())


def test_a_folder_that_was_made_before_is_refused_and_stays_as_it_was(settings: Path) -> None:
    before = settings.read_bytes(), (settings.parent / "keys" / "master.key").read_bytes()
    ended = call("setup", settings.parent)
    assert ended.code == 1
    assert (settings.read_bytes(), (settings.parent / "keys" / "master.key").read_bytes()) == before


def test_without_keys_the_command_names_every_file_that_it_expects(tmp_path: Path) -> None:
    ended = call("setup", tmp_path / "bare", "--port", "9090")
    assert ended.code == 0
    expected = ("gateway.key.pem", "gateway.cert.pem", "trusted-cas.pem", "auditors.pem")
    assert all(name in ended.err for name in expected)
    assert load_settings(Path(ended.out.strip()), {}).port == 9090


def test_an_incomplete_test_pki_is_refused_and_makes_no_folder(tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir()
    ended = call("setup", tmp_path / "gateway", "--keys", tmp_path / "pki")
    assert ended.code == 1
    assert "test-gateway.key.pem" in ended.err
    assert not (tmp_path / "gateway").exists()


def test_upgrade_makes_an_empty_database_usable_and_may_be_repeated(settings: Path) -> None:
    (settings.parent / "rse-gateway.sqlite").unlink()
    assert run("institutions", "list", settings=settings).code == 2
    assert run("database", "upgrade", settings=settings).code == 0
    assert run("database", "upgrade", settings=settings).code == 0
    assert run("institutions", "list", settings=settings).code == 0
