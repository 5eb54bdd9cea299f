"""Sealing of private parts: AES-256-GCM with the month's key, bound to the one row that it belongs to."""

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rse_gateway.trail.errors import PrivatePartError
from rse_gateway.trail.month_keys import MonthKey
from rse_gateway.trail.private import SALT_BYTES

PRIVATE_TABLE = "log_private"
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SealedPrivate:
    """A side row: the key's id, the nonce (12 bytes), and the sealed salt ‖ private part with its tag."""

    month_key_id: UUID
    nonce: bytes
    sealed: bytes


def _row(entry_id: UUID) -> bytes:
    return f"{PRIVATE_TABLE}:{entry_id}".encode("ascii")


def seal(key: MonthKey, entry_id: UUID, *, nonce: bytes, salt: bytes, private_bytes: bytes) -> SealedPrivate:
    """Return the side row of ``entry_id``; it opens as no other row's."""
    sealed = AESGCM(key.secret).encrypt(nonce, salt + private_bytes, _row(entry_id))
    return SealedPrivate(key.key_id, nonce, sealed)


def unseal(key: MonthKey, entry_id: UUID, row: SealedPrivate) -> tuple[bytes, bytes]:
    """Return (salt, private bytes) of the side row of ``entry_id``.

    Raises:
        PrivatePartError: another key, another row's content, or changed.
    """
    if key.key_id != row.month_key_id:
        raise PrivatePartError("sealed with another month's key")
    try:
        plain = AESGCM(key.secret).decrypt(row.nonce, row.sealed, _row(entry_id))
    except (InvalidTag, ValueError) as error:
        raise PrivatePartError("the side row was changed or belongs to another entry") from error
    return plain[:SALT_BYTES], plain[SALT_BYTES:]
