"""Stored consultations, for reading: what a ticket is bound to, and how its legs stand."""

from sqlalchemy import Engine, RowMapping, select

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.ports import BoundConsultation, Clock, StoredLeg
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.leg_rows import answer_of, leg_of, niss_of, unconnected_leg
from rse_gateway.store.tables import answers, consultations, legs, not_connected, replay_keys

_LEGS_WITH_ANSWERS = select(legs, answers.c.sealed).join_from(
    legs,
    answers,
    (answers.c.gateway_ticket == legs.c.gateway_ticket) & (answers.c.holding_cpas == legs.c.holding_cpas),
    isouter=True,
)
_UNCONNECTED = select(not_connected, consultations.c.niss_enc).join_from(not_connected, consultations)


class SqlConsultations:
    """Reads consultations; holds no state, safe between threads."""

    def __init__(self, engine: Engine, keys: DataKeys, clock: Clock) -> None:
        """Take the database, the keys that open numbers and answers, and the clock."""
        self._engine = engine
        self._keys = keys
        self._clock = clock

    def replay_seen(self, key: bytes) -> bool:
        """Tell whether a message with this replay key was received in the last 24 h.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        query = select(replay_keys.c.hits).where(
            replay_keys.c.replay_key == key, replay_keys.c.expires_at > self._clock.now()
        )
        with read_transaction(self._engine) as connection:
            return connection.execute(query).first() is not None

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        """Return what the requester's ticket is bound to, or None.

        Raises:
            GatewayUnavailable: the store cannot be read, or the row does not open.
        """
        query = select(consultations).where(
            consultations.c.requesting_cpas == requesting_cpas.value,
            consultations.c.ticket == ticket.value,
        )
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return BoundConsultation(
            gateway_ticket=GatewayTicket.parse(row["gateway_ticket"]),
            requesting_cpas=requesting_cpas,
            ticket=ticket,
            niss=self._person_of(row["niss_enc"], row["gateway_ticket"]),
            period=Period(row["period_begin"], row["period_end"]),
            legal_context=row["legal_context"],
            accepted_at=row["accepted_at"],
        )

    def legs_of(self, gateway_ticket: GatewayTicket) -> tuple[StoredLeg, ...]:
        """Return all legs (and unconnected holders) of a consultation, sorted by holding CPAS.

        Raises:
            GatewayUnavailable: the store cannot be read, or a row does not open.
        """
        this = str(gateway_ticket)
        with read_transaction(self._engine) as connection:
            rows = (
                connection.execute(_LEGS_WITH_ANSWERS.where(legs.c.gateway_ticket == this)).mappings().all()
            )
            apart = (
                connection.execute(_UNCONNECTED.where(not_connected.c.gateway_ticket == this))
                .mappings()
                .all()
            )
        stored = [self._stored(row) for row in rows]
        for row in apart:
            leg = unconnected_leg(gateway_ticket, CbeNumber(row["holding_cpas"]), row["since"])
            niss = self._person_of(row["niss_enc"], this)
            stored.append(StoredLeg(leg, niss, None, (), 0, connected=False))
        return tuple(sorted(stored, key=lambda one: one.leg.holding_cpas))

    def _stored(self, row: RowMapping) -> StoredLeg:
        leg, niss = leg_of(row), niss_of(row, self._keys)
        if row["sealed"] is None:
            return StoredLeg(leg, niss, None, (), 0)
        report, persons, omitted = answer_of(bytes(row["sealed"]), leg, self._keys)
        return StoredLeg(leg, niss, report, persons, omitted)

    def _person_of(self, sealed: bytes, gateway_ticket: str) -> Niss:
        return self._keys.decrypt_niss(bytes(sealed), table="consultations", row=gateway_ticket)
