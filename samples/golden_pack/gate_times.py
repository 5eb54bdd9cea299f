"""Messages at wrong times (G5), and at the edges of right ones."""

from datetime import datetime, timedelta
from typing import Any, Final

from lxml import etree

from golden_pack.forging import genuine, resigned, set_text
from golden_pack.ground import NORTH, NOW, cpas_key
from golden_pack.sample import Expected, Family, Pack, Sentence
from rse_gateway.security.freshness import instant_text

_MINUTE: Final = timedelta(minutes=1)
_STALE: Final[dict[str, tuple[timedelta, Sentence]]] = {
    "expired": (-6 * _MINUTE, (
        "Le message a expiré il y a plus d'une minute.",
        "Het bericht is meer dan een minuut geleden vervallen.",
        "The message expired more than a minute ago.")),
    "expired-just-now": (timedelta(seconds=30) - 5 * _MINUTE, (
        "Le message expire à l'instant même.", "Het bericht vervalt op dit ogenblik.",
        "The message expires at this very moment.")),
    "from-the-future": (2 * _MINUTE, (
        "Le message vient de plus d'une minute dans l'avenir.",
        "Het bericht komt van meer dan een minuut in de toekomst.",
        "The message is from more than a minute in the future.")),
}  # fmt: skip
_TEXTS: Final[dict[str, tuple[str, str, Sentence]]] = {
    "lifetime-too-long": ("2026-11-21T10:00:00.000Z", "2026-11-21T10:05:01.000Z", (
        "Une durée de vie de 301 secondes, le maximum est 300.",
        "Een levensduur van 301 seconden, het maximum is 300.",
        "A lifetime of 301 seconds, the maximum is 300.")),
    "expires-before-created": ("2026-11-21T10:01:00.000Z", "2026-11-21T10:00:59.000Z", (
        "La fin précède le début.", "Het einde ligt vóór het begin.", "The end precedes the beginning.")),
    "local-time": ("2026-11-21T11:00:00.000+01:00", "2026-11-21T11:05:00.000+01:00", (
        "Une heure locale au lieu de Z.", "Een lokale tijd in plaats van Z.", "A local time instead of Z.")),
    "ten-fraction-digits": ("2026-11-21T10:00:00.0000000000Z", "2026-11-21T10:05:00.000Z", (
        "Dix décimales de seconde, le maximum est neuf.",
        "Tien decimalen van een seconde, het maximum is negen.",
        "Ten decimals of a second, the maximum is nine.")),
}  # fmt: skip


def add(pack: Pack) -> None:
    """Add the family."""
    family = Family(pack=pack, folder="bad/gate", operation="consultSocialReport")
    key = cpas_key(NORTH)
    bad: dict[str, Any] = {
        "key": key.name,
        "expected": Expected(outcome="fault", code="RSE00001", stopped_at="G5"),
    }
    for number, (name, (shift, shows)) in enumerate(_STALE.items()):
        raw = genuine(key, f"N-2026-STALE-{number}", created=NOW + shift)
        family.envelope(f"G5-{name}", raw, shows, **bad)
    for number, (name, (created, expires, shows)) in enumerate(_TEXTS.items()):
        raw = _dated(f"N-2026-TIME-{number}", created, expires)
        family.envelope(f"G5-{name}", raw, shows, **bad)
    good = Family(pack=pack, folder="good/consultSocialReport/times", operation="consultSocialReport")
    last: datetime = NOW + 5 * _MINUTE - timedelta(seconds=1)
    good.envelope("last-second", genuine(key, "N-2026-TIME-8"), (
        "Vérifié dans la dernière seconde de sa vie.", "Geverifieerd in de laatste seconde van zijn leven.",
        "Verified in the last second of its life."), key=key.name, verified_at=last)  # fmt: skip
    ahead = instant_text(NOW + timedelta(seconds=90))
    raw = _dated("N-2026-TIME-9", ahead, instant_text(NOW + timedelta(seconds=390)))
    good.envelope("clock-one-minute-ahead", raw, (
        "Une horloge en avance d'une minute est tolérée.", "Een klok die een minuut voorloopt wordt geduld.",
        "A clock one minute ahead is tolerated."), key=key.name)  # fmt: skip
    raw = _dated("N-2026-TIME-10", "2026-11-21T10:00:00.123456789Z", "2026-11-21T10:05:00Z")
    good.envelope("nine-fraction-digits", raw, (
        "Neuf décimales de seconde, ou aucune, sont admises.",
        "Negen decimalen van een seconde, of geen, mogen.",
        "Nine decimals of a second, or none, are allowed."), key=key.name)  # fmt: skip


def _dated(ticket: str, created: str, expires: str) -> bytes:
    key = cpas_key(NORTH)

    def change(root: etree._Element) -> None:
        set_text(".//wsu:Created", created)(root)
        set_text(".//wsu:Expires", expires)(root)

    return resigned(genuine(key, ticket), change, key)
