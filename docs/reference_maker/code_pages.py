"""The page of codes, from the catalogue, and the page of rules, from the orders of the code."""

from collections.abc import Iterable, Mapping
from typing import Any

from reference_maker import rules
from reference_maker.tables import table
from reference_maker.wording import Wording, anchor
from rse_gateway.contract.catalogue import Catalogue, CatalogueEntry

_SAMPLES = "../../../samples"


def error_codes(catalogue: Catalogue, words: Wording) -> list[str]:
    """Return the lines of the page of codes: one table, then cause, remedy and sample of each."""
    language = words.language.upper()
    rows = [
        (code_link(code, page=""), entry.severity, _places(entry, words), entry.texts[language])
        for code, entry in catalogue.entries.items()
    ]
    titles = [words.label(name) for name in ("code", "severity", "where", "text")]
    lines = [words.label("codes_intro"), "", words.label("codes_of_holder"), "", *table(titles, rows)]
    lines += [f"## {words.label('cause')}, {words.label('remedy').lower()}, {words.label('sample').lower()}"]
    for code, entry in catalogue.entries.items():
        lines += ["", f"### {code}", "", f"> {entry.texts[language]}", ""]
        lines.append(words.item("cause", entry.causes[language]))
        lines.append(words.item("remedy", entry.remedies[language]))
        lines.append(words.item("sample", _sample(entry, words)))
    kept = [(code, reasons[language]) for code, reasons in catalogue.reserved.items()]
    lines += ["", f"## {words.label('reserved')}", "", words.label("reserved_intro"), ""]
    return [*lines, *table([words.label("code"), words.label("reason")], kept)]


def code_link(code: str, page: str = "error-codes.md") -> str:
    """Return a link to where a code is explained."""
    return f"[{code}]({page}#{code.lower()})"


def rules_page(operations: Iterable[str], words: Wording) -> list[str]:
    """Return the lines of the page of rules; ``operations`` in the order of the WSDL files."""
    lines = [words.label("rules_intro"), "", *_gate(words)]
    lines += [f"## {words.label('order_title')}", "", words.label("order_intro"), ""]
    for operation in operations:
        if operation in words.data["orders"]:
            lines += _operation(operation, words)
    lines += _leg(words)
    lines += _sizes(words)
    lines += [f"## {words.label('times')}", ""]
    lines += [f"- {words.say(one, **rules.time_values())}" for one in words.data["times"]]
    lines += ["", f"## {words.label('profile')}", ""]
    return [*lines, *(f"- {words.say(one)}" for one in words.data["profile"])]


def check_words(operation: str, name: str, words: Wording) -> Mapping[str, Any]:
    """Return the sentence and codes of a check; some names mean another thing in each operation.

    Raises:
        KeyError: the data file does not know the check.
    """
    checks: dict[str, dict[str, Any]] = words.data["checks"]
    own = checks.get(f"{operation}/{name}")
    return checks[name] if own is None else own


def _places(entry: CatalogueEntry, words: Wording) -> str:
    return ", ".join(
        words.label(f"where_{place}") for place in ("fault", "reply", "supplier") if place in entry.where
    )


def _sample(entry: CatalogueEntry, words: Wording) -> str:
    if entry.sample is None:
        return words.label("no_sample", why=entry.sample_reasons[words.language.upper()])
    return f"[{entry.sample.rpartition('/')[2]}]({_SAMPLES}/{entry.sample})"


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(code_link(code) for code in codes)


def _gate(words: Wording) -> list[str]:
    values = rules.gate_values() | {
        "profile": anchor(words.label("profile")),
        "times": anchor(words.label("times")),
    }
    known = words.data["gate"]
    rows = [
        (step, words.say(known[step], **values), _codes(known[step]["codes"])) for step in rules.gate_steps()
    ]
    titles = [words.label(name) for name in ("step", "rule", "answer_if_not")]
    return [f"## {words.label('gate')}", "", *table(titles, rows), words.say(words.data["gate_note"]), ""]


def _operation(operation: str, words: Wording) -> list[str]:
    rows = []
    for number, name in enumerate(rules.order_of(words.data["orders"][operation]), start=1):
        check = check_words(operation, name, words)
        sentence = words.say(dict(check), **rules.check_values())
        rows.append((str(number), f"`{name}`", sentence, _codes(check["codes"])))
    titles = ["", *(words.label(name) for name in ("check", "rule", "answer_if_not"))]
    lines = [f"### {operation}", "", *table(titles, rows), f"{words.label('after')}{words.colon}", ""]
    lines += [f"- {words.say(one)} {_codes(one['codes'])}" for one in words.data["after"][operation]]
    return [*lines, ""]


def _leg(words: Wording) -> list[str]:
    rows = [(f"`{name}`", words.say(words.data["leg_checks"][name])) for name in rules.leg_order()]
    titles = [words.label("check"), words.label("rule")]
    return [f"## {words.label('leg_title')}", "", words.label("leg_intro"), "", *table(titles, rows)]


def _sizes(words: Wording) -> list[str]:
    sizes = rules.Sizes()
    rows = []
    for one in words.data["sizes"]:
        bound = words.bytes(getattr(sizes, one["bytes"]))
        if one["elements"] is not None:
            bound += f", {words.number(getattr(sizes, one['elements']))} {words.label('elements').lower()}"
        rows.append((words.say(one), bound))
    titles = [words.label("message"), words.label("bound")]
    return [f"## {words.label('sizes')}", "", *table(titles, rows)]
