"""Lines of the directory that no message can show: 0.1.0 imported dates outside the contract's bounds."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, or_, select

from rse_gateway.domain.bounds import FIRST_DAY, LAST_DAY
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.tables import directory_lines


@dataclass(frozen=True, slots=True)
class UnsayableLine:
    """One such line, without the person."""

    cbe_number: str
    quality_code: int
    begin: date
    end: date | None


def unsayable_lines(engine: Engine) -> tuple[UnsayableLine, ...]:
    """Return all of them, by institution and begin. Reads the whole directory: for operators alone.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    table = directory_lines.c
    outside = or_(
        table.begin_date < FIRST_DAY,
        table.begin_date > LAST_DAY,
        table.end_date < FIRST_DAY,
        table.end_date > LAST_DAY,
    )
    named = select(table.cbe_number, table.quality_code, table.begin_date, table.end_date)
    with read_transaction(engine) as connection:
        rows = connection.execute(named.where(outside).order_by(table.cbe_number, table.begin_date)).all()
    return tuple(UnsayableLine(*row) for row in rows)
