"""Pick-up and list: only one's own, only while the right stands, and never an answer that is deleted."""

from dataclasses import replace

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    NOW,
    ONE,
    TODAY,
    TWO,
    MemoryWorld,
    a_world,
    consult,
    held_by,
    list_reports,
    message,
    request,
    retrieve,
)

from rse_gateway.domain.consultation import (
    CustomerInformation,
    ListRequest,
    Outcome,
    OverallStatus,
    RequestOptions,
    RetrieveRequest,
    Status,
    SupplierReply,
)
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Ticket
from rse_gateway.errors import SupplierUnreachable
from rse_gateway.use_cases.list_reports import SETTLED


def customer(number: CbeNumber = ASKER) -> CustomerInformation:
    return CustomerInformation(Ticket("R-1"), number.value, "user-7", "SYSTEM", "test")


def asked(world: MemoryWorld) -> GatewayTicket:
    consult(world)(request(), message())
    return world.answers[-1].gateway_ticket


def pick_up(ticket: GatewayTicket, *, supplier: str | None = None, by: CbeNumber = ASKER) -> RetrieveRequest:
    return RetrieveRequest(customer(by), CONTEXT, RequestOptions(), ticket, supplier)


def listing(*confirmed: GatewayTicket, by: CbeNumber = ASKER) -> ListRequest:
    return ListRequest(customer(by), CONTEXT, RequestOptions(), None, confirmed)


def retrieving(by: CbeNumber = ASKER):  # type: ignore[no-untyped-def]
    return message(operation="retrieveSocialReport", signing=by)


def a_list(by: CbeNumber = ASKER):  # type: ignore[no-untyped-def]
    return message(operation="listSocialReports", signing=by)


def test_the_answer_is_picked_up_as_it_stands_now_and_the_row_comes_first() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket = asked(world)
    retrieve(world)(pick_up(ticket), retrieving())
    assert world.events[-2:] == ["REQUEST_RECEIVED", "ANSWER_PICKED_UP"]
    answer = world.answers[-1]
    assert (answer.status.value, answer.results[0].report) == (OverallStatus.DATA_FOUND, b"<socialReport/>")
    assert answer.consultation.ticket == Ticket("T-1")


def test_a_dry_run_gives_and_confirms_nothing() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket, trying = asked(world), RequestOptions(dry_run=True)
    retrieve(world)(replace(pick_up(ticket), options=trying), retrieving())
    list_reports(world)(replace(listing(ticket), options=trying), a_list())
    for answer in world.answers[-2:]:
        assert answer.status == Status(OverallStatus.NO_RESULT, "RSE00007")
    assert world.answers[-2].results == world.answers[-1].consultations == ()
    assert world.events[-4:] == ["DRY_RUN", "ANSWER_SENT"] * 2
    assert not any(unit.confirmed for unit in world.written)


def test_only_one_supplier_s_part_is_given_when_it_is_named() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    held_by(world, TWO, SupplierReply.NO_DATA)
    retrieve(world)(pick_up(asked(world), supplier=TWO.value), retrieving())
    assert [r.outcome for r in world.answers[-1].results] == [Outcome.NO_DATA]


def test_a_supplier_that_was_not_asked_is_a_wrong_field() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    retrieve(world)(pick_up(asked(world), supplier=TWO.value), retrieving())
    assert (world.answers[-1].status.code, world.answers[-1].results) == ("MSG00008", ())


@pytest.mark.parametrize("use_case", ["retrieve", "list"])
def test_somebody_else_s_ticket_is_refused_like_one_that_does_not_exist(use_case: str) -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    told = []
    for ticket in (asked(world), message().gateway_ticket):
        if use_case == "retrieve":
            retrieve(world)(pick_up(ticket, by=TWO), retrieving(TWO))
        else:
            list_reports(world)(listing(ticket, by=TWO), a_list(TWO))
        told.append((world.answers[-1].status.code, world.events[-2:]))
    assert told == [("RSE00004", ["REFUSED", "ANSWER_SENT"])] * 2
    assert all(not unit.confirmed for unit in world.written)


def test_without_the_right_on_the_person_nothing_is_picked_up() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket = asked(world)
    world.lines[0] = replace(world.lines[0], end=TODAY.replace(day=1))
    retrieve(world)(pick_up(ticket), retrieving())
    assert (world.answers[-1].status.code, world.answers[-1].results) == ("MSG00012", ())


def test_the_successor_of_the_asker_picks_up_its_answers() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket = asked(world)
    world.successors[ASKER] = TWO
    retrieve(world)(pick_up(ticket, by=TWO), retrieving(TWO))
    assert world.answers[-1].status.value is OverallStatus.DATA_FOUND


def test_a_deleted_answer_is_told_as_no_longer_kept() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket = asked(world)
    list_reports(world)(listing(ticket), a_list())
    retrieve(world)(pick_up(ticket), retrieving())
    answer = world.answers[-1]
    assert (answer.status.code, answer.results[0].code, answer.results[0].report) == (
        "RSE00010",
        "RSE00010",
        None,
    )


def test_the_list_shows_states_names_nobody_and_looks_thirty_seconds_back() -> None:
    world = held_by(a_world(), ONE, SupplierUnreachable("down"))
    asked(world)
    list_reports(world)(listing(), a_list())
    answer = world.answers[-1]
    (one,) = answer.consultations
    assert (one.ticket, one.status) == (Ticket("T-1"), OverallStatus.INCOMPLETE_DATA)
    assert [(s.cbe_number, s.outcome) for s in one.suppliers] == [(ONE, Outcome.PENDING)]
    assert (answer.as_of, answer.more) == (NOW - SETTLED, False)
    rows = [entry for unit in world.written[-1:] for entry in unit.log]
    assert [entry.persons for entry in rows] == [(), ()]


def test_what_is_confirmed_is_deleted_in_the_transaction_of_the_list() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    ticket = asked(world)
    list_reports(world)(listing(ticket), a_list())
    assert world.written[-1].confirmed == (ticket,)


def test_while_another_holder_is_pending_a_deleted_answer_leaves_the_whole_incomplete() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    held_by(world, TWO, SupplierUnreachable("down"))
    ticket = asked(world)
    list_reports(world)(listing(ticket), a_list())
    retrieve(world)(pick_up(ticket), retrieving())
    answer = world.answers[-1]
    assert (answer.status.code, [r.code for r in answer.results]) == ("RSE00020", ["RSE00010", "MSG00020"])
