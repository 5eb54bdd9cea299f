"""Real processes: restarts, an orderly end, and no orphan whatever is killed."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from rse_gateway.errors import SetupError
from rse_gateway.serving.handover import Handover
from rse_gateway.serving.supervisor import Supervisor
from rse_gateway.settings import Settings

from .fakes import answer, envelope, request_bytes, talk

HERE = Path(__file__).parent


@dataclass
class Running:
    """A supervisor with its processes."""

    process: subprocess.Popen
    folder: Path
    port: int = 0

    @property
    def errors(self) -> str:
        return (self.folder / "stderr").read_text()

    def processes(self, role: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children():
            try:
                if "rse_gateway.serving.worker" in child.cmdline() and role in child.cmdline():
                    found.append(child)
            except psutil.Error:
                continue
        return found

    def ask(self, ticket: str) -> bytes:
        got = talk(self.port, request_bytes(envelope(ticket)))
        assert got.status == 200
        return got.body


def wait_for(what: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def running(folder: Path, *, processes: int = 2, grace: float = 10.0) -> Iterator[Running]:
    environ = {**os.environ, "PYTHONPATH": f"{HERE.parents[1]}:{HERE.parent}"}
    with (folder / "stderr").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "tiny_serve.py"), str(folder), str(processes), str(grace)],
            stderr=errors,
            env=environ,
        )
    gateway = Running(process, folder)
    family = [psutil.Process(process.pid)]
    try:
        wait_for(lambda: "listening on" in gateway.errors or process.poll() is not None)
        found = re.search(r"listening on http://127\.0\.0\.1:([0-9]+)", gateway.errors)
        if found:
            gateway.port = int(found[1])
            family += family[0].children(recursive=True)
        yield gateway
    finally:
        for member in family:
            if member.is_running():
                try:
                    member.kill()
                except psutil.Error:
                    continue
        process.wait()


def test_it_says_where_it_listens_once_all_processes_answer(tmp_path):
    with running(tmp_path, processes=2) as gateway:
        assert gateway.errors.count("listening on http://127.0.0.1:") == 1
        assert len(gateway.processes("web")) == 2
        assert len(gateway.processes("keeper")) == 1
        assert gateway.ask("T-1") == answer("consultSocialReport", "T-1")


def test_the_keeper_runs_its_jobs_in_a_process_of_its_own(tmp_path):
    with running(tmp_path, processes=1) as gateway:
        keeper = gateway.processes("keeper")[0]
        assert (tmp_path / f"keeper-{keeper.pid}").exists()
        wait_for((tmp_path / "beat").exists)
        first = (tmp_path / "beat").read_text()
        wait_for(lambda: (tmp_path / "beat").read_text() not in ("", first))


def test_after_kill_9_of_a_web_process_the_others_answer_and_it_is_back_within_5_seconds(tmp_path):
    with running(tmp_path, processes=2) as gateway:
        victim = gateway.processes("web")[0]
        victim.kill()
        killed_at = time.monotonic()
        for number in range(20):
            assert gateway.ask(f"T-{number}") == answer("consultSocialReport", f"T-{number}")
        wait_for(lambda: len(list(tmp_path.glob("web-*"))) == 3)
        assert time.monotonic() - killed_at < 5
        assert len(gateway.processes("web")) == 2
        assert victim.pid not in [process.pid for process in gateway.processes("web")]


def test_a_killed_keeper_is_started_again(tmp_path):
    with running(tmp_path, processes=1) as gateway:
        gateway.processes("keeper")[0].kill()
        wait_for(lambda: len(list(tmp_path.glob("keeper-*"))) == 2, seconds=5)
        assert gateway.ask("T-1") == answer("consultSocialReport", "T-1")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_the_running_request_and_ends_with_status_0(tmp_path, number):
    with running(tmp_path, processes=1) as gateway:
        got: list[bytes] = []
        caller = threading.Thread(target=lambda: got.append(gateway.ask("slow-1.5")))
        caller.start()
        wait_for((tmp_path / "started-slow-1.5").exists)
        gateway.process.send_signal(number)
        assert gateway.process.wait(10) == 0
        caller.join(5)
        assert got == [answer("consultSocialReport", "slow-1.5")]
        assert list(tmp_path.glob("closed-*"))
        assert (tmp_path / "keeper-closed").exists()


def test_a_request_longer_than_the_grace_does_not_keep_it_from_ending(tmp_path):
    with running(tmp_path, processes=1, grace=1.0) as gateway:
        caller = threading.Thread(target=lambda: talk(gateway.port, request_bytes(envelope("slow-30"))))
        caller.daemon = True
        caller.start()
        wait_for((tmp_path / "started-slow-30").exists)
        children = gateway.processes("web")
        gateway.process.terminate()
        assert gateway.process.wait(12) == 1, "a stop by force is no good stop"
        assert "1 process(es) did not finish within 1 s and had to be ended by force" in gateway.errors
        assert not [child for child in children if child.is_running()]


def test_kill_9_of_the_supervisor_leaves_no_process_behind(tmp_path):
    with running(tmp_path, processes=2) as gateway:
        children = gateway.processes("web") + gateway.processes("keeper")
        assert len(children) == 3
        gateway.process.kill()
        gateway.process.wait()
        wait_for(lambda: not [child for child in children if child.is_running()], seconds=8)
        assert len(list(tmp_path.glob("closed-*"))) == 2, "they finished what they were doing"


def test_a_setting_that_an_operator_must_mend_ends_the_start_and_is_named(tmp_path):
    (tmp_path / "broken").touch()
    with running(tmp_path, processes=2) as gateway:
        assert gateway.process.wait(15) == 2
        assert "setting message_key: the file is broken on purpose" in gateway.errors
        assert "listening on" not in gateway.errors


def test_a_store_that_is_away_costs_one_line_and_a_pause_and_no_traceback(tmp_path):
    with running(tmp_path, processes=1) as gateway:
        (tmp_path / "away").touch()
        gateway.processes("web")[0].kill()
        wait_for(lambda: "the store cannot be read; another try follows" in gateway.errors, seconds=30)
        (tmp_path / "away").unlink()
        wait_for(lambda: len(list(tmp_path.glob("web-*"))) == 2, seconds=30)
        assert gateway.ask("T-1") == answer("consultSocialReport", "T-1")
        assert "Traceback" not in gateway.errors
        assert "ended with status 75" not in gateway.errors


def test_an_address_that_is_taken_is_named(tmp_path):
    with running(tmp_path, processes=1) as gateway:
        supervisor = Supervisor(Settings(port=gateway.port), announce=print, port_wait=0.2)
        with pytest.raises(SetupError, match=f"cannot listen on 127.0.0.1:{gateway.port}"):
            supervisor.run()


def test_a_child_gets_exactly_the_settings_of_its_supervisor():
    settings = replace(
        Settings(environment="acpt", processes=3, master_key=Path("/k/master.key")),
        holding_codes=frozenset({1, 40}),
        database="sqlite:////k/gateway.sqlite",
        allowed_hosts=("*.cpas.example", "10.1.2.0/24"),
    )
    handover = Handover(settings, "some.module", 7.5)
    assert Handover.from_line(handover.to_line()) == handover


def test_a_worker_started_by_hand_says_how_to_start_it():
    done = subprocess.run(
        [sys.executable, "-m", "rse_gateway.serving.worker", "keeper", "--ready", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        check=False,
        timeout=30,
    )
    assert done.returncode == 78
    assert "rse-gateway serve" in done.stderr
