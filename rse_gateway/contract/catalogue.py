"""The error catalogue: every code of the contract with its texts in four languages.

The data file `catalogue.json` is the source; docs, samples and code read it, and nothing uses a code that is
not in it. Rules: contract page ("error catalogue"), domain page §4 (codes, lengths).
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from rse_gateway.errors import SetupError

LANGUAGES: Final = ("FR", "NL", "DE", "EN")
MAX_TEXT: Final = 256
_FILE: Final = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One code: what it says, why it comes, what to do.

    Attributes:
        severity: INFORMATION, WARNING or FATAL.
        where: where it may stand: ``fault``, ``reply`` (status) or ``supplier`` (a holding CPAS's part).
        texts, causes, remedies: by language.
        sample: a file below `samples/` that shows the code; None where no file can.
        sample_reasons: why there is no sample, by language; empty where there is one.
    """

    code: str
    severity: str
    where: frozenset[str]
    texts: dict[str, str]
    causes: dict[str, str]
    remedies: dict[str, str]
    sample: str | None
    sample_reasons: dict[str, str]


class Catalogue:
    """All codes that the contract emits, and those that it keeps free."""

    def __init__(
        self, entries: dict[str, CatalogueEntry], reserved: dict[str, dict[str, str]], author: str
    ) -> None:
        """Keep the entries, and by language why each reserved code is kept free."""
        self.entries = entries
        self.reserved = reserved
        self.author = author
        self._both = {code: _two_languages(entry) for code, entry in entries.items()}

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    def text(self, code: str, language: str | None = None) -> str:
        """Return the text of ``code``, at most 256 characters; French and Dutch when no language is known.

        Raises:
            KeyError: the code is not in the catalogue (a programming error: a test compares).
        """
        if language is None or language not in LANGUAGES:
            return self._both[code]
        return self.entries[code].texts[language]

    def severity(self, code: str) -> str:
        """Return INFORMATION, WARNING or FATAL.

        Raises:
            KeyError: the code is not in the catalogue.
        """
        return self.entries[code].severity


def _two_languages(entry: CatalogueEntry) -> str:
    return f"{entry.texts['FR']} / {entry.texts['NL']}"[:MAX_TEXT]


@cache
def load_catalogue() -> Catalogue:
    """Return the one catalogue of this process.

    Raises:
        SetupError: the data file is missing or not what it should be.
    """
    try:
        data: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
        entries = {
            code: CatalogueEntry(
                code=code,
                severity=entry["severity"],
                where=frozenset(entry["where"]),
                texts=entry["text"],
                causes=entry["cause"],
                remedies=entry["remedy"],
                sample=entry["sample"],
                sample_reasons=entry.get("sample_why", {}),
            )
            for code, entry in data["codes"].items()
        }
        return Catalogue(entries, data["reserved"], data["author"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError("the error catalogue cannot be read: install the package again") from error
