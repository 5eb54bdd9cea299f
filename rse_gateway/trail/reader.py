"""Reading private parts: for the holder of an auditor's private key, and only what the record commits to."""

from collections.abc import Iterable
from uuid import UUID

from rse_gateway.trail.entry import LogEntry
from rse_gateway.trail.errors import PrivatePartError, RecordError
from rse_gateway.trail.month_keys import AuditorPrivateKey, MonthKey, WrappedKey, auditor_id, unwrap
from rse_gateway.trail.private import PrivatePart, commitment, parse_private
from rse_gateway.trail.sealing import unseal


class PrivateReader:
    """Opens private parts with one auditor's key; each month's key is unwrapped once."""

    def __init__(self, wrapped_keys: Iterable[WrappedKey], auditor_key: AuditorPrivateKey) -> None:
        """Take the stored wrapped keys (those of other auditors are passed over) and the auditor's key."""
        own = auditor_id(auditor_key.public_key())
        self._wrapped = {copy.key_id: copy for copy in wrapped_keys if copy.auditor == own}
        self._auditor_key = auditor_key
        self._plain: dict[UUID, MonthKey] = {}

    def open(self, entry: LogEntry) -> PrivatePart:
        """Return the private part of ``entry``, after checking that its record commits to exactly it.

        Raises:
            PrivatePartError: no side row, no key for this auditor, changed, or not the one committed to.
        """
        if entry.private is None:
            raise PrivatePartError("the entry has no private part, or it was erased")
        salt, private_bytes = unseal(self._key(entry.private.month_key_id), entry.entry_id, entry.private)
        try:
            committed = entry.parsed().get("commitment")
            if committed != commitment(salt, private_bytes).hex():
                raise PrivatePartError("the record commits to another private part")
            return parse_private(private_bytes)
        except RecordError as error:
            raise PrivatePartError("the record or its private part breaks the format") from error

    def _key(self, key_id: UUID) -> MonthKey:
        if key_id not in self._plain:
            wrapped = self._wrapped.get(key_id)
            if wrapped is None:
                raise PrivatePartError("this month's key is not wrapped for this auditor")
            self._plain[key_id] = unwrap(wrapped, self._auditor_key)
        return self._plain[key_id]


def open_private(
    entry: LogEntry, wrapped_keys: Iterable[WrappedKey], auditor_key: AuditorPrivateKey
) -> PrivatePart:
    """Return the private part of one entry (see ``PrivateReader.open``).

    Raises:
        PrivatePartError: as ``PrivateReader.open``.
    """
    return PrivateReader(wrapped_keys, auditor_key).open(entry)
