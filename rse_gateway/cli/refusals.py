"""Refused files for machines: the same problems that a person reads, as JSON on standard output."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rse_gateway.cli.options import give_json
from rse_gateway.registration.problems import ImportRefused


@contextmanager
def told_as_json(wanted: bool) -> Iterator[None]:
    """Where wanted, write the problems of a refused file as JSON; the refusal itself goes on."""
    try:
        yield
    except ImportRefused as refused:
        if wanted:
            problems = [{"file": refused.file, **asdict(problem)} for problem in refused.problems]
            give_json({"imported": 0, "problems": problems, "more": refused.more})
        raise
