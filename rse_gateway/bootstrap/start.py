"""What stands against starting: settings, files, keys, certificates, CAs, database, master key; all at once.

Asked once by `serve`, before it forks, so that a person mends everything in one go instead of one problem per
attempt, and no process meets it again. Rules: reliability page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography import x509

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.adapters.encryption import DataKeys, load_master_key
from rse_gateway.bootstrap.store import hub_log, load_auditors, open_store
from rse_gateway.bootstrap.trust import hub_keys, hub_number, refuse_registered_hub_key, subject_rule
from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.security.certificates import MALFORMED, judge_authority, judge_certificate
from rse_gateway.security.keys import load_certificate, signer_from_pem
from rse_gateway.settings import Settings
from rse_gateway.store.engine import open_engine
from rse_gateway.store.key_check import check_master_key
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.store.schema_version import is_current


def judge_start(settings: Settings) -> tuple[str, ...]:
    """Return every problem that an operator has to mend before this gateway can serve, one line each."""
    now = SystemClock().now()
    found: list[str] = []
    for judge in (_hub_certificate, _authorities):
        found.extend(judge(settings, now))
    with _noted(found):
        load_auditors(settings)
    keys: list[DataKeys] = []
    with _noted(found):
        keys.append(DataKeys(load_master_key(settings.master_key)))
    with _noted(found):
        _database(settings, keys)
    return tuple(dict.fromkeys(found))


@contextmanager
def _noted(found: list[str]) -> Iterator[None]:
    try:
        yield
    except (SetupError, GatewayUnavailable) as error:
        found.append(str(error))


def _hub_certificate(settings: Settings, now: datetime) -> list[str]:
    found: list[str] = []
    file = settings.message_certificate
    with _noted(found):
        reasons = judge_certificate(load_certificate(file), now, None, rule=subject_rule(settings)).reasons
        found.extend(f"setting message_certificate: {file}: {reason.text}" for reason in reasons)
        if not reasons:
            hub_number(settings)
    with _noted(found):
        signer_from_pem(settings.message_key, file)
    return found


def _authorities(settings: Settings, now: datetime) -> list[str]:
    file, production = settings.trusted_cas, settings.environment == "prod"
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        return [f"setting trusted_cas: {file}: cannot be read ({error.strerror})"]
    except MALFORMED:
        return [f"setting trusted_cas: {file}: PEM certificates expected, at least one"]
    return [
        f"setting trusted_cas: {file}: certificate {number}: {reason.text}"
        for number, certificate in enumerate(certificates, 1)
        for reason in judge_authority(certificate, now, production=production)
    ]


def _database(settings: Settings, keys: list[DataKeys]) -> None:
    engine = open_engine(settings.database)
    try:
        if not is_current(engine):
            raise SetupError("the database is not at this version: run rse-gateway database upgrade")
        if keys:
            check_master_key(engine, keys[0])
            refuse_registered_hub_key(SqlRegistry(engine), hub_keys(settings))
            hub_log(settings, open_store(settings))
    except GatewayUnavailable as error:
        raise SetupError(f"setting database: {error}: is it there, and may this account use it?") from error
    finally:
        engine.dispose()
