"""No NISS in a record or log, in disguise either; and usual references are not taken for one."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from trail_samples import RECEIVED

from rse_gateway.trail import Kind, Person, PrivatePart, Record, RecordError, Role, parse_record
from rse_gateway.trail.national_numbers import holds_number, is_niss, looks_like_niss, without_niss

FIXED = {
    "v": "1",
    "id": "01a1fd70-f23b-7000-8000-000000000000",
    "log": "hub/1",
    "kind": "REQUEST_RECEIVED",
    "at": "2026-11-21T09:30:00.123Z",
    "environment": "test",
}
NUMBER = "85073003328"
OTHER = "75231010174"
GLUED = ("{}", "T{}", "{}A", "file{}x", "_{}_", ":{}:", "NISS={}", "no {}.", "N\u00b0{}")
WRITTEN = ("{0}{1}{2}-{3}-{4}", "{0}.{1}.{2}-{3}.{4}", "{0}_{1}_{2}_{3}_{4}", "{0}:{1}:{2}:{3}:{4}",
    "{0}/{1}/{2} {3} {4}", "{0}\u2013{1}\u2013{2}\u2013{3}\u2013{4}",
    "{0}\u00a0{1}\u00a0{2}\u00a0{3}\u00a0{4}",
    "{0}\u200b{1}\u200b{2}\u200b{3}\u200b{4}", "{0}{1}{2}\u2060{3}\ufeff{4}", "{0}{1}{2}{3}{4}")  # fmt: skip
HIDDEN = ("2026{}", "{}001", "9{}9", "REF-2026-{}-7", "a{}b", "_{}", "{}:1", "2026-11-21/{}/12")
SEPARATORS = ("", "-", ".", "_", ":", " ", "\u2013", "\u200b", "\u00a0", "x", "--", " / ")
FULL_WIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)}
ARABIC = {ord("0") + n: 0x0660 + n for n in range(10)}
CHANCE = random.Random(11)  # noqa: S311 -- which references to try is no secret


def groups(number: str) -> tuple[str, ...]:
    return number[:2], number[2:4], number[4:6], number[6:9], number[9:]


@pytest.mark.parametrize("glue", GLUED)
@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("number", [NUMBER, OTHER])
def test_any_number_is_recognised_as_people_write_it_with_letters_beside_it(number, written, glue):
    text = glue.format(written.format(*groups(number)))
    assert looks_like_niss(text)
    assert looks_like_niss(text.translate(FULL_WIDTH))
    assert number[-5:] not in without_niss(text)


@pytest.mark.parametrize(
    "separator", ["", "-", ".", "_", ":", " ", "\u2013", "\u200b", "\u00a0", "x", "--", " / "]
)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_messages_own_number_is_recognised_in_every_disguise(hidden, separator):
    for disguised in (separator.join(NUMBER), separator.join(groups(NUMBER))):
        for digits in ({}, FULL_WIDTH, ARABIC):
            assert holds_number(hidden.format(disguised).translate(digits), NUMBER)
            assert not holds_number(hidden.format(disguised).translate(digits), OTHER)


@pytest.mark.parametrize("field", ["ticket", "userReference", "legalContext"])
def test_a_row_never_names_the_person_that_it_is_about(field, maker):
    about = PrivatePart(persons=(Person(NUMBER, Role.BENEFICIARY),))
    named = {**RECEIVED, field: f"2026{NUMBER}01"}
    with pytest.raises(RecordError, match=field) as refused:
        maker.make(Kind.REQUEST_RECEIVED, datetime(2026, 11, 21, tzinfo=UTC), named, about)
    assert NUMBER not in str(refused.value)
    assert Record({**FIXED, **named})  # about nobody in particular, it is a long number like any other


def test_a_row_that_0_1_0_wrote_can_still_be_read_and_is_no_longer_written():
    plain = Record({**FIXED, **RECEIVED, "ticket": "T-1"}).encode()
    disguised = plain.replace(b'"T-1"', b'"T' + NUMBER.encode() + b'"')
    assert parse_record(disguised).get("ticket") == f"T{NUMBER}"
    with pytest.raises(RecordError):
        Record({**FIXED, **RECEIVED, "ticket": f"T{NUMBER}"})
    with pytest.raises(RecordError):
        parse_record(plain.replace(b'"T-1"', b'"' + NUMBER.encode() + b'"'))


def moment() -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=CHANCE.randrange(10**8))


def digits(number: int) -> str:
    return "".join(CHANCE.choice("0123456789") for _ in range(number))


def letters(number: int) -> str:
    return "".join(CHANCE.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(number))


FORMS: dict[str, Callable[[], str]] = {
    "time stamp": lambda: CHANCE.choice([moment().strftime("%Y%m%d%H%M%S"), moment().isoformat(),
        moment().strftime("%Y%m%d%H%M%S") + digits(3), f"{moment().timestamp():.3f}"]),
    "date and sequence": lambda: moment().strftime(CHANCE.choice(["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"]))
        + CHANCE.choice("-_/") + digits(CHANCE.randint(3, 6)),
    "BCE number and sequence": lambda: "0" + digits(9) + CHANCE.choice("-/_")
        + digits(CHANCE.randint(3, 6)),
    "IBAN": lambda: CHANCE.choice([f"BE{digits(14)}",
        f"BE{digits(2)} {digits(4)} {digits(4)} {digits(4)}"]),
    "telephone": lambda: CHANCE.choice([f"+324{digits(8)}",
        f"04{digits(2)}/{digits(2)}.{digits(2)}.{digits(2)}",
        f"02 {digits(3)} {digits(2)} {digits(2)}", f"0032 2 {digits(3)} {digits(2)} {digits(2)}"]),
    "UUID": lambda: str(uuid.UUID(int=CHANCE.getrandbits(128))),
    "UUID without hyphens": lambda: uuid.UUID(int=CHANCE.getrandbits(128)).hex,
    "hexadecimal": lambda: f"{CHANCE.getrandbits(64):016x}",
    "decimal sequence": lambda: digits(CHANCE.randint(5, 16)),
    "user name": lambda: f"{letters(3).lower()}.{letters(7).lower()}{digits(CHANCE.randint(0, 4))}",
    "licence plate": lambda: f"{digits(1)}-{letters(3)}-{digits(3)}",
}  # fmt: skip


def exactly_eleven(text: str) -> bool:
    runs = "".join(one if one.isdigit() else " " for one in text).split()
    return any(len(run) == 11 for run in runs)


def check_forms(number: int) -> None:
    for name, form in FORMS.items():
        eleven = refused = 0
        for _ in range(number):
            text = form()
            if looks_like_niss(text):
                refused += 1
                assert exactly_eleven(text), f"{name}: {text}"
            eleven += exactly_eleven(text)
        print(f"{name}: {refused} of {number} refused, of {eleven} with a run of exactly 11 digits")
        if eleven > 5_000:
            assert refused <= 0.007 * eleven


def test_usual_references_are_not_taken_for_a_niss_unless_they_are_exactly_11_digits():
    check_forms(3_000)


@pytest.mark.long
def test_of_a_hundred_thousand_references_of_each_usual_form_none_is_refused_but_runs_of_11_digits():
    check_forms(100_000)


def test_masking_hides_values_and_never_a_bound_of_our_own():
    assert without_niss(f"line 3: found T{NUMBER}.") == "line 3: found T***********."
    assert without_niss("85.07.30-033.29 is mistyped") == "*********** is mistyped"
    assert without_niss("at most 999999999.99, 12 digits") == "at most 999999999.99, 12 digits"
    ticket = "01a1fd70-f23b-7000-8000-a85073003328"
    assert without_niss(f"ticket {ticket}") == f"ticket {ticket}"


def test_the_numbers_of_the_tests_pass():
    assert is_niss(NUMBER)
    assert is_niss(OTHER)
