"""Checks 4 to 6 of the contract: each refuses with its own code, and their order is the contract's."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    NOW,
    ONE,
    OTHER_NUMBER,
    PERSON,
    TODAY,
    MemoryWorld,
    a_world,
    message,
    request,
    sources,
)

from rse_gateway.domain.access import Right, check_period, five_years_before
from rse_gateway.domain.consultation import ConsultRequest, Period
from rse_gateway.domain.identifiers import Niss, Ticket
from rse_gateway.domain.message import MessageContext
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import NewConsultation, QuotaClaim, UnitOfWork
from rse_gateway.use_cases.admission import CONSULT_ORDER, AccessRules, ConsultAdmission, admit

Case = tuple[MemoryWorld, ConsultRequest, MessageContext]


def _bind_the_ticket(case: Case) -> Case:
    world, asked, context = case
    other = Period(date(2023, 1, 1), date(2023, 2, 1))
    world.written.append(
        UnitOfWork(
            consultation=NewConsultation(
                gateway_ticket=context.gateway_ticket,
                requesting_cpas=ASKER,
                signing=ASKER,
                ticket=Ticket("T-1"),
                niss=PERSON,
                period=other,
                legal_context=CONTEXT,
                quality_code=2,
                accepted_at=context.received_at,
            )
        )
    )
    return world, asked, context


def _asker(case: Case, **changes: object) -> Case:
    world = case[0]
    world.institutions[ASKER] = replace(world.institutions[ASKER], **changes)  # type: ignore[arg-type]
    return case


def _customer(case: Case, **changes: object) -> Case:
    world, asked, context = case
    return world, replace(asked, customer=replace(asked.customer, **changes)), context  # type: ignore[arg-type]


def _quota(case: Case) -> Case:
    case[0].quotas[ASKER] = 0
    return case


def _number_became(case: Case, new: Niss | None) -> Case:
    case[0].replaced[PERSON] = new
    return case


def _no_line(case: Case) -> Case:
    case[0].lines.clear()
    return case


BREAKING = {
    "environment": ("MSG00008", lambda case: _customer(case, environment="prod")),
    "customerIdentification": (
        "MSG00008",
        lambda case: _customer(case, cbe_number=None, sector="17", institution="1"),
    ),
    "references": ("MSG00008", lambda case: _customer(case, user_reference="85.07.30-033.28")),
    "signer": ("MSG00014", lambda case: (case[0], case[1], replace(case[2], signing=ONE))),
    "legalContext": (
        "MSG00013",
        lambda case: (case[0], replace(case[1], legal_context="PCSA:OTHER"), case[2]),
    ),
    "userRole": ("MSG00015", lambda case: _customer(case, user_role="ADMINISTRATION")),
    "operation": (
        "MSG00016",
        lambda case: _asker(
            case, rights=(Right("manageAccess", "PCSA:OTHER"), Right("manageAccess", CONTEXT))
        ),
    ),
    "reciprocity": ("MSG00015", lambda case: _asker(case, endpoint=None)),
    "ticket": ("MSG00008", _bind_the_ticket),
    "quota": ("RSE00003", _quota),
    "ssin": ("MSG00011", lambda case: (case[0], replace(case[1], ssin="85073003329"), case[2])),
    "period": (
        "MSG00008",
        lambda case: (case[0], replace(case[1], period=Period(date(2015, 1, 1), date(2015, 2, 1))), case[2]),
    ),
    "integration": ("MSG00012", _no_line),
    "replaced": ("MSG00006", lambda case: _number_became(case, OTHER_NUMBER)),
    "cancelled": ("MSG00007", lambda case: _number_became(case, None)),
}
TOGETHER = [pair for pair in pairwise(BREAKING) if pair != ("replaced", "cancelled")]
"""A number is replaced or cancelled, never both."""


def admitted(case: Case) -> ConsultAdmission:
    world, asked, context = case
    admission = ConsultAdmission(
        customer=asked.customer,
        legal_context=asked.legal_context,
        request=asked,
        context=context,
        now=NOW,
        today=TODAY,
        rules=AccessRules("test"),
        sources=sources(world),
    )
    admit(CONSULT_ORDER, admission)
    return admission


def refusal_of(case: Case) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        admitted(case)
    return caught.value


def a_case() -> Case:
    return a_world(), request(), message()


def test_the_order_of_checks_is_the_contract_s() -> None:
    assert [name for name, _check in CONSULT_ORDER] == list(BREAKING)


def test_a_request_that_breaks_nothing_is_admitted() -> None:
    admission = admitted(a_case())
    assert (admission.caller, admission.right.quality_code) == (ASKER, 2)


@pytest.mark.parametrize("name", list(BREAKING))
def test_each_check_refuses_with_its_own_code_and_name(name: str) -> None:
    code, broken = BREAKING[name]
    refusal = refusal_of(broken(a_case()))
    expected = {"references": "userReference"}.get(name, name)
    assert (refusal.code, refusal.check) == (code, expected)


DISGUISES = ("T{}", "{}001", "2026{}", "_{}_")


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("field", ["ticket", "user_reference", "file_reference"])
def test_the_number_asked_about_is_refused_in_disguise_and_the_field_is_named(
    field: str, disguise: str
) -> None:
    written = disguise.format(PERSON.value)
    case = _customer(a_case(), **{field: Ticket(written) if field == "ticket" else written})
    refusal = refusal_of(case)
    name = {"ticket": "ticket", "user_reference": "userReference", "file_reference": "fileReference"}[field]
    assert (refusal.code, refusal.check, refusal.information) == ("MSG00008", name, ((name, ""),))
    assert PERSON.value not in str(refusal)


def test_another_s_number_is_refused_beside_letters_and_passes_inside_a_longer_number() -> None:
    glued = _customer(a_case(), user_reference=f"u{OTHER_NUMBER.value}")
    assert refusal_of(glued).check == "userReference"
    assert admitted(_customer(a_case(), user_reference=f"2026{OTHER_NUMBER.value}1"))


@pytest.mark.parametrize(("earlier", "later"), TOGETHER)
def test_of_two_broken_rules_the_earlier_one_is_told(earlier: str, later: str) -> None:
    refusal = refusal_of(BREAKING[earlier][1](BREAKING[later][1](a_case())))
    assert refusal.check == {"references": "userReference"}.get(earlier, earlier)


@pytest.mark.parametrize("name", [n for n in BREAKING if n not in ("integration", "replaced", "cancelled")])
def test_nothing_is_asked_of_the_directory_before_the_integration_check(name: str) -> None:
    case = BREAKING[name][1](a_case())
    refusal_of(case)
    assert case[0].asked_directory == 0


def test_a_repeat_is_admitted_though_the_quota_is_used_up() -> None:
    world, asked, context = _bind_the_ticket(_quota(a_case()))
    bound = world.written[0].consultation
    assert bound is not None
    repeated = admitted((world, replace(asked, period=bound.period), context))
    assert (repeated.bound is not None, repeated.quota) == (True, None)


def test_a_bounded_question_says_what_it_counts_against() -> None:
    world, asked, context = a_case()
    world.quotas[ASKER] = 3
    assert admitted((world, asked, context)).quota == QuotaClaim(ASKER, 3, NOW - timedelta(hours=1))


def test_an_auditor_s_key_asks_no_cpas_question() -> None:
    world, asked, context = a_case()
    assert refusal_of((world, asked, replace(context, roles=frozenset({"hub-auditor"})))).code == "MSG00014"


def test_an_institution_that_is_not_registered_asks_nothing() -> None:
    world, asked, context = a_case()
    del world.institutions[ASKER]
    assert refusal_of((world, asked, context)).code == "MSG00014"


@pytest.mark.parametrize("days", [(0, True), (-1, False)])
def test_an_exemption_from_reciprocity_ends_with_its_last_day(days: tuple[int, bool]) -> None:
    world, asked, context = _asker(a_case(), endpoint=None, exempt_until=TODAY + timedelta(days=days[0]))
    if days[1]:
        assert admitted((world, asked, context)).right
    else:
        assert refusal_of((world, asked, context)).check == "reciprocity"


def test_a_replaced_number_is_answered_with_the_one_that_stands() -> None:
    refusal = refusal_of(_number_became(a_case(), OTHER_NUMBER))
    assert refusal.information == (("newSSIN", OTHER_NUMBER.value),)


def test_a_mandated_host_asks_for_the_cpas_and_for_that_operation_only() -> None:
    world, asked, context = a_case()
    hosted = (world, asked, replace(context, signing=ONE))
    world.mandates.add((ONE, ASKER, "manageAccess"))
    assert refusal_of(hosted).check == "signer"
    world.mandates.add((ONE, ASKER, "consultSocialReport"))
    assert admitted(hosted).caller == ASKER


def test_a_cpas_that_was_merged_into_another_asks_nothing_any_more() -> None:
    world, asked, context = a_case()
    world.successors[ASKER] = ONE
    assert refusal_of((world, asked, context)).check == "signer"


def test_a_successor_asks_on_the_line_of_its_predecessor() -> None:
    world, asked, context = a_case()
    world.successors[ONE] = ASKER
    world.lines[0] = replace(world.lines[0], cbe_number=ONE)
    assert admitted((world, asked, context)).own_numbers == {ASKER, ONE}


def test_a_line_under_an_older_number_gives_the_right_too() -> None:
    world, asked, context = a_case()
    world.replaced[PERSON] = OTHER_NUMBER
    asked = replace(asked, ssin=OTHER_NUMBER.value)
    assert admitted((world, asked, context)).right.niss == PERSON


def test_no_refusal_tells_the_number_that_was_asked() -> None:
    for _code, broken in BREAKING.values():
        refusal = refusal_of(broken(a_case()))
        shown = f"{refusal} {refusal.information}"
        assert "85073" not in shown
        assert "85.07" not in shown


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        (TODAY, TODAY, None),
        (date(2021, 11, 21), TODAY, None),
        (date(2021, 11, 20), TODAY, "beginDate"),
        (TODAY, TODAY + timedelta(days=1), "endDate"),
        (TODAY, TODAY - timedelta(days=1), "beginDate"),
    ],
)
def test_a_period_lies_within_the_last_five_years_to_the_day(
    begin: date, end: date, field: str | None
) -> None:
    if field is None:
        assert check_period(Period(begin, end), TODAY) is None
        return
    with pytest.raises(RequestRefused) as caught:
        check_period(Period(begin, end), TODAY)
    assert [name for name, _value in caught.value.information] == [field]


def test_five_years_before_29_february_is_28_february() -> None:
    assert five_years_before(date(2024, 2, 29)) == date(2019, 2, 28)
    assert five_years_before(date(2024, 2, 28)) == date(2019, 2, 28)
