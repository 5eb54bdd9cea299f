"""The words of the pages: `words.json`, and facets, sources and numbers said in a language."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference_maker.schema import Meaning, SimpleType, UnknownSchemaPart

WORDS = Path(__file__).with_name("words.json")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Wording:
    """One language of the one data file."""

    language: str
    data: dict[str, Any]

    def label(self, name: str, **values: object) -> str:
        """Return a label or sentence of the pages, its places filled."""
        return self.say(self.data["labels"][name], **values)

    def say(self, texts: dict[str, Any], **values: object) -> str:
        """Return the text in this language, its places filled."""
        text = str(texts[self.language])
        return text.format(**values) if values else text

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart."""
        return f"{value:,}".replace(",", _NO_BREAK_SPACE if self.language == "fr" else ".")

    def bytes(self, value: int) -> str:
        """Return a number of bytes in KiB or MiB."""
        byte = "o" if self.language == "fr" else "B"
        for unit, size in (("Mi", 1024 * 1024), ("Ki", 1024)):
            if value % size == 0:
                return f"{self.number(value // size)}{_NO_BREAK_SPACE}{unit}{byte}"
        raise ValueError(f"{value} bytes are no whole KiB")

    @property
    def colon(self) -> str:
        """Return the colon as the language sets it."""
        return " :" if self.language == "fr" else ":"

    def item(self, label: str, value: str) -> str:
        """Return one line of a list: a label in bold, and what it is."""
        return f"- **{self.label(label)}**{self.colon} {value}"

    def source_note(self, meaning: Meaning) -> str:
        """Return the source of a text as a remark behind it."""
        return f"*{self.label('source')}{self.colon} {self.source(meaning)}.*"

    def source(self, meaning: Meaning) -> str:
        """Return the source of a text; titles of the circular stay in French."""
        source = meaning.source
        if self.language == "nl":
            for french, dutch in self.data["sources_nl"]:
                source = source.replace(french, dutch)
        return source

    def base(self, name: str) -> str:
        """Return what a built-in type of XML Schema is.

        Raises:
            UnknownSchemaPart: the data file does not say.
        """
        if name not in self.data["bases"]:
            raise UnknownSchemaPart(f"no words for the type {name}")
        return self.say(self.data["bases"][name])

    def form(self, simple: SimpleType) -> str:
        """Return the base and facets of a type in words.

        Raises:
            UnknownSchemaPart: the data file has no words for its pattern.
        """
        pattern = simple.facets.get("pattern")
        known = {} if pattern is None else self._pattern(simple.name, pattern)
        bounds = self._bounds(simple.facets)
        said = [self.base(simple.base)]
        said += [text for kind, text in bounds.items() if kind not in known.get("covers", ())]
        if known:
            said.append(self.say(known))
        return ", ".join(said)

    def _pattern(self, name: str, pattern: str) -> dict[str, Any]:
        words = self.data["patterns"].get(visible(pattern))
        if words is None:
            raise UnknownSchemaPart(f"{name}: no words for the pattern {visible(pattern)}")
        found: dict[str, Any] = words
        return found

    def _bounds(self, facets: dict[str, str]) -> dict[str, str]:
        """Return what the facets say beside the pattern, by kind; a pattern may already cover a kind."""
        words, said = self.data["facets"], {}
        if "length" in facets:
            said["bytes"] = self.say(words["bytes"], size=facets["length"])
        if "minLength" in facets:
            said["length"] = self.say(words["lengths"], low=facets["minLength"], high=facets["maxLength"])
        elif "maxLength" in facets:
            said["length"] = self.say(words["max_length"], high=facets["maxLength"])
        if "minInclusive" in facets:
            low, high = facets["minInclusive"], facets["maxInclusive"]
            said["range"] = self.say(words["range"], low=low, high=high)
        if "fractionDigits" in facets:
            said["fraction"] = self.say(words["fraction"], digits=facets["fractionDigits"])
        return said


def wording(language: str) -> Wording:
    """Return the words of one language."""
    return Wording(language, json.loads(WORDS.read_text("utf-8")))


def anchor(title: str) -> str:
    """Return the name under which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def visible(pattern: str) -> str:
    """Return a pattern with what cannot be seen written as character references, as in the XSD."""
    return "".join(
        character if character.isprintable() else f"&#x{ord(character):X};" for character in pattern
    )
