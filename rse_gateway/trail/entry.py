"""From what happened to a log row: record, commitment, sealed private part, search keys.

The only maker of rows, for gateway, requesting CPAS and holding CPAS alike.
"""

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol, Self
from uuid import UUID

from rse_gateway.trail.errors import RecordError, TrailError
from rse_gateway.trail.ids import EntryIds
from rse_gateway.trail.kinds import Kind
from rse_gateway.trail.month_keys import MonthKeys
from rse_gateway.trail.national_numbers import holds_number
from rse_gateway.trail.private import SALT_BYTES, PrivatePart, Role, commitment
from rse_gateway.trail.record import FORMAT_VERSION, Record, leaf_hash, parse_record, time_text
from rse_gateway.trail.sealing import NONCE_BYTES, SealedPrivate, seal

_MADE_HERE = frozenset({"v", "id", "log", "kind", "at", "environment", "commitment"})
_MIN_SECRET_BYTES = 32


class SearchKey(Protocol):
    """What turns a NISS into the value that rows are found by."""

    @property
    def key_id(self) -> str:
        """The name of the key, stored beside each value."""

    def hmac(self, niss: str) -> bytes:
        """Return the keyed value of ``niss``, 32 bytes."""


class HmacSearchKey:
    """HMAC-SHA256 under one secret: the plain implementation for an institution's own log."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """Take the key's name and at least 32 secret bytes.

        Raises:
            TrailError: the secret is shorter.
        """
        if len(secret) < _MIN_SECRET_BYTES:
            raise TrailError("a search key has at least 32 bytes")
        self._key_id = key_id
        self._secret = secret

    @property
    def key_id(self) -> str:
        """The name of the key."""
        return self._key_id

    def hmac(self, niss: str) -> bytes:
        """Return HMAC-SHA256(secret, the 11 digits), 32 bytes."""
        return hmac.digest(self._secret, niss.encode("ascii"), sha256)


@dataclass(frozen=True, slots=True, order=True)
class PersonRow:
    """How a row is found by person: role and keyed value, never the number."""

    role: Role
    niss_hmac: bytes = field(repr=False)
    hmac_key_id: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of a log as it is stored; ``record`` is what is hashed, everything else is beside it."""

    entry_id: UUID
    record: bytes
    private: SealedPrivate | None = None
    persons: tuple[PersonRow, ...] = ()
    _spelled: Record | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        entry_id: UUID,
        record: Record,
        private: SealedPrivate | None = None,
        persons: tuple[PersonRow, ...] = (),
    ) -> Self:
        """Return the row of a record that is known to be valid: it is not parsed from its bytes again."""
        entry = cls(entry_id, record.encode(), private, persons)
        object.__setattr__(entry, "_spelled", record)
        return entry

    @property
    def leaf(self) -> bytes:
        """The leaf hash of the record, 32 bytes."""
        return leaf_hash(self.record)

    def parsed(self) -> Record:
        """Return the record's fields.

        Raises:
            RecordError: the stored bytes are no canonical record.
        """
        return parse_record(self.record) if self._spelled is None else self._spelled

    def index(self) -> dict[str, str | None]:
        """Return the index columns of this entry, derived from its record and from nothing else.

        Raises:
            RecordError: the stored bytes are no canonical record.
        """
        return index_of(self.parsed())


INDEX_FIELDS: Mapping[str, str] = {
    "kind": "kind",
    "at": "at",
    "gateway_ticket": "ticketCBSS",
    "ticket": "ticket",
    "asking": "asking",
    "holding": "holding",
    "signing": "signing",
    "operation": "operation",
    "legal_context": "legalContext",
    "user_reference": "userReference",
    "outcome": "outcome",
}
"""Index column → the record's field that it repeats."""


def index_of(record: Record) -> dict[str, str | None]:
    """Return the index columns of a record: the one place that derives them."""
    return {column: record.get(name) for column, name in INDEX_FIELDS.items()}


def _refuse_number(fields: Mapping[str, str], private: PrivatePart) -> None:
    """Refuse the number of the one person that the row is about, in any disguise."""
    about = {person.niss for person in private.persons if person.role is Role.BENEFICIARY}
    if len(about) == 1:
        (niss,) = about
        for name in ("ticket", "userReference", "legalContext"):
            if holds_number(fields.get(name, ""), niss):
                raise RecordError(f"{name} holds the number that the row is about: no record may hold one")


class EntryMaker:
    """Makes the rows of one log; holds no state but its ids and keys, safe between threads."""

    def __init__(
        self,
        log_id: str,
        environment: str,
        *,
        month_keys: MonthKeys,
        search_key: SearchKey,
        new_id: Callable[[datetime], UUID] | None = None,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Take the log's id with its epoch (``hub/1``, ``0299990019/1``) and the sources of keys and ids."""
        self._fixed = {"v": FORMAT_VERSION, "log": log_id, "environment": environment}
        self._month_keys = month_keys
        self._search_key = search_key
        self._new_id = new_id or EntryIds()
        self._random_bytes = random_bytes

    def make(
        self, kind: Kind, at: datetime, fields: Mapping[str, str], private: PrivatePart | None = None
    ) -> LogEntry:
        """Return a complete row; nothing is stored yet.

        ``fields`` are the record's fields by their names in the format, without those that this maker sets
        (v, id, log, kind, at, environment, commitment).

        Raises:
            RecordError: a field is unknown, set here, missing for the kind, of the wrong form, a NISS, or
                the number that the row is about in any disguise.
        """
        taken = _MADE_HERE & fields.keys()
        if taken:
            raise RecordError(f"set by the maker of rows: {', '.join(sorted(taken))}")
        if private is not None:
            _refuse_number(fields, private)
        entry_id = self._new_id(at)
        content = {**self._fixed, **fields, "id": str(entry_id), "kind": kind.value, "at": time_text(at)}
        if private is None:
            return LogEntry.of(entry_id, Record(content))
        salt, private_bytes = self._random_bytes(SALT_BYTES), private.encode()
        content["commitment"] = commitment(salt, private_bytes).hex()
        sealed = seal(
            self._month_keys.key_for(at),
            entry_id,
            nonce=self._random_bytes(NONCE_BYTES),
            salt=salt,
            private_bytes=private_bytes,
        )
        return LogEntry.of(entry_id, Record(content), sealed, self._person_rows(private))

    def _person_rows(self, private: PrivatePart) -> tuple[PersonRow, ...]:
        key = self._search_key
        rows = (PersonRow(person.role, key.hmac(person.niss), key.key_id) for person in private.persons)
        return tuple(sorted(rows))
