"""Settings: one frozen object, read once from a TOML file and ``RSE_…`` variables, passed to who needs it.

The only module that reads the environment. Every setting is documented in `docs/reference/settings.md`; a
test compares. Security windows (300 s freshness, 24 h replay, call timeouts) are no settings: nobody may
widen them by mistake.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from rse_gateway.domain.bounds import MAX_QUALITY_CODE
from rse_gateway.domain.directory import HOLDING_CODES, INTEGRATION_CODES
from rse_gateway.domain.quota import MAX_QUOTA
from rse_gateway.errors import SettingsRefused, SetupError
from rse_gateway.security.allowed_hosts import AllowedHosts

ENVIRONMENTS = ("test", "acpt", "prod")
BOUNDS = {
    "port": (0, 65_535),
    "processes": (1, 64),
    "threads": (1, 512),
    "connections_per_address": (1, 700),
    "outbound_calls": (1, 512),
    "waiting_requests": (1, 10_000),
    "collect_window": (0, 60),
    "period_years": (1, 5),
    "decision_years": (1, 5),
    "default_quota": (0, MAX_QUOTA),
    "default_register_quota": (0, MAX_QUOTA),
    "reminder_deadline": (1, 86_400),
    "reminder_horizon": (1, 90 * 86_400),
}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CODES = ("holding_codes", "integration_codes")
_PREFIX = "RSE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one gateway, with their defaults. Paths are relative to the settings file.

    Attributes:
        environment: test, acpt or prod; stands in every message.
        cbe_number: enterprise number of the hub itself; the institution that its certificate names.
        database: SQLAlchemy URL; ``sqlite:///file`` or ``postgresql+psycopg://…``.
        host, port: address to listen on (plain http: loopback, or behind a reverse proxy).
        public_url: address that the WSDL shows (empty = from the request's Host header).
        connections_per_address: connections of one client at the same time, per web process.
        proxy_addresses: of reverse proxies, with commas; they stand for many clients and have no such bound.
        processes: web processes. threads: threads per web process (one per question that waits).
        message_key, message_certificate: PEM files; the key signs every answer.
        trusted_cas: PEM file of the CAs whose certificates institutions use.
        subject_rule: ``ou`` or ``organization_identifier``: where those CAs put the BCE number.
        master_key: file of 32 random bytes (64 hex digits) from which all data keys are derived.
        auditor_certificates: PEM file; the trail's month keys are wrapped for these auditors.
        collect_window: seconds that a consultation waits for its holding CPAS (at most).
        decision_years: oldest decision that is passed on, in years.
        period_years: how far back a period may reach, in years.
        holding_codes: quality codes of directory lines whose CPAS is asked.
        integration_codes: quality codes of directory lines that give their CPAS the right to ask.
        default_quota: accepted consultations an hour of who has no ``quota`` in the registry.
        default_register_quota: new lines by message an hour of who has no ``register_quota`` there.
        allowed_hosts: names, ``*.suffix`` and blocks that may be called (empty = every public address).
        outbound_calls: calls to holding CPAS at the same time, per process.
        reminder_deadline, reminder_horizon: seconds from acceptance.
        waiting_requests: requests that may wait in one process before 503.
        log_level: level of the operator's log.
    """

    environment: str = "test"
    cbe_number: str = ""
    database: str = "sqlite:///rse-gateway.sqlite"
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    connections_per_address: int = 64
    proxy_addresses: str = "127.0.0.1, ::1"
    processes: int = 2
    threads: int = 128
    message_key: Path = Path("keys/gateway.key.pem")
    message_certificate: Path = Path("keys/gateway.cert.pem")
    trusted_cas: Path = Path("keys/trusted-cas.pem")
    subject_rule: str = "ou"
    master_key: Path = Path("keys/master.key")
    auditor_certificates: Path = Path("keys/auditors.pem")
    collect_window: int = 5
    decision_years: int = 5
    period_years: int = 5
    holding_codes: frozenset[int] = HOLDING_CODES
    integration_codes: frozenset[int] = INTEGRATION_CODES
    default_quota: int = 120
    default_register_quota: int = 120
    allowed_hosts: tuple[str, ...] = ()
    outbound_calls: int = 64
    reminder_deadline: int = 86_400
    reminder_horizon: int = 30 * 86_400
    waiting_requests: int = 200
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        """Refuse what cannot be right.

        Raises:
            SettingsRefused: every setting and pair of settings that is wrong, and what was expected.
        """
        problems = [*self._problems(), *self._problems_of_pairs()]
        if problems:
            raise SettingsRefused(problems)

    def _problems(self) -> Iterator[str]:
        if self.environment not in ENVIRONMENTS:
            yield f"setting environment: one of {', '.join(ENVIRONMENTS)} expected"
        if self.subject_rule not in ("ou", "organization_identifier"):
            yield "setting subject_rule: ou or organization_identifier expected"
        if self.log_level not in LOG_LEVELS:
            yield f"setting log_level: one of {', '.join(LOG_LEVELS)} expected"
        if self.environment == "prod" and self.host not in LOOPBACK:
            yield f"setting host: one of {', '.join(LOOPBACK)} expected in prod, behind a proxy with TLS"
        try:
            AllowedHosts.of(self.allowed_hosts, self.environment)
        except SetupError as error:
            yield str(error)
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                yield f"setting {name}: a whole number from {least} to {most} expected"

        for address in self.proxies:
            try:
                ip_address(address)
            except ValueError:
                yield "setting proxy_addresses: IP addresses with commas expected"

    def _problems_of_pairs(self) -> Iterator[str]:
        if self.reminder_deadline > self.reminder_horizon:
            yield "settings reminder_deadline and reminder_horizon: the deadline stands before the horizon"
        if self.message_key == self.message_certificate:
            yield "settings message_key and message_certificate: two files expected"

    @property
    def proxies(self) -> tuple[str, ...]:
        """Return the addresses of reverse proxies."""
        return tuple(one.strip() for one in self.proxy_addresses.split(",") if one.strip())


