"""The registered keys of one institution: for operators, not for messages (those ask `registry`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.tables import institution_keys


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One registered key: ``key_id`` is the SHA-256 of its SPKI (hex), ``active_until`` None = open.

    ``certificate`` is DER as it was imported, None where an id was given or 0.1.0 imported it.
    """

    key_id: str
    roles: frozenset[str]
    active_from: datetime
    active_until: datetime | None
    certificate: bytes | None = None

    def active_at(self, now: datetime) -> bool:
        """Tell whether messages signed with it count at that moment."""
        return self.active_from <= now and (self.active_until is None or now < self.active_until)


def list_keys(engine: Engine, cbe_number: CbeNumber) -> tuple[ListedKey, ...]:
    """Return all keys of the institution, those of another time too, sorted by id.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    keys = institution_keys
    wanted = select(keys).where(keys.c.cbe_number == cbe_number.value).order_by(keys.c.key_id)
    with read_transaction(engine) as connection:
        return tuple(
            ListedKey(
                row.key_id,
                frozenset(row.roles.split(",")),
                row.active_from,
                row.active_until,
                row.certificate,
            )
            for row in connection.execute(wanted)
        )
