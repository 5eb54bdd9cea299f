"""``rse-gateway setup``: a folder with a working test environment: settings, keys, database."""

import json
import os
import secrets
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.adapters.encryption import DataKeys, load_master_key
from rse_gateway.cli.options import say
from rse_gateway.cli.outcome import Refused, SeveralRefused
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.security.certificate_names import number_named
from rse_gateway.security.certificates import judge_authority, judge_certificate
from rse_gateway.security.keys import load_certificate, load_private_key_unsafe
from rse_gateway.security.signing import MessageSigner
from rse_gateway.settings import load_settings
from rse_gateway.store.engine import open_engine
from rse_gateway.store.key_check import check_master_key
from rse_gateway.store.migrations import upgrade

EXPECTED = {
    "gateway.key.pem": ("test-gateway.key.pem", "private key of the gateway (P-256 or RSA, PEM, chmod 600)"),
    "gateway.cert.pem": ("test-gateway.cert.pem", "its certificate (PEM)"),
    "trusted-cas.pem": ("test-ca.cert.pem", "the CAs whose certificates institutions use (PEM)"),
    "auditors.pem": ("test-auditor.cert.pem", "certificates of the auditors who may read the log (PEM)"),
}
"""File in the folder's ``keys`` → name in a test PKI, and what it holds."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keys",
    "pki",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with a test PKI (samples/keys/make_test_keys.py makes one); its files are copied.",
)
@click.option("--cbe-number", help="BCE number of the hub. Default: the one that its certificate names.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to serve.")
@click.option(
    "--database",
    default="sqlite:///rse-gateway.sqlite",
    show_default=True,
    help="Database URL; a SQLite file stands in FOLDER.",
)
def setup(folder: Path, pki: Path | None, cbe_number: str | None, port: int, database: str) -> None:
    """Make FOLDER with a working test environment: settings, master key, keys, database.

    Nothing that is there already is changed: a folder that has a gateway.toml is refused.
    """
    file = folder / "gateway.toml"
    if file.exists():
        raise Refused(f"{file}: there already; nothing was changed")
    copies = {} if pki is None else _checked_copies(pki)
    hub = _hub_number(copies.get("gateway.cert.pem"), cbe_number)
    try:
        _write(folder, copies, _settings_text(hub, port, database))
    except OSError as error:
        raise Refused(f"{folder}: cannot be written ({error.strerror})") from error
    settings = load_settings(file, {})
    engine = open_engine(settings.database)
    upgrade(engine)
    check_master_key(engine, DataKeys(load_master_key(settings.master_key)))
    click.echo(str(file))
    if pki is None:
        say(f"Put these files into {folder / 'keys'} before you import or serve:")
        for name, (_, meaning) in EXPECTED.items():
            say(f"  {name:17} {meaning}")
    say(f"Next: rse-gateway --settings {file} institutions import FILE")


def _checked_copies(pki: Path) -> dict[str, Path]:
    copies = {name: pki / source for name, (source, _) in EXPECTED.items()}
    missing = [source.name for source in copies.values() if not source.is_file()]
    if missing:
        raise Refused(f"{pki}: no test PKI, these files are missing: {', '.join(missing)}")
    load_certificate(copies["auditors.pem"])
    certificate, now = load_certificate(copies["gateway.cert.pem"]), SystemClock().now()
    judged = {
        "gateway.cert.pem": judge_certificate(certificate, now, None).reasons,
        "trusted-cas.pem": judge_authority(load_certificate(copies["trusted-cas.pem"]), now),
    }
    against = [f"{copies[name]}: {one.text}" for name, reasons in judged.items() for one in reasons]
    if against:
        raise SeveralRefused([*against, "nothing was made"])
    MessageSigner(load_private_key_unsafe(copies["gateway.key.pem"]), certificate.public_bytes(Encoding.DER))
    return copies


def _hub_number(certificate: Path | None, given: str | None) -> str:
    if given is not None:
        try:
            return CbeNumber(given).value
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--cbe-number") from None
    named = None if certificate is None else number_named(load_certificate(certificate), ())
    return "" if named is None else named.value


def _settings_text(hub: str, port: int, database: str) -> str:
    return (
        "# Settings of a test gateway; docs/reference/settings.md explains every one.\n"
        'environment = "test"\n'
        f"cbe_number = {json.dumps(hub)}\n"
        f"database = {json.dumps(database)}\n"
        'host = "127.0.0.1"\n'
        f"port = {port}\n"
        'message_key = "keys/gateway.key.pem"\n'
        'message_certificate = "keys/gateway.cert.pem"\n'
        'trusted_cas = "keys/trusted-cas.pem"\n'
        'master_key = "keys/master.key"\n'
        'auditor_certificates = "keys/auditors.pem"\n'
    )


def _write(folder: Path, copies: dict[str, Path], settings: str) -> None:
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    master = keys / "master.key"
    if not master.exists():
        _create(master, secrets.token_hex(32).encode("ascii") + b"\n")
    for name, source in copies.items():
        target = keys / name
        if not target.exists():
            _create(target, source.read_bytes())
    _create(folder / "gateway.toml", settings.encode("utf-8"))


def _create(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