def load_settings(file: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of ``file`` (TOML) overridden by ``RSE_<NAME>`` variables.

    Raises:
        SetupError: which file, which setting, what was expected.
    """
    values: dict[str, Any] = {}
    folder = Path()
    if file is not None:
        values.update(_from_file(file))
        folder = file.parent
    environ = os.environ if environ is None else environ
    known = {field.name: field.type for field in fields(Settings)}
    for name in known:
        if (text := environ.get(_PREFIX + name.upper())) is not None:
            values[name] = text
    problems = [
        f"setting {name}: no such setting (see docs/reference/settings.md)"
        for name in values
        if name not in known
    ]
    try:
        settings = settings_of({name: value for name, value in values.items() if name in known}, folder)
    except SettingsRefused as error:
        raise SettingsRefused([*problems, *error.problems]) from None
    if problems:
        raise SettingsRefused(problems)
    return settings


def settings_of(values: Mapping[str, object], folder: Path = Path()) -> Settings:
    """Return the settings that plain values (of TOML, of JSON, or text) stand for.

    Raises:
        SettingsRefused: every setting that is wrong, and what was expected.
    """
    known = {field.name: field.type for field in fields(Settings)}
    problems: list[str] = []
    converted: dict[str, Any] = {}
    for name, value in values.items():
        try:
            converted[name] = _convert(name, known[name], value, folder)
        except SetupError as error:
            problems.append(str(error))
    try:
        settings = Settings(**converted)
    except SettingsRefused as error:
        raise SettingsRefused([*problems, *error.problems]) from None
    if problems:
        raise SettingsRefused(problems)
    return settings


def has_variables(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether any setting stands in the environment, so that no file is needed."""
    environ = os.environ if environ is None else environ
    return any(_PREFIX + field.name.upper() in environ for field in fields(Settings))


def plain_values(settings: Settings) -> dict[str, object]:
    """Return what `settings_of` reads back: texts, numbers and lists only."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"settings file {file}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"settings file {file}: not valid TOML ({error})") from error


def _convert(name: str, kind: object, value: object, folder: Path) -> Any:
    if kind is Path:
        return folder / str(value)
    if kind is int:
        try:
            return int(str(value))
        except ValueError:
            raise SetupError(f"setting {name}: a whole number expected") from None
    if kind == tuple[str, ...]:
        return _convert_list(name, value)
    if name in _CODES:
        return _codes_of(name, value)
    text = str(value)
    if name == "database" and text.startswith("sqlite:///") and not text.startswith("sqlite:////"):
        return f"sqlite:///{folder / text.removeprefix('sqlite:///')}"
    return text


def _codes_of(name: str, value: object) -> frozenset[int]:
    """Read ``[1, 2, 3]`` of a file, or ``1,2,3`` of a variable."""
    given = value if isinstance(value, list) else str(value).split(",")
    codes = [str(one).strip() for one in given]
    if not codes or not all(
        one.isascii() and one.isdigit() and int(one) <= MAX_QUALITY_CODE for one in codes
    ):
        raise SetupError(f"setting {name}: quality codes from 0 to {MAX_QUALITY_CODE} expected, at least one")
    return frozenset(int(one) for one in codes)


def _convert_list(name: str, value: object) -> tuple[str, ...]:
    """Return a list of texts: a TOML list, or in a variable texts with commas between them."""
    if isinstance(value, str):
        return tuple(one.strip() for one in value.split(",") if one.strip())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise SetupError(f"setting {name}: a list of texts expected")
