"""A message is judged by its XSD; a refusal says where and what was expected, never what came."""

import re
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from message_samples import (
    CONTEXT,
    CRITERIA,
    CUSTOMER,
    NISS,
    REQUESTS,
    aid,
    decision,
    report,
    request,
    supplier_answer_payload,
)

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.components import components, verdict_schema
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.contract.violations import list_violations
from rse_gateway.errors import ContentRefused, GatewayFault

SCHEMAS = load_schemas()
SCHEMAS.warm()


def refused(payload, **options) -> ContentRefused:
    with pytest.raises(ContentRefused) as caught:
        SCHEMAS.check(payload, **options)
    return caught.value


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_every_good_request_passes(name):
    SCHEMAS.check(request(name), root=name)


def test_all_violations_come_at_once_with_place_field_and_words():
    payload = request(
        body=f"""{CUSTOMER.replace("T-1", "not a ticket").replace("SOCIAL_WORKER", "BOSS")}
        <legalContext>x</legalContext><criteria><ssin>123</ssin></criteria>"""
    )
    violations = refused(payload).violations
    assert [(v.field, v.line) for v in violations] == [
        ("ticket", 1),
        ("userRole", 3),
        ("legalContext", 6),
        ("ssin", 6),
        ("period", 6),
    ]
    assert violations[0].xpath == "/consultSocialReportRequest/informationCustomer[1]/ticket[1]"
    said = [violation.expected.text("EN") for violation in violations]
    assert said[1].startswith("one of SOCIAL_WORKER")
    assert said[3] == "a NISS: 11 digits, no spaces, points or dashes"
    assert said[4] == "the element period here"


def test_a_qualified_child_is_told_to_drop_its_namespace():
    criteria = CRITERIA.replace("<ssin>", "<r:ssin>").replace("</ssin>", "</r:ssin>")
    (violation,) = refused(request(body=CUSTOMER + CONTEXT + criteria)).violations
    assert violation.field == "ssin"
    assert violation.expected.text("EN").startswith("ssin without a namespace")


def test_an_unknown_name_is_not_repeated():
    payload = request(body=f"{CUSTOMER}{CONTEXT}<n{NISS}/>{CRITERIA}")
    (violation,) = refused(payload).violations
    assert violation.field == "*"
    assert violation.xpath == "/consultSocialReportRequest/*[3]"


def test_lines_are_those_of_the_received_text_when_the_caller_knows_them():
    payload = request(body=f"{CUSTOMER}{CONTEXT}{CRITERIA.replace(NISS, 'x')}")
    (violation,) = refused(payload, line_of=lambda _: 4711).violations
    assert violation.line == 4711


def test_a_payload_inside_a_body_gives_the_same_places():
    body = etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    body.append(request(body=f"{CUSTOMER}{CONTEXT}{CRITERIA.replace(NISS, 'x')}"))
    (violation,) = refused(body[0]).violations
    assert violation.xpath == "/consultSocialReportRequest/criteria[1]/ssin[1]"


@pytest.mark.parametrize("name", ["{urn:x}consultSocialReportRequest", "consultSocialReportRequest"])
def test_an_unknown_root_is_a_violation(name):
    assert len(refused(etree.Element(name)).violations) == 1


def test_a_known_root_of_another_operation_is_a_violation():
    assert refused(request("listSocialReportsRequest"), root="consultSocialReportRequest").violations


@pytest.mark.parametrize("attribute", ["schemaLocation", "noNamespaceSchemaLocation", "type", "nil"])
def test_an_instance_that_steers_the_validator_is_refused_before_it_is_validated(attribute, tmp_path):
    payload = request()
    value = f"urn:x {tmp_path}/x.xsd" if "Location" in attribute else "true"
    payload[0].set(f"{{http://www.w3.org/2001/XMLSchema-instance}}{attribute}", value)
    (violation,) = refused(payload).violations
    assert violation.expected.text("EN") == "an element without attributes"


def test_violations_are_bounded_at_thirty():
    many = report(*(decision(kind="NONE") for _ in range(60)))
    error = refused(supplier_answer_payload(many))
    assert len(error.violations) == 30
    assert error.truncated


def test_the_search_for_violations_ends_when_its_time_is_over(monkeypatch):
    many = report(*(decision(aid=aid() * 50) for _ in range(39)), decision(kind="NONE"))
    looks = count()
    monkeypatch.setattr("rse_gateway.contract.violations.time.monotonic", lambda: next(looks) * 0.05)
    error = refused(supplier_answer_payload(many))
    assert error.violations
    assert next(looks) < 20  # 200 ms of a clock that moves 50 ms at each look


