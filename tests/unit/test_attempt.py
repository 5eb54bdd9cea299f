"""An attempt: once more where a kept connection died, due where it cannot be written, told by reason."""

import logging
from typing import Any

import pytest
from gateway_fakes import ONE, MemoryWorld, a_world, consult, from_customer, held_by, message, request

from rse_gateway.domain.consultation import SupplierReply
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.domain.leg import LegState
from rse_gateway.errors import (
    GatewayUnavailable,
    KeptConnectionLost,
    SupplierFailed,
    SupplierUnreachable,
    SupplierUnusable,
    Unheard,
)
from rse_gateway.ports import HolderAnswer, PreparedQuestion, UnitOfWork
from rse_gateway.use_cases.repeated_failures import ALARM_AFTER, RepeatedFailures


class LosesTheKeptConnection(MemoryWorld):
    """A world whose holder is first asked over a kept connection that dies."""

    lost: KeptConnectionLost | None = None

    def ask(self, prepared: PreparedQuestion, **how: KeptConnectionLost | None) -> HolderAnswer:
        if how.get("after") is None:
            self.events.append("LOST")
            self.lost = KeptConnectionLost("ConnectionResetError", until=12.0)
            raise self.lost
        assert how["after"] is self.lost
        return super().ask(prepared, **how)


def test_a_kept_connection_that_died_is_asked_once_more_and_its_own_row_is_written_first() -> None:
    plain = held_by(a_world(), ONE, SupplierReply.REPORT)
    world = LosesTheKeptConnection(institutions=plain.institutions, replies=plain.replies, lines=plain.lines)
    consult(world)(request(), message())
    order = ["REQUEST_RECEIVED", "FORWARDED", "LOST", "FORWARDED", "ASKED", "SUPPLIER_ANSWERED"]
    assert world.events[: len(order)] == order
    forwarded = [row for row in rows_of(world) if row.get("kind") == "FORWARDED"]
    assert [row.get("reminderNumber") for row in forwarded] == ["0", "0"]


def rows_of(world: MemoryWorld) -> list[Any]:
    return [entry.parsed() for unit in world.written for entry in unit.log]


def test_the_second_try_fails_like_any_other() -> None:
    plain = held_by(a_world(), ONE, SupplierUnreachable("reset", why=Unheard.CONNECTION))
    world = LosesTheKeptConnection(institutions=plain.institutions, replies=plain.replies, lines=plain.lines)
    consult(world)(request(), message())
    (failed,) = [row for row in rows_of(world) if row.get("kind") == "SUPPLIER_FAILED"]
    assert (failed.get("outcome"), failed.get("reason")) == ("MSG00020", "connection")


@pytest.mark.parametrize(
    "reply", [SupplierReply.REPORT, SupplierUnusable("wrong"), SupplierUnreachable("down")]
)
def test_an_attempt_whose_end_cannot_be_written_leaves_the_leg_due(reply: SupplierReply | Exception) -> None:
    world = held_by(a_world(), ONE, reply)
    real = world.commit

    def cannot_write_it(unit: UnitOfWork) -> None:
        if unit.leg_change:
            world.commit = real  # type: ignore[method-assign]
            raise GatewayUnavailable("the outcome of a COMMIT is unknown")
        real(unit)

    world.commit = cannot_write_it  # type: ignore[method-assign]
    consult(world)(request(), message())
    (stored,) = world.legs_of(world.answers[-1].gateway_ticket)
    assert (stored.leg.state, stored.leg.lease_owner) == (LegState.DUE, None)
    assert stored.leg.next_attempt_at is not None


@pytest.mark.parametrize("why", list(Unheard))
def test_whatever_is_no_answer_is_told_by_its_reason_in_row_and_log(
    why: Unheard, caplog: pytest.LogCaptureFixture
) -> None:
    world = held_by(a_world(), ONE, SupplierUnreachable("so it was", why=why))
    with caplog.at_level(logging.WARNING):
        consult(world)(request(), message())
    (failed,) = [row for row in rows_of(world) if row.get("kind") == "SUPPLIER_FAILED"]
    assert (failed.get("outcome"), failed.get("reason"), failed.get("check")) == ("MSG00020", why.value, None)
    assert f"{why.value} (so it was)" in caplog.text


def test_an_unusable_answer_is_told_with_the_check_that_it_fails() -> None:
    world = held_by(a_world(), ONE, SupplierUnusable("period: answers about another period", check="period"))
    consult(world)(request(), message())
    (failed,) = [row for row in rows_of(world) if row.get("kind") == "SUPPLIER_FAILED"]
    assert (failed.get("outcome"), failed.get("check")) == ("MSG00023", "period")
    assert failed.get("reason") == "period: answers about another period"


@pytest.mark.parametrize("why", list(Unheard))
def test_five_in_a_row_of_one_reason_other_than_connection_raise_one_alarm(
    why: Unheard, caplog: pytest.LogCaptureFixture
) -> None:
    repeated = RepeatedFailures()
    for _ in range(ALARM_AFTER + 3):
        repeated.unheard(ONE, why)
    alarms = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(alarms) == (0 if why is Unheard.CONNECTION else 1)


@pytest.mark.parametrize("between", ["another reason", "an answer"])
def test_what_comes_in_between_starts_the_count_again(between: str, caplog: pytest.LogCaptureFixture) -> None:
    repeated = RepeatedFailures()
    for number in range(2 * ALARM_AFTER - 2):
        if number == ALARM_AFTER - 1:
            if between == "an answer":
                repeated.heard(ONE)
            else:
                repeated.unheard(ONE, Unheard.STALE)
        repeated.unheard(ONE, Unheard.UNSIGNED)
    assert not caplog.records


def test_an_alarm_is_raised_by_attempts_of_several_consultations(caplog: pytest.LogCaptureFixture) -> None:
    failure: SupplierFailed = SupplierUnreachable("no signature", why=Unheard.UNSIGNED)
    world = held_by(a_world(), ONE, failure)
    asking = consult(world)
    for number in range(ALARM_AFTER):
        asking(from_customer(ticket=Ticket(f"T-{number}")), message())
    assert [one.levelname for one in caplog.records].count("ERROR") == 1
