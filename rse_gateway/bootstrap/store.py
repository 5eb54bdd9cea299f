"""From settings to store and log: what commands and servers both need.

Nothing here decides anything; every object gets what it needs passed in. Build after the fork: engines and
writer threads do not survive one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import Engine

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.adapters.encryption import DataKeys, load_master_key
from rse_gateway.errors import SetupError
from rse_gateway.ports import Clock
from rse_gateway.settings import Settings
from rse_gateway.store.engine import open_engine
from rse_gateway.store.log_rows import save_month_keys
from rse_gateway.store.tables import TRAIL
from rse_gateway.trail.entry import EntryMaker
from rse_gateway.trail.month_keys import AuditorPublicKey, MonthKeys, WrappedKey
from rse_gateway.trail.sql.log import ConsultationLog

HUB_LOG_ID = "hub/1"


@dataclass(frozen=True, slots=True, repr=False)
class Store:
    """The database and the keys of what stands sealed in it; nothing is connected before it is used."""

    engine: Engine
    keys: DataKeys
    clock: Clock


@dataclass(frozen=True, slots=True, repr=False)
class HubLog:
    """The hub's consultation log: who may read its private parts, what makes its rows, where they are."""

    auditors: tuple[x509.Certificate, ...]
    maker: EntryMaker
    log: ConsultationLog


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name.

    Raises:
        SetupError: the database URL or the master key is wrong.
    """
    return Store(
        engine=open_engine(settings.database),
        keys=DataKeys(load_master_key(settings.master_key)),
        clock=SystemClock(),
    )


def hub_log(settings: Settings, store: Store) -> HubLog:
    """Return the hub's log in that store; its private parts are wrapped for the configured auditors.

    Raises:
        SetupError: the auditors' certificates cannot be read, or a key cannot be used.
    """
    auditors = load_auditors(settings)

    def save(wrapped: Sequence[WrappedKey]) -> None:
        save_month_keys(store.engine, wrapped)

    maker = EntryMaker(
        HUB_LOG_ID,
        settings.environment,
        month_keys=MonthKeys([_auditor_key(one) for one in auditors], save),
        search_key=store.keys.search_key,
    )
    return HubLog(auditors, maker, ConsultationLog(store.engine, TRAIL))


def load_auditors(settings: Settings) -> tuple[x509.Certificate, ...]:
    """Return the certificates of those who may read the log's private parts, at least one.

    Raises:
        SetupError: the file cannot be read, or holds no certificate.
    """
    path = settings.auditor_certificates
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise SetupError(f"auditor certificates {path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SetupError(f"auditor certificates {path}: PEM certificates expected, at least one") from error


def _auditor_key(certificate: x509.Certificate) -> AuditorPublicKey:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise SetupError("auditor certificates: a key is neither P-256 nor RSA of at least 2048 bits")
