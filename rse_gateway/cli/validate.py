"""``rse-gateway validate``: is a message as the contract wants it? All that is wrong at once."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

import click

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.cli.options import json_option
from rse_gateway.cli.outcome import DONE, REFUSED, plain
from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.diagnosis.batch import Batch, Judged, Tally
from rse_gateway.diagnosis.junit import JunitFile
from rse_gateway.diagnosis.moment import moment_of
from rse_gateway.diagnosis.world_file import read_world

_MORE = {"FR": "d'autres encore", "NL": "nog meer", "DE": "weitere", "EN": "more of them"}


def read_moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """Return the moment that an option names.

    Raises:
        click.BadParameter: it names none.
    """
    try:
        return None if value is None else moment_of(value)
    except ValueError:
        raise click.BadParameter("a moment such as 2026-11-21T10:00:30Z expected") from None


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, allow_dash=True)
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="EN", show_default=True, help="Language of the texts."
)
@click.option("--operation", metavar="NAME", help="Accept messages of this operation only.")
@click.option(
    "--at",
    metavar="MOMENT",
    callback=read_moment,
    help="Judge as if received then (2026-11-21T10:00:30Z; without zone UTC). Default: now.",
)
@click.option(
    "--world",
    "world_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="World file (as samples/messages/world.json): checks signatures, rights and files too.",
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare with this manifest. Default: manifest.json in a folder that is given.",
)
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit file, too.")
@json_option
def validate(
    files: tuple[Path, ...],
    *,
    language: str,
    operation: str | None,
    at: datetime | None,
    world_file: Path | None,
    manifest: Path | None,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Check FILES (payloads or SOAP envelopes; of folders every *.xml below): XSD, then business rules.

    Every violation comes at once, at most 30 a file: line, field, what was expected, what kind was found; no
    value of a message is shown. Needs no settings and no database. Exit status 1 when anything is wrong; with
    a manifest, when a file is not as it lists.
    """
    batch = Batch(
        files,
        load_schemas(),
        now=at or SystemClock().now(),
        world=None if world_file is None else read_world(world_file),
        manifest=manifest,
        operation=operation,
    )
    tally = Tally()
    report = _JsonReport(language) if as_json else _TextReport(language)
    with JunitFile(junit, language) if junit else nullcontext() as junit_file, _progress(batch) as done:
        for one in batch.judged(batch.files()):
            tally.add(one)
            report.add(one)
            if junit_file is not None:
                junit_file.add(one, lines_of(one, language))
            done(1)
    report.close(tally)
    return DONE if tally.fine == tally.files else REFUSED


def lines_of(one: Judged, language: str) -> list[str]:
    """Return what a person is told of a file, a line each; nothing of a file that is as listed."""
    if one.agrees:
        return []
    name = plain(one.file)
    if one.verdict is None:
        return [f"{name}: {one.trouble}"]
    lines = [plain(f"{name}:{finding.sentence(language)}") for finding in one.verdict.findings]
    if one.verdict.truncated:
        lines.append(f"{name}: … {_MORE[language]}")
    if one.agrees is False and one.listed is not None:
        said = one.verdict
        got = (said.outcome, said.code, said.stopped_at, said.violations)
        lines.append(f"{name}: listed as {_words(one.listed.values())}; it is {_words(got)}")
    return lines


def _words(values: object) -> str:
    return " ".join(str(one) for one in values if one) if hasattr(values, "__iter__") else str(values)


class _TextReport:
    """One line per finding, then the counts."""

    def __init__(self, language: str) -> None:
        self._language = language

    def add(self, one: Judged) -> None:
        for line in lines_of(one, self._language):
            click.echo(line)

    def close(self, tally: Tally) -> None:
        wrong = tally.files - tally.right
        click.echo(f"{tally.files} file(s): {tally.right} right, {wrong} wrong, {tally.notes} note(s)")
        if tally.agree or tally.disagree:
            click.echo(f"manifest: {tally.agree} agree, {tally.disagree} disagree")
        for code, count in sorted(tally.codes.items()):
            click.echo(f"  {code}: {count} file(s)")


class _JsonReport:
    """One JSON value, written file by file."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._before = '{\n"files": [\n'

    def add(self, one: Judged) -> None:
        click.echo(self._before + json.dumps(one.values(self._language)), nl=False)
        self._before = ",\n"

    def close(self, tally: Tally) -> None:
        opening = self._before if tally.files == 0 else ""
        click.echo(f'{opening}\n],\n"summary": {json.dumps(tally.values())}\n}}')


@contextmanager
def _progress(batch: Batch) -> Iterator[Callable[[int], None]]:
    """Give what is told that a file is done; a bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _files: None
        return
    count = sum(1 for _ in batch.files())
    with click.progressbar(length=count, label="validating", file=sys.stderr) as bar:
        yield bar.update
