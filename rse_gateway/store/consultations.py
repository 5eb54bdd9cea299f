"""Stored consultations, for reading: what a ticket is bound to, and how its legs stand."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, RowMapping, bindparam, select

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import ReminderPlan
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.ports import BoundConsultation, Clock
from rse_gateway.store.changed_consultations import CHANGED_AT, changed_query
from rse_gateway.store.direct import PointRead, Row
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.leg_rows import (
    KEPT_AFTER_HORIZON,
    answer_of,
    leg_of,
    niss_of,
    unconnected_leg,
)
from rse_gateway.store.quotas import ACCEPTED_SINCE
from rse_gateway.store.tables import answers, consultations, legs, not_connected, replay_keys

_LEGS_WITH_ANSWERS = select(legs, answers.c.sealed).join_from(
    legs,
    answers,
    (answers.c.gateway_ticket == legs.c.gateway_ticket)
    & (answers.c.holding_cpas == legs.c.holding_cpas)
    & (answers.c.delete_at > bindparam("now")),
    isouter=True,
)
_UNCONNECTED = select(not_connected, consultations.c.niss_enc).join_from(not_connected, consultations)
_LEGS_OF_TICKET = _LEGS_WITH_ANSWERS.where(legs.c.gateway_ticket == bindparam("this_ticket"))
_UNCONNECTED_OF_TICKET = _UNCONNECTED.where(not_connected.c.gateway_ticket == bindparam("this_ticket"))
_REPLAY_SEEN = select(replay_keys.c.hits).where(
    replay_keys.c.replay_key == bindparam("this_key"), replay_keys.c.expires_at > bindparam("now")
)
_BOUND_TO = select(consultations).where(
    consultations.c.requesting_cpas == bindparam("this_cpas"),
    consultations.c.ticket == bindparam("this_ticket"),
)
_OF_TICKET = select(consultations).where(consultations.c.gateway_ticket == bindparam("this_ticket"))
_WITH_KEPT_ANSWER = (
    select(consultations)
    .where(
        consultations.c.gateway_ticket.in_(
            select(answers.c.gateway_ticket).where(answers.c.delete_at > bindparam("now"))
        )
    )
    .order_by(consultations.c.gateway_ticket)
)


_HORIZON = timedelta(seconds=ReminderPlan().horizon)


class SqlConsultations:
    """Reads consultations; holds no state, safe between threads."""

    def __init__(
        self,
        engine: Engine,
        keys: DataKeys,
        clock: Clock,
        *,
        horizon: timedelta = _HORIZON,
    ) -> None:
        """Take the database, the keys of numbers and answers, the clock, and how long a leg is open."""
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._replay_seen = PointRead(engine, _REPLAY_SEEN)
        self._bound_to = PointRead(engine, _BOUND_TO)
        self._of_ticket = PointRead(engine, _OF_TICKET)
        self._accepted_since = PointRead(engine, ACCEPTED_SINCE)
        self._kept = horizon + KEPT_AFTER_HORIZON

    def replay_seen(self, key: bytes) -> bool:
        """Tell whether a message with this replay key was received in the last 24 h.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        return bool(self._replay_seen(this_key=key, now=self._clock.now()))

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        """Return what the requester's ticket is bound to, or None.

        Raises:
            GatewayUnavailable: the store cannot be read, or the row does not open.
        """
        found = self._bound_to(this_cpas=requesting_cpas.value, this_ticket=ticket.value)
        return self._bound(found[0]) if found else None

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        """Return the consultation with that number of ours, or None.

        Raises:
            GatewayUnavailable: the store cannot be read, or the row does not open.
        """
        found = self._of_ticket(this_ticket=str(gateway_ticket))
        return self._bound(found[0]) if found else None

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        """Return how many consultations of that institution were accepted after ``since``.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        (row,) = self._accepted_since(this_cpas=requesting_cpas.value, since=since)
        return int(row["counted"])

    def changed_between(
        self, requesting: frozenset[CbeNumber], since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        """Return what changed in [since, until], each with the moment of its last change in that time.

        By that moment, oldest first. ``since`` None = everything of which an answer may still be kept:
        accepted within horizon + 7 days.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        numbers = [number.value for number in requesting]
        query = changed_query(numbers, since, until, kept=self._kept, limit=limit)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return tuple((self._bound(dict(row)), row[CHANGED_AT]) for row in rows)

    def kept_answers(self, requesting: frozenset[CbeNumber] | None = None) -> tuple[BoundConsultation, ...]:
        """Return every consultation (of these institutions) with an answer that is kept, oldest first.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        query = _WITH_KEPT_ANSWER
        if requesting is not None:
            query = query.where(consultations.c.requesting_cpas.in_([one.value for one in requesting]))
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query, {"now": self._clock.now()}).mappings().all()
        return tuple(self._bound(dict(row)) for row in rows)

    def legs_of(self, gateway_ticket: GatewayTicket, *, with_reports: bool = True) -> tuple[StoredLeg, ...]:
        """Return all legs (and unconnected holders) of a consultation, sorted by holding CPAS.

        An answer whose time is over is not there any more, even before it is deleted.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        this = {"this_ticket": str(gateway_ticket)}
        with read_transaction(self._engine) as connection:
            rows = connection.execute(_LEGS_OF_TICKET, this | {"now": self._clock.now()}).mappings().all()
            apart = connection.execute(_UNCONNECTED_OF_TICKET, this).mappings().all()
        stored = [self._stored(row, with_reports=with_reports) for row in rows]
        for row in apart:
            leg = unconnected_leg(gateway_ticket, CbeNumber(row["holding_cpas"]), row["since"])
            niss = self._person_of(row["niss_enc"], row["gateway_ticket"])
            stored.append(StoredLeg(leg, niss, None, (), 0, connected=False))
        return tuple(sorted(stored, key=lambda one: one.leg.holding_cpas))

    def _stored(self, row: RowMapping, *, with_reports: bool) -> StoredLeg:
        leg, niss = leg_of(row), niss_of(row, self._keys)
        if row["sealed"] is None:
            return StoredLeg(leg, niss, None, (), 0)
        if not with_reports:
            return StoredLeg(leg, niss, b"", (), 0)
        return StoredLeg(leg, niss, None, (), 0).with_report(answer_of(bytes(row["sealed"]), leg, self._keys))

    def _bound(self, row: Row) -> BoundConsultation:
        return BoundConsultation(
            gateway_ticket=GatewayTicket.parse(row["gateway_ticket"]),
            requesting_cpas=CbeNumber(row["requesting_cpas"]),
            ticket=Ticket(row["ticket"]),
            niss=self._person_of(row["niss_enc"], row["gateway_ticket"]),
            period=Period(row["period_begin"], row["period_end"]),
            legal_context=row["legal_context"],
            accepted_at=row["accepted_at"],
        )

    def _person_of(self, sealed: bytes, gateway_ticket: str) -> Niss:
        return self._keys.decrypt_niss(bytes(sealed), table="consultations", row=gateway_ticket)
