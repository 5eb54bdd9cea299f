"""The record: one spelling, no person, the same hash in every language."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trail_samples import AT, RECEIVED

from rse_gateway.trail import Kind, Record, RecordError, leaf_hash, looks_like_niss, parse_record, time_text
from rse_gateway.trail.record import MAX_RECORD_BYTES

FIXED = {
    "v": "1",
    "id": "01a1fd70-f23b-7000-8000-000000000000",
    "log": "hub/1",
    "kind": "REQUEST_RECEIVED",
    "at": "2026-11-21T09:30:00.123Z",
    "environment": "test",
}
GOLDEN = (
    b'{"asking":"0299990019","at":"2026-11-21T09:30:00.123Z","environment":"test",'
    b'"id":"01a1fd70-f23b-7000-8000-000000000000","kind":"REQUEST_RECEIVED",'
    b'"legalContext":"PCSA:SOCIAL_INQUIRY","log":"hub/1","operation":"consultSocialReport",'
    b'"reason":"caf\xc3\xa9 \\"\\\\\\"","service":"ElectronicSocialReportService","signing":"0299990019",'
    b'"ticket":"R-2026-000123","ticketCBSS":"019a0000-0000-7000-8000-000000000001",'
    b'"userReference":"u-7f3a","userRole":"SOCIAL_WORKER","v":"1"}'
)
GOLDEN_LEAF = "3108cc4a8ee70ba539ddd3d6d82034553759c47a5afc92a5928a4b979e49fc62"


def record(**changes: str) -> Record:
    return Record({**FIXED, **RECEIVED, **changes})


def test_the_golden_record_is_spelled_byte_for_byte_as_documented() -> None:
    assert record(reason='café "\\"').encode() == GOLDEN


def test_the_golden_record_has_the_documented_leaf_hash() -> None:
    assert leaf_hash(GOLDEN).hex() == GOLDEN_LEAF


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=64).filter(
        lambda text: not looks_like_niss(text)
    )
)
def test_any_writable_text_survives_writing_and_parsing(text: str) -> None:
    written = record(reason=text)
    assert parse_record(written.encode()) == written


@pytest.mark.parametrize(
    "spelled",
    [
        GOLDEN + b" ",
        GOLDEN.replace(b'"v":"1"', b'"v": "1"'),
        GOLDEN.replace(b"caf\xc3\xa9", b"caf\\u00e9"),
        GOLDEN.replace(b'"v":"1"', b'"v":"1","v":"1"'),
        GOLDEN.replace(b',"v":"1"}', b"}").replace(b"{", b'{"v":"1",', 1),
        GOLDEN.replace(b'"hub/1"', b'"hub\\/1"'),
        b"\xef\xbb\xbf" + GOLDEN,
    ],
    ids=["trailing space", "inner space", "escape", "doubled key", "order", "escaped slash", "BOM"],
)
def test_a_second_spelling_of_a_record_is_refused(spelled: bytes) -> None:
    assert parse_record(GOLDEN)
    with pytest.raises(RecordError):
        parse_record(spelled)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'"x"', b"null", b"\xff", b"{}", b"[" * 10_000, b" " * (MAX_RECORD_BYTES + 1), b'{"v":1}'],
)
def test_what_is_no_record_is_refused(raw: bytes) -> None:
    with pytest.raises(RecordError):
        parse_record(raw)


@pytest.mark.parametrize("missing", ["v", "id", "log", "kind", "at", "environment"])
def test_a_record_without_a_field_that_all_have_is_refused(missing: str) -> None:
    with pytest.raises(RecordError, match=missing):
        Record({name: value for name, value in record().fields.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ticket", ""),
        ("at", "2026-11-21T09:30:00Z"),
        ("at", "2026-13-21T09:30:00.000Z"),
        ("periodBegin", "2026-02-30"),
        ("asking", "٠299990019"),
        ("certificate", "AB" * 32),
        ("late", "false"),
        ("reminderNumber", "01"),
        ("reason", "two\nlines"),
        ("id", "01a1fd70-f23b-4000-8000-000000000000"),
        ("log", "hub"),
        ("niss", "x"),
    ],
)
def test_a_value_of_another_form_is_refused(name: str, value: str) -> None:
    with pytest.raises(RecordError):
        record(**{name: value})


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (Kind.FORWARDED, "reminderNumber"),
        (Kind.REFUSED, "check"),
        (Kind.REFUSED_UNAUTHENTICATED, "count"),
        (Kind.LOG_CONSULTED, "reason"),
        (Kind.DIRECTORY_IMPORTED, "fileDigest"),
    ],
)
def test_a_kind_names_what_it_is_about(kind: Kind, needed: str) -> None:
    with pytest.raises(RecordError, match=needed):
        record(kind=kind.value)


@pytest.mark.parametrize("field", ["userReference", "ticket", "reason", "legalContext"])
def test_a_niss_cannot_stand_in_a_free_field_and_is_not_shown(field: str) -> None:
    with pytest.raises(RecordError, match=field) as refused:
        record(**{field: "85073003328"})
    assert "85073003328" not in str(refused.value)


@pytest.mark.parametrize("text", ["85073003328", "u 85.07.30-033.28!", "75231010174", "00010100105"])
def test_a_national_or_bis_number_is_recognised_however_it_is_written(text: str) -> None:
    assert looks_like_niss(text)


@pytest.mark.parametrize(
    "text", ["85073003329", "185073003328", "01a1fd70-f23b-7000-8000-850730033281", "u-1"]
)
def test_other_digits_are_no_niss(text: str) -> None:
    assert not looks_like_niss(text)


def test_a_record_cannot_be_changed_after_it_was_checked() -> None:
    fields = {**FIXED, **RECEIVED}
    made = Record(fields)
    fields["asking"] = "0299990118"
    assert made.get("asking") == "0299990019"
    with pytest.raises(TypeError):
        made.fields["asking"] = "0299990118"  # type: ignore[index]


def test_moments_are_written_in_utc_and_cut_to_milliseconds() -> None:
    assert time_text(AT.replace(microsecond=999_999)) == "2026-11-21T09:30:00.999Z"
    assert time_text(datetime(2026, 11, 21, 0, tzinfo=timezone(timedelta(hours=1)))).startswith(
        "2026-11-20T23"
    )


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(RecordError):
        time_text(AT.replace(tzinfo=None))


def test_python_s_own_json_reads_the_record_back_unchanged() -> None:
    assert json.loads(GOLDEN)["reason"] == 'café "\\"'
