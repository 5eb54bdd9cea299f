"""``rse-gateway validate``: every violation at once, the manifest confirmed, for people and machines."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import NISS, ROOT, call, run
from lxml import etree

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.faults import violation_information
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.errors import ContentRefused

SAMPLES = ROOT / "samples"
BAD = SAMPLES / "messages" / "bad" / "structure" / "several-three.xml"
GOOD = SAMPLES / "messages" / "good" / "sendTestMessage" / "request.xml"
MOMENT = "2026-11-21T10:00:30Z"


@pytest.fixture(scope="module")
def pack() -> dict:
    ended = call("validate", SAMPLES, "--json")
    assert ended.code == 0, [one for one in json.loads(ended.out)["files"] if one.get("agrees") is False]
    return json.loads(ended.out)


def test_the_samples_agree_with_their_manifest_on_every_file(pack):
    listed = json.loads((SAMPLES / "manifest.json").read_text("utf-8"))["samples"]
    told = {Path(one["file"]).relative_to(SAMPLES).as_posix(): one for one in pack["files"]}
    assert {one["file"] for one in listed} <= set(told)
    assert [one["file"] for one in listed if told[one["file"]]["agrees"] is not True] == []
    assert (pack["summary"]["agree"], pack["summary"]["disagree"]) == (len(listed), 0)


def test_every_listed_field_is_what_was_found(pack):
    for one in pack["files"]:
        if "listed" in one:
            said = (one["outcome"], one["code"], one["stoppedAt"])
            assert said == (one["listed"]["expected"], one["listed"]["code"], one["listed"]["stoppedAt"])


def test_no_result_about_the_samples_holds_a_number_of_a_person(pack):
    assert NISS not in json.dumps(pack)


def test_a_manifest_that_lists_something_else_is_told_and_ends_with_1(tmp_path):
    manifest = json.loads((SAMPLES / "manifest.json").read_text("utf-8"))
    entry = next(one for one in manifest["samples"] if one["file"].endswith("several-three.xml"))
    (tmp_path / "wrong.xml").write_bytes(BAD.read_bytes())
    gone = entry | {"file": "gone.xml"}
    entry = entry | {"file": "wrong.xml", "code": "MSG00011"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"samples": [entry, gone]}))
    world = SAMPLES / "messages" / "world.json"
    ended = call("validate", tmp_path, "--world", world)
    assert ended.code == 1
    assert "listed as fault MSG00011 G10 3; it is fault MSG00004 G10 3" in ended.out
    assert "gone.xml: listed and missing" in ended.out


def test_a_right_file_ends_with_0_and_needs_no_settings(tmp_path):
    ended = run("validate", GOOD, "--at", MOMENT)
    assert (ended.code, ended.out) == (0, "1 file(s): 1 right, 0 wrong, 0 note(s)\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_on_the_command_line_are_those_of_the_fault(language):
    with pytest.raises(ContentRefused) as refused:
        load_schemas().check(build_tree(BAD.read_bytes()))
    told = json.loads(call("validate", BAD, "--language", language, "--json").out)["files"][0]["findings"]
    faults = [dict(violation_information(one, language)) for one in refused.value.violations]
    fields = ("xpath", "field", "expected", "found")
    assert [[one[name] for name in fields] for one in told] == [
        [one[name] for name in fields] for one in faults
    ]
    assert all(one["line"] > 0 for one in told)


def test_a_line_of_text_names_file_line_field_expectation_kind_and_code():
    ended = call("validate", BAD)
    assert ended.code == 1
    assert f"{BAD}:10: userRole: one of SOCIAL_WORKER, " in ended.out
    assert "(found: another value) [MSG00004 G10]" in ended.out
    assert "1 file(s): 0 right, 1 wrong" in ended.out


def test_a_folder_is_searched_below_and_counted_by_code(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "bad.xml").write_bytes(BAD.read_bytes())
    (tmp_path / "a" / "good.xml").write_bytes(GOOD.read_bytes())
    (tmp_path / "a" / "note.txt").write_text("no message")
    ended = call("validate", tmp_path, "--json")
    summary = json.loads(ended.out)["summary"]
    assert (ended.code, summary["files"], summary["right"], summary["codes"]) == (1, 2, 1, {"MSG00004": 1})


def test_an_empty_folder_gives_an_empty_list(tmp_path):
    assert json.loads(call("validate", tmp_path, "--json").out)["files"] == []


def test_a_message_may_come_from_standard_input():
    assert call("validate", "-", given=GOOD.read_bytes()).code == 0
    assert call("validate", "-", given=b"<a").code == 1


def test_a_world_brings_the_checks_of_signer_rights_and_files():
    file = SAMPLES / "messages" / "bad" / "checks" / "integration-no-file.signed.xml"
    world = SAMPLES / "messages" / "world.json"
    with_world = json.loads(call("validate", file, "--world", world, "--at", MOMENT, "--json").out)["files"][
        0
    ]
    assert (with_world["outcome"], with_world["code"]) == ("NO_RESULT", "MSG00012")
    too_late = json.loads(call("validate", file, "--world", world, "--at", "2026-11-22", "--json").out)[
        "files"
    ][0]
    assert too_late["stoppedAt"] == "G5"
    assert call("validate", file, "--at", MOMENT).code == 0


def test_junit_counts_files_and_holds_the_same_lines(tmp_path):
    ended = call("validate", BAD, GOOD, "--junit", tmp_path / "out.xml")
    suite = etree.fromstring((tmp_path / "out.xml").read_bytes())
    assert dict(suite.attrib) == {
        "name": "rse-gateway validate",
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    (failure,) = suite.iter("failure")
    assert failure.text.splitlines() == [line for line in ended.out.splitlines() if str(BAD) in line]


def test_thirty_violations_are_shown_and_more_are_announced():
    file = SAMPLES / "messages" / "bad" / "structure" / "several-forty.xml"
    ended = call("validate", file)
    assert len([line for line in ended.out.splitlines() if "MSG00004 G10" in line]) == 30
    assert "… more of them" in ended.out


@pytest.mark.parametrize(
    "arguments",
    [(), ("gone.xml",), (GOOD, "--at", "soon"), (GOOD, "--world", GOOD), (GOOD, "--manifest", GOOD)],
)
def test_a_wrong_call_ends_with_2(arguments):
    assert run("validate", *arguments).code == 2


def test_on_a_terminal_a_bar_shows_the_progress(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.xml").write_bytes(GOOD.read_bytes())
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rse_gateway.cli.main", "validate", str(tmp_path)]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environ, check=True, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "validating" in shown
    assert "100%" in shown
    assert done.stdout == b"30 file(s): 30 right, 0 wrong, 0 note(s)\n"
