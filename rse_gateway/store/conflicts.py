"""Units of work that the database gave up on for another's sake, or whose connection was lost, tried again.

Guards: a deadlock or a serialization failure (40P01, 40001: nothing of the unit was written) is no failure
of a message; the whole unit is done again, a few times, after a short pause of random length.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rse_gateway.store.engine import write_transaction
from rse_gateway.store.postgresql import SilentDatabase, is_conflict

ATTEMPTS = 5
_FIRST_PAUSE = 0.01
_Result = TypeVar("_Result")


def is_lost(error: BaseException) -> bool:
    """Tell whether the connection is gone, and with it the transaction, which was not committed."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_worth_another_try(error: BaseException) -> bool:
    """Tell whether nothing was written and the same may succeed now: a conflict, or a connection just gone.

    Not after a silence: whoever waits for the unit has waited long enough.
    """
    return is_conflict(error) or (is_lost(error) and not _is_silence(error))


def _is_silence(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, SilentDatabase)


def pause(attempt: int) -> None:
    """Wait a little longer after each attempt (1, 2, …), never as long as another who waits too."""
    time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311


def written(
    engine: Engine,
    unit: Callable[[Connection], _Result],
    *,
    on: Connection | None = None,
    patient: bool = False,
) -> _Result:
    """Return what ``unit`` returned after its write transaction was committed; it may be called again.

    ``on`` and ``patient`` as in `write_transaction`.

    Raises:
        StoreUnreachable: the transaction could not begin.
        OutcomeUnknown: the COMMIT did not report.
        SQLAlchemyError: the database refused; nothing was written.
    """
    attempt = 1
    while True:
        try:
            with write_transaction(engine, on=on, patient=patient) as connection:
                result = unit(connection)
        except SQLAlchemyError as error:
            if attempt == ATTEMPTS or not is_conflict(error):
                raise
            pause(attempt)
            attempt += 1
        else:
            return result
