"""A file before it is judged: which message it claims to be, whether it is signed, and its payload.

Every refusal is the gate's own. Without a world nobody is trusted, so a signature is then held against the
certificate in the message itself, and freshness is not looked at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from rse_gateway.contract.namespaces import SOAP11, WSSE
from rse_gateway.contract.parsing import Bounds, build_tree, element_lines, parse_unverified
from rse_gateway.errors import SecurityRefused
from rse_gateway.security import shape
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.signature import plan_signature, verify_signature
from rse_gateway.security.skeleton import read_skeleton

_NAME: Final = re.compile(rb"<(?:[\w.\-]{1,64}:)?(\w{1,64}?)(Request|Response|Fault)[\s/>]")
_PEEKED: Final = 256 * 1024
_LARGE: Final = frozenset({"provideSocialReport", "deliverSocialReport", "receiveSocialReport"})
_ANSWERS: Final = frozenset({"Response", "Fault"})
_REQUEST_BOUNDS: Final = Bounds(max_bytes=256 * 1024, max_elements=2_000)
_LARGE_BOUNDS: Final = Bounds(max_bytes=1024 * 1024, max_elements=25_000)
_ANSWER_BOUNDS: Final = Bounds(max_bytes=4 * 1024 * 1024, max_elements=100_000)
_MAX_CERTIFICATE_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says it is, before anything is believed: only sizes and words depend on it.

    ``operation`` is "" where no name was found; ``form`` is Request, Response or Fault.
    """

    operation: str
    form: str

    @property
    def bounds(self) -> Bounds:
        """Return how large such a message may be."""
        if self.form in _ANSWERS:
            return _LARGE_BOUNDS if self.operation == "provideSocialReport" else _ANSWER_BOUNDS
        return _LARGE_BOUNDS if self.operation in _LARGE else _REQUEST_BOUNDS


def claim_of(raw: bytes) -> Claim:
    """Return what the first element with a name of the contract says."""
    found = _NAME.search(raw, 0, _PEEKED)
    if found is None:
        return Claim("", "Request")
    return Claim(found[1].decode("ascii", "replace"), found[2].decode("ascii"))


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A message that may be judged.

    Attributes:
        payload: the one child of the Body, or the root of a payload file.
        line_of: line of the received text of an element of ``payload``.
        message: what the gate opened, where a trusted key signed.
        trusted: ``signed`` and the key is accepted.
    """

    payload: etree._Element
    line_of: Callable[[etree._Element], int]
    enveloped: bool = False
    signed: bool = False
    message: SignedMessage | None = None


class NoPayload(ValueError):
    """An envelope whose Body does not hold exactly one element."""


def open_message(
    raw: bytes, claim: Claim, gate: Gate | None, now: datetime, *, signed: bool | None
) -> Opened:
    """Return the payload of a file.

    Args:
        raw: the bytes of the file.
        claim: what it says it is.
        gate: the gate of a world, None where nobody is trusted.
        now: when it is received.
        signed: whether it has to be signed; None = as it looks.

    Raises:
        EdgeRefused: G1–G3.
        SecurityRefused: G4–G8.
        NoPayload: an unsigned envelope without exactly one element in its Body.
    """
    if signed and gate is not None:
        return _through(gate, raw, claim, now)
    root = parse_unverified(raw, claim.bounds)
    if root.tag != f"{{{SOAP11}}}Envelope":
        return Opened(root, _lines(raw, root))
    if signed is None:
        signed = root.find(f"{{{SOAP11}}}Header/{{{WSSE}}}Security") is not None
    if signed and gate is not None:
        return _through(gate, raw, claim, now)
    if signed:
        check_own_signature(root)
    bodies = root.findall(f"{{{SOAP11}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise NoPayload
    return Opened(bodies[0][0], _lines(raw, root), enveloped=True, signed=signed)


def check_own_signature(root: etree._Element) -> None:
    """Hold the signature of an envelope against the certificate that it brings itself, whoever issued it.

    Raises:
        SecurityRefused: G4, G6, G7 or G8.
    """
    skeleton = read_skeleton(root)
    plan = plan_signature(skeleton)
    der = shape.base64_bytes("G7", skeleton.token, max_bytes=_MAX_CERTIFICATE_BYTES)
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SecurityRefused("G7", "the certificate is malformed or not supported") from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise SecurityRefused("G7", "the key is neither RSA of 2048 bits or more nor P-256")
    build_tree(verify_signature(plan, skeleton, key).body)


def _through(gate: Gate, raw: bytes, claim: Claim, now: datetime) -> Opened:
    message = gate.open(raw, bounds=claim.bounds, now=now)
    lines: dict[etree._Element, int] = {}

    def line_of(element: etree._Element) -> int:
        if not lines:
            lines.update(zip(message.body.iter(), message.lines(), strict=True))
        return lines.get(element, 0)

    return Opened(message.payload, line_of, enveloped=True, signed=True, message=message)


def _lines(raw: bytes, root: etree._Element) -> Callable[[etree._Element], int]:
    """Return what finds the line of an element; the text is counted once, when a line is first asked for."""
    lines: dict[etree._Element, int] = {}

    def line_of(element: etree._Element) -> int:
        if not lines:
            lines.update(zip(root.iter(), element_lines(raw), strict=False))
        return lines.get(element, 0)

    return line_of
