"""Late deliveries: from who was asked, about whom was asked, once; then pushed to who registered for it."""

from dataclasses import replace
from datetime import date

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    HUB,
    NOW,
    ONE,
    PERSON,
    PLAN,
    TODAY,
    TWO,
    Content,
    MemoryWorld,
    a_world,
    consult,
    deliver,
    held_by,
    message,
    request,
)

from rse_gateway.domain.access import Right
from rse_gateway.domain.consultation import (
    CustomerInformation,
    DeliveryRequest,
    RequestOptions,
    SupplierReply,
)
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Ticket
from rse_gateway.domain.leg import Event, Happening, LegState, step
from rse_gateway.errors import GatewayUnavailable, SupplierUnreachable, SupplierUnusable
from rse_gateway.ports import LegChange, UnitOfWork


def promised(world: MemoryWorld) -> GatewayTicket:
    held_by(world, ONE, SupplierReply.PROMISED)
    consult(world)(request(), message())
    return world.answers[-1].gateway_ticket


def delivery(
    ticket: GatewayTicket, content: Content, *, by: CbeNumber = ONE, ssin: str = PERSON.value
) -> DeliveryRequest:
    customer = CustomerInformation(Ticket("D-1"), by.value, "software", "SYSTEM", "test")
    return DeliveryRequest(customer, CONTEXT, RequestOptions(), ticket, ssin, content)


def send(world: MemoryWorld, asked: DeliveryRequest, *, by: CbeNumber = ONE) -> tuple[bool, str]:
    deliver(world)(asked, message(operation="deliverSocialReport", signing=by))
    return world.answers[-1].accepted, world.answers[-1].code


def leg_of(world: MemoryWorld, ticket: GatewayTicket):  # type: ignore[no-untyped-def]
    return world.legs_of(ticket)[0]


def test_a_promised_answer_is_delivered_and_ends_the_leg() -> None:
    world = a_world()
    ticket = promised(world)
    assert send(world, delivery(ticket, Content())) == (True, "MSG00000")
    stored = leg_of(world, ticket)
    assert (stored.leg.state, stored.leg.fence, stored.report) == (LegState.ANSWERED, 2, b"<socialReport/>")
    assert world.events[-2:] == ["SUPPLIER_ANSWERED", "ANSWER_SENT"]


def test_a_dry_run_delivers_nothing() -> None:
    world = a_world()
    ticket = promised(world)
    trying = replace(delivery(ticket, Content()), options=RequestOptions(dry_run=True))
    assert send(world, trying) == (False, "RSE00007")
    assert leg_of(world, ticket).leg.state is LegState.PROMISED
    assert world.events[-2:] == ["DRY_RUN", "ANSWER_SENT"]


def test_the_same_content_twice_is_one_delivery() -> None:
    world = a_world()
    ticket = promised(world)
    assert [send(world, delivery(ticket, Content()))[0] for _ in range(2)] == [True, True]
    assert (
        sum(unit.leg_change is not None and unit.leg_change.report is not None for unit in world.written) == 1
    )


def test_other_content_is_refused_and_is_a_conflict() -> None:
    world = a_world()
    ticket = promised(world)
    send(world, delivery(ticket, Content()))
    assert send(world, delivery(ticket, Content(digest=b"e" * 32))) == (False, "RSE00006")
    assert world.events[-2:] == ["CONFLICT", "ANSWER_SENT"]


def test_a_cpas_that_was_not_asked_delivers_nothing() -> None:
    world = a_world()
    ticket = promised(world)
    assert send(world, delivery(ticket, Content(), by=TWO), by=TWO) == (False, "RSE00004")


def test_a_ticket_that_does_not_exist_is_told_like_one_of_somebody_else() -> None:
    world = a_world()
    promised(world)
    assert send(world, delivery(message().gateway_ticket, Content())) == (False, "RSE00004")


