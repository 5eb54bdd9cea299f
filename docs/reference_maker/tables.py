"""Tables of messages: one section per block, one row per element, every element once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reference_maker.schema import Contract, Member, local
from reference_maker.wording import Wording

APART = "SocialReportType"
"""The block that has a page of its own, because five messages hold it."""

_SMALL_BLOCK = 2


@dataclass(frozen=True, slots=True)
class Section:
    """One table: the elements below ``path``, down to the blocks that have a table of their own."""

    path: str
    type_name: str
    rows: tuple[tuple[str, Member], ...]


def sections(contract: Contract, type_name: str) -> tuple[Section, ...]:
    """Return the tables of a message or block, in the order of its elements."""
    return tuple(_sections(contract, "", type_name))


def _sections(contract: Contract, path: str, type_name: str) -> Iterator[Section]:
    rows = list(_rows(contract, "", type_name, top=not path))
    yield Section(path, type_name, tuple(rows))
    for below, member in rows:
        if _own_table(contract, member, top=not path):
            yield from _sections(contract, f"{path}/{below}" if path else below, member.type_name)


def _rows(contract: Contract, path: str, type_name: str, *, top: bool) -> Iterator[tuple[str, Member]]:
    for member in contract.members(type_name):
        below = f"{path}/{member.name}" if path else member.name
        yield below, member
        if _is_block(contract, member) and not _own_table(contract, member, top=top):
            yield from _rows(contract, below, member.type_name, top=top)


def _is_block(contract: Contract, member: Member) -> bool:
    return member.type_name in contract.complex and local(member.type_name) != APART


def _own_table(contract: Contract, member: Member, *, top: bool) -> bool:
    """Blocks of a message stand apart, and further down what repeats and is more than a pair."""
    if not _is_block(contract, member):
        return False
    return top or (member.most > 1 and len(contract.members(member.type_name)) > _SMALL_BLOCK)


@dataclass(frozen=True, slots=True)
class MessageTables:
    """Writes the sections of messages in one language."""

    contract: Contract
    words: Wording

    def write(self, root_type: str, title: str, known: Sequence[Section] = ()) -> list[str]:
        """Return the lines of all tables of a message.

        Args:
            root_type: the type of the message, Clark notation.
            title: word before the path in every heading, for example "Request".
            known: the sections of the request, when these are of its answer: not written twice.
        """
        lines: list[str] = []
        for section in sections(self.contract, root_type):
            if section.path:
                meaning = self.contract.complex[section.type_name].meaning
                lines += [f"### {title}{self.words.colon} `{section.path}`", ""]
                lines += [f"{self.words.say(meaning.texts)} {self.words.source_note(meaning)}", ""]
            if section in known:
                lines += [self.words.label("same_as_request"), ""]
            elif section.rows:
                lines += self._table(section)
            else:
                lines += [self.words.label("no_elements"), ""]
        return lines

    def form(self, type_name: str) -> str:
        """Return a type as a table says it: its form in words, and where it is described."""
        name = local(type_name)
        if name == APART:
            return f"[{self.words.label('report')}](social-report.md)"
        if type_name in self.contract.complex:
            return f"{self.words.label('block')} [{name}](types.md#{name.lower()})"
        simple = self.contract.simple.get(type_name)
        if simple is None:
            return self.words.base(name)
        if simple.codes:
            return f"{self.words.label('code_list')} [{name}](code-lists.md#{name.lower()})"
        return f"{self.words.form(simple)} ([{name}](types.md#{name.lower()}))"

    def how_often(self, member: Member) -> str:
        """Return how often an element may stand where its block stands."""
        times = str(member.least) if member.least == member.most else f"{member.least}..{member.most}"
        if not member.branch:
            return times
        return self.words.label("choice", times=times, branch=member.branch)

    def code_lists(self, *root_types: str) -> list[str]:
        """Return the names of the code lists that messages use, in order; of the report's block none."""
        found: dict[str, None] = {}
        for root_type in root_types:
            for section in sections(self.contract, root_type):
                for _path, member in section.rows:
                    simple = self.contract.simple.get(member.type_name)
                    if simple is not None and simple.codes:
                        found[member.type_name] = None
        return list(found)

    def _table(self, section: Section) -> list[str]:
        titles = [self.words.label(name) for name in ("element", "how_often", "type", "meaning", "source")]
        rows = [
            (
                f"`{path}`",
                self.how_often(member),
                self.form(member.type_name),
                self.words.say(member.meaning.texts),
                self.words.source(member.meaning),
            )
            for path, member in section.rows
        ]
        return table(titles, rows)


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table and the empty line after it."""
    body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|", *body, ""]
