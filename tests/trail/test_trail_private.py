"""The private part: only auditors read it, and the record binds it."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from trail_samples import AT, NISS, PRIVATE, RECEIVED

from rse_gateway.trail import (
    EntryMaker,
    Kind,
    LogEntry,
    MonthKey,
    MonthKeys,
    Person,
    PrivatePart,
    PrivatePartError,
    RecordError,
    Role,
    TrailError,
    WrappedKey,
    commitment,
    open_private,
    parse_private,
    unwrap,
    wrap,
)
from rse_gateway.trail.sql import ConsultationLog

KEY = MonthKey(UUID(int=1), "2026-11", bytes(range(32)))
GOLDEN_PRIVATE = (
    b'{"fileReference":"D/2026/7",'
    b'"messageDigest":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
    b'"persons":[{"niss":"80010100107","role":"PARTNER"},{"niss":"85073003328","role":"BENEFICIARY"}],'
    b'"signatureValue":"AQI=","signedInfo":"PFNpZ25lZEluZm8vPg=="}'
)
PERSONS = st.builds(Person, st.from_regex(r"[0-9]{11}", fullmatch=True), st.sampled_from(Role))
PARTS = st.builds(
    PrivatePart,
    persons=st.lists(PERSONS, max_size=4).map(tuple),
    file_reference=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    real_user=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    message_digest=st.none() | st.binary(min_size=32, max_size=32),
    signed_info=st.none() | st.binary(),
    signature_value=st.none() | st.binary(),
)


@pytest.fixture
def entry(maker: EntryMaker) -> LogEntry:
    return maker.make(Kind.REQUEST_RECEIVED, AT, RECEIVED, PRIVATE)


def test_the_golden_private_part_is_spelled_as_documented() -> None:
    assert PRIVATE.encode() == GOLDEN_PRIVATE


def test_the_commitment_is_the_hash_of_salt_and_private_part() -> None:
    assert commitment(bytes(16), GOLDEN_PRIVATE) == sha256(bytes(16) + GOLDEN_PRIVATE).digest()


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(RecordError):
        commitment(bytes(15), GOLDEN_PRIVATE)


@given(PARTS)
def test_any_private_part_survives_writing_and_parsing(part: PrivatePart) -> None:
    assert parse_private(part.encode()) == part


@pytest.mark.parametrize(
    "raw",
    [
        GOLDEN_PRIVATE + b" ",
        b"[]",
        b"{}",
        GOLDEN_PRIVATE.replace(b"AQI=", b"AQI"),
        GOLDEN_PRIVATE.replace(b"PARTNER", b"FRIEND"),
    ],
)
def test_another_spelling_of_a_private_part_is_refused_and_not_shown(raw: bytes) -> None:
    with pytest.raises(RecordError) as refused:
        parse_private(raw)
    assert refused.value.__cause__ is None
    assert NISS not in str(refused.value)


def test_nobody_sees_a_number_in_what_python_prints() -> None:
    assert NISS not in repr(PRIVATE) + repr(PRIVATE.persons)


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises(RecordError):
        PrivatePart(message_digest=b"short")


def test_a_person_s_number_of_another_form_is_refused() -> None:
    with pytest.raises(RecordError):
        Person("850730", Role.PARTNER)


def test_the_auditor_reads_back_what_was_written(
    entry: LogEntry, log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    assert open_private(entry, log.month_keys(), auditor) == PRIVATE


def test_nothing_that_is_stored_shows_the_number(entry: LogEntry) -> None:
    assert entry.private is not None
    stored = entry.record + entry.private.sealed + b"".join(person.niss_hmac for person in entry.persons)
    assert NISS.encode() not in stored


def test_another_auditor_s_key_opens_nothing(entry: LogEntry, log: ConsultationLog) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(PrivatePartError):
        open_private(entry, log.month_keys(), stranger)


def test_a_side_row_moved_to_another_entry_does_not_open(
    entry: LogEntry, maker: EntryMaker, log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    other = maker.make(Kind.REQUEST_RECEIVED, AT, RECEIVED, PRIVATE)
    with pytest.raises(PrivatePartError):
        open_private(dataclasses.replace(entry, private=other.private), log.month_keys(), auditor)


def test_a_record_that_commits_to_another_private_part_is_found(
    entry: LogEntry, maker: EntryMaker, log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    other = maker.make(Kind.REQUEST_RECEIVED, AT, RECEIVED, PrivatePart())
    with pytest.raises(PrivatePartError, match="commits to another"):
        open_private(dataclasses.replace(entry, record=other.record), log.month_keys(), auditor)


def test_every_changed_bit_of_a_sealed_part_is_found(
    entry: LogEntry, log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    assert entry.private is not None
    sealed = entry.private.sealed
    for position in range(len(sealed)):
        changed = bytes([*sealed[:position], sealed[position] ^ 1, *sealed[position + 1 :]])
        tampered = dataclasses.replace(entry, private=dataclasses.replace(entry.private, sealed=changed))
        with pytest.raises(PrivatePartError):
            open_private(tampered, log.month_keys(), auditor)


def test_an_erased_side_row_leaves_the_record_valid_but_unreadable(
    entry: LogEntry, log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey
) -> None:
    erased = dataclasses.replace(entry, private=None, persons=())
    assert erased.parsed().get("commitment")
    assert erased.leaf == entry.leaf
    with pytest.raises(PrivatePartError):
        open_private(erased, log.month_keys(), auditor)


@pytest.mark.parametrize("bits", [None, 2048])
def test_a_wrapped_key_opens_for_its_auditor_only(bits: int | None) -> None:
    def new() -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        if bits is None:
            return ec.generate_private_key(ec.SECP256R1())
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)

    auditor = new()
    wrapped = wrap(KEY, auditor.public_key())
    assert unwrap(wrapped, auditor) == KEY
    assert KEY.secret not in wrapped.wrapped
    for stranger in (new(), ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(PrivatePartError):
            unwrap(wrapped, stranger)


@pytest.mark.parametrize("change", [{"month": "2026-12"}, {"key_id": UUID(int=2)}])
def test_a_wrapped_key_is_bound_to_its_id_and_month(
    change: dict[str, object], auditor: ec.EllipticCurvePrivateKey
) -> None:
    wrapped = wrap(KEY, auditor.public_key())
    with pytest.raises(PrivatePartError):
        unwrap(dataclasses.replace(wrapped, **change), auditor)  # type: ignore[arg-type]


def test_every_changed_byte_of_a_wrapped_key_is_found(auditor: ec.EllipticCurvePrivateKey) -> None:
    wrapped = wrap(KEY, auditor.public_key())
    for position in range(len(wrapped.wrapped)):
        raw = wrapped.wrapped
        changed = bytes([*raw[:position], raw[position] ^ 1, *raw[position + 1 :]])
        with pytest.raises(PrivatePartError):
            unwrap(dataclasses.replace(wrapped, wrapped=changed), auditor)


def test_a_weak_or_foreign_auditor_key_is_refused() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (weak on purpose)
    other_curve = ec.generate_private_key(ec.SECP384R1())
    for key in (weak.public_key(), other_curve.public_key()):
        with pytest.raises(TrailError):
            wrap(KEY, key)


def test_each_month_has_its_own_key_saved_for_every_auditor_before_its_first_use(
    auditor: ec.EllipticCurvePrivateKey,
) -> None:
    saved: list[WrappedKey] = []
    second = ec.generate_private_key(ec.SECP256R1())
    keys = MonthKeys([auditor.public_key(), second.public_key()], saved.extend)
    november = keys.key_for(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    assert keys.key_for(AT) is november
    december = keys.key_for(datetime(2026, 12, 1, tzinfo=UTC))
    assert [copy.month for copy in saved] == ["2026-11", "2026-11", "2026-12", "2026-12"]
    assert november.secret != december.secret
    assert unwrap(saved[3], second) == december


def test_a_key_that_could_not_be_saved_is_never_used(auditor: ec.EllipticCurvePrivateKey) -> None:
    failures = [True, False]

    def save(_: object) -> None:
        if failures.pop(0):
            raise OSError("disk full")

    keys = MonthKeys([auditor.public_key()], save)
    with pytest.raises(OSError, match="disk full"):
        keys.key_for(AT)
    keys.key_for(AT)
    assert failures == []


def test_a_log_that_nobody_could_read_is_refused() -> None:
    with pytest.raises(TrailError):
        MonthKeys([], lambda _: None)


def test_with_fixed_sources_the_same_row_has_the_same_bytes(
    auditor: ec.EllipticCurvePrivateKey, counting: Callable[[int], bytes], maker: EntryMaker
) -> None:
    made = EntryMaker(
        "hub/1",
        "test",
        month_keys=MonthKeys([auditor.public_key()], lambda _: None),
        search_key=maker._search_key,
        new_id=lambda _: UUID("01a1fd70-f23b-7000-8000-000000000000"),
        random_bytes=counting,
    ).make(Kind.REQUEST_RECEIVED, AT, RECEIVED, PRIVATE)
    assert made.parsed().get("commitment") == sha256(bytes(range(16)) + GOLDEN_PRIVATE).hexdigest()