def test_a_delivery_about_another_person_is_unusable_and_counted() -> None:
    world = a_world()
    ticket = promised(world)
    assert send(world, delivery(ticket, Content(), ssin="80010100107")) == (False, "MSG00023")
    assert world.answers[-1].information == (("ssin", "answers about another person"),)
    stored = leg_of(world, ticket).leg
    assert (stored.unusable_count, stored.unusable_reason) == (1, "person")


def test_a_delivery_for_another_legal_context_is_unusable_before_its_person_is_looked_at() -> None:
    world = a_world()
    ticket = promised(world)
    other = "PCSA:OTHER_GROUND"
    rights = (*world.institutions[ONE].rights, Right("deliverSocialReport", other))
    world.institutions[ONE] = replace(world.institutions[ONE], rights=rights)
    wrong = replace(delivery(ticket, Content(), ssin="80010100107"), legal_context=other)
    assert send(world, wrong) == (False, "MSG00023")
    assert world.answers[-1].information == (("legalContext", "another legal context than the question's"),)


def test_a_report_about_another_person_makes_the_delivery_unusable_and_the_promise_stands() -> None:
    world = a_world()
    ticket = promised(world)
    wrong = Content(SupplierUnusable("about another person", field="beneficiary/ssin"))
    assert send(world, delivery(ticket, wrong)) == (False, "MSG00023")
    assert world.answers[-1].information == (("beneficiary/ssin", "about another person"),)
    stored = leg_of(world, ticket).leg
    assert (stored.state, stored.unusable_count, stored.code) == (LegState.PROMISED, 1, "MSG00023")
    failed = world.written[-1].log[0].parsed()
    told = [failed.get(name) for name in ("kind", "check", "reason")]
    assert told == ["SUPPLIER_FAILED", "report", "about another person"]


def test_after_the_horizon_nothing_is_accepted() -> None:
    world = a_world()
    ticket = promised(world)
    leg = leg_of(world, ticket).leg
    world.written.append(UnitOfWork(leg_change=LegChange(replace(leg, horizon=NOW), leg.fence)))
    assert send(world, delivery(ticket, Content())) == (False, "RSE00005")


def test_a_successor_delivers_for_its_predecessor() -> None:
    world = a_world()
    ticket = promised(world)
    world.successors[ONE] = TWO
    assert send(world, delivery(ticket, Content(), by=TWO), by=TWO) == (True, "MSG00000")


def test_a_mandated_host_delivers_for_the_cpas() -> None:
    world = a_world()
    ticket = promised(world)
    world.mandates.add((TWO, ONE, "deliverSocialReport"))
    assert send(world, delivery(ticket, Content()), by=TWO) == (True, "MSG00000")


def test_an_attempt_that_finishes_the_leg_in_between_wins_and_the_delivery_looks_again() -> None:
    world = a_world()
    ticket = promised(world)
    real = world.commit

    def somebody_is_faster(unit: UnitOfWork) -> None:
        if unit.leg_change:
            world.commit = real  # type: ignore[method-assign]
            leg = leg_of(world, ticket).leg
            answered = Happening(Event.NO_DATA, NOW, content_digest=b"n" * 32)
            faster = replace(step(leg, answered, PLAN), fence=9)
            world.written.append(UnitOfWork(leg_change=LegChange(faster, leg.fence)))
        real(unit)

    world.commit = somebody_is_faster  # type: ignore[method-assign]
    assert send(world, delivery(ticket, Content())) == (False, "RSE00006")


def with_receiver(world: MemoryWorld) -> MemoryWorld:
    registered = replace(world.institutions[ASKER], receiver_endpoint="http://127.0.0.1:9/r")
    world.institutions[ASKER] = registered
    return world


def test_a_late_answer_is_pushed_to_who_registered_a_receiver_and_its_row_comes_first() -> None:
    world = with_receiver(a_world())
    ticket = promised(world)
    send(world, delivery(ticket, Content()))
    assert world.events[-3:] == ["ANSWER_SENT", "PUSHED", "WAITED 0"]
    assert [(p.requesting_cpas, p.result.report) for p in world.pushed] == [(ASKER, b"<socialReport/>")]


def test_who_registered_no_receiver_gets_no_push() -> None:
    world = a_world()
    send(world, delivery(promised(world), Content()))
    assert "PUSHED" not in world.events


