"""Canonicalisation bombs: somebody's captured message, blown up where its signature does not forbid it yet.

Every bomb keeps Header, token, times and SignedInfo of a genuine message, so that only bounds and digests can
stop it. None needs a key.
"""

import random
from collections.abc import Callable, Iterator

MESSAGE_BYTES = 1024 * 1024
ELEMENTS = 25_000
OPERATION_END = b"</a:consult>"


def prefixes(number: int, length: int) -> bytes:
    """Return that many declarations with names of that length."""
    return b"".join(b' xmlns:p%d="urn:%d%s"' % (n, n, b"x" * length) for n in range(number))


def filled(opening: bytes, unit: bytes, closing: bytes, *, room: int, most: int) -> bytes:
    """Return as many units between opening and closing as there is room for."""
    times = min(most, max(0, room - len(opening) - len(closing)) // len(unit))
    return opening + unit * times + closing


def _alternating(chance: random.Random, room: int, most: int) -> bytes:
    """One long declaration that every second element has to write."""
    opening = b'<o xmlns:q="urn:%s">' % (b"x" * chance.choice([40, 400, 4_000, 40_000, room // 2]))
    return filled(opening, b"<q:a/>", b"</o>", room=room, most=most)


def _attributes(chance: random.Random, room: int, most: int) -> bytes:
    """Sixteen long declarations, each used by one attribute of every element."""
    used = chance.randint(1, 16)
    unit = b"<a" + b"".join(b' p%d:a=""' % n for n in range(used)) + b"/>"
    opening = b"<o" + prefixes(used, chance.choice([30, 300, 3_000, room // used // 2])) + b">"
    return filled(opening, unit, b"</o>", room=room, most=most // (1 + used))


def _declared_again(chance: random.Random, room: int, most: int) -> bytes:
    """Two namespaces that take turns in one prefix."""
    name = b"y" * chance.choice([1, 20, 200])
    unit = b'<p:a xmlns:p="urn:%s"/><p:a xmlns:p="urn:z%s"/>' % (name, name)
    return filled(b"<o>", unit, b"</o>", room=room, most=most // 4)


def _unused(chance: random.Random, room: int, most: int) -> bytes:
    """As many declarations as may stand on an element, all for nothing."""
    unit = b"<a" + prefixes(64, chance.choice([1, 30])) + b"/>"
    return filled(b"<o>", unit, b"</o>", room=room, most=most // 65)


def _nested(chance: random.Random, room: int, most: int) -> bytes:
    """Towers of elements that alternate between two prefixes, each written again in every tower."""
    height = chance.randint(5, 25)
    tower = b"<p0:a><p1:b>" * (height // 2) + b"</p1:b></p0:a>" * (height // 2)
    opening = b"<o" + prefixes(2, chance.choice([20, 200, 2_000])) + b">"
    return filled(opening, tower, b"</o>", room=room, most=most // height)


def _taken_back(chance: random.Random, room: int, most: int) -> bytes:
    """A default namespace that is given and taken back."""
    opening = b'<o xmlns="urn:%s">' % (b"x" * chance.choice([30, 3_000]))
    return filled(opening, b'<a xmlns=""><b/></a><c/>', b"</o>", room=room, most=most // 4)


def _escapes(chance: random.Random, room: int, most: int) -> bytes:
    """Characters that become longer, in attributes and in text."""
    unit = chance.choice(
        [b"<a b='%s'/>" % (b'"' * 300), b"<a>%s</a>" % (b">" * 300), b"<a><![CDATA[<<&&>>]]></a>"]
    )
    return filled(b"<o>", unit, b"</o>", room=room, most=most)


def _long_names(chance: random.Random, room: int, most: int) -> bytes:
    """Empty elements with a long name, which canonical XML writes twice."""
    unit = b"<%s/>" % (b"n" * chance.choice([30, 300, 3_000]))
    return filled(b"<o>", unit, b"</o>", room=room, most=most)


def _just_allowed(chance: random.Random, room: int, most: int) -> bytes:
    """As much as the bounds let pass, so that the digest has to stop it."""
    unit, opening = chance.choice([
        (b"<q:a/>", b'<o xmlns:q="urn:q">'), (b"<a>12345678901</a>", b"<o>"), (b'<a b="1"/>', b"<o>"),
        (b"<a> </a>", b"<o>"), (b'<p0:a p1:b="1"/>', b"<o" + prefixes(2, 1) + b">"),
    ])  # fmt: skip
    return filled(opening, unit, b"</o>", room=room, most=most // (1 + 2 * unit.count(b"=")))


KINDS: tuple[Callable[[random.Random, int, int], bytes], ...] = (
    _alternating, _attributes, _declared_again, _unused, _nested, _taken_back, _escapes, _long_names,
    _just_allowed,
)  # fmt: skip


def bombs(genuine: bytes, number: int, *, seed: int = 7) -> Iterator[tuple[str, bytes]]:
    """Yield that many bombs made of one genuine message, with the kind of each."""
    chance = random.Random(seed)  # noqa: S311 -- which bombs to try is no secret
    for turn in range(number):
        kind = KINDS[turn % len(KINDS)]
        room = MESSAGE_BYTES - len(genuine) - 1
        if turn >= len(KINDS):
            room = chance.choice([room, room // 4, room // 16])
        bomb = kind(chance, room, ELEMENTS - 60)
        yield kind.__name__.strip("_"), _placed(genuine, bomb, chance)


def _placed(genuine: bytes, bomb: bytes, chance: random.Random) -> bytes:
    place = chance.choice([b"</soap:Body>", b"</wsu:Timestamp>", b"</wsse:Security>", b"</soap:Header>"])
    if chance.random() < 0.6:
        place = OPERATION_END
    return genuine.replace(place, bomb + place, 1)
