"""Replaced and cancelled numbers: one row for each, and every number of one person found along them.

A number is replaced by at most one other (`niss_replacements`), so the numbers that lead to one another hang
together like a tree: from any of them all others are found step by step. The database cannot read a number;
rows are found by keyed value. Rules: domain page §5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.directory import PersonNumbers
from rse_gateway.domain.identifiers import Niss
from rse_gateway.store.direct import Row
from rse_gateway.store.tables import niss_replacements

MOST_NUMBERS = 1_000
"""Numbers of one person at most; no real person comes near. A file that made more is wrong."""


class ReplacementKind(StrEnum):
    """What happened to a number: another took its place, or it was cancelled."""

    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, repr=False)
class NissReplacement:
    """From ``since``, ``old`` is replaced by ``new``, or cancelled (``new`` is None).

    ``new`` = ``old`` takes an earlier replacement back: the number stands again.
    """

    old: Niss
    new: Niss | None
    since: date

    @property
    def kind(self) -> ReplacementKind:
        """Which of the two it is."""
        return ReplacementKind.CANCELLED if self.new is None else ReplacementKind.REPLACED

    @property
    def taken_back(self) -> bool:
        """Tell whether it only takes an earlier one back."""
        return self.new == self.old


def replacement_row(one: NissReplacement, row_id: UUID, keys: DataKeys) -> dict[str, Any]:
    """Return the row of a replacement, both numbers sealed."""
    row, search_key = str(row_id), keys.search_key
    sealed, found_by = None, None
    if one.new is not None:
        sealed = keys.encrypt_niss(one.new, table="niss_replacements.new", row=row)
        found_by = search_key.hmac(one.new.value)
    return {
        "id": row,
        "old_enc": keys.encrypt_niss(one.old, table="niss_replacements.old", row=row),
        "old_hmac": search_key.hmac(one.old.value),
        "new_enc": sealed,
        "new_hmac": found_by,
        "hmac_key_id": search_key.key_id,
        "kind": one.kind.value,
        "since": one.since,
    }


def replacements_around(connection: Connection, number: bytes) -> dict[bytes, Row]:
    """Return the rows of all numbers that lead to this one or that it leads to, by old keyed value.

    One query tells that there is none, which is nearly always so. A circle ends the search, and so do
    `MOST_NUMBERS`.
    """
    found: dict[bytes, Row] = {}
    known, newest = {number}, {number}
    while newest and len(known) <= MOST_NUMBERS:
        beside = sorted(newest)[:MOST_NUMBERS]
        table = niss_replacements.c
        either = or_(table.old_hmac.in_(beside), table.new_hmac.in_(beside))
        newest = set()
        for row in connection.execute(select(niss_replacements).where(either).limit(MOST_NUMBERS)).mappings():
            found[bytes(row["old_hmac"])] = dict(row)
            newest |= {bytes(one) for one in (row["old_hmac"], row["new_hmac"]) if one is not None}
        newest -= known
        known |= newest
    return found


def keyed_values(number: bytes, around: Mapping[bytes, Row]) -> list[bytes]:
    """Return the keyed values of every number of the person, this one among them."""
    new = {bytes(row["new_hmac"]) for row in around.values() if row["new_hmac"] is not None}
    return sorted({number, *around, *new})


def person_of(niss: Niss, around: Mapping[bytes, Row], keys: DataKeys) -> PersonNumbers:
    """Return all numbers of the person and the one that stands.

    Of numbers that replace one another in a circle the one that the newest replacement names stands.

    Raises:
        GatewayUnavailable: a row does not open.
    """
    asked = keys.search_key.hmac(niss.value)
    numbers = {asked: niss}
    for old, row in around.items():
        numbers.setdefault(old, _opened(row, "old", keys))
        if row["new_hmac"] is not None:
            numbers.setdefault(bytes(row["new_hmac"]), _opened(row, "new", keys))
    standing = _standing(asked, around)
    current = None if standing is None else numbers[standing]
    return PersonNumbers(niss, current, frozenset(numbers.values()))


def _standing(number: bytes, around: Mapping[bytes, Row]) -> bytes | None:
    """Return the keyed value of the number that stands today, None when it was cancelled."""
    way: list[bytes] = []
    while number not in way:
        if number not in around:
            return number
        way.append(number)
        following = around[number]["new_hmac"]
        if following is None:
            return None
        number = bytes(following)
    circle = (around[one] for one in way[way.index(number) :])
    return bytes(max(circle, key=lambda row: (row["since"], bytes(row["new_hmac"])))["new_hmac"])


def _opened(row: Row, which: str, keys: DataKeys) -> Niss:
    return keys.decrypt_niss(bytes(row[f"{which}_enc"]), table=f"niss_replacements.{which}", row=row["id"])
