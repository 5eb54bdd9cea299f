"""The CPAS's own consultation log: the same package, the same records as the gateway's.

Every row is committed before the message that it speaks of leaves or is shown.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from sqlalchemy import MetaData
from sqlalchemy.exc import SQLAlchemyError

from rse_cpas_stub.errors import LogUnwritable, SetupRefused
from rse_cpas_stub.identity import certificate_digest
from rse_cpas_stub.signature import Proof
from rse_gateway.trail import EntryMaker, HmacSearchKey, Kind, MonthKeys, Person, PrivatePart, TrailError
from rse_gateway.trail.sql import ConsultationLog, sqlite_log_engine, trail_tables

_SECRET_BYTES = 32


class OwnLog:
    """One institution's log in a SQLite file; safe between threads and between ``serve`` and ``ask``."""

    def __init__(self, log: ConsultationLog, maker: EntryMaker, clock: Callable[[], datetime]) -> None:
        """Take the log, the maker of its rows and the clock (UTC)."""
        self.consultations = log
        self._maker = maker
        self._clock = clock

    def write(
        self,
        kind: Kind,
        fields: Mapping[str, str | None],
        proof: Proof,
        *,
        persons: tuple[Person, ...] = (),
        file_reference: str | None = None,
        real_user: str | None = None,
    ) -> None:
        """Commit one row about a signed message; fields that are None are left out.

        Raises:
            LogUnwritable: the row is not stored, so the message may not leave or be shown.
        """
        digest = certificate_digest(proof.certificate)
        private = PrivatePart(
            persons=persons,
            file_reference=file_reference,
            real_user=real_user,
            message_digest=proof.body_digest,
            signed_info=proof.signed_info,
            signature_value=proof.signature_value,
            certificate=digest,
        )
        known = {name: value for name, value in fields.items() if value}
        try:
            entry = self._maker.make(kind, self._clock(), {**known, "certificate": digest}, private)
            self.consultations.append([entry])
        except (TrailError, SQLAlchemyError, OSError):
            # not chained: a database error shows the row
            raise LogUnwritable("the consultation log cannot be written") from None


def open_log(
    path: Path, *, cbe_number: str, environment: str, auditor_key: Path, clock: Callable[[], datetime]
) -> OwnLog:
    """Return the log in the file ``path``, made when it is new; its search key stands beside it (mode 0600).

    Raises:
        SetupRefused: the auditor's public key, the search key or the file cannot be used.
    """
    search_key = HmacSearchKey("local-1", _search_secret(path.with_name(path.name + ".search-key")))
    try:
        engine = sqlite_log_engine(path)
        tables = trail_tables(MetaData())
        tables.entries.metadata.create_all(engine)
        log = ConsultationLog(engine, tables)
        keys = MonthKeys([load_auditor_key(auditor_key)], log.save_month_keys)
    except SQLAlchemyError as error:
        raise SetupRefused(f"the log {path} cannot be opened") from error
    maker = EntryMaker(f"{cbe_number}/1", environment, month_keys=keys, search_key=search_key)
    return OwnLog(log, maker, clock)


def read_log(path: Path) -> ConsultationLog:
    """Return the existing log in the file ``path``, for reading: no key is needed.

    Raises:
        SetupRefused: there is no such file.
    """
    if not path.is_file():
        raise SetupRefused(f"there is no log {path}")
    return ConsultationLog(sqlite_log_engine(path), trail_tables(MetaData()))


def _search_secret(path: Path) -> bytes:
    """Return the secret that the file spells; a new one is written whole before it gets that name."""
    new = path.with_name(f"{path.name}.{uuid4()}")
    try:
        if not path.exists():
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another program was first: its secret counts
                os.link(new, path)
        return bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise SetupRefused(f"the search key {path} cannot be made or read") from error
    finally:
        new.unlink(missing_ok=True)


def load_auditor_key(path: Path) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """Return the auditor's public key from a PEM file: a public key or a certificate.

    Raises:
        SetupRefused: unreadable, or neither P-256 nor RSA.
    """
    try:
        raw = path.read_bytes()
        if b"BEGIN CERTIFICATE" in raw:
            key: object = x509.load_pem_x509_certificate(raw).public_key()
        else:
            key = load_pem_public_key(raw)
    except (OSError, ValueError) as error:
        raise SetupRefused(f"no auditor's key can be read from {path}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise SetupRefused("the auditor's key is neither P-256 nor RSA")
    return key


def load_auditor_private_key(path: Path) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    """Return the auditor's private key from a PEM file without password.

    Raises:
        SetupRefused: unreadable, or neither P-256 nor RSA.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SetupRefused(f"no auditor's private key can be read from {path}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SetupRefused("the auditor's key is neither P-256 nor RSA")
    return key
