"""One ``[[institution]]`` of an institutions file, with its keys, rights and mandates.

Format: ``docs/reference/import-files.md``.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from rse_gateway.domain.access import OPERATION_ROLES, Institution, Right
from rse_gateway.domain.bounds import MAX_NAME, MAX_TELEPHONE
from rse_gateway.domain.quota import MAX_QUOTA, NO_BOUND, Quotas, RegisteredQuota
from rse_gateway.errors import SetupError
from rse_gateway.registration.certificates import CertificateRules, CertifiedKey, read_certificate
from rse_gateway.registration.fields import Fields
from rse_gateway.registration.problems import Problem
from rse_gateway.registration.toml_lines import TomlLines
from rse_gateway.security.trust import Profile
from rse_gateway.store.registration import InstitutionRecord, KeyRecord, Mandate

OPERATIONS = frozenset(OPERATION_ROLES) | {
    "searchConsultations",
    "getCheckpoint",
    "getProof",
    "reconcileTrail",
}
MANDATE_OPERATIONS = OPERATIONS | {"provideSocialReport", "receiveSocialReport"}
"""What may be signed for another: also the answers to what the gateway itself calls."""
KEY_ROLES = frozenset({"cpas", "institution-auditor", "hub-auditor", "statistics"})
LANGUAGES = frozenset({"FR", "NL", "DE", "EN"})
PROFILES = frozenset({"strict", "toolkit"})
LEGAL_CONTEXT = r"(?=.{3,64}$)[A-Z0-9_]+:[A-Z0-9_]+"
TELEPHONE = r"[0-9+][0-9 /.()\-]{2,29}"
_MAX_CONTACT = 256


class InstitutionReader:
    """Reads one ``[[institution]]``."""

    def __init__(
        self,
        table: dict[str, Any],
        number: int,
        lines: TomlLines,
        folder: Path,
        judge: Callable[[str], str | None],
        now: datetime,
        rules: CertificateRules,
    ) -> None:
        """Take the table, its place (0-based), and what its values are checked against."""
        self._rules = rules
        self._number, self._lines, self._folder, self._now = number, lines, folder, now
        self._judge = judge
        section = f"institution {number + 1}"
        cbe_number = Fields(dict(table), section, lambda _name: 0).cbe("cbe_number")
        self._name = f"{section} ({cbe_number})" if cbe_number is not None else section
        self._cbe_number = cbe_number
        self._fields = Fields(table, self._name, lambda name: lines.of_field(number, name))
        self._nested: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        """What was found wrong, in the order of the file's lines."""
        return sorted([*self._fields.problems, *self._nested], key=lambda problem: problem.line)

    def read(self) -> InstitutionRecord | None:
        """Return the record, or None where something is wrong."""
        fields = self._fields
        cbe_number = fields.cbe("cbe_number", required=True)
        keys, rights = self._keys(), self._rights()
        mandates = self._mandates()
        profile = fields.choice("profile", PROFILES, "strict")
        quotas = self._quotas()
        maintenance_until = fields.moment("maintenance_until")
        successor, successor_since = fields.cbe("successor"), fields.day("successor_since")
        if (successor is None) != (successor_since is None) and not fields.problems:
            fields.wrong("successor", "successor and successor_since together expected")
        if successor is not None and successor == cbe_number:
            fields.wrong("successor", "another institution expected")
        identity = self._identity(rights)
        fields.nothing_else()
        if self.problems or identity is None:
            return None
        return InstitutionRecord(
            institution=identity,
            keys=keys,
            mandates=mandates,
            profile=cast("Profile", profile),
            quotas=quotas,
            maintenance_until=maintenance_until,
            successor=successor,
            successor_since=successor_since,
        )

    def _quotas(self) -> Quotas:
        fields = self._fields
        read = Quotas(self._quota("quota"), self._quota("register_quota"), fields.day("register_quota_until"))
        if (read.lines is None) != (read.lines_until is None) and not fields.problems:
            fields.wrong("register_quota", "register_quota and register_quota_until together expected")
        return read

    def _quota(self, name: str) -> RegisteredQuota:
        value = self._fields.any(name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is None or value == NO_BOUND or (whole and 0 <= value <= MAX_QUOTA):
            return cast("RegisteredQuota", value)
        self._fields.wrong(name, f'a whole number from 0 to {MAX_QUOTA} expected, or "{NO_BOUND}"')
        return None

    def _identity(self, rights: tuple[Right, ...]) -> Institution | None:
        fields = self._fields
        name_fr = fields.text("name_fr", MAX_NAME, required=True)
        name_nl = fields.text("name_nl", MAX_NAME, required=True)
        exempt_from, exempt_until = fields.day("exempt_from"), fields.day("exempt_until")
        if exempt_from is not None and exempt_until is None:
            fields.wrong("exempt_until", "an exemption has a last day")
        fields.in_order("exempt_from", exempt_from, "exempt_until", exempt_until)
        telephone = fields.text("telephone", MAX_TELEPHONE, form=TELEPHONE)
        language = fields.choice("language", LANGUAGES)
        contact = fields.text("contact", _MAX_CONTACT)
        endpoint = fields.address("endpoint", self._judge)
        receiver_endpoint = fields.address("receiver_endpoint", self._judge)
        if self._cbe_number is None or name_fr is None or name_nl is None:
            return None
        return Institution(
            self._cbe_number,
            name_fr,
            name_nl,
            telephone=telephone,
            language=language,
            contact=contact,
            endpoint=endpoint,
            receiver_endpoint=receiver_endpoint,
            exempt_from=exempt_from,
            exempt_until=exempt_until,
            rights=rights,
        )

    def _nested_tables(self, name: str) -> list[Fields]:
        made = []
        for at, table in enumerate(self._fields.tables(name)):
            line_of = self._line_in(name, at)
            made.append(Fields(table, f"{self._name}, {name} {at + 1}", line_of))
        return made

    def _line_in(self, table: str, at: int) -> Callable[[str], int]:
        return lambda name: self._lines.of_nested(self._number, table, at, name)

    def _rights(self) -> tuple[Right, ...]:
        found: list[Right] = []
        for fields in self._nested_tables("rights"):
            operations = fields.choices("operations", OPERATIONS)
            contexts = fields.texts("legal_contexts", LEGAL_CONTEXT, "legal contexts ORGANISATION:PURPOSE")
            begin, end = fields.day("from"), fields.day("until")
            fields.in_order("from", begin, "until", end)
            fields.nothing_else()
            self._nested.extend(fields.problems)
            found.extend(Right(one, context, begin, end) for one in operations for context in contexts)
        return tuple(dict.fromkeys(found))

    def _mandates(self) -> tuple[Mandate, ...]:
        found: list[Mandate] = []
        for fields in self._nested_tables("mandates"):
            operations = fields.choices("operations", MANDATE_OPERATIONS)
            cpas = fields.cbe("cpas", required=True)
            begin, end = fields.day("from"), fields.day("until")
            fields.in_order("from", begin, "until", end)
            fields.nothing_else()
            self._nested.extend(fields.problems)
            if cpas is not None:
                found.extend(Mandate(cpas, one, begin, end) for one in operations)
        return tuple(dict.fromkeys(found))

    def _keys(self) -> tuple[KeyRecord, ...]:
        found: list[KeyRecord | None] = []
        listed = self._fields.any("certificates")
        if listed is not None and (
            not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed)
        ):
            self._fields.wrong("certificates", "a list of PEM files expected")
            listed = None
        for name in listed or ():
            short = Fields({"certificate": name}, self._name, self._line_in("certificates", 0))
            found.append(self._key(short))
        found.extend(self._key(fields) for fields in self._nested_tables("key"))
        return tuple(key for key in found if key is not None)

    def _key(self, fields: Fields) -> KeyRecord | None:
        key_id, certificate, starts = self._identified(fields)
        roles = fields.any("roles")
        if roles is not None:
            wanted = Fields({"roles": roles}, "", lambda _name: 0).choices("roles", KEY_ROLES)
            if not wanted:
                fields.wrong("roles", f"a list expected, of {', '.join(sorted(KEY_ROLES))}")
            roles = wanted
        starts = fields.moment("active_from") or starts
        ends = fields.moment("active_until")
        profile = fields.choice("profile", PROFILES)
        if starts is None and key_id is not None:
            fields.wrong("active_from", "missing; a moment expected, because no certificate is given")
        fields.in_order("active_from", starts, "active_until", ends)
        fields.nothing_else()
        self._nested.extend(fields.problems)
        if fields.problems or key_id is None or starts is None:
            return None
        return KeyRecord(
            key_id, frozenset(roles or ("cpas",)), starts, ends, cast("Profile | None", profile),
            certificate,
        )  # fmt: skip

    def _identified(self, fields: Fields) -> tuple[str | None, bytes | None, datetime | None]:
        """Return the key's id, its certificate (DER) and from when it is valid."""
        certificate, key_id = fields.any("certificate"), fields.text("key_id", 64, form=r"[0-9a-f]{64}")
        if (certificate is None) == (key_id is None):
            if not fields.problems:
                fields.wrong("certificate", "either certificate (a PEM file) or key_id expected")
            return None, None, None
        if certificate is None:
            if key_id in self._rules.hub_keys:
                fields.wrong("key_id", "a key of this institution expected, not the hub's own")
            return key_id, None, None
        read = self._read_certificate(certificate, fields)
        if read is None:
            return None, None, None
        for reason in read.reasons:
            fields.wrong("certificate", reason.text)
        if read.institution is not None and self._cbe_number not in (None, read.institution):
            fields.wrong("certificate", "a certificate expected whose subject names this institution")
        return read.key_id, read.certificate, read.not_before

    def _read_certificate(self, name: object, fields: Fields) -> CertifiedKey | None:
        if not isinstance(name, str) or not name or "\0" in name:
            fields.wrong("certificate", "the name of a PEM file expected")
            return None
        try:
            return read_certificate(self._folder / name, self._rules, self._now)
        except SetupError as error:
            fields.wrong("certificate", _reason(error))
            return None


def _reason(error: SetupError) -> str:
    """Return the error's text without the name of the file, which is a value of the import file."""
    return str(error).rsplit(": ", maxsplit=1)[-1]
