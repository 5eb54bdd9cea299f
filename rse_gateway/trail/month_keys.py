"""Keys of the private parts: one per process and month, readable later by auditors only.

A process makes a key when it first needs one in a month and keeps it in memory only; what is stored is
one wrapped copy per auditor. So an operator who reads the tables, and the process itself after a
restart, cannot read persons. Destroying the wrapped copies of a month makes its private parts unreadable
and leaves every proof valid.

Wrapping: for P-256 auditors ECDH with an ephemeral key, HKDF-SHA256, AES-256-GCM; for RSA auditors
RSA-OAEP with SHA-256. Both bind key id and month.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rse_gateway.trail.errors import PrivatePartError, TrailError

AuditorPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
AuditorPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_BY_ECDH = b"\x01"
_BY_OAEP = b"\x02"
_INFO = b"rse-trail month key v1"
_POINT_BYTES = 65
_NONCE_BYTES = 12
_KEY_BYTES = 32
_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, repr=False)
class MonthKey:
    """A plain key in memory: 32 bytes for AES-256-GCM, of one month (``2026-11``, UTC); ``repr`` hides it."""

    key_id: UUID
    month: str
    secret: bytes

    def __repr__(self) -> str:
        return f"MonthKey({self.key_id}, {self.month})"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One auditor's copy of a month's key; ``auditor`` is the SHA-256 of the auditor's public key (hex)."""

    key_id: UUID
    month: str
    auditor: str
    wrapped: bytes


def month_of(at: datetime) -> str:
    """Return the month (UTC) whose key protects a row made at ``at``, such as ``2026-11``."""
    return f"{at.astimezone(UTC):%Y-%m}"


def auditor_id(public_key: AuditorPublicKey) -> str:
    """Return the name of an auditor's key: SHA-256 of its SubjectPublicKeyInfo, hex."""
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _bound(key_id: UUID, month: str) -> bytes:
    return f"{key_id}:{month}".encode("ascii")


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _oaep(label: bytes) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=label)


def _wrapping_key(shared: bytes, ephemeral: bytes, recipient: bytes) -> AESGCM:
    info = _INFO + ephemeral + recipient
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(shared))


def wrap(key: MonthKey, auditor: AuditorPublicKey) -> WrappedKey:
    """Return a copy of ``key`` that only the holder of the auditor's private key can unwrap.

    Raises:
        TrailError: neither a P-256 key nor an RSA key of at least 2048 bits.
    """
    bound = _bound(key.key_id, key.month)
    if isinstance(auditor, ec.EllipticCurvePublicKey) and isinstance(auditor.curve, ec.SECP256R1):
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        point = _point(ephemeral.public_key())
        cipher = _wrapping_key(ephemeral.exchange(ec.ECDH(), auditor), point, _point(auditor))
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = _BY_ECDH + point + nonce + cipher.encrypt(nonce, key.secret, bound)
    elif isinstance(auditor, rsa.RSAPublicKey) and auditor.key_size >= _MIN_RSA_BITS:
        wrapped = _BY_OAEP + auditor.encrypt(key.secret, _oaep(bound))
    else:
        raise TrailError("an auditor's key is P-256 or RSA of at least 2048 bits")
    return WrappedKey(key.key_id, key.month, auditor_id(auditor), wrapped)


def unwrap(wrapped: WrappedKey, auditor: AuditorPrivateKey) -> MonthKey:
    """Return the month's key from one auditor's copy.

    Raises:
        PrivatePartError: the copy is another auditor's, was changed, or belongs to another key id or month.
    """
    raw, bound = wrapped.wrapped, _bound(wrapped.key_id, wrapped.month)
    try:
        if raw[:1] == _BY_ECDH and isinstance(auditor, ec.EllipticCurvePrivateKey):
            secret = _unwrap_ecdh(raw[1:], auditor, bound)
        elif raw[:1] == _BY_OAEP and isinstance(auditor, rsa.RSAPrivateKey):
            secret = auditor.decrypt(raw[1:], _oaep(bound))
        else:
            raise PrivatePartError("wrapped for another type of key")
    except (InvalidTag, ValueError) as error:
        raise PrivatePartError("wrapped for another auditor, or changed") from error
    return MonthKey(wrapped.key_id, wrapped.month, secret)


def _unwrap_ecdh(raw: bytes, auditor: ec.EllipticCurvePrivateKey, bound: bytes) -> bytes:
    point, nonce = raw[:_POINT_BYTES], raw[_POINT_BYTES : _POINT_BYTES + _NONCE_BYTES]
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    shared = auditor.exchange(ec.ECDH(), ephemeral)
    cipher = _wrapping_key(shared, point, _point(auditor.public_key()))
    return cipher.decrypt(nonce, raw[_POINT_BYTES + _NONCE_BYTES :], bound)


class MonthKeys:
    """This process's keys: one per month, saved (wrapped) before it is first used; safe between threads."""

    def __init__(
        self,
        auditors: Sequence[AuditorPublicKey],
        save: Callable[[Sequence[WrappedKey]], None],
        *,
        new_id: Callable[[], UUID] = uuid4,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Take the auditors' public keys and the function that stores wrapped copies durably.

        Raises:
            TrailError: no auditor: nobody could ever read what is written.
        """
        if not auditors:
            raise TrailError("at least one auditor's public key is needed")
        self._auditors = tuple(auditors)
        self._save = save
        self._new_id = new_id
        self._random_bytes = random_bytes
        self._lock = Lock()
        self._keys: dict[str, MonthKey] = {}

    def key_for(self, at: datetime) -> MonthKey:
        """Return the key of the month of ``at``; a new one is stored for every auditor first.

        Raises:
            Exception: whatever ``save`` raises; then no key is kept and nothing can be written with it.
        """
        month = month_of(at)
        with self._lock:
            key = self._keys.get(month)
            if key is None:
                key = MonthKey(self._new_id(), month, self._random_bytes(_KEY_BYTES))
                self._save([wrap(key, auditor) for auditor in self._auditors])
                self._keys[month] = key
        return key
