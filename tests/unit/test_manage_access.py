"""A CPAS keeps its own directory lines: adds, ends, lists; never another's, never a deletion; all logged."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    ONE,
    OTHER_NUMBER,
    PERSON,
    TODAY,
    MemoryWorld,
    a_world,
    consult,
    held_by,
    manage_access,
    message,
    request,
)

from rse_gateway.domain.consultation import CustomerInformation, RequestOptions, SupplierReply
from rse_gateway.domain.directory import AccessAction, AccessRequest
from rse_gateway.domain.identifiers import Ticket


def asks(action: AccessAction, **changes: object) -> AccessRequest:
    customer = CustomerInformation(Ticket("A-1"), ASKER.value, "user-7", "ADMINISTRATION", "test")
    base = AccessRequest(
        customer,
        CONTEXT,
        RequestOptions(),
        action,
        ssin=OTHER_NUMBER.value,
        quality_code=2,
        begin=date(2026, 2, 1),
        file_reference="F-1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def send(world: MemoryWorld, asked: AccessRequest) -> tuple[str, str]:
    manage_access(world)(asked, message(operation="manageAccess"))
    return world.answers[-1].value, world.answers[-1].code


def test_a_registered_line_is_the_caller_s_own_and_a_row() -> None:
    world = a_world()
    assert send(world, asks(AccessAction.REGISTER)) == ("OK", "MSG00000")
    line = world.lines[-1]
    assert (line.cbe_number, line.niss, line.quality_code, line.end) == (ASKER, OTHER_NUMBER, 2, None)
    assert world.events[-2:] == ["ACCESS_REGISTERED", "ANSWER_SENT"]
    assert world.written[-1].log[0].persons


def test_a_file_reference_stands_in_clear_and_so_holds_no_number_of_a_person() -> None:
    world = a_world()
    for reference in (
        f"F{OTHER_NUMBER.value}",
        f"{OTHER_NUMBER.value}-12",
        f"9{OTHER_NUMBER.value}",
        PERSON.value,
    ):
        asked = asks(AccessAction.REGISTER, file_reference=reference)
        assert send(world, asked) == ("NO_RESULT", "MSG00008")
        assert world.answers[-1].information == (("fileReference", ""),)
    assert [line.niss for line in world.lines] == [PERSON]


def test_the_row_of_a_refused_message_leaves_the_number_out() -> None:
    world = a_world()
    disguised = f"2026{OTHER_NUMBER.value}01"
    base = asks(AccessAction.REGISTER)
    send(world, replace(base, customer=replace(base.customer, user_reference=disguised)))
    rows = [entry.record for unit in world.written for entry in unit.log]
    assert rows
    assert not any(OTHER_NUMBER.value.encode() in row for row in rows)


def test_ending_a_line_sets_its_last_day_and_deletes_nothing() -> None:
    world = a_world()
    ending = asks(AccessAction.UNREGISTER, ssin=PERSON.value, begin=date(2026, 1, 1), end=TODAY)
    assert send(world, ending) == ("OK", "MSG00000")
    assert [line.end for line in world.lines] == [TODAY]
    assert world.events[-2:] == ["ACCESS_ENDED", "ANSWER_SENT"]


@pytest.mark.parametrize("action", AccessAction)
def test_a_dry_run_registers_ends_and_lists_nothing(action: AccessAction) -> None:
    world = a_world()
    before = list(world.lines)
    own = {"ssin": PERSON.value, "begin": date(2026, 1, 1), "end": TODAY}
    changes = own if action is AccessAction.UNREGISTER else {}
    assert send(world, asks(action, options=RequestOptions(dry_run=True), **changes)) == (
        "NO_RESULT",
        "RSE00007",
    )
    assert (world.lines, world.answers[-1].lines) == (before, ())
    assert world.events == ["DRY_RUN", "ANSWER_SENT"]


def test_new_lines_above_the_quota_are_refused_and_own_ones_may_still_change() -> None:
    world = a_world()
    world.register_quotas[ASKER] = 1
    first, second = asks(AccessAction.REGISTER), asks(AccessAction.REGISTER, begin=date(2026, 3, 1))
    assert send(world, first) == ("OK", "MSG00000")
    assert send(world, second) == ("NO_RESULT", "RSE00003")
    dry_run = replace(second, options=RequestOptions(dry_run=True))
    assert send(world, dry_run) == ("NO_RESULT", "RSE00003")
    assert send(world, replace(first, end=date(2026, 12, 31))) == ("OK", "MSG00000")


def test_a_line_that_is_another_s_or_not_there_cannot_be_ended() -> None:
    world = held_by(a_world(), ONE, SupplierReply.NO_DATA)
    ending = asks(AccessAction.UNREGISTER, ssin=PERSON.value, begin=date(2024, 2, 1), end=TODAY)
    assert send(world, ending) == ("NOK", "MSG00100")
    assert world.lines[1].end == date(2024, 6, 30)


def test_the_list_shows_own_lines_only_and_logs_who_was_shown() -> None:
    world = held_by(a_world(), ONE, SupplierReply.NO_DATA)
    assert send(world, asks(AccessAction.LIST, ssin=None)) == ("DATA_FOUND", "MSG00000")
    assert [own.line.cbe_number for own in world.answers[-1].lines] == [ASKER]
    assert len(world.written[-1].log[0].persons) == 1


def test_a_line_that_no_message_can_show_is_left_out_of_the_list_and_counted() -> None:
    world = held_by(a_world(), ONE, SupplierReply.NO_DATA)
    own = next(line for line in world.lines if line.cbe_number == ASKER)
    world.lines.append(replace(own, begin=date(1899, 12, 30)))
    assert send(world, asks(AccessAction.LIST, ssin=None)) == ("DATA_FOUND", "MSG00000")
    assert [one.line.begin for one in world.answers[-1].lines] == [own.begin]
    assert world.answers[-1].information == (("linesNotShown", "1"),)


def test_an_empty_list_says_so() -> None:
    assert send(a_world(), asks(AccessAction.LIST)) == ("NO_DATA_FOUND", "MSG00100")


@pytest.mark.parametrize(
    ("changes", "code", "check"),
    [
        ({"ssin": "80010100108"}, "MSG00011", "ssin"),
        ({"end": date(2026, 1, 31)}, "MSG00008", "endDate"),
        ({"begin": TODAY + timedelta(days=1)}, "MSG00008", "beginDate"),
        ({"quality_code": 999}, "MSG00008", "qualityCode"),
    ],
)
def test_a_wrong_line_is_refused_with_its_field(changes: dict[str, object], code: str, check: str) -> None:
    world = a_world()
    assert send(world, asks(AccessAction.REGISTER, **changes)) == ("NO_RESULT", code)
    assert world.written[-1].log[0].parsed().fields["check"] == check
    assert len(world.lines) == 1


def test_when_the_last_line_ends_the_stored_answers_on_that_person_are_forgotten() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    ticket = world.answers[-1].gateway_ticket
    yesterday = TODAY - timedelta(days=1)
    ending = asks(AccessAction.UNREGISTER, ssin=PERSON.value, begin=date(2026, 1, 1), end=yesterday)
    send(world, ending)
    assert world.written[-1].forgotten == (ticket,)


def test_while_another_line_stands_nothing_is_forgotten() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    consult(world)(request(), message())
    world.lines.append(replace(world.lines[0], quality_code=3))
    yesterday = TODAY - timedelta(days=1)
    send(
        world,
        asks(AccessAction.UNREGISTER, ssin=PERSON.value, begin=date(2026, 1, 1), end=yesterday),
    )
    assert world.written[-1].forgotten == ()


def test_a_line_under_an_older_number_is_ended_under_the_current_one() -> None:
    world = a_world()
    world.replaced[PERSON] = OTHER_NUMBER
    assert send(world, asks(AccessAction.UNREGISTER, begin=date(2026, 1, 1), end=TODAY)) == ("OK", "MSG00000")
