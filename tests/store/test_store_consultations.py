"""Stored consultations, read back."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from store_samples import (
    ASKING,
    AT,
    HOLDING,
    NISS,
    PERIOD,
    FixedClock,
    accepted,
    consultation,
    new_ticket,
    replay_key,
)

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.engine import open_engine
from rse_gateway.store.writer import GroupWriter


def test_a_ticket_tells_what_it_is_bound_to(writer: GroupWriter, stored: SqlConsultations) -> None:
    new = consultation("T-1")
    writer.commit(UnitOfWork(consultation=new))
    found = stored.bound_to(ASKING, Ticket("T-1"))
    assert found is not None
    assert (found.gateway_ticket, found.requesting_cpas, found.ticket) == (
        new.gateway_ticket,
        ASKING,
        Ticket("T-1"),
    )
    assert (found.niss, found.period, found.legal_context, found.accepted_at) == (
        NISS,
        PERIOD,
        new.legal_context,
        AT,
    )


def test_a_ticket_of_another_requester_is_free(writer: GroupWriter, stored: SqlConsultations) -> None:
    writer.commit(UnitOfWork(consultation=consultation("T-1")))
    assert stored.bound_to(HOLDING, Ticket("T-1")) is None


def test_a_replay_key_is_seen_for_24_hours(
    writer: GroupWriter, stored: SqlConsultations, clock: FixedClock
) -> None:
    writer.commit(UnitOfWork(replay_key=(replay_key("k"), AT)))
    seen = []
    for hours in (0, 23, 24):
        clock.at = AT + timedelta(hours=hours)
        seen.append(stored.replay_seen(replay_key("k")))
    assert seen == [True, True, False]
    assert not stored.replay_seen(replay_key("other"))


def test_a_consultation_nobody_was_asked_for_has_no_legs(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    new = consultation("T-1")
    writer.commit(UnitOfWork(consultation=new))
    assert stored.legs_of(new.gateway_ticket) == ()
    assert stored.legs_of(new_ticket()) == ()


def test_an_unconnected_holder_stands_with_the_person_of_the_question(
    writer: GroupWriter, stored: SqlConsultations
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    apart = [one for one in stored.legs_of(number) if not one.connected]
    assert [(one.niss, one.report, one.leg.since) for one in apart] == [(NISS, None, AT)]


def test_with_another_master_key_nothing_is_read(
    writer: GroupWriter, engine: Engine, clock: FixedClock
) -> None:
    number, unit = accepted("T-1")
    writer.commit(unit)
    other = SqlConsultations(engine, DataKeys(bytes(32)), clock)
    with pytest.raises(GatewayUnavailable, match="another master key"):
        other.legs_of(number)


def test_a_store_that_cannot_be_read_is_unavailable(
    empty_database_url: str, keys: DataKeys, clock: FixedClock
) -> None:
    engine = open_engine(empty_database_url)
    with pytest.raises(GatewayUnavailable, match="cannot be read"):
        SqlConsultations(engine, keys, clock).replay_seen(replay_key("k"))
    engine.dispose()
