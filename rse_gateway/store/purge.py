"""What is deleted when its time is over, and leaves no gap that anybody could miss."""

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, select
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.conflicts import written
from rse_gateway.store.tables import answers, replay_keys

_ANSWERS_AT_ONCE = 500
_THIS_ANSWER = delete(answers).where(
    answers.c.gateway_ticket == bindparam("ticket"), answers.c.holding_cpas == bindparam("holder")
)


def purge_replay_keys(engine: Engine, now: datetime) -> int:
    """Delete replay keys whose 24 h are over and return how many.

    A message that old is refused for its Timestamp, long before anybody asks for its key.

    Raises:
        GatewayUnavailable: the store cannot be written.
    """
    over = delete(replay_keys).where(replay_keys.c.expires_at <= now)
    try:
        return written(engine, lambda connection: connection.execute(over).rowcount)
    except SQLAlchemyError as error:
        raise GatewayUnavailable("replay keys cannot be deleted") from error


def purge_answers(engine: Engine, now: datetime) -> int:
    """Delete stored answers whose time is over and return how many.

    Few at a time, so that no message waits; those that a message is just changing wait for the next call.

    Raises:
        GatewayUnavailable: the store cannot be written; what was deleted until then stays deleted.
    """
    total = 0
    try:
        while True:
            deleted = written(engine, lambda connection: _purge_some_answers(connection, now))
            total += deleted
            if deleted < _ANSWERS_AT_ONCE:
                return total
    except SQLAlchemyError as error:
        raise GatewayUnavailable("answers cannot be deleted") from error


def _purge_some_answers(connection: Connection, now: datetime) -> int:
    over = (
        select(answers.c.gateway_ticket, answers.c.holding_cpas)
        .where(answers.c.delete_at <= now)
        .order_by(answers.c.gateway_ticket, answers.c.holding_cpas)
        .limit(_ANSWERS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = [{"ticket": row.gateway_ticket, "holder": row.holding_cpas} for row in connection.execute(over)]
    if found:
        connection.execute(_THIS_ANSWER, found)
    return len(found)