def test_without_any_time_left_there_is_still_one_violation():
    payload = request(body=f"{CUSTOMER}{CONTEXT}{CRITERIA.replace(NISS, 'x')}")
    namespace = etree.QName(payload).namespace
    (violation,), truncated = list_violations(namespace, payload, budget=-1.0)
    assert truncated
    assert violation.xpath == "/consultSocialReportRequest"


def test_an_invalid_message_of_our_own_is_our_fault_and_its_text_holds_no_value():
    with pytest.raises(GatewayFault) as caught:
        SCHEMAS.check_own(request(body=f"{CUSTOMER}{CONTEXT}{CRITERIA.replace(NISS, 'Q' + NISS)}"))
    assert NISS not in str(caught.value)
    assert "ssin" in str(caught.value)


VALID = [request(name) for name in sorted(REQUESTS)] + [
    supplier_answer_payload(report(decision(aid=aid(cohabitant=NISS))))
]
# Characters that stand in no word of the contract, so that a leak cannot hide behind a coincidence.
STRANGE = st.text(alphabet="ЖѢѪ\u0661\u0662ﬆ", min_size=3, max_size=40)


@st.composite
def mutated(draw):
    payload = deepcopy(draw(st.sampled_from(VALID)))
    strange: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        element = draw(st.sampled_from(list(payload.iter())))
        text = draw(STRANGE)
        match draw(st.sampled_from(["text", "tail", "attribute", "child", "remove", "double", "move"])):
            case "text":
                element.text = text
            case "tail" if element is not payload:
                element.tail = text
            case "attribute":
                element.set("a" + text[:1], text)
            case "child":
                etree.SubElement(element, "ЖѢѪ" + str(len(strange))).text = text
            case "remove" if element is not payload:
                element.getparent().remove(element)
            case "double" if element is not payload:
                element.addnext(deepcopy(element))
            case "move" if element is not payload:
                element.getparent().insert(0, element)
        strange.append(text)
    return payload, strange


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_both_validators_agree_and_no_received_value_stands_in_a_violation(case):
    payload, strange = case
    namespace = etree.QName(payload).namespace
    valid = verdict_schema(namespace).validate(payload)
    assert components(namespace).is_valid(payload) == valid
    if valid:
        SCHEMAS.check(payload)
        return
    violations = refused(payload).violations
    texts = [v.expected.text(language) for v in violations for language in (None, *LANGUAGES)]
    parts = [*texts, *(v.xpath for v in violations), *(v.field for v in violations)]
    said = "\n".join(parts)
    assert not any(text in said for text in strange)
    assert not re.search("[ЖѢѪ\u0661\u0662ﬆ]", said)
    assert NISS not in said
    assert all(0 < len(part) <= 256 for part in parts)


def test_threads_that_refuse_different_messages_never_see_each_others_fields():
    replacements = {"ssin": (NISS, "x"), "beginDate": ("2022-01-01", "x"), "endDate": ("2026-05-31", "x")}
    cases = [
        (field, request(body=CUSTOMER + CONTEXT + CRITERIA.replace(*replacement)))
        for field, replacement in replacements.items()
    ]

    def work(number: int) -> set[str]:
        field, payload = cases[number % len(cases)]
        copy = deepcopy(payload)
        told = {v.field for _ in range(25) for v in refused(copy).violations}
        return told - {
            field,
            "consultSocialReportRequest",
        }  # the root alone when the time for details is over

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(64))) == [set()] * 64


ODD = [
    "", " ", "NaN", "INF", "-0", "1e400", "+1", "9" * 5000, "0000-00-00", "-0001-01-01", "99999-01-01",
    "2026-02-30", "2026-01-01T24:00:01Z", "2026-01-01T23:59:60Z", "2026-13-01T00:00:00Z", "x" * 100_000,
    "\u0661" * 11, "a\nb", "2026-01-01+25:00", "truetrue",
]  # fmt: skip


@pytest.mark.parametrize("index", range(len(VALID)))
def test_no_value_however_odd_makes_the_listing_fail(index):
    leaves = [i for i, element in enumerate(VALID[index].iter()) if not len(element)]
    for leaf in leaves:
        for text in ODD:
            payload = deepcopy(VALID[index])
            element = list(payload.iter())[leaf]
            element.text = text
            valid = verdict_schema(etree.QName(payload).namespace).validate(payload)
            if not valid:
                assert refused(payload).violations[0].expected.text(None)
