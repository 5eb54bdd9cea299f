"""The reference pages of one language: which there are, and the index."""

from pathlib import Path

from reference_maker.code_pages import error_codes, rules_page
from reference_maker.message_pages import MessagePages
from reference_maker.schema import LANGUAGES, read_contract
from reference_maker.services import Service, read_services
from reference_maker.tables import table
from reference_maker.wording import Wording, wording
from rse_gateway.contract.catalogue import load_catalogue
from rse_gateway.contract.files import contract_root

_INDEXED = {
    "rules.md": "rules",
    "error-codes.md": "codes",
    "faults.md": "faults",
    "social-report.md": "report",
    "code-lists.md": "code_lists",
    "types.md": "types",
    "trail-header.md": "trail",
}


def make_pages(folder: Path) -> int:
    """Write all pages below ``folder``, one folder per language, and return how many.

    What an earlier run wrote there and this one does not is removed.
    """
    written = 0
    for language in LANGUAGES:
        target = folder / language
        target.mkdir(parents=True, exist_ok=True)
        made = pages_of(wording(language))
        for old in target.glob("*.md"):
            if old.name not in made:
                old.unlink()
        for name, text in made.items():
            (target / name).write_text(text, encoding="utf-8", newline="\n")
        written += len(made)
    return written


def pages_of(words: Wording) -> dict[str, str]:
    """Return every page of one language by its file name."""
    root = contract_root()
    contract, services, catalogue = (
        read_contract(root / "xsd"),
        read_services(root / "wsdl"),
        load_catalogue(),
    )
    messages = MessagePages(contract, services, catalogue, words)
    operations = [operation.name for service in services for operation in service.operations]
    lines = {
        "rules.md": rules_page(operations, words),
        "error-codes.md": error_codes(catalogue, words),
        "faults.md": messages.faults(),
        "social-report.md": messages.social_report(),
        "code-lists.md": messages.code_lists(),
        "types.md": messages.types(),
        "trail-header.md": messages.trail_header(),
    }
    made = {name: _page(words, words.label(_INDEXED[name]), body) for name, body in lines.items()}
    for service in services:
        for operation in service.operations:
            body = messages.operation(service, operation)
            made[f"{operation.name}.md"] = _page(words, operation.name, body)
    made["README.md"] = _page(words, words.label("title"), _index(services, words))
    return made


def _index(services: tuple[Service, ...], words: Wording) -> list[str]:
    (other,) = [language for language in LANGUAGES if language != words.language]
    rows = [
        (
            f"[{operation.name}]({operation.name}.md)",
            words.say(operation.what),
            words.say(words.data["services"][service.name]["who"]),
            f"`{service.name}`",
        )
        for service in services
        for operation in service.operations
    ]
    titles = [words.label(name) for name in ("operation", "what", "who", "service")]
    lines = [f"[{words.label('other_language')}](../{other}/README.md)", ""]
    lines += [f"## {words.label('services')}", "", *table(titles, rows)]
    lines += [f"## {words.label('contents')}", ""]
    lines += [f"- [{words.label(label)}]({page})" for page, label in _INDEXED.items()]
    lines += ["", f"## {words.label('how_to_read')}", ""]
    return [*lines, *(f"- {words.say(sentence)}" for sentence in words.data["reading"])]


def _page(words: Wording, title: str, lines: list[str]) -> str:
    back = [] if title == words.label("title") else [f"[{words.label('title')}](README.md)", ""]
    whole = [f"# {title}", "", f"<!-- {words.label('made')} -->", "", *back, *lines]
    return "\n".join(whole).rstrip("\n") + "\n"
