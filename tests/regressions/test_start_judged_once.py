"""A start told one problem per attempt, or a traceback: everything is judged once, before anything runs."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import delete, select

from rse_gateway.adapters.encryption import DataKeys, load_master_key
from rse_gateway.domain.identifiers import Niss
from rse_gateway.errors import SetupError
from rse_gateway.settings import load_settings
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.key_check import check_master_key, master_key_fits
from rse_gateway.store.tables import key_checks, niss_replacements
from tests.security.pki import make_test_keys

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def program(*arguments: object, where: Path | None = None, module: str = "rse_gateway.cli.main", **more):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RSE_")}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=where, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environ | {"PYTHONPATH": str(ROOT)}, **more,
    )  # fmt: skip


def ended(*arguments: object, **more) -> tuple[int, str, str]:
    process = program(*arguments, **more)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    make_test_keys.make_pki(folder / "pki", institutions=[])
    code, _, err = ended("setup", folder / "hub", "--keys", folder / "pki")
    assert code == 0, err
    assert "alembic" not in err.lower(), "what it runs on is no news for an operator"
    return folder / "hub"


@pytest.fixture
def gateway(made: Path, tmp_path: Path) -> Path:
    """The settings of a folder as ``setup`` makes it; its port is free."""
    shutil.copytree(made, tmp_path / "hub")
    settings = tmp_path / "hub" / "gateway.toml"
    changed(settings, port=free_port())
    return settings


def changed(settings: Path, **values: object) -> None:
    text = settings.read_text()
    for name, value in values.items():
        text = re.sub(f"(?m)^{name} = .*\n", "", text) + f"{name} = {value!r}\n".replace("'", '"')
    settings.write_text(text)


def test_all_wrong_settings_are_told_at_once(gateway):
    changed(gateway, log_level="LOUD", threads=0, port="many", colour="red", reminder_deadline=80_000)
    changed(gateway, reminder_horizon=70_000)
    code, out, err = ended("--settings", gateway, "serve")
    assert (code, out) == (2, "")
    for name in ("log_level", "threads", "port", "colour", "reminder_deadline and reminder_horizon"):
        assert [line for line in err.splitlines() if name in line], (name, err)
    assert len(err.splitlines()) == 5


def test_all_wrong_files_are_told_at_once_before_anything_runs(gateway):
    keys = gateway.parent / "keys"
    (keys / "gateway.key.pem").chmod(0o644)
    (keys / "trusted-cas.pem").write_text("no CA")
    (keys / "auditors.pem").unlink()
    (keys / "master.key").chmod(0o600)
    (keys / "master.key").write_text("short")
    changed(gateway, database="sqlite:////no/such/folder/rse.sqlite")
    code, out, err = ended("--settings", gateway, "serve")
    assert (code, out) == (2, "")
    for name in ("gateway.key.pem", "trusted-cas.pem", "auditors.pem", "master.key", "setting database"):
        assert [line for line in err.splitlines() if name in line], (name, err)
    assert len(err.splitlines()) == 5


def test_a_certificate_of_the_hub_that_the_gate_would_refuse_stops_the_start(gateway):
    keys = gateway.parent / "keys"
    (keys / "gateway.cert.pem").write_bytes((keys / "trusted-cas.pem").read_bytes())
    code, _, err = ended("--settings", gateway, "serve")
    assert code == 2
    assert "a CA certificate signs no message" in err
    assert "names none" in err


def test_a_wrong_master_key_of_the_right_form_is_refused(gateway):
    (gateway.parent / "keys" / "master.key").write_text("ab" * 32)
    for command in (("serve",), ("institutions", "list")):
        code, _, err = ended("--settings", gateway, *command)
        assert code == 2
        assert "sealed with another one" in err


def test_after_an_upgrade_the_first_start_notes_the_key_once_it_opened_a_sealed_value(gateway):
    settings = load_settings(gateway, {})
    engine = open_engine(settings.database)
    right, wrong = DataKeys(load_master_key(settings.master_key)), DataKeys(b"w" * 32)
    sealed = right.encrypt_niss(Niss("85073003328"), table="niss_replacements.old", row="r1")
    row = {"id": "r1", "old_enc": sealed, "old_hmac": b"0" * 32, "hmac_key_id": "k", "kind": "CANCELLED"}
    with write_transaction(engine) as connection:
        connection.execute(delete(key_checks))
        connection.execute(niss_replacements.insert().values(**row, since=make_test_keys.VALID_FROM.date()))
    assert master_key_fits(engine, right) is None
    with pytest.raises(SetupError, match="another"):
        check_master_key(engine, wrong)
    check_master_key(engine, right)
    assert (master_key_fits(engine, right), master_key_fits(engine, wrong)) == (True, False)
    with engine.connect() as connection:
        assert len(connection.execute(select(key_checks)).all()) == 1


def test_a_command_without_a_settings_file_says_which_it_looked_for(tmp_path):
    for command in (("institutions", "list"), ("serve",), ("database", "upgrade")):
        code, _, err = ended(*command, where=tmp_path)
        assert code == 2
        assert str(tmp_path / "gateway.toml") in err
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_a_dying_predecessor_still_holds_is_waited_for(gateway):
    port = load_settings(gateway, {}).port
    with socket.create_server(("127.0.0.1", port)):
        process = program("--settings", gateway, "serve")
        time.sleep(1.5)  # it starts meanwhile; shorter only means that it waits less
    assert process.stderr is not None
    line = process.stderr.readline()  # the first: nothing of Alembic or of anything else stands before it
    process.terminate()
    _, rest = process.communicate(timeout=PATIENCE)
    assert "listening on" in line, line + rest
    assert process.returncode == 0


def test_orphans_of_a_killed_supervisor_leave_without_a_traceback(gateway):
    process = program("--settings", gateway, "serve", start_new_session=True)
    assert process.stderr is not None
    until = time.monotonic() + PATIENCE
    children: list[psutil.Process] = []
    while len(children) < 3:
        assert time.monotonic() < until
        children = psutil.Process(process.pid).children()
    process.kill()  # while they are still being built
    _, err = process.communicate(timeout=PATIENCE)
    psutil.wait_procs(children, timeout=PATIENCE)
    assert not [child for child in children if child.is_running()]
    assert "Traceback" not in err, err


@pytest.mark.parametrize("module", ["rse_gateway.cli.main", "rse_cpas_stub.command"])
def test_programs_and_their_groups_without_arguments_print_readable_help(module):
    for arguments in ((), ("log",)):
        _, out, err = ended(*arguments, module=module)
        told = (out + err).splitlines()
        assert len(told) > 5
        assert told[0].startswith("Usage:")
        assert "\\u000a" not in out + err


def test_sigterm_ends_the_demonstration_with_all_its_children(tmp_path):
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "samples/demo/demo_run.py"), "--keep"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert demo.stdout is not None
    for line in demo.stdout:
        if "The gateway serves at" in line:
            break
    children = psutil.Process(demo.pid).children(recursive=True)
    assert len(children) >= 6, "CPAS, supervisor, web processes, keeper"
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 143
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
