"""Where a stub finds its number, keys, files and gateway: TOML files, options of the command, or both.

An option wins over a file. Paths in a file are relative to the file. A file describes one CPAS, or several in
``[[cpas]]`` tables: what stands above the tables holds for each of them, and a table wins.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rse_cpas_stub.errors import SetupRefused, SignatureRefused
from rse_cpas_stub.failures import DRIP_RATE, REFUSAL_CODE, DeliveryVariant, Failure, Switches
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
        "received",
        "other_key",
        "other_certificate",
    }
)
_NUMBERS: dict[str, type[int] | type[float]] = {
    "port": int,
    "drip_rate": int,
    "delay": float,
    "promise": float,
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "environment": ENVIRONMENTS,
    "fail": tuple(Failure),
    "deliver": tuple(DeliveryVariant),
}
_TABLES = "cpas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of one CPAS; None = not set. Names are those of the TOML keys and of the options."""

    cbe_number: str | None = None
    signing_number: str | None = None
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
    received: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    path: str | None = None
    fail: str | None = None
    delay: float = 0.0
    promise: float | None = None
    deliver: str = DeliveryVariant.ONCE.value
    refuse_code: str = REFUSAL_CODE
    drip_rate: int = DRIP_RATE
    other_key: Path | None = None
    other_certificate: Path | None = None

    def file(self, name: str) -> Path:
        """Return the file that the setting ``name`` names.

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
        return load_identity(
            self.text("cbe_number"), self.file("key"), self.file("certificate"), self.signing_number
        )

    def wrong_signer(self) -> Identity | None:
        """Return the other institution that signs on purpose (``wrong-signer``), where one is set.

        Raises:
            SetupRefused: only one of its two files is set, or they cannot be used.
        """
        if self.other_key is None and self.other_certificate is None:
            return None
        certificate = self.file("other_certificate")
        try:
            number = institution_of(load_certificates(certificate)[0])
        except SignatureRefused as error:
            raise SetupRefused(f"{certificate}: {error}") from error
        return load_identity(number, self.file("other_key"), certificate)

    def switches(self) -> Switches:
        """Return how the CPAS misbehaves on purpose."""
        return Switches(
            failure=None if self.fail is None else Failure(self.fail),
            delay=self.delay,
            promise=self.promise,
            deliver=DeliveryVariant(self.deliver),
            refuse_code=self.refuse_code,
            drip_rate=self.drip_rate,
        )

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
            self.file("log"),
            cbe_number=self.text("cbe_number"),
            environment=self.environment,
            auditor_key=self.file("auditor_key"),
            clock=clock,
        )


def utc_now() -> datetime:
    """Return the time of this machine, UTC."""
    return datetime.now(UTC)


def read_settings(file: Path | None, options: Mapping[str, Any]) -> Settings:
    """Return the settings of one CPAS: those of ``file``, each replaced by the option of its name.

    In a file of several CPAS the option ``cbe_number`` says which one.

    Raises:
        SetupRefused: as ``read_all_settings``, or the file describes several CPAS and none is chosen.
    """
    every = read_all_settings(() if file is None else (file,), options)
    if len(every) != 1:
        raise SetupRefused(f"{file} describes {len(every)} CPAS: choose one with --cbe-number")
    return every[0]


def read_all_settings(files: Sequence[Path], options: Mapping[str, Any]) -> tuple[Settings, ...]:
    """Return the settings of every CPAS that the files describe, in their order; options hold for each.

    Raises:
        SetupRefused: a file cannot be read, holds an unknown name or a wrong value, or lacks the CPAS chosen.
    """
    given = {name: value for name, value in options.items() if name in _KNOWN and value is not None}
    described = [table for file in files for table in _from_file(file)] or [{}]
    several = len(described) > 1
    if several and "cbe_number" in given:
        described = [table for table in described if table.get("cbe_number") == given["cbe_number"]]
        if not described:
            raise SetupRefused(f"no CPAS {given['cbe_number']} in the configuration")
    return tuple(_settings({**table, **given}) for table in described)


def _settings(values: Mapping[str, Any]) -> Settings:
    for name, choices in _CHOICES.items():
        if values.get(name, choices[0]) not in choices:
            raise SetupRefused(f"{name} is one of {', '.join(choices)}")
    return Settings(**values)


def _from_file(file: Path) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetupRefused(f"the configuration {file} cannot be read") from error
    tables = content.pop(_TABLES, [{}])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SetupRefused(f"{file}: several CPAS stand in [[{_TABLES}]] tables")
    return [_read(file, {**content, **table}) for table in tables]


def _read(file: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in content.items():
        number = _NUMBERS.get(name)
        if name not in _KNOWN:
            raise SetupRefused(f"{file}: {name} is no setting")
        if number is None and isinstance(value, str):
            values[name] = file.parent / value if name in _PATHS else value
        elif number is not None and _fits(value, number):
            values[name] = number(value)
        else:
            raise SetupRefused(f"{file}: the value of {name} is no {'text' if number is None else 'number'}")
    return values


def _fits(value: object, number: type[int] | type[float]) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return (whole or (number is float and isinstance(value, float))) and 0 <= float(str(value)) <= _MAX


_KNOWN = frozenset(item.name for item in fields(Settings))
_MAX = 86_400
