"""``rse-gateway sign``: a sample becomes a signed message that can be posted."""

import sys
from pathlib import Path
from uuid import uuid4

import click
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from rse_gateway.adapters.clock import SystemClock
from rse_gateway.cli.outcome import Refused
from rse_gateway.contract.namespaces import SOAP11, TRAIL
from rse_gateway.contract.parsing import build_tree
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.errors import EdgeRefused, GatewayFault
from rse_gateway.security.freshness import MAX_LIFETIME_SECONDS
from rse_gateway.security.keys import load_certificate, load_private_key, load_private_key_unsafe
from rse_gateway.security.signing import MessageSigner

FRESH = "NEW"
_EPILOG = """The message is accepted once, and for 5 minutes at most: sign again to post again.

\b
rse-gateway sign request.xml --key K.pem --certificate C.pem |
  curl --data-binary @- -H 'Content-Type: text/xml; charset=utf-8' URL"""
_MAX_BYTES = 8 * 1024 * 1024


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--as",
    "pair",
    type=(click.Path(path_type=Path), click.Path(path_type=Path)),
    metavar="KEY CERTIFICATE",
    help="Private key and certificate (PEM files); the same as --key and --certificate.",
)
@click.option("--key", type=click.Path(path_type=Path), help="Private key (PEM): P-256, or RSA of 2048 bits.")
@click.option("--certificate", type=click.Path(path_type=Path), help="Certificate of that key (PEM).")
@click.option("--ticket", metavar="TEXT", help="Put this ticket into the request; NEW makes a fresh one.")
@click.option(
    "--lifetime",
    type=click.IntRange(1, MAX_LIFETIME_SECONDS),
    default=MAX_LIFETIME_SECONDS,
    show_default=True,
    help="Seconds until the message expires.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the signed message. Default: standard output.",
)
def sign(
    file: Path,
    *,
    pair: tuple[Path, Path] | None,
    key: Path | None,
    certificate: Path | None,
    ticket: str | None,
    lifetime: int,
    output: Path | None,
) -> None:
    """Sign FILE (- for standard input): the payload element alone, or a SOAP envelope around it.

    The Timestamp is now. A trail header of the envelope is kept and signed; other headers, a former signature
    among them, are left out. The result goes to standard output, so it can be piped to curl.
    """
    signer = _signer(*_one_pair(pair, key, certificate))
    payload, trail = _parts(_read(file))
    if ticket is not None:
        _put_ticket(payload, ticket)
    try:
        signed = signer.sign(payload, created=SystemClock().now(), expires_in_seconds=lifetime, trail=trail)
    except GatewayFault as error:
        raise Refused(f"{file}: cannot be signed: {error}") from error
    _deliver(signed.raw, output)


def _one_pair(
    pair: tuple[Path, Path] | None, key: Path | None, certificate: Path | None
) -> tuple[Path, Path]:
    if pair is not None and key is None and certificate is None:
        return pair
    if pair is None and key is not None and certificate is not None:
        return key, certificate
    raise click.UsageError("Give either --as KEY CERTIFICATE, or --key and --certificate.")


def _signer(key: Path, certificate: Path) -> MessageSigner:
    """Return the signer; a key that others can read is accepted from a test authority only."""
    issued = load_certificate(certificate)
    of_test_authority = any("TEST" in str(name.value).upper() for name in issued.issuer)
    private_key = load_private_key_unsafe(key) if of_test_authority else load_private_key(key)
    return MessageSigner(private_key, issued.public_bytes(Encoding.DER))


def _read(file: Path) -> etree._Element:
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with file.open("rb") as opened:
                raw = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise Refused(f"{file}: cannot be read ({error.strerror})") from error
    if len(raw) > _MAX_BYTES:
        raise Refused(f"{file}: larger than any message (8 MiB)")
    try:
        return build_tree(raw)
    except EdgeRefused as error:
        raise Refused(f"{file}: an XML document expected: {error.reason}") from error


def _parts(root: etree._Element) -> tuple[etree._Element, etree._Element | None]:
    """Return the payload and the trail header where there is one."""
    if root.tag != f"{{{SOAP11}}}Envelope":
        return root, None
    payloads = root.findall(f"{{{SOAP11}}}Body/*")
    if len(payloads) != 1:
        raise Refused("the envelope: exactly one element in one Body expected")
    trails = root.findall(f"{{{SOAP11}}}Header/{{{TRAIL}}}trail")
    if len(trails) > 1:
        raise Refused("the envelope: at most one trail header expected")
    return payloads[0], trails[0] if trails else None


def _put_ticket(payload: etree._Element, text: str) -> None:
    try:
        ticket = Ticket(str(uuid4()) if text == FRESH else text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--ticket") from None
    element = payload.find("informationCustomer/ticket")
    if element is None:
        raise Refused("the payload: informationCustomer/ticket expected, to put the ticket there")
    element.text = ticket.value


def _deliver(raw: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(raw)
    except OSError as error:
        raise Refused(f"{output}: cannot be written ({error.strerror})") from error
