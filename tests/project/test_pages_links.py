"""A reader who follows a link arrives."""

import re
from pathlib import Path

import pytest
from pages import PAGES, ROOT, blocks, short, text_of, without_code

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def exists_somewhere(name: str) -> bool:
    """Tell whether some file of this tree has the name, or the end of a path, that a page uses."""
    folders = ("rse_gateway", "rse_cpas_stub", "samples", "tests", "xsd", "wsdl", "docs", "benchmarks")
    return (ROOT / name).exists() or any(True for one in folders for _ in (ROOT / one).rglob(name))


def anchors(page: Path) -> set[str]:
    prose = page.read_text("utf-8")
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(prose))
    return {title.strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_relative_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in LINK.findall(without_code(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


def test_every_page_below_docs_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting += [
            (page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(page.read_text("utf-8"))
        ]
    assert [short(page) for page in PAGES if page.is_relative_to(ROOT / "docs") and page not in reached] == []


def test_every_page_that_the_code_refers_to_exists() -> None:
    sources = [*(ROOT / "rse_gateway").rglob("*.py"), *(ROOT / "rse_cpas_stub").rglob("*.py")]
    named = {name for file in sources for name in re.findall(r"docs/[\w\-/]+\.md", file.read_text("utf-8"))}
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_every_page_of_the_explanation_that_the_code_calls_by_its_name_exists() -> None:
    sources = [*(ROOT / "rse_gateway").rglob("*.py"), *(ROOT / "rse_cpas_stub").rglob("*.py")]
    named = {
        name
        for file in sources
        for name in re.findall(r"\b([a-z]+) page\b", file.read_text("utf-8"))
        if name != "that"
    }
    known = {page.stem for page in (ROOT / "docs" / "explanation").glob("*.md")}
    assert named & {"domain", "contract", "architecture", "security", "reliability", "trail"} <= known
    assert {"domain", "contract", "security", "reliability", "trail"} <= named


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_file_of_the_source_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`([\w/\-]+\.(?:py|json|xsd|wsdl|lock)|tests/[\w/]+)`", page.read_text("utf-8"))
    elsewhere = ("demo-run/", "schemas/")
    assert [name for name in named if not name.startswith(elsewhere) and not exists_somewhere(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_python_block_of_a_page_compiles(page: Path) -> None:
    for code in blocks(page, "python"):
        compile(code, short(page), "exec")


def test_the_readme_names_every_command_of_the_makefile() -> None:
    targets = re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), re.MULTILINE)
    assert targets is not None
    readme = text_of("README.md")
    assert [name for name in targets[1].split() if f"`make {name}`" not in readme] == []
