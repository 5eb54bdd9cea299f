"""A likely cause as a value: a key of the words, the facts that fill them, and how likely it is."""

from dataclasses import dataclass
from typing import Any, Final

from rse_gateway.diagnosis.signature_words import load_words
from rse_gateway.errors import TextFault

LIKELIEST_FIRST: Final = (
    "not_xml", "not_plain", "no_signature", "soap12", "twice",
    "id_duplicate", "id_moved", "id_renamed",
    "id_added_late", "line_ends", "white_space", "comments", "instruction", "wrong_canonicalization",
    "prefix_list",
    "digest_algorithm", "digest_encoding", "ecdsa_der", "signature_hash", "certificate_swapped", "wrong_key",
    "signed_info_changed", "algorithm", "transform", "method_of_key", "not_covered", "id_missing",
    "content_changed", "wrong_key_or_signed_info", "local_time", "clock_ahead", "expired", "lifetime",
    "time_form", "foreign_header", "foreign_in_security",
    "key_named_otherwise", "attribute_stated", "no_certificate",
    "key_not_registered", "key_of_another", "key_inactive",
    "authority", "untrusted", "certificate_time", "certificate_use", "no_institution",
    "toolkit_profile", "shape",
)  # fmt: skip
"""Causes in the order in which they are told: the narrowest explanation of what is broken comes first."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One likely cause.

    Attributes:
        facts: fill the words; one that begins with ``=`` is itself a key of the details' words.
        fault: what makes the text unreadable; its words come first among the facts.
    """

    key: str
    facts: tuple[str, ...] = ()
    fault: TextFault | None = None

    def text(self, language: str) -> str:
        """Return it in words."""
        facts = [detail(fact[1:], language) if fact.startswith("=") else fact for fact in self.facts]
        if self.fault is not None:
            facts.insert(0, fault_text(self.fault, language))
        return load_words()["causes"][self.key][language].format(*facts)

    def values(self, language: str) -> dict[str, Any]:
        """Return it for machines."""
        return {"cause": self.key, "text": self.text(language)}


def detail(key: str, language: str) -> str:
    """Return the words of a detail."""
    return load_words()["details"][key][language]


def fault_text(fault: TextFault, language: str) -> str:
    """Return the words for what makes a text unreadable, and where that stands."""
    return f"{detail(fault.kind, language)} ({label('at', language).format(fault.line, fault.column)})"


def label(key: str, language: str) -> str:
    """Return the words of a label."""
    return load_words()["labels"][key][language]


def ordered(causes: list[Cause]) -> tuple[Cause, ...]:
    """Return each cause once, the likeliest first."""
    return tuple(sorted(dict.fromkeys(causes), key=lambda cause: LIKELIEST_FIRST.index(cause.key)))
