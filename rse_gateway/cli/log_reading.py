"""Reading the consultation log: found in memory, the look recorded durably, and only then handed out.

Nothing is disclosed that is not logged: `Reader.disclose` commits the row LOG_CONSULTED before it returns
anything. Persons and proofs open for the holder of an auditor's private key only, and that key must belong to
one of the configured auditors.
"""

import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from rse_gateway.cli.opening import Gateway
from rse_gateway.domain.identifiers import Niss
from rse_gateway.errors import SetupError
from rse_gateway.ports import UnitOfWork
from rse_gateway.security.keys import load_private_key
from rse_gateway.store.engine import read_transaction
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.errors import PrivatePartError
from rse_gateway.trail.kinds import Kind
from rse_gateway.trail.month_keys import AuditorPrivateKey, auditor_id
from rse_gateway.trail.private import Person, PrivatePart, Role
from rse_gateway.trail.reader import PrivateReader
from rse_gateway.trail.record import Record
from rse_gateway.trail.sql.log import Search

OPERATION = "searchConsultations"


@dataclass(frozen=True, slots=True, repr=False)
class Auditor:
    """An auditor who has shown the private key of a configured certificate."""

    key: AuditorPrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One disclosed row: its record, and its private part or why there is none to see."""

    record: Record
    private: PrivatePart | None
    closed: str


class Reader:
    """Finds rows and hands them out once the look is recorded."""

    def __init__(self, gateway: Gateway, auditor: Auditor | None) -> None:
        """Take who looks; without auditor an operator looks, and private parts stay closed."""
        self._gateway = gateway
        self._auditor = auditor

    def by_ticket(self, ticket: str) -> list[LogEntry]:
        """Return every row of the consultations that a ticket names, oldest first.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        log = self._gateway.hub.log
        # the outer transaction is what turns the database's errors into GatewayUnavailable
        with read_transaction(self._gateway.store.engine):
            found = {entry.entry_id: entry for entry in log.by_ticket(ticket)}
            tickets = {entry.parsed().get("ticketCBSS") for entry in found.values()} - {None, ticket}
            for one in tickets:
                found |= {entry.entry_id: entry for entry in log.by_ticket(one or "")}
        return sorted(found.values(), key=lambda entry: (entry.parsed().at, entry.entry_id))

    def find(self, search: Search) -> list[LogEntry]:
        """Return the newest rows that fit, newest first.

        Raises:
            GatewayUnavailable: the store cannot be read.
        """
        with read_transaction(self._gateway.store.engine):
            return self._gateway.hub.log.find(search)

    def disclose(
        self,
        entries: Sequence[LogEntry],
        *,
        reason: str,
        about: Mapping[str, str],
        person: Niss | None = None,
    ) -> list[Row]:
        """Record the look, then return the rows; ``about`` are fields that say what was looked for.

        Raises:
            RecordError: the reason is no text of 1 to 1,024 characters, or holds a NISS.
            GatewayUnavailable: the look cannot be recorded, so nothing is disclosed.
        """
        fields = {"reason": reason, "operation": OPERATION, "count": str(len(entries)), **about}
        fields |= self._who()
        if self._gateway.settings.cbe_number:
            fields["asking"] = self._gateway.settings.cbe_number
        private = None
        if person is not None:
            private = PrivatePart(persons=(Person(person.value, Role.BENEFICIARY),))
        store = self._gateway.store
        row = self._gateway.hub.maker.make(Kind.LOG_CONSULTED, store.clock.now(), fields, private)
        writer = GroupWriter(store.engine, store.keys)
        try:
            writer.commit(UnitOfWork(log=(row,)))
        finally:
            writer.close()
        return self._opened(entries)

    def _who(self) -> dict[str, str]:
        if self._auditor is not None:
            return {"certificate": self._auditor.certificate.fingerprint(SHA256()).hex()}
        try:
            return {"userReference": f"operator:{pwd.getpwuid(os.getuid()).pw_name}"[:64]}
        except KeyError:
            return {"userReference": f"operator:uid-{os.getuid()}"}

    def _opened(self, entries: Sequence[LogEntry]) -> list[Row]:
        private_reader = None
        if self._auditor is not None:
            own = auditor_id(self._auditor.key.public_key())
            with read_transaction(self._gateway.store.engine):
                wrapped = self._gateway.hub.log.month_keys(own)
            private_reader = PrivateReader(wrapped, self._auditor.key)
        return [_opened(entry, private_reader) for entry in entries]


def _opened(entry: LogEntry, reader: PrivateReader | None) -> Row:
    record = entry.parsed()
    if entry.private is None:
        erased = record.get("commitment") is not None
        return Row(record, None, "the private part was erased" if erased else "")
    if reader is None:
        return Row(record, None, "persons and proof: readable with an auditor's key")
    try:
        return Row(record, reader.open(entry), "")
    except PrivatePartError as error:
        return Row(record, None, f"the private part does not open: {error}")


def load_auditor(gateway: Gateway, key_file: Path) -> Auditor:
    """Return the configured auditor whose private key the file holds.

    Raises:
        SetupError: the file is no private key that only its owner can read, or of no configured auditor.
    """
    key = load_private_key(key_file)
    for certificate in gateway.hub.auditors:
        public = certificate.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) and public == key.public_key():
            return Auditor(key, certificate)
    raise SetupError(f"{key_file.name}: not the key of a configured auditor (setting auditor_certificates)")
