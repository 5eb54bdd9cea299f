"""Log rows inside the transactions of the store: a change and its row are one."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.errors import GatewayUnavailable
from rse_gateway.store.conflicts import written
from rse_gateway.store.direct import Row, RowInsert
from rse_gateway.store.tables import TRAIL
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.month_keys import WrappedKey
from rse_gateway.trail.sql.tables import month_key_rows, rows_for_all

_INSERTS = tuple((table.name, RowInsert(table)) for table in TRAIL.written)


def insert_log_rows(connection: Connection, rows: Mapping[str, Sequence[Row]]) -> None:
    """Insert rows made by ``rows_for`` in the caller's transaction, table by table in the fixed order."""
    for name, inserts in _INSERTS:
        inserts.all(connection, rows.get(name, ()))


def insert_log(connection: Connection, entries: Iterable[LogEntry]) -> None:
    """Insert the rows of ``entries`` in the caller's transaction.

    Raises:
        RecordError: an entry's record is no canonical record.
    """
    insert_log_rows(connection, rows_for_all(entries))


def save_month_keys(engine: Engine, wrapped: Sequence[WrappedKey]) -> None:
    """Store the wrapped copies of a month's key durably (the ``save`` of the log's ``MonthKeys``).

    Raises:
        GatewayUnavailable: they may not be stored; the key must not be used.
    """
    rows = month_key_rows(wrapped)
    try:
        written(engine, lambda connection: connection.execute(insert(TRAIL.month_keys), rows))
    except SQLAlchemyError as error:
        raise GatewayUnavailable("a month's key cannot be stored") from error
