"""Quotas, counted in the transaction that accepts: no two of them can take the last place.

Whoever counts holds the row of its institution until its COMMIT (a SQLite writer is alone anyway); the rows
are taken in the order of their numbers, after the replay keys and before the tickets, in every process.
Rules: contract page, check 4; reliability page, group commit.
"""

from collections.abc import Iterable
from typing import Final, Literal, Protocol

from sqlalchemy import Connection, Select, Table, bindparam, func, select

from rse_gateway.domain.quota import NO_BOUND, RegisteredQuota
from rse_gateway.ports import QuotaClaim
from rse_gateway.store.line_changes import KNOWN_BY, Row
from rse_gateway.store.tables import consultations, directory_lines, institutions


def _count(table: Table, owner: str, moment: str) -> Select[int]:
    return select(func.count().label("counted")).where(
        table.c[owner] == bindparam("this_cpas"),
        table.c[moment] > bindparam("since", type_=table.c[moment].type),
    )


ACCEPTED_SINCE: Final = _count(consultations, "requesting_cpas", "accepted_at")
REGISTERED_SINCE: Final = _count(directory_lines, "cbe_number", "registered_at")
_KNOWN_LINE: Final = select(directory_lines.c.id).where(
    *(directory_lines.c[name] == bindparam(f"this_{name}") for name in KNOWN_BY)
)


_UNBOUNDED: Final = -1


def quota_of_column(stored: int | None) -> RegisteredQuota:
    """Return what a column of the registry says."""
    none: Literal["none"] = NO_BOUND
    return none if stored == _UNBOUNDED else stored


def column_of_quota(registered: RegisteredQuota) -> int | None:
    """Return how a column of the registry says it."""
    return _UNBOUNDED if registered == NO_BOUND else registered


class Claiming(Protocol):
    """What of a unit is looked at here."""

    @property
    def quota(self) -> QuotaClaim | None:
        """Return what bounds it."""

    @property
    def line(self) -> Row | None:
        """Return its line; what counts and has none is a consultation."""


class Quotas:
    """The quotas of one batch: made before its tickets, then one `take` per unit that counts, in order."""

    def __init__(self, connection: Connection, units: Iterable[Claiming]) -> None:
        """Wait for the rows of the units' institutions, hold them, and count what stands.

        Raises:
            SQLAlchemyError: the database refused.
        """
        self._connection = connection
        self._taken: dict[tuple[str, bool], int] = {}
        self._new_lines: set[tuple[object, ...]] = set()
        counting = [(unit.quota, unit.line is not None) for unit in units if unit.quota is not None]
        self._hold({claim.cbe_number.value for claim, _of_line in counting})
        for claim, of_line in counting:
            which = (claim.cbe_number.value, of_line)
            if which not in self._taken:
                self._taken[which] = self._counted(claim, of_line=of_line)

    def take(self, unit: Claiming) -> bool:
        """Take a place for the unit, which stood among the units; False when there is none left."""
        claim, line = unit.quota, unit.line
        if claim is None or (line is not None and not self._is_new(line)):
            return True
        which = (claim.cbe_number.value, line is not None)
        if self._taken[which] >= claim.most:
            return False
        self._taken[which] += 1
        if line is not None:
            self._new_lines.add(_key(line))
        return True

    def _hold(self, numbers: set[str]) -> None:
        if numbers and self._connection.dialect.name == "postgresql":
            held = select(institutions.c.cbe_number).where(institutions.c.cbe_number.in_(sorted(numbers)))
            ordered = held.order_by(institutions.c.cbe_number).with_for_update(key_share=True)
            self._connection.execute(ordered)

    def _counted(self, claim: QuotaClaim, *, of_line: bool) -> int:
        query = REGISTERED_SINCE if of_line else ACCEPTED_SINCE
        values = {"this_cpas": claim.cbe_number.value, "since": claim.since}
        counted: int = self._connection.execute(query, values).scalar_one()
        return counted

    def _is_new(self, line: Row) -> bool:
        key = _key(line)
        if key in self._new_lines:
            return False
        given = {f"this_{name}": value for name, value in zip(KNOWN_BY, key, strict=True)}
        return self._connection.execute(_KNOWN_LINE, given).first() is None


def _key(line: Row) -> tuple[object, ...]:
    return tuple(line[name] for name in KNOWN_BY)
