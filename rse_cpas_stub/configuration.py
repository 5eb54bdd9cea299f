"""Where a stub finds its number, keys, files and gateway: a TOML file, options of the command, or both.

An option wins over the file. Paths in the file are relative to the file.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rse_cpas_stub.errors import SetupRefused, SignatureRefused
from rse_cpas_stub.identity import (
    Identity,
    Trust,
    institution_of,
    key_digest,
    load_certificates,
    load_identity,
)
from rse_cpas_stub.log import OwnLog, open_log

ENVIRONMENTS = ("test", "acpt", "prod")
_PATHS = frozenset(
    {
        "key",
        "certificate",
        "trusted_ca",
        "gateway_certificate",
        "log",
        "persons",
        "auditor_key",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the stub; None = not set. Names are those of the TOML keys and of the options."""

    cbe_number: str | None = None
    key: Path | None = None
    certificate: Path | None = None
    environment: str = "test"
    gateway_url: str | None = None
    gateway_certificate: Path | None = None
    gateway_number: str | None = None
    trusted_ca: Path | None = None
    log: Path | None = None
    persons: Path | None = None
    auditor_key: Path | None = None

    def path(self, name: str) -> Path:
        """Return the path ``name``.

        Raises:
            SetupRefused: it is not set.
        """
        value = getattr(self, name)
        if not isinstance(value, Path):
            raise SetupRefused(f"--{name.replace('_', '-')} is needed (or {name} in the configuration file)")
        return value

    def text(self, name: str) -> str:
        """Return the text setting ``name``.

        Raises:
            SetupRefused: it is not set.
        """
        value = getattr(self, name)
        if not isinstance(value, str):
            raise SetupRefused(f"--{name.replace('_', '-')} is needed (or {name} in the configuration file)")
        return value

    def identity(self) -> Identity:
        """Return who we are.

        Raises:
            SetupRefused: a setting or file is missing or wrong.
        """
        return load_identity(self.text("cbe_number"), self.path("key"), self.path("certificate"))

    def gateway(self) -> Trust:
        """Return whom we believe as the gateway: its certificate, its authority, or both.

        Raises:
            SetupRefused: neither is set, or the gateway's number is not known.
        """
        keys: frozenset[str] = frozenset()
        number = self.gateway_number
        if self.gateway_certificate is not None:
            certificates = load_certificates(self.gateway_certificate)
            keys = frozenset(key_digest(certificate) for certificate in certificates)
            try:
                number = number or institution_of(certificates[0])
            except SignatureRefused as error:
                raise SetupRefused(f"{self.gateway_certificate}: {error}") from error
        if number is None:
            raise SetupRefused("--gateway-certificate or --gateway-number is needed")
        authorities = () if self.trusted_ca is None else load_certificates(self.trusted_ca)
        return Trust(number, authorities, keys)

    def own_log(self, clock: Callable[[], datetime]) -> OwnLog:
        """Return our consultation log.

        Raises:
            SetupRefused: a setting or file is missing or wrong.
        """
        return open_log(
            self.path("log"),
            cbe_number=self.text("cbe_number"),
            environment=self.environment,
            auditor_key=self.path("auditor_key"),
            clock=clock,
        )


def utc_now() -> datetime:
    """Return the time of this machine, UTC."""
    return datetime.now(UTC)


def read_settings(file: Path | None, options: Mapping[str, Any]) -> Settings:
    """Return the settings of ``file``, each replaced by the option of its name where one was given.

    Raises:
        SetupRefused: the file cannot be read, or holds an unknown name or a value that is no text.
    """
    known = {item.name for item in fields(Settings)}
    values: dict[str, Any] = {} if file is None else _from_file(file, known)
    values.update({name: value for name, value in options.items() if name in known and value is not None})
    environment = values.get("environment", "test")
    if environment not in ENVIRONMENTS:
        raise SetupRefused(f"environment is one of {', '.join(ENVIRONMENTS)}")
    return Settings(**values)


def _from_file(file: Path, known: set[str]) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetupRefused(f"the configuration {file} cannot be read") from error
    for name, value in content.items():
        if name not in known or not isinstance(value, str):
            raise SetupRefused(f"{file}: {name} is no setting, or its value is no text")
    return {name: file.parent / value if name in _PATHS else value for name, value in content.items()}
