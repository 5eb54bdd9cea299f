"""National numbers in texts that must not hold one, also in disguise: the one place that looks.

Two looks, both after NFKC. `holds_number` is for the number that a message is about, which is refused
wherever its digits follow each other, whatever stands between them and whatever other digits beside them.
`looks_like_niss` is for every other number: 11 digits that stand as people write a NISS and pass as one. It
does not try every window of a longer number: that would refuse one time stamp in fourteen. Rules: security
page, "No NISS in a record or log, in disguise either".
"""

import re
import unicodedata
from collections.abc import Iterator

_MASK = "***********"
_SEPARATOR = "[.\\-/_: \u2010\u2012\u2013\u2014\u2212\u00a0\u200b-\u200d\u2060\ufeff\u00ad]"
_SHAPES = (r"[0-9]{11}", rf"[0-9]{{6}}{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{2}}", _SEPARATOR.join(
    ("[0-9]{2}", "[0-9]{2}", "[0-9]{2}", "[0-9]{3}", "[0-9]{2}")))  # fmt: skip
_CANDIDATE = re.compile(rf"(?<![0-9])(?=({'|'.join(_SHAPES)})(?![0-9]))")
_UUID = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def is_niss(digits: str) -> bool:
    """Return whether 11 digits pass as a NISS: a possible month and day, and right check digits."""
    month, day, first_nine = int(digits[2:4]), int(digits[4:6]), int(digits[:9])
    if month >= 60 or month % 20 > 12 or day > 31:
        return False
    return int(digits[9:]) in (97 - first_nine % 97, 97 - (2_000_000_000 + first_nine) % 97)


def looks_like_niss(text: str) -> bool:
    """Return whether ``text`` holds 11 digits, separated as people write them or not, that pass as a NISS.

    Exactly 11 digits in a row, or groups of 6-3-2 or 2-2-2-3-2 with one separator between them; letters may
    touch them, digits may not. A UUID holds none.
    """
    return any(is_niss(digits) for _, _, digits in _candidates(_plain(text)))


def holds_number(text: str, niss: str) -> bool:
    """Return whether the digits of ``text`` hold those of ``niss`` next to each other, in any disguise."""
    return len(niss) == 11 and niss.isascii() and niss.isdigit() and niss in _digits(_plain(text))


def without_niss(text: str) -> str:
    """Return ``text`` with every number masked that stands as a NISS does.

    Whether it passes as one does not matter here: a mistyped number names its person, too.
    """
    plain = _plain(text)
    masked, kept_to = "", 0
    for start, end, _ in _candidates(plain):
        if start >= kept_to:
            masked += plain[kept_to:start] + _MASK
            kept_to = end
    return masked + plain[kept_to:] if masked else text


def _plain(text: str) -> str:
    """Return ``text`` in NFKC with ASCII digits."""
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in normal)


def _digits(text: str) -> str:
    return "".join(one for one in text if one in "0123456789")


def _candidates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and digits of everything that stands as a NISS does, UUIDs passed over."""
    exempt = [found.span() for found in _UUID.finditer(text)]
    for found in _CANDIDATE.finditer(text):
        start, end = found.span(1)
        if not any(begin <= start and end <= stop for begin, stop in exempt):
            yield start, end, _digits(found.group(1))
