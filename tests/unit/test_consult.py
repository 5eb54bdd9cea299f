"""A consultation: what is written before what is sent, and what the answer says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from gateway_fakes import (
    ASKER,
    CAP,
    NOW,
    ONE,
    OTHER_NUMBER,
    PERIOD,
    PERSON,
    TWO,
    MemoryWorld,
    a_world,
    consult,
    from_customer,
    held_by,
    institution,
    message,
    request,
)

from rse_gateway.domain.consultation import Outcome, OverallStatus, Period, RequestOptions, SupplierReply
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.domain.leg import LegState
from rse_gateway.errors import GatewayUnavailable, ReplayRefused, SupplierUnreachable, SupplierUnusable
from rse_gateway.ports import UnitOfWork
from rse_gateway.use_cases.results import status_of, supplier_results


def outcomes(world: MemoryWorld) -> dict[str, str]:
    return {result.supplier.cbe_number.value: result.outcome.value for result in world.answers[-1].results}


def test_when_nobody_holds_the_person_there_is_one_transaction_and_nobody_is_asked() -> None:
    world = a_world()
    consult(world)(request(), message())
    assert len(world.written) == 1
    assert world.events == ["REQUEST_RECEIVED", "ANSWER_SENT"]
    assert world.answers[0].status.value is OverallStatus.NO_DATA_FOUND


def test_who_loses_the_race_for_the_last_place_is_refused_and_nobody_is_asked() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.quotas[ASKER] = 1
    consult(world)(request(), message())
    world.hides_accepted = True  # as if the other question was not committed yet when this one was checked
    consult(world)(from_customer(ticket=Ticket("T-2")), message())
    answer, refused = world.answers[-1], world.written[-1]
    assert (answer.status.value, answer.status.code) == (OverallStatus.NO_RESULT, "RSE00003")
    assert (len(world.asked), world.bound_to(ASKER, Ticket("T-2"))) == (1, None)
    assert refused.replay_key is not None
    assert world.events[-2:] == ["REFUSED", "ANSWER_SENT"]


def test_the_question_leaves_after_its_row_and_the_answer_after_its_own() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    assert world.events == [
        "REQUEST_RECEIVED",
        "FORWARDED",
        "ASKED",
        "SUPPLIER_ANSWERED",
        "WAITED 5",
        "ANSWER_SENT",
    ]


def test_nothing_is_asked_and_nothing_answered_when_the_log_cannot_be_written() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.broken = True
    with pytest.raises(GatewayUnavailable):
        consult(world)(request(), message())
    assert world.asked == []


@pytest.mark.parametrize(
    ("reply", "outcome", "status"),
    [
        (SupplierReply.REPORT, Outcome.ANSWERED, OverallStatus.DATA_FOUND),
        (SupplierReply.NO_DATA, Outcome.NO_DATA, OverallStatus.NO_DATA_FOUND),
        (SupplierReply.REFUSED, Outcome.REFUSED, OverallStatus.INCOMPLETE_DATA),
        (SupplierReply.PROMISED, Outcome.PENDING, OverallStatus.INCOMPLETE_DATA),
        (SupplierUnreachable("no connection"), Outcome.PENDING, OverallStatus.INCOMPLETE_DATA),
        (SupplierUnusable("wrong XSD"), Outcome.PENDING, OverallStatus.INCOMPLETE_DATA),
    ],
)
def test_each_reply_of_a_holder_has_its_outcome(
    reply: SupplierReply | Exception, outcome: Outcome, status: OverallStatus
) -> None:
    world = held_by(a_world(), ONE, reply)
    consult(world)(request(), message())
    assert outcomes(world) == {ONE.value: outcome.value}
    assert world.answers[-1].status.value is status


def test_a_failed_attempt_is_a_row_and_the_leg_is_due_again() -> None:
    world = held_by(a_world(), ONE, SupplierUnusable("wrong XSD"))
    consult(world)(request(), message())
    changes = [unit.leg_change.leg for unit in world.written if unit.leg_change]
    assert [(leg.state, leg.code) for leg in changes] == [(LegState.DUE, "MSG00023")]
    assert "SUPPLIER_FAILED" in world.events


def test_one_holder_s_failure_leaves_the_other_s_report_in_the_answer() -> None:
    world = held_by(a_world(), ONE, SupplierUnreachable("down"))
    held_by(world, TWO, SupplierReply.REPORT)
    consult(world)(request(), message())
    assert outcomes(world) == {ONE.value: "PENDING", TWO.value: "ANSWERED"}
    assert world.answers[-1].results[1].report == b"<socialReport/>"


def test_a_holder_without_endpoint_is_not_asked() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.institutions[ONE] = institution(ONE, endpoint=None)
    consult(world)(request(), message())
    assert world.asked == []
    assert [n.holding_cpas for unit in world.written for n in unit.not_connected] == [ONE]


def test_a_request_may_shorten_the_collect_window_and_never_lengthen_it() -> None:
    for asked, waited in ((0, "WAITED 0"), (2, "WAITED 2"), (60, "WAITED 5")):
        world = held_by(a_world(), ONE, SupplierReply.REPORT)
        consult(world)(request(options=RequestOptions(collect_window=asked)), message())
        assert waited in world.events


def test_a_refused_request_is_a_row_an_answer_without_result_and_binds_no_ticket() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(ssin="85073003329"), message())
    assert world.events == ["REFUSED", "ANSWER_SENT"]
    assert (world.answers[0].status.value, world.answers[0].status.code) == (
        OverallStatus.NO_RESULT,
        "MSG00011",
    )
    assert all(unit.consultation is None for unit in world.written)


def test_a_dry_run_asks_nobody_binds_no_ticket_and_never_tells_whether_somebody_holds_the_person() -> None:
    shown = []
    for world in (a_world(), held_by(a_world(), ONE, SupplierReply.REPORT)):
        consult(world)(request(options=RequestOptions(dry_run=True)), message())
        assert world.events == ["DRY_RUN", "ANSWER_SENT"]
        assert all(unit.consultation is None for unit in world.written)
        shown.append((world.answers[0].status, world.answers[0].results))
    assert shown[0] == shown[1]
    assert shown[0][0].code == "RSE00007"


def test_a_dry_run_of_a_question_that_breaks_a_rule_is_refused_like_the_question() -> None:
    world = a_world()
    consult(world)(request(ssin="85073003329", options=RequestOptions(dry_run=True)), message())
    assert world.events == ["REFUSED", "ANSWER_SENT"]


def test_a_repeat_asks_nobody_again_and_gets_the_answer_as_it_stands() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    use_case = consult(world)
    use_case(request(), message())
    use_case(request(), message())
    assert len(world.asked) == 1
    assert world.events[-2:] == ["REQUEST_REPEATED", "ANSWER_SENT"]
    assert world.answers[0].gateway_ticket == world.answers[1].gateway_ticket
    assert outcomes(world) == {ONE.value: "ANSWERED"}


def test_the_same_ticket_with_another_question_is_refused() -> None:
    world = a_world()
    use_case = consult(world)
    use_case(request(), message())
    use_case(request(period=Period(NOW.date(), NOW.date())), message())
    assert world.answers[-1].status.code == "MSG00008"


def test_a_repeat_needs_the_right_on_the_person_today() -> None:
    world = a_world()
    use_case = consult(world)
    use_case(request(), message())
    world.lines.clear()
    use_case(request(), message())
    assert world.answers[-1].status.code == "MSG00012"


def test_of_two_messages_with_one_ticket_at_once_the_second_becomes_a_repeat() -> None:
    world = a_world()
    use_case = consult(world)
    blind = world.bound_to
    looks: list[int] = []

    def first_look_is_blind(*args):  # type: ignore[no-untyped-def]
        looks.append(1)
        return None if len(looks) == 2 else blind(*args)

    use_case(request(), message())
    world.bound_to = first_look_is_blind  # type: ignore[method-assign]
    looks.append(1)
    use_case(request(), message())
    assert world.events[-2:] == ["REQUEST_REPEATED", "ANSWER_SENT"]


def test_a_message_seen_before_gets_no_data() -> None:
    world = a_world()
    use_case, context = consult(world), message()
    use_case(request(), context)
    with pytest.raises(ReplayRefused):
        use_case(request(), context)
    assert len(world.written) == 1


def test_an_answer_that_was_received_before_is_no_answer() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    real = world.commit

    def the_key_is_known(unit: UnitOfWork) -> None:
        if unit.leg_change and unit.leg_change.report:
            raise ReplayRefused("G9", "seen")
        real(unit)

    world.commit = the_key_is_known  # type: ignore[method-assign]
    consult(world)(request(), message())
    assert outcomes(world) == {ONE.value: "PENDING"}
    assert world.answers[-1].results[0].code == "MSG00020"
    failed = [entry.parsed() for unit in world.written for entry in unit.log][-2]
    assert (failed.get("kind"), failed.get("reason")) == ("SUPPLIER_FAILED", "received before")


def test_no_record_of_a_consultation_holds_the_person_s_number() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    records = [entry.record for unit in world.written for entry in unit.log]
    assert records
    assert not any(PERSON.value.encode() in record for record in records)
    assert all(entry.persons for unit in world.written for entry in unit.log)
    assert ASKER.value.encode() in records[0]


def test_two_merged_predecessors_are_one_leg_of_their_successor() -> None:
    world = held_by(held_by(a_world(), ONE, SupplierReply.REPORT), TWO, SupplierReply.REPORT)
    world.successors[ONE] = TWO
    consult(world)(request(), message())
    assert [question.holding_cpas for question in world.asked] == [TWO]


def test_a_line_of_the_asker_s_own_predecessor_makes_it_no_holder() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.successors[ONE] = ASKER
    consult(world)(request(), message())
    assert world.asked == []


def test_a_holder_is_asked_under_the_number_it_registered() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.replaced[PERSON] = OTHER_NUMBER
    consult(world)(request(ssin=OTHER_NUMBER.value), message())
    (question,) = world.asked
    assert (question.niss, question.known_numbers) == (PERSON, {PERSON, OTHER_NUMBER})


def test_a_holder_in_maintenance_is_not_asked_now_and_its_leg_waits() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.maintenance[ONE] = NOW + timedelta(hours=3)
    consult(world)(request(), message())
    assert (world.asked, outcomes(world)) == ([], {ONE.value: "PENDING"})
    (new,) = [leg for unit in world.written for leg in unit.legs]
    assert (new.leg.state, new.leg.next_attempt_at) == (LegState.DUE, NOW + timedelta(hours=3))


def test_what_does_not_fit_into_one_answer_is_fetched_by_supplier() -> None:
    world = held_by(held_by(a_world(), ONE, SupplierReply.REPORT), TWO, SupplierReply.REPORT)
    consult(world)(request(), message())
    stored = world.legs_of(world.answers[-1].gateway_ticket)
    results = supplier_results(
        stored, NOW, world, telling=CAP.telling(NOW, PERIOD), room=len(b"<socialReport/>")
    )
    assert [(r.code, r.report is None) for r in results] == [("MSG00000", False), ("RSE00021", True)]
    assert status_of(results).value is OverallStatus.DATA_FOUND


@pytest.mark.parametrize("field", ["ticket", "user_reference", "legal_context"])
def test_a_national_number_where_none_belongs_is_refused_and_stands_in_no_record(field: str) -> None:
    world, text = a_world(), "85073003328"
    asked = request()
    if field == "legal_context":
        asked = request(legal_context=f"PCSA:{text}")
    else:
        value = Ticket(text) if field == "ticket" else text
        asked = request(customer=replace(asked.customer, **{field: value}))
    consult(world)(asked, message())
    assert (world.answers[-1].status.code, world.events) == ("MSG00008", ["REFUSED", "ANSWER_SENT"])
    assert not any(text.encode() in entry.record for entry in world.written[-1].log)


def test_rows_read_by_moment_and_id_stand_in_the_order_of_what_happened_within_one_millisecond() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    rows = [entry.parsed().fields for unit in world.written for entry in unit.log]
    kinds = [row["kind"] for row in sorted(rows, key=lambda row: (row["at"], row["id"]))]
    assert kinds == ["REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_ANSWERED", "ANSWER_SENT"]
