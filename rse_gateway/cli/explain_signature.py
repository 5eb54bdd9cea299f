"""``rse-gateway explain-signature``: why a signature is refused, and the likely cause."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from cryptography import x509

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.cli.options import current_settings, give_json, json_option, settings_file, settings_option
from rse_gateway.cli.outcome import DONE, REFUSED, Refused, safe
from rse_gateway.cli.validate import read_moment
from rse_gateway.contract.catalogue import LANGUAGES
from rse_gateway.diagnosis.causes import detail, label
from rse_gateway.diagnosis.explanation import Explanation, Trusted
from rse_gateway.diagnosis.explanation import explain_signature as explain
from rse_gateway.diagnosis.signature_references import ReferenceExplained
from rse_gateway.diagnosis.signature_value import KnownKey
from rse_gateway.diagnosis.world_file import read_world
from rse_gateway.errors import SetupError
from rse_gateway.security.trust import SubjectRule, TrustAnchor

_MAX_BYTES = 8 * 1024 * 1024
_RULES: tuple[SubjectRule, ...] = ("ou", "organization_identifier")


@click.command("explain-signature")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@click.option(
    "--trusted-ca",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CAs to trust (PEM), where there is no settings file; which keys are registered is then unknown.",
)
@click.option(
    "--world",
    "world_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="World file (as samples/messages/world.json): CAs and registered keys.",
)
@click.option(
    "--at",
    metavar="MOMENT",
    callback=read_moment,
    help="Judge as if received then (2026-11-21T10:00:30Z; without zone UTC). Default: now.",
)
@click.option(
    "--canonical-out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the canonical bytes of SignedInfo and of each part (they hold the message's content).",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="EN", show_default=True, help="Language of the texts."
)
@json_option
@settings_option
def explain_signature(
    file: Path,
    *,
    trusted_ca: Path | None,
    world_file: Path | None,
    at: datetime | None,
    canonical_out: Path | None,
    language: str,
    as_json: bool,
) -> int:
    """Say of the signed envelope FILE (- for standard input) what its signature covers, and what is wrong.

    Each reference with the digest expected and found, the algorithms, the certificate, the institution, the
    time window, deviations from the profile, and the likely cause in words. Certificates are judged by the
    settings (CAs, registered keys), a world file or --trusted-ca. No value of the message is shown. Exit
    status 1 when anything is wrong.
    """
    explanation = explain(_read(file), at or SystemClock().now(), _trusted(trusted_ca, world_file))
    files = [] if canonical_out is None else _write_parts(explanation, canonical_out)
    if as_json:
        give_json(_masked(explanation.values(language) | {"canonicalFiles": files}))
    else:
        for line in (*_lines(explanation, language), *files):
            click.echo(safe(line))
    return REFUSED if explanation.gate.step or explanation.causes else DONE


def _trusted(trusted_ca: Path | None, world_file: Path | None) -> Trusted:
    if world_file is not None:
        world = read_world(world_file)
        known = tuple(KnownKey(key, owner) for key, owner in world.public_keys)
        return Trusted(world.anchors, world, known)
    if trusted_ca is not None:
        return Trusted(tuple(_anchors(trusted_ca)))
    if settings_file(click.get_current_context()) is None:
        return Trusted()
    from rse_gateway.bootstrap.trust import trust_anchors
    from rse_gateway.store.engine import open_engine
    from rse_gateway.store.registry import SqlRegistry

    settings = current_settings()
    return Trusted(tuple(trust_anchors(settings)), SqlRegistry(open_engine(settings.database)))


def _anchors(file: Path) -> Iterator[TrustAnchor]:
    try:
        certificates = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise SetupError(f"trusted CAs {file}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SetupError(f"trusted CAs {file}: PEM certificates expected, at least one") from error
    for certificate in certificates:
        yield from (TrustAnchor(certificate, rule) for rule in _RULES)


def _read(file: Path) -> bytes:
    with click.open_file(str(file), "rb") as opened:
        raw: bytes = opened.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        raise Refused(f"{file}: larger than any message (8 MiB)")
    return raw


def _write_parts(explanation: Explanation, folder: Path) -> list[str]:
    """Write the canonical bytes, readable by the owner only, and return the paths."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in explanation.canonical_parts():
            path = folder / f"{name}.c14n.xml"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(content)
            written.append(str(path))
    except OSError as error:
        raise Refused(f"{folder}: cannot be written ({error.strerror})") from error
    return written


def _masked(value: Any) -> Any:
    """Return a result in which no text holds eleven digits of a number."""
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return safe(value) if isinstance(value, str) else value


def _lines(told: Explanation, language: str) -> Iterator[str]:
    def words(key: str) -> str:
        return label(key, language)

    gate = told.gate
    verdict = f"{words('refuses')}: {gate.step} {gate.reason}" if gate.step else words("opens")
    yield f"{words('gate')}: {verdict}" + ("" if gate.judged else f" ({words('untested')})")
    for cause in told.causes:
        yield f"{words('cause')}: {cause.text(language)}"
    if not told.causes:
        yield f"{words('cause')}: {words('nothing' if gate.step else 'none')}"
    for one in told.references:
        yield from _reference_lines(one, language)
    if told.value is not None:
        state = {True: "value_ok", False: "value_wrong", None: "unknown"}[told.value.right]
        yield f"{words('algorithm')}: {told.value.method} – {words(state)}"
    yield from _certificate_lines(told, language)
    if told.time is not None:
        offset = "" if told.time.offset is None else f" ({told.time.offset:+d} s)"
        yield f"{words('time')}: {told.time.created} – {told.time.expires}, {told.time.now}{offset}"
    if told.deviations:
        more = f" – {words('toolkit')}" if gate.toolkit else ""
        yield f"{words('profile')}: {', '.join(told.deviations)}{more}"


def _reference_lines(one: ReferenceExplained, language: str) -> Iterator[str]:
    def words(key: str) -> str:
        return label(key, language)

    yield f"{words('reference')} {one.uri} – {words('same' if one.right else 'differ')}"
    yield f"  {words('node')}: {', '.join(one.places) or '–'}"
    yield f"  {words('transforms')}: {', '.join(one.transforms) or '–'}; {one.digest_method}"
    yield f"  {words('expected')}: {one.expected}"
    yield f"  {words('found')}: {one.found or '–'}"
    _, form = one.match
    if form:
        yield f"  {words('matches')}: {detail(form, language)}"


def _certificate_lines(told: Explanation, language: str) -> Iterator[str]:
    found = told.certificate
    if found is None:
        return

    def words(key: str) -> str:
        return label(key, language)

    state = {True: "registered", False: "not_registered", None: "unknown"}[found.registered]
    yield f"{words('certificate')}: {found.subject}"
    yield f"  {words('institution')}: {found.institution or '–'}"
    yield f"  {words('issuer')}: {found.issuer}"
    yield f"  {words('valid')}: {found.not_before.isoformat()} – {found.not_after.isoformat()}"
    use = ", ".join(found.usage) or "–"
    yield f"  {words('key')}: {found.key_words}, {use}, {words(state)} ({found.key_id})"
