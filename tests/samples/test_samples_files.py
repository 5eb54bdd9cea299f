"""The manifest and the folder agree, the pack is small, and making it again changes no byte."""

import subprocess
import sys

import pytest
from sample_pack import SAMPLES, manifest, samples, world_file

MAX_PACK_BYTES = 8 * 1024 * 1024
FIELDS = {
    "file", "service", "operation", "direction", "shows", "signed", "key", "expected", "code", "stoppedAt",
    "violations", "verifiedAt", "question",
}  # fmt: skip
OUTCOMES = {"accepted", "fault", "NO_RESULT", "NOK", "unusable", "unreachable"}


def files() -> set[str]:
    return {
        path.relative_to(SAMPLES).as_posix() for path in (SAMPLES / "messages").rglob("*") if path.is_file()
    }


def test_every_file_is_listed_once_and_every_listed_file_exists():
    listed = [sample.file for sample in samples()]
    assert len(listed) == len(set(listed))
    assert set(listed) | {"messages/world.json"} == files()


def test_the_pack_holds_xml_and_json_only_and_is_small():
    assert {name.rpartition(".")[2] for name in files()} == {"xml", "json"}
    assert sum((SAMPLES / name).stat().st_size for name in files()) < MAX_PACK_BYTES


@pytest.mark.parametrize("field", ["signed", "key", "direction", "service", "operation", "expected", "shows"])
def test_every_entry_has_the_mandatory_fields(field):
    assert [sample.file for sample in samples() if field not in sample.entry] == []


def test_every_entry_is_written_as_the_readme_says():
    assert manifest()["format"] == "rse-gateway sample pack 1"
    for sample in samples():
        assert set(sample.entry) <= FIELDS, sample.file
        assert sample.expected in OUTCOMES, sample.file
        assert set(sample.shows) == {"FR", "NL", "EN"}, sample.file
        assert all(words.endswith(".") for words in sample.shows.values()), sample.file
        assert ("verifiedAt" in sample.entry) == sample.signed, sample.file
        assert sample.file.endswith(".signed.xml") == sample.signed, sample.file
        assert bool(sample.code) == (sample.expected != "accepted"), sample.file


def test_every_question_named_is_a_sample():
    known = {sample.file for sample in samples()}
    assert {sample.question for sample in samples() if sample.question} <= known


def test_every_key_named_is_checked_in_or_made_for_the_sample():
    for sample in samples():
        if sample.key != "made for this sample":
            assert (SAMPLES / "keys" / f"{sample.key}.cert.pem").is_file(), sample.file
    for institution in world_file()["institutions"]:
        for key in institution["keys"]:
            assert (SAMPLES / key["certificate"]).is_file()


def test_the_readme_names_every_field_of_the_manifest_and_every_outcome():
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(FIELDS | OUTCOMES) if f"`{name}`" not in text] == []


def test_making_the_pack_again_changes_no_byte(tmp_path):
    made = subprocess.run(
        [sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    again = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert again == files() | {"manifest.json"}
    changed = [
        name for name in sorted(again) if (tmp_path / name).read_bytes() != (SAMPLES / name).read_bytes()
    ]
    assert changed == [], "the pack is out of date: run make samples and review the difference"
