"""``rse-gateway directory …``: lines of the sectoral directory."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from rse_gateway.cli.opening import Gateway, open_gateway
from rse_gateway.cli.options import current_settings, give_json, json_option, say, settings_option
from rse_gateway.cli.refusals import told_as_json
from rse_gateway.registration.directory_file import DirectoryFile, check_directory, directory_lines
from rse_gateway.registration.quality_codes import quality_code_meanings
from rse_gateway.store.directory_import import DirectoryImport, ImportCounts
from rse_gateway.store.institution_list import list_institutions
from rse_gateway.trail.ids import EntryIds
from rse_gateway.trail.kinds import Kind

_NAMED_AT_MOST = 10


@click.group()
def directory() -> None:
    """Import lines of the sectoral directory."""


@directory.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@settings_option
def import_file(file: Path, as_json: bool) -> None:
    """Add the lines of FILE (CSV: niss,cbe_number,quality_code,begin,end; UTF-8), all of them or none.

    A line that is there already (same person, institution, quality code and begin) takes the end of FILE.
    With a sixth column new_niss a line with quality code 999 says which number took the place of niss (empty:
    it was cancelled). Bad lines are told by number and reason, never with the person's number. The import is
    a row of the consultation log.
    """
    gateway = open_gateway(current_settings())
    with told_as_json(as_json):
        with _progress("checking", _size(file)) as progress:
            checked = check_directory(file, progress)
        with _progress("importing", checked.lines) as progress:
            counts = _import(gateway, checked, progress)
    if as_json:
        give_json(asdict(counts) | {"fileDigest": checked.digest, "unknownCodes": _unknown_codes(checked)})
    else:
        click.echo(
            f"{counts.read} line(s) read: {counts.added} added, {counts.changed} changed, "
            f"{counts.unchanged} as they were"
        )
        if counts.replacements:
            click.echo(f"{counts.replacements} number(s) replaced or cancelled")
        if counts.deleted:
            click.echo(f"{counts.deleted} line(s) that no message could show deleted")
    _note_unregistered(gateway, checked)
    for code, lines in _unknown_codes(checked).items():
        say(f"note: {lines} line(s) with quality code {code}, whose meaning is not known here")


def _unknown_codes(checked: DirectoryFile) -> dict[str, int]:
    unknown = checked.codes.keys() - quality_code_meanings().keys()
    return {str(code): checked.codes[code] for code in sorted(unknown)}


def _import(gateway: Gateway, checked: DirectoryFile, progress: Callable[[int], None]) -> ImportCounts:
    store, ids = gateway.store, EntryIds()
    now = store.clock.now()
    fields = {"fileDigest": checked.digest, "count": str(checked.lines)}
    row = gateway.hub.maker.make(Kind.DIRECTORY_IMPORTED, now, fields)
    importing = DirectoryImport(store.engine, store.keys, new_id=lambda: ids(now), at=now)
    return importing.import_lines(directory_lines(checked), progress, log=[row])


def _note_unregistered(gateway: Gateway, checked: DirectoryFile) -> None:
    registered = {one.cbe_number for one in list_institutions(gateway.store.engine)}
    unknown = sorted(one.value for one in checked.institutions if one.value not in registered)
    if unknown:
        more = f" and {len(unknown) - _NAMED_AT_MOST} more" if len(unknown) > _NAMED_AT_MOST else ""
        named = ", ".join(unknown[:_NAMED_AT_MOST])
        say(f"note: not registered, so they cannot be asked: {named}{more}")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Give what is told how far the work is; a bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)
