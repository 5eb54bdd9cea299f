"""The tutorial does what it says, command by command, against the demonstration that it starts with."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import ROOT, blocks, text_of

TUTORIAL = ROOT / "docs" / "tutorial" / "first-consultation.md"
START_SECONDS = 240  # a deadline for a machine that is busy with other things, never a measure


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder in which the demonstration runs, as `make demo KEEP=1` leaves it."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "samples").symlink_to(ROOT / "samples")
    said = folder / "said.txt"
    script = re.search(r"samples/demo/\w+\.py", text_of("Makefile"))
    assert script is not None
    demo = [sys.executable, str(ROOT / script[0]), "--keep"]
    with said.open("w") as talk:
        running = subprocess.Popen(demo, cwd=folder, stdout=talk, stderr=talk)
    try:
        until = time.monotonic() + START_SECONDS
        while "Left running" not in said.read_text("utf-8"):
            assert running.poll() is None, said.read_text("utf-8")
            assert time.monotonic() < until, said.read_text("utf-8")
            time.sleep(0.2)
        yield folder
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


@pytest.fixture(scope="module")
def output(reader: Path) -> str:
    """Return what a reader sees who types every command after the first."""
    start, *commands = blocks(TUTORIAL, "sh")
    assert start.strip() == "make demo KEEP=1"
    (client,) = blocks(TUTORIAL, "python")
    (reader / "demo-run" / "ask.py").write_text(client, "utf-8")
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)],
        cwd=reader,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_command_of_the_tutorial_ends_well(output: str) -> None:
    assert output


def test_the_reference_cpas_and_the_toolkit_client_both_get_the_report(output: str) -> None:
    assert "DATA_FOUND (MSG00000)" in output
    assert "DATA_FOUND MSG00000" in output
    assert output.count("ANSWERED") >= 2


def test_the_signed_sample_posted_with_curl_is_answered(output: str) -> None:
    assert "<value>NO_DATA_FOUND</value>" in output


def test_the_late_answer_is_picked_up_confirmed_and_then_gone(output: str) -> None:
    assert "INCOMPLETE_DATA (RSE00020)" in output
    assert "(0200000043): PENDING" in output
    assert "(0200000043): ANSWERED (MSG00000)" in output
    assert "RSE00010" in output


def test_the_reader_registers_a_line_and_may_ask_then(output: str) -> None:
    assert "(0299990316): NO_DATA" in output.split("ticket TUTORIAL-3")[1]


def test_the_tutorial_tells_each_scene_that_the_demonstration_shows(reader: Path) -> None:
    shown = re.findall(r"^=== (\d+)\.", (reader / "said.txt").read_text("utf-8"), re.MULTILINE)
    told = re.findall(r"^\| (\d+)\. ", TUTORIAL.read_text("utf-8"), re.MULTILINE)
    assert told == shown


def test_the_reader_sees_the_consultation_in_three_logs(output: str) -> None:
    assert "asked: consultSocialReport" in output
    for kind in ("REQUEST_SENT", "ANSWER_RECEIVED", "REQUEST_RECEIVED", "ANSWER_SENT"):
        assert f"kind={kind}" in output
    assert "LOG_CONSULTED" in output


def test_the_log_tells_the_late_answer_to_its_end(output: str) -> None:
    story = output.partition("(ticket TUTORIAL-2)")[2].partition("LOG_CONSULTED")[0]
    assert story.count("picked up") >= 1
    assert "0200000043 answered" in story
