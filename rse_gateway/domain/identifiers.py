"""Identifiers of persons, institutions and consultations: parsed once, masked wherever they are shown.

Rules: domain page §6 (NISS, BIS and BCE numbers; public rules of the national register and of the BCE).
"""

import re
from dataclasses import dataclass
from typing import Self
from uuid import UUID

_NISS = re.compile(r"[0-9]{11}", re.ASCII)
_CBE = re.compile(r"[01][0-9]{9}", re.ASCII)
_TICKET = re.compile(r"[A-Za-z0-9._\-]{1,36}", re.ASCII)


def _niss_month_day_ok(digits: str) -> bool:
    month, day = int(digits[2:4]), int(digits[4:6])
    return month % 20 <= 12 and month < 60 and day <= 31


@dataclass(frozen=True, slots=True, repr=False)
class Niss:
    """A national number (NISS/INSZ, BIS included) whose check digits are right.

    ``value`` is the 11 digits; ``repr`` and ``str`` never show them.
    """

    value: str

    def __post_init__(self) -> None:
        """Refuse what is no NISS.

        Raises:
            ValueError: not 11 ASCII digits, an impossible month or day, or wrong check digits. The text
                holds no digit of the number.
        """
        if not _NISS.fullmatch(self.value) or not _niss_month_day_ok(self.value):
            raise ValueError("not a NISS: 11 digits YYMMDDSSSCC expected")
        first_nine, check = int(self.value[:9]), int(self.value[9:])
        if check not in (97 - first_nine % 97, 97 - (2_000_000_000 + first_nine) % 97):
            raise ValueError("not a NISS: the check digits are wrong")

    def __repr__(self) -> str:
        return "Niss(***********)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, order=True)
class CbeNumber:
    """An enterprise number (BCE/KBO/CBE) whose check digits are right; public, so shown as it is."""

    value: str

    def __post_init__(self) -> None:
        """Refuse what is no BCE number.

        Raises:
            ValueError: not 10 ASCII digits starting with 0 or 1, or wrong check digits.
        """
        if not _CBE.fullmatch(self.value):
            raise ValueError("not a BCE number: 10 digits starting with 0 or 1 expected")
        if int(self.value[8:]) != 97 - int(self.value[:8]) % 97:
            raise ValueError("not a BCE number: the check digits are wrong")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Ticket:
    """The requester's own number of a request: 1 to 36 of ``A-Za-z0-9._-``."""

    value: str

    def __post_init__(self) -> None:
        """Refuse what is no ticket.

        Raises:
            ValueError: empty, too long, or a character outside ``A-Za-z0-9._-``.
        """
        if not _TICKET.fullmatch(self.value):
            raise ValueError("not a ticket: 1 to 36 of A-Z a-z 0-9 . _ - expected")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class GatewayTicket:
    """The gateway's number of a message or consultation (``ticketCBSS``): a UUIDv7."""

    value: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ticket that ``text`` names.

        Raises:
            ValueError: not a UUID.
        """
        return cls(UUID(text))

    def __str__(self) -> str:
        return str(self.value)