def test_the_time_of_a_pushed_answer_runs_from_the_moment_it_was_received() -> None:
    for failing, marks in ((None, 1), (SupplierUnreachable("down"), 0)):
        world = with_receiver(a_world())
        ticket = promised(world)
        world.receiver = failing
        before = len(world.written)
        send(world, delivery(ticket, Content()))
        assert sum(unit.disclosed is not None for unit in world.written[before:]) == marks


def test_a_push_that_fails_leaves_the_answer_for_pick_up_and_the_delivery_accepted() -> None:
    world = with_receiver(a_world())
    ticket = promised(world)
    world.receiver = SupplierUnreachable("down")
    assert send(world, delivery(ticket, Content())) == (True, "MSG00000")
    assert leg_of(world, ticket).report == b"<socialReport/>"


def test_a_delivery_is_accepted_though_nobody_can_look_up_a_receiver_any_more() -> None:
    world = with_receiver(a_world())
    ticket = promised(world)

    def lost(number: CbeNumber, _day: date) -> CbeNumber:
        if number == ASKER:
            raise GatewayUnavailable("the registry cannot be read")
        return number

    world.successor_of = lost  # type: ignore[method-assign]
    assert send(world, delivery(ticket, Content())) == (True, "MSG00000")
    assert "PUSHED" not in world.events


def test_nothing_is_pushed_to_who_has_no_right_on_the_person_any_more() -> None:
    world = with_receiver(a_world())
    ticket = promised(world)
    world.lines[0] = replace(world.lines[0], end=TODAY.replace(day=1))
    send(world, delivery(ticket, Content()))
    assert "PUSHED" not in world.events


@pytest.mark.parametrize("says", [SupplierReply.NO_DATA, SupplierReply.REFUSED])
def test_a_delivery_may_say_that_there_is_nothing(says: SupplierReply) -> None:
    world = a_world()
    ticket = promised(world)
    assert send(world, delivery(ticket, Content(says)))[0]
    assert leg_of(world, ticket).leg.state.value == says.value


def test_a_leg_ended_by_unusable_answers_is_finished_by_a_good_delivery_and_not_by_a_promise() -> None:
    world = a_world()
    ticket = promised(world)
    wrong = Content(SupplierUnusable("wrong"), digest=b"x" * 32)
    told = [send(world, delivery(ticket, wrong)) for _ in range(4)]
    assert told == [(False, "MSG00023")] * 4
    assert send(world, delivery(ticket, Content(SupplierReply.PROMISED))) == (False, "MSG00023")
    leg = leg_of(world, ticket).leg
    assert (leg.state, leg.next_attempt_at) == (LegState.UNUSABLE, None)
    assert send(world, delivery(ticket, Content())) == (True, "MSG00000")
    stored = leg_of(world, ticket)
    assert (stored.leg.state, stored.report) == (LegState.ANSWERED, b"<socialReport/>")


def test_an_unusable_delivery_leaves_an_attempt_under_way_alone() -> None:
    world = a_world()
    ticket = promised(world)
    leg = leg_of(world, ticket).leg
    sending = replace(leg, state=LegState.SENDING, fence=5)
    world.written.append(UnitOfWork(leg_change=LegChange(sending, leg.fence)))
    wrong = Content(SupplierUnusable("wrong"))
    assert send(world, delivery(ticket, wrong)) == (False, "MSG00023")
    assert leg_of(world, ticket).leg == sending


def test_every_row_of_a_delivery_names_who_asked_who_holds_and_who_signed() -> None:
    world = a_world()
    ticket = promised(world)
    world.mandates.add((TWO, ONE, "deliverSocialReport"))
    send(world, delivery(ticket, Content()), by=TWO)
    delivered, answered = (entry.parsed() for entry in world.written[-1].log)
    named = [[row.get(name) for name in ("asking", "holding", "signing")] for row in (delivered, answered)]
    assert named == [[ASKER.value, ONE.value, TWO.value], [ASKER.value, ONE.value, HUB.value]]
