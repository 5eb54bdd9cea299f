"""The result of a batch as JUnit XML, which build servers read; written as it comes, totals last."""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from lxml import etree

from rse_gateway.diagnosis.batch import Judged
from rse_gateway.errors import SetupError

_SUITE = "rse-gateway validate"


class JunitFile:
    """A JUnit file in the making: cases wait in a temporary file until their number is known."""

    def __init__(self, file: Path, language: str) -> None:
        """Write to ``file`` when closed."""
        self._file = file
        self._language = language
        self._cases = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in __exit__
        self._tests = self._failures = self._errors = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def add(self, one: Judged, lines: list[str]) -> None:
        """Add one file; ``lines`` are what a person is told of it."""
        case = etree.Element("testcase", classname=_clean(str(Path(one.file).parent)), name=_clean(one.file))
        self._tests += 1
        if not one.fine:
            kind = "error" if one.verdict is None else "failure"
            self._errors += kind == "error"
            self._failures += kind == "failure"
            told = etree.SubElement(case, kind, message=_clean(lines[0] if lines else one.trouble))
            told.text = _clean("\n".join(lines))
        self._cases.write(b"  " + etree.tostring(case) + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, unless something went wrong.

        Raises:
            SetupError: it cannot be written.
        """
        with self._cases:
            if kind is None:
                self._write()

    def _write(self) -> None:
        head = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="{_SUITE}" tests="{self._tests}" '
            f'failures="{self._failures}" errors="{self._errors}">\n'
        )
        self._cases.seek(0)
        try:
            with self._file.open("wb") as written:
                written.write(head.encode())
                shutil.copyfileobj(self._cases, written)
                written.write(b"</testsuite>\n")
        except OSError as error:
            raise SetupError(f"{self._file}: cannot be written ({error.strerror})") from error


def _clean(text: str) -> str:
    """Return ``text`` without what XML cannot hold."""
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)
