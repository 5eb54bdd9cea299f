"""What is wrong in a message, as one kind of value: breaches of the XSD, of the rules, of the gate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from rse_gateway.contract.catalogue import LANGUAGES, load_catalogue
from rse_gateway.contract.expected import told
from rse_gateway.diagnosis.causes import fault_text
from rse_gateway.diagnosis.rule_words import FOUND, RULES
from rse_gateway.errors import Expectation, TextFault, Violation

XSD_CODE = "MSG00004"
XSD_STEP = "G10"


@dataclass(frozen=True, slots=True)
class Rule:
    """Implements `errors.Expectation`: what a rule wants, with the facts that its text names."""

    key: str
    facts: tuple[str, ...] = ()

    def text(self, language: str | None) -> str:
        """Return the words; French and Dutch when no language is known."""
        return told(RULES[self.key], self.facts, language)


@dataclass(frozen=True, slots=True)
class Kind:
    """Implements `errors.Expectation`: what kind of thing stood there, never its value."""

    key: str

    def text(self, language: str | None) -> str:
        """Return the words; French and Dutch when no language is known."""
        return told(FOUND[self.key], (), language)


@dataclass(frozen=True, slots=True)
class CodeText:
    """Implements `errors.Expectation`: the text of the catalogue for a code."""

    code: str

    def text(self, language: str | None) -> str:
        """Return the catalogue's text."""
        return load_catalogue().text(self.code, language)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Implements `errors.Expectation`: what keeps a text from being plain XML, and where."""

    fault: TextFault

    def text(self, language: str | None) -> str:
        """Return the words; French and Dutch when no language is known."""
        return told(tuple(fault_text(self.fault, one) for one in LANGUAGES), (), language)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line of the received text (0: nowhere), XPath from the payload, field."""

    line: int = 0
    xpath: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or (``note``) that a person should know though nothing refuses it.

    Attributes:
        code: code of the catalogue that the gateway answers with.
        check: step of the gate, or check of the contract, that refuses it.
        reason: the gate's own words for steps G1 to G8, in English.
    """

    place: Place
    expected: Expectation
    found: Expectation | None
    code: str
    check: str
    reason: str = ""
    note: bool = False

    def values(self, language: str) -> dict[str, Any]:
        """Return what is told to machines, in one language."""
        told_values = {
            "severity": "note" if self.note else "error",
            "line": self.place.line,
            "xpath": self.place.xpath,
            "field": self.place.field,
            "expected": self.expected.text(language),
            "found": "" if self.found is None else self.found.text(language),
            "code": self.code,
            "check": self.check,
        }
        return told_values | ({"reason": self.reason} if self.reason else {})

    def sentence(self, language: str) -> str:
        """Return one line for a person, without the file's name."""
        parts = [str(self.place.line) if self.place.line else "", self.place.field]
        words = self.expected.text(language)
        if self.found is not None:
            words += f" ({_FOUND[language]} {self.found.text(language)})"
        if self.reason:
            words += f" [{self.reason}]"
        tail = _NOTE[language] if self.note else f"{self.code} {self.check}".strip()
        return ": ".join([part for part in (*parts, words) if part]) + f" [{tail}]"


_FOUND = {"FR": "trouvé :", "NL": "gevonden:", "DE": "gefunden:", "EN": "found:"}
_NOTE = {"FR": "remarque", "NL": "opmerking", "DE": "Hinweis", "EN": "note"}


def of_violation(violation: Violation) -> Finding:
    """Return a breach of the XSD as a finding."""
    place = Place(violation.line, violation.xpath, violation.field)
    return Finding(place, violation.expected, violation.found, XSD_CODE, XSD_STEP)


@dataclass(frozen=True, slots=True)
class Places:
    """Finds the place of an element of one payload that follows the XSD."""

    payload: etree._Element
    line_of: Callable[[etree._Element], int]

    def of(self, element: etree._Element | None) -> Place:
        """Return where it stands; the payload itself for None."""
        node = self.payload if element is None else element
        steps: list[str] = []
        while node is not self.payload:
            steps.append(f"{node.tag}[{1 + sum(1 for _ in node.itersiblings(node.tag, preceding=True))}]")
            parent = node.getparent()
            if parent is None:
                break
            node = parent
        steps.append(etree.QName(self.payload).localname)
        there = self.payload if element is None else element
        path = "/" + "/".join(reversed(steps))
        return Place(self.line_of(there), path[:256], etree.QName(there).localname)
