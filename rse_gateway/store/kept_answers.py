"""How long a stored answer is kept: 72 h after it was first disclosed, or until it is confirmed or forgotten.

What is deleted and what is disclosed in one batch of messages happens in that order: a confirmation never
takes away what another message is just giving out. Rules: contract page, "Idempotence".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Update, bindparam, case, delete, select, update

from rse_gateway.ports import UnitOfWork
from rse_gateway.store.leg_rows import KEPT_AFTER_DISCLOSURE
from rse_gateway.store.tables import answers

_OF_TICKET = answers.c.gateway_ticket == bindparam("this_ticket")
_MOMENT = answers.c.delete_at.type
_DISCLOSED: Update = (
    update(answers)
    .where(_OF_TICKET, answers.c.disclosed_at.is_(None))
    .values(
        disclosed_at=bindparam("at", type_=_MOMENT),
        delete_at=case(
            (answers.c.delete_at < bindparam("until"), answers.c.delete_at),
            else_=bindparam("until", type_=_MOMENT),
        ),
    )
)
_DISCLOSED_BY: Update = _DISCLOSED.where(answers.c.holding_cpas == bindparam("this_holder"))
_CONFIRMED: Delete = delete(answers).where(_OF_TICKET, answers.c.disclosed_at.is_not(None))
_FORGOTTEN: Delete = delete(answers).where(_OF_TICKET)


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """What a message does to stored answers: parameters of the statements above."""

    disclosed: tuple[dict[str, Any], ...] = ()
    disclosed_by: tuple[dict[str, Any], ...] = ()
    confirmed: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()


def answer_changes(unit: UnitOfWork) -> AnswerChanges:
    """Return what the unit does to stored answers."""
    confirmed, forgotten = tuple(map(str, unit.confirmed)), tuple(map(str, unit.forgotten))
    if unit.disclosed is None:
        return AnswerChanges(confirmed=confirmed, forgotten=forgotten)
    ticket, at, holders = unit.disclosed
    row = {"this_ticket": str(ticket), "at": at, "until": at + KEPT_AFTER_DISCLOSURE}
    if holders is None:
        return AnswerChanges(disclosed=(row,), confirmed=confirmed, forgotten=forgotten)
    by_holder = tuple(row | {"this_holder": holder.value} for holder in sorted(holders))
    return AnswerChanges(disclosed_by=by_holder, confirmed=confirmed, forgotten=forgotten)


def change_answers(connection: Connection, changes: Sequence[AnswerChanges]) -> None:
    """Delete and mark answers in the caller's transaction; all processes lock them in the same order."""
    confirmed = sorted({ticket for one in changes for ticket in one.confirmed})
    forgotten = sorted({ticket for one in changes for ticket in one.forgotten})
    if confirmed or forgotten:
        _lock(connection, changes)
    if confirmed:
        connection.execute(_CONFIRMED, [{"this_ticket": ticket} for ticket in confirmed])
    if forgotten:
        connection.execute(_FORGOTTEN, [{"this_ticket": ticket} for ticket in forgotten])
    by_holder = [row for one in changes for row in one.disclosed_by]
    if by_holder:
        by_holder.sort(key=lambda row: (row["this_ticket"], row["this_holder"]))
        connection.execute(_DISCLOSED_BY, by_holder)
    disclosed = [row for one in changes for row in one.disclosed]
    if disclosed:
        connection.execute(_DISCLOSED, sorted(disclosed, key=lambda row: row["this_ticket"]))


def _lock(connection: Connection, changes: Sequence[AnswerChanges]) -> None:
    tickets = {ticket for one in changes for ticket in (*one.confirmed, *one.forgotten)}
    tickets |= {row["this_ticket"] for one in changes for row in (*one.disclosed, *one.disclosed_by)}
    of_these = select(answers.c.holding_cpas).where(answers.c.gateway_ticket.in_(sorted(tickets)))
    in_order = of_these.order_by(answers.c.gateway_ticket, answers.c.holding_cpas).with_for_update()
    connection.execute(in_order).all()
