"""The gate: raw bytes in, the one Body that a known institution signed out, or a refusal.

Guarantee: whoever holds a `SignedMessage` holds bytes whose digest stands in a SignedInfo that was signed,
within the last five minutes, by a key registered and active for the institution in ``signer``. ``body`` and
``trail`` are parsed anew from exactly those bytes; the received tree is dropped, so nothing unsigned can be
read by mistake.

Not guaranteed here: HTTP (G0), that the message is no replay (G9: ``replay_key``), that it follows the XSD
(G10), that the institution may ask (checks 4–6). The order of checks is `GATE_ORDER`, cheap and total first;
it exists nowhere else. Rules: security page, "The gate"; contract page, checks 1 and 2.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from lxml import etree

from rse_gateway.contract.parsing import Bounds, build_tree, check_bytes, check_tree, element_lines
from rse_gateway.errors import SecurityRefused
from rse_gateway.security import shape
from rse_gateway.security.freshness import Validity, fresh_validity
from rse_gateway.security.signature import SignaturePlan, VerifiedParts, plan_signature, verify_signature
from rse_gateway.security.skeleton import Skeleton, read_skeleton
from rse_gateway.security.trust import AdmittedCertificate, Signer, TrustPolicy

_MAX_CERTIFICATE_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class SignedMessage:
    """What was signed, by whom, and when; nothing else of the received message.

    Attributes:
        body: ``soap:Body``, parsed anew from ``body_bytes``.
        body_bytes: the canonical bytes that were digested.
        body_digest: SHA-256 of ``body_bytes`` (32 bytes): the message digest of the trail.
        trail: the trail header, parsed anew from its digested bytes, if there is one.
        signer: the institution, its key, certificate, roles and profile.
        signed_info: canonical SignedInfo; with ``signature_value`` and certificate the proof of signing.
        signature_value: decoded; r ‖ s for P-256.
        certificate_der: as received.
        created: of the Timestamp.
        expires: of the Timestamp.
    """

    body: etree._Element
    body_bytes: bytes
    body_digest: bytes
    trail: etree._Element | None
    signer: Signer
    signed_info: bytes
    signature_value: bytes
    certificate_der: bytes
    created: datetime
    expires: datetime
    _received: bytes = field(compare=False)

    @property
    def payload(self) -> etree._Element:
        """The one child of the Body: the operation's element."""
        return self.body[0]

    @property
    def replay_key(self) -> bytes:
        """SHA-256 of SignedInfo; not of SignatureValue, which an outsider can vary for ECDSA."""
        return hashlib.sha256(self.signed_info).digest()

    def line_of(self, element: etree._Element) -> int:
        """Return the 1-based line of the received text where an element of ``body`` starts (0: not of it).

        Counted when first asked for, from the received bytes: a refusal is rare and has few violations.
        """
        return next(
            (line for node, line in zip(self.body.iter(), self.lines(), strict=True) if node is element), 0
        )

    def lines(self) -> tuple[int, ...]:
        """Return the line of the received text of every element of ``body``, in document order."""
        count = sum(1 for _ in self.body.iter())
        return element_lines(self._received)[-count:]  # Body is the last child of the Envelope

    def __repr__(self) -> str:
        return f"SignedMessage(signer={self.signer.cbe_number}, created={self.created.isoformat()})"


class _Opening:
    """The work sheet of one opening: each step reads what earlier steps wrote, and writes its own result."""

    __slots__ = (
        "admitted", "body", "bounds", "certificate_der", "now", "plan", "raw", "skeleton", "trail", "trust",
        "unverified_root", "validity", "verified",
    )  # fmt: skip

    unverified_root: etree._Element
    skeleton: Skeleton
    validity: Validity
    plan: SignaturePlan
    certificate_der: bytes
    admitted: AdmittedCertificate
    verified: VerifiedParts
    body: etree._Element
    trail: etree._Element | None

    def __init__(self, raw: bytes, bounds: Bounds, now: datetime, trust: TrustPolicy) -> None:
        self.raw = raw
        self.bounds = bounds
        self.now = now
        self.trust = trust


def _check_bytes(opening: _Opening) -> None:
    check_bytes(opening.raw, opening.bounds)


def _build_tree(opening: _Opening) -> None:
    opening.unverified_root = build_tree(opening.raw)


def _check_bounds(opening: _Opening) -> None:
    check_tree(opening.unverified_root, opening.bounds, opening.raw)


def _read_skeleton(opening: _Opening) -> None:
    opening.skeleton = read_skeleton(opening.unverified_root)


def _check_time(opening: _Opening) -> None:
    opening.validity = fresh_validity(opening.skeleton.created, opening.skeleton.expires, opening.now)


def _read_signed_info(opening: _Opening) -> None:
    opening.plan = plan_signature(opening.skeleton)


def _admit_certificate(opening: _Opening) -> None:
    opening.certificate_der = shape.base64_bytes(
        "G7", opening.skeleton.token, max_bytes=_MAX_CERTIFICATE_BYTES
    )
    opening.admitted = opening.trust.admit(opening.certificate_der, opening.now)
    if opening.plan.toolkit_traits and opening.admitted.signer.profile != "toolkit":
        raise SecurityRefused(
            "G7", f"not in profile strict: {', '.join(sorted(opening.plan.toolkit_traits))}"
        )


def _verify_signature(opening: _Opening) -> None:
    opening.verified = verify_signature(opening.plan, opening.skeleton, opening.admitted.public_key)
    opening.body = build_tree(opening.verified.body)
    opening.trail = None if opening.verified.trail is None else build_tree(opening.verified.trail)


class GateStep(NamedTuple):
    """One step of the gate: its name on the security page, what it looks at, and the function."""

    name: str
    looks_at: str
    run: Callable[[_Opening], None]


GATE_ORDER: Final[tuple[GateStep, ...]] = (
    GateStep("G1", "bytes", _check_bytes),
    GateStep("G2", "tree", _build_tree),
    GateStep("G3", "bounds", _check_bounds),
    GateStep("G4", "skeleton", _read_skeleton),
    GateStep("G5", "time", _check_time),
    GateStep("G6", "SignedInfo", _read_signed_info),
    GateStep("G7", "certificate", _admit_certificate),
    GateStep("G8", "signature", _verify_signature),
)


class Gate:
    """Opens signed messages under one trust policy; holds no other state and is safe to share."""

    def __init__(self, trust: TrustPolicy) -> None:
        """Decide by ``trust`` whose signature counts."""
        self._trust = trust

    def open(self, raw: bytes, *, bounds: Bounds, now: datetime) -> SignedMessage:
        """Return what a known institution signed in ``raw``, after every step of `GATE_ORDER`.

        Raises:
            EdgeRefused: G1–G3.
            SecurityRefused: G4–G8.
        """
        opening = _Opening(raw, bounds, now, self._trust)
        for step in GATE_ORDER:
            step.run(opening)
        return SignedMessage(
            body=opening.body,
            body_bytes=opening.verified.body,
            body_digest=opening.verified.body_digest,
            trail=opening.trail,
            signer=opening.admitted.signer,
            signed_info=opening.verified.signed_info,
            signature_value=opening.verified.signature_value,
            certificate_der=opening.certificate_der,
            created=opening.validity.created,
            expires=opening.validity.expires,
            _received=raw,
        )
