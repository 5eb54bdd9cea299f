"""Who is registered, read through a cache that follows changes within 2 s.

The whole registry (about 600 institutions) is one immutable snapshot; its generation is read at most once
per second, by one caller, never under a lock. A snapshot that could not be confirmed for 2 s is not used:
when the store is silent nobody is trusted. Rules: security page, "Trust".
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from sqlalchemy import Connection, Engine, select

from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.quota import DefaultQuotas, Quotas
from rse_gateway.security.trust import RegisteredKey
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.institution_rows import institution_of_row, quotas_of_row, rights_by_institution
from rse_gateway.store.tables import config_generation, institution_keys, institutions, mandates

_ASK_EVERY = 1.0
_TRUST_FOR = 2.0


_Signing = tuple[str, str, str]
"""Who signs, for whom, which operation."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The registry at one generation."""

    generation: int
    institutions: Mapping[str, Institution]
    keys: Mapping[str, RegisteredKey]
    successors: Mapping[str, tuple[CbeNumber, date]]
    mandates: Mapping[_Signing, tuple[HeldMandate, ...]]
    quotas: Mapping[str, Quotas]
    maintenance: Mapping[str, datetime]

    def is_suspended(self, cbe_number: CbeNumber) -> bool:
        """Tell whether an operator suspended it."""
        found = self.institutions.get(cbe_number.value)
        return found is not None and found.suspended

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:
        """Follow the successors until ``day``; who would end in a circle stands for itself."""
        first, seen = cbe_number, {cbe_number}
        while (following := self.successors.get(cbe_number.value)) is not None and following[1] <= day:
            cbe_number = following[0]
            if cbe_number in seen:
                return first
            seen.add(cbe_number)
        return cbe_number


class SqlRegistry:
    """Answers who is registered from the present snapshot; safe between threads."""

    def __init__(
        self,
        engine: Engine,
        *,
        quotas: DefaultQuotas | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the database, the quotas of who has none, and the clock that counts seconds; read nothing."""
        self._engine = engine
        self._quotas = quotas or DefaultQuotas()
        self._monotonic = monotonic
        self._lock = Lock()
        self._snapshot: _Snapshot | None = None
        self._asked_at = float("-inf")
        self._confirmed_at = float("-inf")

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        """Return the institution, or None when nobody has that number.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._current().institutions.get(cbe_number.value)

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        """Return what the public key (SHA-256 of its SPKI, hex) is registered for, or None.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._current().keys.get(key_id)

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:
        """Return the institution that stands for this one on ``day``, after all mergers until then.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._current().successor_of(cbe_number, day)

    def predecessors_of(self, cbe_number: CbeNumber, day: date) -> frozenset[CbeNumber]:
        """Return everyone for whom this institution stands on ``day``, without itself.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        snapshot = self._current()
        merged = (CbeNumber(number) for number in snapshot.successors)
        found = frozenset(one for one in merged if snapshot.successor_of(one, day) == cbe_number)
        return found - {cbe_number}

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, day: date) -> bool:
        """Tell whether ``signing`` holds a mandate of ``cpas`` for the operation on ``day``.

        Nobody signs for who is suspended, and who is suspended signs for nobody.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        snapshot = self._current()
        if snapshot.is_suspended(signing) or snapshot.is_suspended(cpas):
            return False
        held = snapshot.mandates.get((signing.value, cpas.value, operation), ())
        return any(
            (one.valid_from is None or one.valid_from <= day)
            and (one.valid_until is None or day <= one.valid_until)
            for one in held
        )

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[HeldMandate, ...]:
        """Return every mandate that the institution holds or gave, past and future ones too.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        every = self._current().mandates.values()
        return tuple(one for held in every for one in held if cbe_number in (one.mandatary, one.cpas))

    def quota_of(self, cbe_number: CbeNumber) -> int | None:
        """Return how many consultations it may ask per hour, None for no bound.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._quotas.consultations_of(self._current().quotas.get(cbe_number.value, Quotas()))

    def register_quota_of(self, cbe_number: CbeNumber, day: date) -> int | None:
        """Return how many new lines it may register by message per hour on ``day``, None for no bound.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._quotas.lines_of(self._current().quotas.get(cbe_number.value, Quotas()), day)

    def maintenance_until(self, cbe_number: CbeNumber) -> datetime | None:
        """Return until when nothing is sent to it, None when nothing was announced.

        Raises:
            GatewayUnavailable: the registry cannot be read.
        """
        return self._current().maintenance.get(cbe_number.value)

    def _current(self) -> _Snapshot:
        now = self._monotonic()
        with self._lock:
            snapshot, confirmed_at = self._snapshot, self._confirmed_at
            mine_to_ask = now - self._asked_at >= _ASK_EVERY
            if mine_to_ask:
                self._asked_at = now
        if snapshot is None or mine_to_ask or now - confirmed_at >= _TRUST_FOR:
            return self._ask(snapshot, now)
        return snapshot

    def _ask(self, snapshot: _Snapshot | None, asked_at: float) -> _Snapshot:
        with read_transaction(self._engine) as connection:
            generation = connection.execute(select(config_generation.c.generation)).scalar_one()
            if snapshot is None or snapshot.generation != generation:
                snapshot = _load(connection, generation)
        with self._lock:
            if self._snapshot is None or asked_at >= self._confirmed_at:
                self._snapshot, self._confirmed_at = snapshot, asked_at
        return snapshot


def _load(connection: Connection, generation: int) -> _Snapshot:
    granted = rights_by_institution(connection)
    found: dict[str, Institution] = {}
    profiles: dict[str, str] = {}
    successors: dict[str, tuple[CbeNumber, date]] = {}
    quotas: dict[str, Quotas] = {}
    maintenance: dict[str, datetime] = {}
    for row in connection.execute(select(institutions)):
        profiles[row.cbe_number] = row.profile
        if row.successor is not None:
            successors[row.cbe_number] = (CbeNumber(row.successor), row.successor_since)
        quotas[row.cbe_number] = quotas_of_row(row)
        if row.maintenance_until is not None:
            maintenance[row.cbe_number] = row.maintenance_until
        found[row.cbe_number] = institution_of_row(row, granted[row.cbe_number])
    keys = {
        row.key_id: RegisteredKey(
            cbe_number=CbeNumber(row.cbe_number),
            roles=frozenset(row.roles.split(",")),
            profile="toolkit" if (row.profile or profiles[row.cbe_number]) == "toolkit" else "strict",
            active_from=row.active_from,
            active_until=row.active_until,
        )
        for row in connection.execute(select(institution_keys))
    }
    return _Snapshot(generation, found, keys, successors, _mandates(connection), quotas, maintenance)


def _mandates(connection: Connection) -> Mapping[_Signing, tuple[HeldMandate, ...]]:
    held: dict[_Signing, tuple[HeldMandate, ...]] = defaultdict(tuple)
    for row in connection.execute(select(mandates).order_by(mandates.c.id)):
        one = HeldMandate(
            CbeNumber(row.mandatary), CbeNumber(row.cpas), row.operation, row.valid_from, row.valid_until
        )
        held[row.mandatary, row.cpas, row.operation] += (one,)
    return dict(held)
