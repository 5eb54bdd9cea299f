"""The built wheel works: installed alone, outside the source tree, it sets up, serves and consults."""

import importlib
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pages import ROOT

WHERE = """
import json, sys
import rse_cpas_stub, rse_gateway, rse_gateway.contract.files as files
print(json.dumps([sys.path, rse_gateway.__file__, rse_cpas_stub.__file__, str(files.contract_root())]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as its build backend does, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone; its dependencies are those of the running environment. Return its programs."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
    ]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    # Only now: pip would take the package of the source tree for installed already. A folder that stands in a
    # .pth file is a place to import from, and its own .pth files (the source tree) are not read.
    (site,) = (folder / "lib").glob("python*/site-packages")
    site.joinpath("dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return python.parent


@pytest.fixture
def demo(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[object, object]]:
    """Give the demonstration's two modules, with the installed programs in place of those of this tree."""
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith(("RSE_", "PYTHONPATH"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RSE_PROCESSES", "1")
    monkeypatch.syspath_prepend(str(ROOT / "samples" / "demo"))
    world, demo_run = importlib.import_module("world"), importlib.import_module("demo_run")
    monkeypatch.setattr(world, "BIN", installed)
    monkeypatch.setattr(demo_run, "BIN", installed)
    yield world, demo_run
    for name in ("world", "demo_run"):
        del sys.modules[name]


def test_the_wheel_holds_contract_types_and_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as inside:
        names = set(inside.namelist())
        for folder in ("xsd", "wsdl"):
            for file in (one for one in (ROOT / folder).rglob("*") if one.is_file()):
                name = f"rse_gateway/contract/files/{file.relative_to(ROOT).as_posix()}"
                assert inside.read(name) == file.read_bytes(), name
        (information,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = inside.read(information).decode()
    assert {"rse_gateway/py.typed", "rse_cpas_stub/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "\nAuthor: RSE gateway maintainers\n" in metadata


def test_the_installed_wheel_takes_code_and_contract_from_itself(installed: Path, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [installed / "python", "-c", WHERE],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    places, *found = json.loads(done.stdout)
    assert str(ROOT) not in places
    assert [one for one in found if not Path(one).is_relative_to(installed.parent)] == []


def test_the_installed_wheel_sets_up_serves_and_consults(demo, tmp_path: Path) -> None:
    world_module, demo_run = demo
    today = datetime.now(UTC).date()
    world = world_module.make_world(tmp_path / "run", today, port=demo_run.free_port())
    holding = world_module.HOLDING
    processes = demo_run.Processes(tmp_path / "run")
    try:
        serving = processes.start("rse-gateway", "--settings", str(world.settings), "serve")
        holder = ("rse-cpas-stub", "serve", "--config", str(world.cpas(holding)), "--json", "--port", "0")
        address = json.loads(processes.first_line(processes.start(*holder)))["url"]
        down = dict.fromkeys(world_module.SERVED, "http://127.0.0.1:1/down")
        world_module.register(world, {**down, holding: address}, today)
        demo_run.wait_until_served(f"{world.url}/TestConnectionService/v1?wsdl", serving)
        demo_run.ask(world, world_module.NEW_NUMBER, expect=("DATA_FOUND", f"({holding}): ANSWERED"))
    finally:
        processes.stop()
    assert serving.returncode == 0
