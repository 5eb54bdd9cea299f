"""Business rules that need no registry are all checked at once, each told at its place."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rse_gateway.contract.schemas import load_schemas
from rse_gateway.diagnosis.validation import About, Validator

GOOD = Path(__file__).parents[2] / "samples" / "messages" / "good"
CONSULT = (GOOD / "consultSocialReport" / "request-full.xml").read_bytes()
ANSWER = (GOOD / "provideSocialReport" / "answer-full.xml").read_bytes()
REGISTER = (GOOD / "manageAccess" / "request-register-closed.xml").read_bytes()
DELIVER = (GOOD / "deliverSocialReport" / "request.xml").read_bytes()
ABOUT = About(now=datetime(2026, 11, 21, 10, tzinfo=UTC), today=date(2026, 11, 21))
NISS = b"85073003328"


def verdict(raw: bytes, *changes: tuple[bytes, bytes], **options):
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return Validator(load_schemas(), **options).check(raw, ABOUT)


def told(raw: bytes, *changes: tuple[bytes, bytes]) -> list[tuple[int, str, str, str]]:
    return [(f.place.line, f.place.field, f.code, f.check) for f in verdict(raw, *changes).findings]


@pytest.mark.parametrize("raw", [CONSULT, ANSWER, REGISTER])
def test_a_good_message_has_nothing_to_tell(raw):
    assert (verdict(raw).outcome, verdict(raw).findings) == ("accepted", ())


def test_several_breaches_of_one_request_come_at_once_in_the_order_of_the_checks():
    found = told(
        CONSULT,
        (b"<userReference>as-0042", b"<userReference>85.07.30-033.28"),
        (b"<cbeNumber>0299990118", b"<cbeNumber>0299990119"),
        (b"SOCIAL_WORKER", b"ADMINISTRATION"),
        (b"<ssin>85073003328", b"<ssin>85073003329"),
        (b"<beginDate>2022-01-01", b"<beginDate>2019-01-01"),
        (b"<endDate>2026-11-20", b"<endDate>2027-11-20"),
    )
    assert [one[1:] for one in found] == [
        ("userReference", "MSG00008", "references"),
        ("cbeNumber", "MSG00014", "signer"),
        ("userRole", "MSG00015", "userRole"),
        ("ssin", "MSG00011", "ssin"),
        ("endDate", "MSG00008", "period"),
        ("beginDate", "MSG00008", "period"),
    ]
    assert all(line > 1 for line, *_ in found)


def test_the_first_check_that_fails_decides_what_the_gateway_would_answer():
    said = verdict(CONSULT, (b"<ssin>85073003328", b"<ssin>85073003329"))
    assert (said.outcome, said.code, said.stopped_at) == ("NO_RESULT", "MSG00011", "ssin")


@pytest.mark.parametrize(
    ("raw", "outcome"), [(CONSULT, "NO_RESULT"), (REGISTER, "NO_RESULT"), (DELIVER, "NOK")]
)
def test_a_dry_run_of_any_operation_ends_before_it_does_anything(raw, outcome):
    without = re.sub(rb"\s*<requestOptions>.*</requestOptions>", b"", raw, flags=re.DOTALL)
    options = b"</legalContext><requestOptions><dryRun>1</dryRun></requestOptions>"
    said = verdict(without, (b"</legalContext>", options))
    assert (said.outcome, said.code, said.stopped_at) == (outcome, "RSE00007", "dryRun")


def test_a_period_that_ends_before_it_begins_is_told_at_its_begin():
    found = told(CONSULT, (b"<endDate>2026-11-20", b"<endDate>2021-12-01"))
    assert [one[1:] for one in found] == [("beginDate", "MSG00008", "period")]


@pytest.mark.parametrize(
    ("old", "new", "field", "check"),
    [
        (b"<decisionType>GRANT", b"<decisionType>REFUSAL", "aid", "leg.report"),
        (b"<value>DATA_FOUND", b"<value>NO_DATA_FOUND", "status", "leg.reply"),
    ],
)
def test_an_impossible_report_is_unusable_and_told_where_it_is(old, new, field, check):
    said = verdict(ANSWER, (old, new))
    assert (said.outcome, said.code, said.stopped_at) == ("unusable", "MSG00023", check)
    assert {finding.place.field for finding in said.findings if not finding.note} == {field}


def test_a_report_about_somebody_else_is_unusable():
    raw = ANSWER.replace(b"<beneficiary>\n      <ssin>85073003328", b"<beneficiary>\n      <ssin>80010100107")
    assert raw != ANSWER
    assert (verdict(raw).outcome, verdict(raw).stopped_at) == ("unusable", "leg.report")


def test_a_decision_outside_the_period_is_only_a_note():
    raw = (GOOD / "provideSocialReport" / "answer-decision-outside.xml").read_bytes()
    said = verdict(raw)
    assert (said.outcome, said.right) == ("accepted", True)
    assert [(one.note, one.place.field) for one in said.findings] == [(True, "decision")]


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        ("answer-period-ends-before-it-begins", "endDate"),
        ("decisions/cap-refusal-of-1999", "ratificationDate"),
    ],
)
def test_a_decision_that_is_not_passed_on_is_noted_where_its_reason_stands(sample, field):
    said = verdict((GOOD / "provideSocialReport" / f"{sample}.xml").read_bytes())
    assert (said.outcome, said.right) == ("accepted", True)
    assert [(one.note, one.place.field) for one in said.findings] == [(True, field)]


def test_dates_of_a_directory_line_follow_one_another():
    raw = re.sub(rb"<endDate>[0-9-]+", b"<endDate>1999-01-01", REGISTER)
    assert [one[1:] for one in told(raw)] == [("endDate", "MSG00008", "dates")]


def test_an_unsigned_envelope_is_judged_and_said_to_be_unsigned():
    payload = CONSULT.partition(b"?>")[2]
    envelope = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        + payload
        + b"</s:Body></s:Envelope>"
    )
    said = verdict(envelope)
    assert (said.outcome, said.right, said.signed) == ("accepted", True, False)
    assert [one.check for one in said.findings] == ["G4"]


def test_a_body_with_two_elements_is_no_message():
    two = b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><a/><b/></s:Body></s:Envelope>"
    assert not verdict(two).right


def test_a_message_of_another_operation_than_the_wanted_one_is_refused():
    assert verdict(CONSULT, operation="consultSocialReport").right
    assert verdict(CONSULT, operation="manageAccess").stopped_at == "G10"


def test_a_signature_is_held_against_its_own_certificate_where_nobody_is_trusted():
    raw = (GOOD / "consultSocialReport" / "request-full.signed.xml").read_bytes()
    assert [one.check for one in verdict(raw).findings] == ["G7"]
    assert verdict(raw).right
    said = verdict(raw, (b"<ticket>", b"<ticket>X"))
    assert (said.outcome, said.code, said.stopped_at) == ("fault", "RSE00001", "G8")


def test_lines_are_right_beyond_those_that_libxml2_counts():
    raw = CONSULT.replace(b"<criteria>", b"\n" * 70_000 + b"<criteria>").replace(NISS, b"123")
    (finding,) = verdict(raw).findings
    assert finding.place.line == 70_000 + CONSULT[: CONSULT.index(NISS)].count(b"\n") + 1


def test_nothing_that_is_told_holds_a_value_of_the_message():
    wrong = [(NISS, b"85073003329"), (b"as-0042", b"850730-033.28"), (b"2026-11-20", b"2028-12-31")]
    for language in ("FR", "NL", "DE", "EN"):
        said = verdict(CONSULT, *wrong)
        text = str(said.values(language)) + "".join(one.sentence(language) for one in said.findings)
        for value in ("85073003329", "850730-033.28", "2028-12-31", "N-2026"):
            assert value not in text
