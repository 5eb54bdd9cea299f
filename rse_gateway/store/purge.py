"""What is deleted when its time is over, and leaves no gap that anybody could miss."""

from datetime import datetime

from sqlalchemy import Engine, delete
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.engine import write_transaction
from rse_gateway.store.tables import replay_keys


def purge_replay_keys(engine: Engine, now: datetime) -> int:
    """Delete replay keys whose 24 h are over and return how many.

    A message that old is refused for its Timestamp, long before anybody asks for its key.

    Raises:
        GatewayUnavailable: the store cannot be written.
    """
    over = delete(replay_keys).where(replay_keys.c.expires_at <= now)
    try:
        with write_transaction(engine) as connection:
            return connection.execute(over).rowcount
    except SQLAlchemyError as error:
        raise GatewayUnavailable("replay keys cannot be deleted") from error
