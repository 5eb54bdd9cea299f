"""A refusal leaves one row, however often the same signed message comes: nobody fills the trail."""

from gateway_fakes import NOW, MemoryWorld, StandingClock, message, rows

from rse_gateway.errors import ContentRefused, GatewayFault, MessageRefused, ReplayRefused
from rse_gateway.ports import UnitOfWork
from rse_gateway.use_cases.refusals import Refusals, RefusalSummary

NOT_XSD = ContentRefused(())


def desk(world: MemoryWorld) -> Refusals:
    return Refusals(rows(), world, RefusalSummary(rows(), world, StandingClock()))


def test_a_copy_of_a_message_raises_its_counter_and_is_no_second_row() -> None:
    error: MessageRefused = NOT_XSD
    world, context = MemoryWorld(), message()
    refusals = desk(world)
    assert refusals.known_sender(error, error.code, context) is error
    assert isinstance(refusals.known_sender(error, error.code, context), ReplayRefused)
    assert world.events == ["REFUSED"]
    assert world.written[-1].replayed_again == context.replay_key


def test_an_accepted_message_whose_answer_failed_has_its_row_though_its_key_is_there() -> None:
    world, context = MemoryWorld(), message()
    world.commit(UnitOfWork(replay_key=(context.replay_key, NOW)))
    fault = GatewayFault("the answer is invalid")
    assert desk(world).known_sender(fault, "MSG00003", context) is fault
    assert world.events == ["REFUSED"]
