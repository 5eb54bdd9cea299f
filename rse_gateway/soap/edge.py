"""Step G0: the HTTP request, before a byte of the message is parsed.

Guaranteed of what comes out: a POST to an address that is served, ``text/xml`` in UTF-8, plain (no coding, no
parts), whose SOAPAction is empty, absent or one of that address, and whose bytes are within the bound of that
address. Rules: security page, "The gate", G0; contract page, check 1. HTTP framing itself (headers, chunks,
slow clients) is guarded by `rse_gateway.serving.wire`, or by another server's own parser.
"""

import re
from typing import Any, Final
from urllib.parse import unquote

from rse_gateway.errors import EdgeRefused
from rse_gateway.soap.endpoints import BY_PATH, Endpoint

UNSIGNED_STATUSES: Final = frozenset({400, 408, 413, 431, 503})
"""The only answers that are neither signed nor filled; everything else is a signed message."""

_PARAMETER: Final = re.compile(
    r"[ \t]*;[ \t]*(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)="
    r'(?:"(?P<quoted>[^"\\]*)"|(?P<plain>[^\s;"]+))[ \t]*'
)
_READ_SIZE: Final = 64 * 1024
Environ = dict[str, Any]


def find_endpoint(environ: Environ) -> Endpoint:
    """Return the endpoint that the path names exactly.

    Raises:
        EdgeRefused: nothing is served there.
    """
    endpoint = BY_PATH.get(environ.get("PATH_INFO", ""))
    if endpoint is None:
        raise EdgeRefused("G0", "no service at this path", status=405 if not _is_post(environ) else 500)
    return endpoint


def document_asked_for(environ: Environ) -> tuple[str, str] | None:
    """Return ``("wsdl", variant)`` or ``("xsd", path)`` when a GET asks for a document, else None."""
    if environ["REQUEST_METHOD"] != "GET":
        return None
    name, _, value = environ.get("QUERY_STRING", "").partition("=")
    return (name.lower(), unquote(value)) if name.lower() in ("wsdl", "xsd") else None


def check_request(environ: Environ, endpoint: Endpoint) -> None:
    """Refuse (G0) what is no SOAP 1.1 request for that endpoint; reads headers only.

    Raises:
        EdgeRefused: with the HTTP status to answer, and whether the answer is a VersionMismatch.
    """
    if not _is_post(environ):
        raise EdgeRefused("G0", "method other than POST", status=405)
    _check_media_type(environ.get("CONTENT_TYPE", ""))
    if environ.get("HTTP_CONTENT_ENCODING"):
        raise EdgeRefused("G0", "content coding", status=415)
    soap_action = soap_action_of(environ)
    if soap_action and not endpoint.knows_action(soap_action):
        raise EdgeRefused("G0", "SOAPAction of no operation at this address")


def soap_action_of(environ: Environ) -> str:
    """Return the SOAPAction without its quotes, empty when there is none."""
    text: str = environ.get("HTTP_SOAPACTION", "").strip(" \t")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text


def read_body(environ: Environ, endpoint: Endpoint) -> bytes:
    """Return the whole body, never more bytes than the endpoint's bound.

    Raises:
        EdgeRefused: too many bytes (413), fewer than announced or an impossible length (400), none at all.
    """
    bound = endpoint.bounds.max_bytes
    announced = environ.get("CONTENT_LENGTH") or None
    if announced is not None and not re.fullmatch(r"[0-9]{1,18}", announced, re.ASCII):
        raise EdgeRefused("G0", "Content-Length is no number", status=400)
    length = None if announced is None else int(announced)
    if length is not None and length > bound:
        raise EdgeRefused("G0", "more bytes announced than the operation allows", status=413)
    raw = _read(environ, bound + 1 if length is None else length)
    if len(raw) > bound:
        raise EdgeRefused("G0", "more bytes than the operation allows", status=413)
    if length is not None and len(raw) < length:
        raise EdgeRefused("G0", "fewer bytes than announced", status=400)
    if not raw:
        raise EdgeRefused("G0", "no body")
    return raw


def _read(environ: Environ, limit: int) -> bytes:
    if limit > 0 and not environ.get("CONTENT_LENGTH") and not environ.get("wsgi.input_terminated"):
        return b""  # WSGI: without a length, only a server that marks the end may be read to the end
    source, parts, left = environ["wsgi.input"], [], limit
    while left > 0 and (part := source.read(min(left, _READ_SIZE))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _is_post(environ: Environ) -> bool:
    return bool(environ["REQUEST_METHOD"] == "POST")


def _check_media_type(text: str) -> None:
    media_type, separator, rest = text.partition(";")
    media_type = media_type.strip(" \t").lower()
    if media_type == "application/soap+xml":
        raise EdgeRefused("G0", "SOAP 1.2 media type", version_mismatch=True)
    if media_type != "text/xml":
        raise EdgeRefused("G0", "media type other than text/xml", status=415)
    charsets, position, rest = [], 0, separator + rest
    while position < len(rest.rstrip(" \t;")):
        parameter = _PARAMETER.match(rest, position)
        if parameter is None:
            raise EdgeRefused("G0", "malformed media type", status=415)
        if parameter["name"].lower() == "charset":
            charsets.append((parameter["quoted"] or parameter["plain"] or "").lower())
        position = parameter.end()
    if charsets not in ([], ["utf-8"]):
        raise EdgeRefused("G0", "charset other than UTF-8", status=415)
