"""What a check of a partner found out, step by step, and what to mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How one step ended; only ``WRONG`` makes the verdict wrong."""

    OK = "ok"
    WRONG = "wrong"
    WARNING = "warning"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: what was seen, and what to mend where something is wrong; holds no national number."""

    step: str
    result: Result
    seen: str
    mend: str = ""


def ok(step: str, seen: str) -> Finding:
    """Return a step that is right."""
    return Finding(step, Result.OK, seen)


def wrong(step: str, seen: str, mend: str) -> Finding:
    """Return a step that is wrong, with what to do."""
    return Finding(step, Result.WRONG, seen, mend)


def warning(step: str, seen: str, mend: str = "") -> Finding:
    """Return a step that works today and needs attention."""
    return Finding(step, Result.WARNING, seen, mend)


def not_tried(step: str, why: str) -> Finding:
    """Return a step that was left out."""
    return Finding(step, Result.NOT_TRIED, why)


def all_right(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing is wrong; warnings and what was not tried do not count."""
    return all(finding.result is not Result.WRONG for finding in findings)
