"""Random envelopes that try everything by which canonical XML grows: declarations, prefixes, escapes."""

import random

EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
PREFIXES = ("p", "q", "r", "héh", "s")
NAMESPACES = ("urn:a", "urn:b", "urn:c-d", f"http://x/{'y' * 30}", "urn:e(f)")
VALUES = ("v", "&amp;&lt;", "a\tb", "&#9;&#10;&#13;&#34;", "é", ">>", "")
TEXTS = ("", "t>", "&amp;", "&#13;", "<![CDATA[<&>]]>", "é", "]&gt;", " /> = '")

Scope = dict[str | None, str]


class Envelopes:
    """Envelopes from one seed; ``one_prefix``: every namespace has a single prefix, always declared so."""

    def __init__(self, seed: int, *, one_prefix: bool = False) -> None:
        self._chance = random.Random(seed)  # noqa: S311 -- which trees to try is no secret
        self._one_prefix = one_prefix

    def envelope(self) -> tuple[str, list[str]]:
        """Return an envelope with a header three levels deep, a Body, and the prefixes that it lists."""
        chance = self._chance
        listed = chance.sample(PREFIXES, chance.choice([0, 0, 1, 3]))
        scope: Scope = {"p": NAMESPACES[0], "s": NAMESPACES[4]}
        if chance.random() < 0.5 and not self._one_prefix:
            scope[None] = NAMESPACES[2]
        header = "".join(self._element(scope, 3) for _ in range(chance.randint(0, 3)))
        names = f'<e:InclusiveNamespaces xmlns:e="{EXC}" PrefixList="{" ".join(listed)}"/>' if listed else ""
        security = f"<s:S><s:T><s:I>{self._element(scope, 6)}{names}</s:I></s:T></s:S>"
        body = f"<s:B>{self._element(scope, 3)}</s:B>"
        return f"<s:E{_written(scope)}><s:H>{header}{security}</s:H>{body}</s:E>", listed

    def _element(self, scope: Scope, depth: int) -> str:
        chance, declared = self._chance, self._declared()
        scope = scope | declared
        prefix = chance.choice([*(one for one in scope if one), None])
        name = (f"{prefix}:" if prefix else "") + chance.choice(["x", "yy", "zé"])
        start = f"<{name}{_written(declared)}{self._attributes(scope)}"
        inside = ""
        if depth < 7:
            for _ in range(chance.randint(0, 3)):
                inside += chance.choice(TEXTS) + self._element(scope, depth + 1)
        if not inside and chance.random() < 0.5:
            return f"{start}/>"
        return f"{start}>{inside}{chance.choice(TEXTS)}</{name}>"

    def _declared(self) -> Scope:
        chance = self._chance
        if self._one_prefix:
            return {PREFIXES[n]: NAMESPACES[n] for n in chance.sample(range(5), chance.choice([0, 0, 1, 2]))}
        chosen = [chance.choice([*PREFIXES, None, None]) for _ in range(chance.choice([0, 0, 0, 1, 2, 3]))]
        return {one: chance.choice([*NAMESPACES, *([] if one else [""])]) for one in chosen}

    def _attributes(self, scope: Scope) -> str:
        chance, seen, written = self._chance, set(), ""
        for _ in range(chance.choice([0, 0, 1, 2])):
            prefix = chance.choice([*(one for one in scope if one), None, "xml"])
            name = chance.choice(["i", "j", "kk"])
            expanded = (scope.get(prefix, prefix) if prefix else None, name)
            if expanded not in seen:
                seen.add(expanded)
                quote, other = chance.choice([("'", '""'), ('"', "'")])
                value = chance.choice(VALUES) + other
                written += f" {f'{prefix}:' if prefix else ''}{name}={quote}{value}{quote}"
        return written


def _written(declared: Scope) -> str:
    return "".join(f' xmlns{f":{prefix}" if prefix else ""}="{uri}"' for prefix, uri in declared.items())
