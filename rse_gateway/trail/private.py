"""The private part of a row: who it is about, and the proof that the message was signed.

It stands encrypted in a side table; its record holds only a salted commitment to it. Salt and private
part are deleted together, so that afterwards nobody can try numbers against the commitment.
"""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from rse_gateway.trail.errors import RecordError

SALT_BYTES = 16
DIGEST_BYTES = 32
_NISS = re.compile(r"[0-9]{11}")


class Role(StrEnum):
    """As what a person stands in the message."""

    BENEFICIARY = "BENEFICIARY"
    PARTNER = "PARTNER"
    COHABITANT = "COHABITANT"


@dataclass(frozen=True, slots=True, order=True, repr=False)
class Person:
    """One person of a message in one role; ``repr`` shows the role only."""

    niss: str
    role: Role

    def __post_init__(self) -> None:
        """Check the form.

        Raises:
            RecordError: the number is not 11 digits.
        """
        if not _NISS.fullmatch(self.niss):
            raise RecordError("a person's number is 11 digits")

    def __repr__(self) -> str:
        return f"Person(***********, {self.role})"


@dataclass(frozen=True, slots=True, repr=False)
class PrivatePart:
    """What only an auditor may read of a row.

    ``message_digest`` is the SHA-256 DigestValue of the signed Body (32 bytes), ``signed_info`` the canonical
    SignedInfo, ``certificate`` the SHA-256 of the signer's certificate (hex). ``real_user`` is known at the
    institution only, never at the gateway. Persons are kept sorted, each person and role once.
    """

    persons: tuple[Person, ...] = ()
    file_reference: str | None = None
    real_user: str | None = None
    message_digest: bytes | None = None
    signed_info: bytes | None = None
    signature_value: bytes | None = None
    certificate: str | None = None

    def __post_init__(self) -> None:
        """Sort the persons and check the digest's length.

        Raises:
            RecordError: the message digest is not 32 bytes.
        """
        object.__setattr__(self, "persons", tuple(sorted(set(self.persons))))
        if self.message_digest is not None and len(self.message_digest) != DIGEST_BYTES:
            raise RecordError("a message digest is 32 bytes")

    def __repr__(self) -> str:
        return f"PrivatePart({len(self.persons)} persons)"

    def encode(self) -> bytes:
        """Return the canonical bytes: UTF-8 JSON, keys sorted, no spaces, bytes in Base64, digests in hex."""
        content: dict[str, object] = {
            "certificate": self.certificate,
            "fileReference": self.file_reference,
            "messageDigest": self.message_digest.hex() if self.message_digest is not None else None,
            "persons": [{"niss": person.niss, "role": person.role.value} for person in self.persons],
            "realUser": self.real_user,
            "signatureValue": _text64(self.signature_value),
            "signedInfo": _text64(self.signed_info),
        }
        present = {name: value for name, value in content.items() if value is not None}
        text = json.dumps(present, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise RecordError("a private value is no Unicode text") from error


def _text64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode("ascii")


def _bytes64(value: str | None) -> bytes | None:
    return None if value is None else b64decode(value, validate=True)


def parse_private(raw: bytes) -> PrivatePart:
    """Return the private part that ``raw`` spells, only where ``raw`` is its canonical spelling.

    Raises:
        RecordError: not JSON, not valid, or another spelling.
    """
    try:
        content: dict[str, Any] = json.loads(raw.decode("utf-8"))
        digest = content.get("messageDigest")
        part = PrivatePart(
            persons=tuple(Person(entry["niss"], Role(entry["role"])) for entry in content["persons"]),
            file_reference=content.get("fileReference"),
            real_user=content.get("realUser"),
            message_digest=None if digest is None else bytes.fromhex(digest),
            signed_info=_bytes64(content.get("signedInfo")),
            signature_value=_bytes64(content.get("signatureValue")),
            certificate=content.get("certificate"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # not chained: these errors show the value that they stumbled over
        raise RecordError("not a private part") from None
    if part.encode() != raw:
        raise RecordError("not the canonical spelling of a private part")
    return part


def commitment(salt: bytes, private_bytes: bytes) -> bytes:
    """Return SHA-256(salt ‖ private part), the 32 bytes by which a record binds its private part.

    Raises:
        RecordError: the salt is not 16 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise RecordError("a salt is 16 bytes")
    return sha256(salt + private_bytes).digest()
