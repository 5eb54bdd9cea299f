"""What may I call? One's own registration only, today's and later; no right is needed; all is logged."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    HUB,
    ONE,
    RULES,
    TODAY,
    TWO,
    MemoryWorld,
    StandingClock,
    a_world,
    institution,
    message,
    rows,
    sources,
)

from rse_gateway.domain.access import HeldMandate, Right
from rse_gateway.domain.consultation import CustomerInformation, OverallStatus, RequestOptions
from rse_gateway.domain.identifiers import CbeNumber, Ticket
from rse_gateway.domain.rights import (
    RightsAnswer,
    RightsRequest,
    ServedOperation,
    granted_mandates,
    granted_rights,
)
from rse_gateway.errors import GatewayUnavailable, ReplayRefused
from rse_gateway.use_cases.list_rights import ListRights

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
OTHER = "PCSA:DEBT_MEDIATION"

SERVED = {
    "consultSocialReport": ServedOperation("ElectronicSocialReportService", "v1"),
    "manageAccess": ServedOperation("ManageAccessService", "v1"),
    "listRights": ServedOperation("TestConnectionService", "v1"),
}


def list_rights(world: MemoryWorld) -> ListRights:
    return ListRights(StandingClock(), sources(world), world, world, rows(), RULES, SERVED)


def asks(
    *, service: str | None = None, by: CbeNumber = ASKER, ground: str = CONTEXT, **changes: object
) -> RightsRequest:
    customer = CustomerInformation(Ticket("R-1"), by.value, "user-7", "SYSTEM", "test")
    return RightsRequest(replace(customer, **changes), ground, RequestOptions(), service)  # type: ignore[arg-type]


def told(world: MemoryWorld, request: RightsRequest, signing: CbeNumber = ASKER) -> RightsAnswer:
    list_rights(world)(request, message(operation="listRights", signing=signing))
    answer: RightsAnswer = world.answers[-1]
    return answer


def with_rights(*rights: Right) -> MemoryWorld:
    world = a_world()
    world.institutions[ASKER] = replace(institution(ASKER), rights=rights)
    return world


def test_rights_stand_with_service_and_version_and_the_grounds_of_one_operation_together() -> None:
    world = with_rights(
        Right("manageAccess", CONTEXT, date(2026, 1, 1)),
        Right("consultSocialReport", CONTEXT),
        Right("consultSocialReport", OTHER),
    )
    answer = told(world, asks())
    assert [(r.service, r.version, r.operation, r.legal_contexts, r.begin) for r in answer.rights] == [
        ("ElectronicSocialReportService", "v1", "consultSocialReport", (CONTEXT, OTHER), None),
        ("ManageAccessService", "v1", "manageAccess", (CONTEXT,), date(2026, 1, 1)),
    ]
    assert (answer.status.value, answer.status.code) == (OverallStatus.DATA_FOUND, "MSG00000")


@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [(None, YESTERDAY, 0), (None, TODAY, 1), (TOMORROW, None, 1), (YESTERDAY, None, 1)],
)
def test_what_is_over_is_not_told_and_what_comes_is(begin: date | None, end: date | None, shown: int) -> None:
    world = with_rights(Right("manageAccess", CONTEXT, begin, end))
    world.held = [HeldMandate(ASKER, ONE, "manageAccess", begin, end)]
    answer = told(world, asks())
    assert (len(answer.rights), len(answer.mandates)) == (shown, shown)


def test_an_operation_that_is_not_served_is_no_right_to_call() -> None:
    answer = told(with_rights(Right("searchConsultations", CONTEXT)), asks())
    assert (answer.rights, answer.status.code) == ((), "MSG00100")


def test_one_service_can_be_asked_for() -> None:
    world = a_world()
    world.held = [HeldMandate(ASKER, ONE, "manageAccess"), HeldMandate(ASKER, ONE, "consultSocialReport")]
    answer = told(world, asks(service="ManageAccessService"))
    assert [right.operation for right in answer.rights] == ["manageAccess"]
    assert [mandate.operations for mandate in answer.mandates] == [("manageAccess",)]
    assert told(world, asks(service="NoSuchService")).status.value is OverallStatus.NO_DATA_FOUND


def test_mandates_are_those_that_the_caller_holds_never_another_s() -> None:
    world = a_world()
    world.held = [
        HeldMandate(ASKER, TWO, "consultSocialReport"),
        HeldMandate(ASKER, ONE, "manageAccess"),
        HeldMandate(ASKER, ONE, "consultSocialReport"),
        HeldMandate(ONE, ASKER, "consultSocialReport"),
        HeldMandate(ONE, TWO, "consultSocialReport"),
    ]
    mandates = told(world, asks()).mandates
    assert [(mandate.cpas, mandate.operations) for mandate in mandates] == [
        (ONE, ("consultSocialReport", "manageAccess")),
        (TWO, ("consultSocialReport",)),
    ]


def test_an_operator_sees_the_mandates_that_were_given_too() -> None:
    given = HeldMandate(ONE, ASKER, "consultSocialReport")
    (mandate,) = granted_mandates([given], SERVED, TODAY)
    assert (mandate.mandatary, mandate.cpas) == (ONE, ASKER)
    assert granted_rights(institution(ASKER), {}, TODAY) == ()


def test_nobody_needs_a_right_to_ask_and_the_ground_is_not_checked() -> None:
    answer = told(with_rights(), asks(ground="PCSA:NOT_REGISTERED"))
    assert answer.status.value is OverallStatus.NO_DATA_FOUND


def test_the_rows_are_durable_with_the_replay_key_and_name_no_person() -> None:
    world = a_world()
    told(world, asks())
    (unit,) = world.written
    assert unit.replay_key is not None
    assert world.events == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    assert [entry.persons for entry in unit.log] == [(), ()]
    assert unit.log[0].parsed().fields["legalContext"] == CONTEXT


def test_a_ground_that_hides_a_national_number_stands_in_no_row() -> None:
    world = a_world()
    told(world, asks(ground="PCSA:85073003328"))
    assert all(entry.parsed().get("legalContext") is None for entry in world.written[-1].log)


@pytest.mark.parametrize(
    ("changes", "signing", "code", "check"),
    [
        ({"environment": "prod"}, ASKER, "MSG00008", "environment"),
        (
            {"cbe_number": None, "sector": "17", "institution": "1"},
            ASKER,
            "MSG00008",
            "customerIdentification",
        ),
        ({"user_reference": "85073003328"}, ASKER, "MSG00008", "userReference"),
        ({}, ONE, "MSG00014", "signer"),
        ({"cbe_number": HUB.value}, HUB, "MSG00014", "signer"),
        ({"user_role": "AUDITOR"}, ASKER, "MSG00015", "userRole"),
    ],
)
def test_a_refusal_tells_nothing_and_is_a_row_with_the_check(
    changes: dict[str, object], signing: CbeNumber, code: str, check: str
) -> None:
    world = a_world()
    answer = told(world, asks(**changes), signing)
    assert (answer.status.value, answer.status.code) == (OverallStatus.NO_RESULT, code)
    assert (answer.rights, answer.mandates) == ((), ())
    assert world.events == ["REFUSED", "ANSWER_SENT"]
    assert world.written[-1].log[0].parsed().fields["check"] == check


def test_a_mandatary_may_ask_for_the_cpas_and_is_told_that_cpas_s_rights() -> None:
    world = a_world()
    world.mandates.add((ONE, ASKER, "listRights"))
    world.held = [HeldMandate(ONE, ASKER, "listRights")]
    answer = told(world, asks(), ONE)
    assert [right.operation for right in answer.rights] == ["consultSocialReport", "manageAccess"]
    assert answer.mandates == ()


def test_nothing_is_told_when_the_log_cannot_be_written() -> None:
    world = a_world()
    world.broken = True
    with pytest.raises(GatewayUnavailable):
        told(world, asks())


def test_the_same_signed_message_is_answered_once() -> None:
    world, context = a_world(), message(operation="listRights")
    list_rights(world)(asks(), context)
    with pytest.raises(ReplayRefused):
        list_rights(world)(asks(), context)
