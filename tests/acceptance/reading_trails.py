"""Reading the trails of gateway, requesting and holding CPAS, private parts opened with the auditor's key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from running_world import Gateway

from rse_cpas_stub.log import read_log
from rse_gateway.store.engine import open_engine
from rse_gateway.store.tables import TRAIL
from rse_gateway.trail import LogEntry, PrivatePart, PrivateReader
from rse_gateway.trail.sql import ConsultationLog, Search


@dataclass(frozen=True)
class TrailRow:
    """One row: the fields of its record, and its opened private part."""

    fields: Mapping[str, str]
    private: PrivatePart | None

    @property
    def kind(self) -> str:
        """What the row records."""
        return self.fields["kind"]

    @property
    def persons(self) -> set[tuple[str, str]]:
        """Who is named, and as what."""
        assert self.private is not None
        return {(person.niss, person.role.value) for person in self.private.persons}


class Trail:
    """One consultation log, read as its auditor reads it."""

    def __init__(self, log: ConsultationLog, auditor_key: Path) -> None:
        """Take the log and the file of the auditor's private key."""
        key = load_pem_private_key(auditor_key.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._log = log
        self._key = key

    def rows(self, ticket: str) -> list[TrailRow]:
        """Return all rows with this ticket (the requester's or the gateway's), oldest first."""
        return self._opened(self._log.by_ticket(ticket))

    def kinds(self, ticket: str) -> list[str]:
        """Return what the rows with this ticket record."""
        return [row.kind for row in self.rows(ticket)]

    def only(self, ticket: str, kind: str) -> TrailRow:
        """Return the one row of that kind."""
        (row,) = [row for row in self.rows(ticket) if row.kind == kind]
        return row

    def of_kind(self, kind: str) -> list[TrailRow]:
        """Return the newest rows of that kind."""
        return self._opened(self._log.find(Search(kind=kind, limit=1000)))

    def everything(self, kind: str) -> list[TrailRow]:
        """Return all rows of that kind, newest first."""
        return self._opened(self._log.find(Search(kind=kind, limit=10_000_000)))

    def _opened(self, entries: list[LogEntry]) -> list[TrailRow]:
        reader = PrivateReader(self._log.month_keys(), self._key)
        return [
            TrailRow(dict(entry.parsed().fields), reader.open(entry) if entry.private else None)
            for entry in entries
        ]


def gateway_trail(gateway: Gateway) -> Trail:
    """Return the gateway's trail, read from its database."""
    return Trail(ConsultationLog(open_engine(gateway.database), TRAIL), gateway.world.auditor_key)


def requester_trail(gateway: Gateway, number: str) -> Trail:
    """Return the trail of a CPAS that asked this gateway."""
    return Trail(read_log(gateway.requester_log(number)), gateway.world.auditor_key)


def holder_trail(gateway: Gateway, number: str) -> Trail:
    """Return the trail of a holding CPAS."""
    return Trail(read_log(gateway.world.holder_log(number)), gateway.world.auditor_key)


def digest(row: TrailRow) -> bytes:
    """Return the digest of the message that a row records."""
    assert row.private is not None
    assert row.private.message_digest is not None
    return row.private.message_digest
