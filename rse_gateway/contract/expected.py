"""What the contract expects at a place: the only source of the texts of violations.

A violation is found before its reader's language is known, so it holds a key and facts (`Expected`) and
becomes words last. Facts come from the schema, words from `expected_words`; nothing comes from what was
received.
"""

from dataclasses import dataclass
from typing import Any, Final

from xmlschema.validators import XsdElement

from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.expected_words import PLACES, TYPES

_MAX: Final = 256  # the length of a fieldValue
_BOTH: Final = ("FR", "NL")
_WORDS: Final = PLACES | TYPES


@dataclass(frozen=True, slots=True)
class Expected:
    """Implements `errors.Expectation`: a key of `expected_words` and the facts that its text names."""

    key: str
    facts: tuple[str, ...] = ()

    def text(self, language: str | None) -> str:
        """Return the words, at most 256 characters.

        French and Dutch when no language is known; French alone where both together are too long, because
        half a sentence helps nobody.
        """
        return told(_WORDS[self.key], self.facts, language)


def told(texts: tuple[str, ...], facts: tuple[str, ...], language: str | None) -> str:
    """Return the text of ``language`` (of ``texts``, in the catalogue's order) with its facts, cut to fit.

    French and Dutch when no language is known; French alone where both together are too long.
    """
    each = [text.format(*facts)[:_MAX] for text in texts]
    if language in LANGUAGES:
        return each[LANGUAGES.index(language)]
    both = " / ".join(each[LANGUAGES.index(one)] for one in _BOTH)
    return both if len(both) <= _MAX else each[LANGUAGES.index(_BOTH[0])]


def elements_expected(names: list[str], received: str | None) -> Expected:
    """Return what must stand at a place where one of ``names`` is due (none: nothing more may stand there).

    ``received`` is the local name found there; when it is the right one, its namespace is what is wrong.
    """
    if received is not None and received in names:
        return Expected("unqualified", (received,))
    if not names:
        return Expected("nothing")
    return Expected("element" if len(names) == 1 else "elements", (", ".join(names),))


def value_expected(element: XsdElement) -> Expected:
    """Return what the simple value of ``element`` must be."""
    xsd_type: Any = element.type
    name = (xsd_type.local_name or "") if xsd_type.name else ""
    if name in TYPES:
        return Expected(name)
    if xsd_type.enumeration:
        return Expected("one_of", (", ".join(str(v) for v in xsd_type.enumeration),))
    if xsd_type.min_length is not None and xsd_type.max_length is not None:
        return Expected("length", (str(xsd_type.min_length), str(xsd_type.max_length)))
    if xsd_type.patterns is not None:
        return Expected("pattern", (" | ".join(xsd_type.patterns.regexps),))
    return Expected("text", (name,))
