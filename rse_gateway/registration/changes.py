"""What an import changes about an institution: names of fields and ids of keys, never their values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from rse_gateway.store.registration import InstitutionRecord

_NAMES = {"consultations": "quota", "lines": "register_quota", "lines_until": "register_quota_until"}
"""The file's names of what the record calls otherwise."""
_NOT_OF_THE_FILE = frozenset({"cbe_number", "suspended"})


@dataclass(frozen=True, slots=True)
class InstitutionChange:
    """What changes about one institution.

    Attributes:
        new: nobody had the number before.
        fields: names of changed fields, as the file writes them, sorted.
        keys_added, keys_removed: key ids (SHA-256 of the SPKI, hex), sorted.
    """

    cbe_number: str
    new: bool
    fields: tuple[str, ...] = ()
    keys_added: tuple[str, ...] = ()
    keys_removed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Tell whether everything stays as it is."""
        return not (self.new or self.fields)

    def words(self) -> str:
        """Return what changes, in words of at most a few hundred characters."""
        return "registered" if self.new else f"changed {', '.join(self.fields)}"


def change_of(before: InstitutionRecord | None, after: InstitutionRecord) -> InstitutionChange:
    """Return what replacing ``before`` (None: not registered) by ``after`` changes."""
    number = after.institution.cbe_number.value
    had = frozenset() if before is None else frozenset(key.key_id for key in before.keys)
    has = frozenset(key.key_id for key in after.keys)
    keys = (tuple(sorted(has - had)), tuple(sorted(had - has)))
    if before is None:
        return InstitutionChange(number, True, (), *keys)
    old, new = _values(before), _values(after)
    changed = sorted(name for name, value in new.items() if value != old[name])
    return InstitutionChange(number, False, tuple(changed), *keys)


def _values(record: InstitutionRecord) -> Mapping[str, Any]:
    """Return every value of a record by its name in the file; lists without their order."""
    found: dict[str, Any] = {}
    for part in (record.institution, record.quotas, record):
        for one in fields(part):
            value = getattr(part, one.name)
            found[_NAMES.get(one.name, one.name)] = frozenset(value) if isinstance(value, tuple) else value
    inner = _NOT_OF_THE_FILE | {"institution", "quotas"}
    return {name: value for name, value in found.items() if name not in inner}
