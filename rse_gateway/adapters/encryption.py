"""The data keys: what keeps NISS and waiting answers unreadable in the database.

One master key (32 random bytes in a file of its own, 0600) gives separate subkeys by HKDF-SHA256 (RFC 5869)
for encrypting a NISS, for finding it again, and for encrypting stored answers; every ciphertext is
AES-256-GCM with a fresh nonce in front, bound to the one row that it stands in. Does not guard the private
parts of the log: their month keys are wrapped for auditors, so that this key alone opens none of them.
"""

import hmac
import os
import stat
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss
from rse_gateway.errors import GatewayUnavailable, SetupError

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SearchKey:
    """Turns a NISS into the value that rows are found by; fits the log's maker of rows."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """Take the key's public name and its secret bytes."""
        self._key_id = key_id
        self._secret = secret

    @property
    def key_id(self) -> str:
        """The name stored beside each value, so that values can be re-keyed."""
        return self._key_id

    def hmac(self, niss: str) -> bytes:
        """Return HMAC-SHA256 of the 11 digits, 32 bytes."""
        return hmac.digest(self._secret, niss.encode("ascii"), sha256)


class DataKeys:
    """Encrypts and finds what the database must not show; holds keys only, safe between threads."""

    def __init__(self, master: bytes) -> None:
        """Derive all subkeys from 32 secret bytes.

        Raises:
            SetupError: the master key has another length.
        """
        if len(master) != MASTER_KEY_BYTES:
            raise SetupError(f"the master key has {MASTER_KEY_BYTES} bytes, this one has {len(master)}")
        self._niss = AESGCM(_subkey(master, "niss encryption"))
        self._answers = AESGCM(_subkey(master, "answer encryption"))
        key_id = _subkey(master, "search key id")[:8].hex()
        self.check_value = _subkey(master, "key check")
        self.search_key = SearchKey(key_id, _subkey(master, "niss search"))

    def __repr__(self) -> str:
        return f"DataKeys({self.search_key.key_id})"

    def encrypt_niss(self, niss: Niss, *, table: str, row: str) -> bytes:
        """Return the number sealed so that it opens in that row of that table only."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._niss.encrypt(nonce, niss.value.encode("ascii"), _place(table, row))

    def decrypt_niss(self, sealed: bytes, *, table: str, row: str) -> Niss:
        """Return the number that stands sealed in that row.

        Raises:
            GatewayUnavailable: another master key, another row's content, or changed.
        """
        return Niss(_open(self._niss, sealed, _place(table, row)).decode("ascii"))

    def encrypt_answer(self, plain: bytes, ticket: GatewayTicket, holding_cpas: CbeNumber) -> bytes:
        """Return a stored answer sealed so that it opens as the answer of that leg only."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._answers.encrypt(nonce, plain, _leg(ticket, holding_cpas))

    def decrypt_answer(self, sealed: bytes, ticket: GatewayTicket, holding_cpas: CbeNumber) -> bytes:
        """Return the stored answer of that leg.

        Raises:
            GatewayUnavailable: another master key, another leg's answer, or changed.
        """
        return _open(self._answers, sealed, _leg(ticket, holding_cpas))


def _subkey(master: bytes, purpose: str) -> bytes:
    info = f"rse-gateway v1 {purpose}".encode("ascii")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)


def _place(table: str, row: str) -> bytes:
    return f"{table}\0{row}".encode("ascii")


def _leg(ticket: GatewayTicket, holding_cpas: CbeNumber) -> bytes:
    return f"{ticket}\0{holding_cpas}".encode("ascii")


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise GatewayUnavailable(
            "a stored value does not open: another master key, or the row was changed"
        ) from error


def load_master_key(path: Path) -> bytes:
    """Return the 32 bytes that the file spells as 64 hexadecimal digits.

    Raises:
        SetupError: the file cannot be read, is open to the group or the world, or spells something else.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(1024)
    except OSError as error:
        raise SetupError(f"master key {path}: cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(mode) or mode & _OTHERS:
        raise SetupError(f"master key {path}: must be a file that its owner alone can read (chmod 600)")
    try:
        master = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        master = b""
    if len(master) != MASTER_KEY_BYTES:
        raise SetupError(f"master key {path}: 64 hexadecimal digits expected (openssl rand -hex 32)")
    return master
