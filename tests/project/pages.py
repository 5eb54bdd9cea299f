"""The pages of this project as the tests of the project read them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "xsd").glob("*.md"),
            *(ROOT / "wsdl").glob("*.md"),
            *(ROOT / "samples").rglob("*.md"),
        ]
    )
)
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    """Return a page's text by its path below the root."""
    return (ROOT / name).read_text("utf-8")


def short(page: Path) -> str:
    """Return the page's path below the root: the name of a test case."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> Iterator[str]:
    """Yield the code of every fenced block in that language, without the indent of a list."""
    for found in _FENCE.finditer(page.read_text("utf-8")):
        if found["language"] == language:
            indent = len(found["indent"])
            yield "\n".join(line[indent:] for line in found["code"].splitlines())


def without_code(page: Path) -> str:
    """Return the page's prose: fenced blocks and code spans left out."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text("utf-8")))


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of every table row of a page; rules between head and body left out."""
    rows = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|--")]
    return [[cell.strip() for cell in row.strip()[1:-1].split("|")] for row in rows]
