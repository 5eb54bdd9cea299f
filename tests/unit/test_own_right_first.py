"""Whether others hold a person is read only by who has the right: asked of a directory that records it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest
from gateway_fakes import (
    ASKER,
    ONE,
    OTHER_NUMBER,
    PERSON,
    TODAY,
    MemoryWorld,
    a_world,
    consult,
    held_by,
    message,
    request,
    retrieve,
)
from test_retrieve_and_list import pick_up

from rse_gateway.domain.consultation import RequestOptions, SupplierReply
from rse_gateway.domain.directory import DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, Niss


@dataclass
class RecordingDirectory:
    """Hands on to the world, and keeps whose lines were asked for."""

    world: MemoryWorld
    asked: list[str] = field(default_factory=list)

    def own_lines(self, numbers: frozenset[CbeNumber], niss: Niss | None, **page: int) -> tuple[OwnLine, ...]:
        assert numbers == {ASKER}
        self.asked.append("own")
        return self.world.own_lines(numbers, niss, **page)

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        self.asked.append("everybody's")
        return self.world.lines_of(niss)

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        self.asked.append("numbers")
        return self.world.numbers_of(niss)

    def registered_since(self, cbe_number: CbeNumber, since: datetime) -> int:
        return self.world.registered_since(cbe_number, since)


def recording(use_case, world: MemoryWorld):
    directory = RecordingDirectory(world)
    return replace(use_case, sources=replace(use_case.sources, directory=directory)), directory


def _no_line(world: MemoryWorld) -> None:
    del world.lines[0]


def _ended(world: MemoryWorld) -> None:
    world.lines[0] = replace(world.lines[0], end=date(2026, 1, 2))


def _another_quality(world: MemoryWorld) -> None:
    world.lines[0] = replace(world.lines[0], quality_code=7)


@pytest.mark.parametrize("without", [_no_line, _ended, _another_quality])
@pytest.mark.parametrize("known", [True, False])
def test_who_has_no_right_causes_the_same_reading_whether_or_not_others_hold_the_person(
    without: Callable[[MemoryWorld], None], *, known: bool
) -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT) if known else a_world()
    without(world)
    asking, directory = recording(consult(world), world)
    asking(request(), message())
    assert world.answers[-1].status.code == "MSG00012"
    assert directory.asked == ["own"]


@pytest.mark.parametrize("new", [OTHER_NUMBER, None])
def test_nobody_else_s_lines_are_read_for_a_number_that_does_not_stand(new: Niss | None) -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.replaced[PERSON] = new
    asking, directory = recording(consult(world), world)
    asking(request(), message())
    assert directory.asked == ["own", "numbers"]


def test_a_dry_run_does_not_read_who_else_holds_the_person() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    asking, directory = recording(consult(world), world)
    asking(request(options=RequestOptions(dry_run=True)), message())
    assert directory.asked == ["own", "numbers"]


def test_who_has_the_right_reads_own_lines_first_and_everybody_s_last() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    asking, directory = recording(consult(world), world)
    asking(request(), message())
    assert directory.asked == ["own", "numbers", "everybody's"]


def test_a_right_under_an_older_number_is_found_among_own_lines() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    world.replaced[PERSON] = OTHER_NUMBER
    asking, directory = recording(consult(world), world)
    asking(request(ssin=OTHER_NUMBER.value), message())
    assert directory.asked == ["own", "numbers", "everybody's"]
    assert [question.holding_cpas for question in world.asked] == [ONE]


def test_a_pick_up_reads_own_lines_only() -> None:
    world = held_by(a_world(), ONE, SupplierReply.REPORT)
    context = message()
    consult(world)(request(), context)
    world.lines[0] = replace(world.lines[0], end=date(TODAY.year, 1, 2))
    picking, directory = recording(retrieve(world), world)
    picking(pick_up(context.gateway_ticket), message(operation="retrieveSocialReport"))
    assert world.answers[-1].status.code == "MSG00012"
    assert directory.asked == ["own"]
