"""Why is a signature refused? It goes on where the gate stops, and ends with the gate's own verdict.

Everything here reads tolerantly and decides nothing: what counts is the gate's verdict, which stands first.
The causes say in words what most likely went wrong at the sender. The canonical bytes are part of the
explanation, so that they can be compared; nothing else of it holds content of the message.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from rse_gateway.contract.namespaces import SOAP12
from rse_gateway.contract.parsing import Bounds, parse_unverified
from rse_gateway.diagnosis.causes import Cause, ordered
from rse_gateway.diagnosis.certificate_reading import (
    CertificateExplained,
    TimeExplained,
    explain_certificate,
    explain_time,
)
from rse_gateway.diagnosis.reading import check_own_signature, claim_of
from rse_gateway.diagnosis.shape_reading import names_its_key_otherwise, shape_causes
from rse_gateway.diagnosis.signature_reading import SignatureRead, decoded, read_tolerantly
from rse_gateway.diagnosis.signature_references import (
    ReferenceExplained,
    coverage_causes,
    explain_reference,
)
from rse_gateway.diagnosis.signature_value import KnownKey, ValueExplained, explain_value
from rse_gateway.errors import EdgeRefused, MessageRefused, SecurityRefused, TextFault
from rse_gateway.security.freshness import fresh_validity
from rse_gateway.security.gate import Gate
from rse_gateway.security.signature import PublicKey, plan_signature
from rse_gateway.security.skeleton import read_skeleton
from rse_gateway.security.trust import KeyRegistry, RegisteredKey, TrustAnchor, TrustPolicy

_ONCE: Final = ("Body", "Security", "Signature", "SignedInfo", "Timestamp", "BinarySecurityToken")
_WITNESSED: Final = frozenset({"G5", "G7"})


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom to trust: CAs, registered keys (None = none given), and keys that may be named as the signer's."""

    anchors: Sequence[TrustAnchor] = ()
    registry: KeyRegistry | None = None
    known: Sequence[KnownKey] = ()


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the gate says.

    Attributes:
        step, reason: of the refusal; empty when it opens the message.
        judged: whether the certificate was judged, too (else only what needs no trust).
        toolkit: whether the profile toolkit would open it; None where that makes no difference.
        fault: what makes the text unreadable, where that is why.
    """

    step: str = ""
    reason: str = ""
    judged: bool = True
    toolkit: bool | None = None
    fault: TextFault | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Everything there is to say of one signature; ``causes`` begins with the likeliest."""

    gate: GateVerdict
    causes: tuple[Cause, ...]
    deviations: tuple[str, ...] = ()
    references: tuple[ReferenceExplained, ...] = ()
    value: ValueExplained | None = None
    certificate: CertificateExplained | None = None
    time: TimeExplained | None = None

    def values(self, language: str) -> dict[str, Any]:
        """Return it for machines."""
        value = self.value
        gate = {"opens": not self.gate.step, "step": self.gate.step, "reason": self.gate.reason}
        return {
            "gate": gate | {"certificateJudged": self.gate.judged},
            "causes": [one.values(language) for one in self.causes],
            "references": [one.values(language) for one in self.references],
            "signature": None
            if value is None
            else {
                "method": value.method,
                "right": value.right,
                "signedInfoSha256": hashlib.sha256(value.signed_info).hexdigest(),
                "causes": [one.values(language) for one in value.causes],
            },
            "certificate": None if self.certificate is None else self.certificate.values(),
            "time": None if self.time is None else self.time.values(),
            "profile": {"deviations": list(self.deviations), "toolkitOpens": self.gate.toolkit},
        }

    def canonical_parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and canonical bytes of SignedInfo and of each part that was digested."""
        if self.value is not None and self.value.signed_info:
            yield "SignedInfo", self.value.signed_info
        for number, one in enumerate(self.references, start=1):
            if one.content:
                place = one.places[0].rpartition(":")[2].replace("*", "part") if one.places else "part"
                yield f"{number}-{place}", one.content


def explain_signature(raw: bytes, now: datetime, trusted: Trusted) -> Explanation:
    """Return what there is to say of the signature of ``raw``, received at ``now``."""
    gate, deviations = _gate_verdict(raw, now, trusted)
    read = read_tolerantly(raw)
    if read is None:
        return Explanation(gate, (_unreadable("not_xml", gate),))
    time = explain_time(read.timestamp, now)
    der = b"" if read.token is None else decoded(read.token.text)
    certificate = explain_certificate(der, now, trusted.anchors, trusted.registry) if der else None
    references = [explain_reference(read, one) for one in read.references]
    key = None if certificate is None else certificate.key
    value = explain_value(read, key, references, trusted.known)
    causes = [
        *_shape_causes(read),
        *(shape_causes(read) if gate.step == "G4" else ()),
        *(cause for one in references for cause in one.causes),
        *(value.causes if read.signature is not None else ()),
        *_coverage(read, references, gate),
        *(time.causes if read.timestamp is not None else ()),
    ]
    if certificate is not None:
        causes += certificate.causes
    elif read.signature is not None and not names_its_key_otherwise(read):
        causes.append(Cause("no_certificate"))
    if gate.step == "G7" and gate.toolkit:
        causes.append(Cause("toolkit_profile", (", ".join(deviations),)))
    return Explanation(gate, _weighed(causes, gate), deviations, tuple(references), value, certificate, time)


def _weighed(causes: list[Cause], gate: GateVerdict) -> tuple[Cause, ...]:
    """Return the causes, the likeliest first; a message that the gate opens has none."""
    if not gate.step and gate.judged:
        return ()
    found = ordered(causes)
    if gate.step in ("G1", "G2", "G3"):
        return (_unreadable("not_plain", gate), *found)
    if found or not gate.step:
        return found
    return (Cause("shape", (gate.reason,)),)


def _unreadable(key: str, gate: GateVerdict) -> Cause:
    if gate.fault is None:
        return Cause(key, (gate.reason or gate.step,))
    return Cause(key, fault=gate.fault)


def _shape_causes(read: SignatureRead) -> Iterator[Cause]:
    if str(read.root.tag).startswith(f"{{{SOAP12}}}"):
        yield Cause("soap12")
    if read.signature is None:
        yield Cause("no_signature")
        return
    for name in _ONCE:
        if read.counts.get(name, 0) > 1:
            yield Cause("twice", (name, str(read.counts[name])))
    if read.comments:
        yield Cause("comments", ("Envelope",))
    if read.instructions:
        yield Cause("instruction")
    for name, nodes in read.ids.items():
        if len(nodes) > 1:
            yield Cause("id_duplicate", (name[:64], str(len(nodes))))


def _coverage(
    read: SignatureRead, references: list[ReferenceExplained], gate: GateVerdict
) -> Iterator[Cause]:
    """Yield what is not covered; the token only where the gate minds it."""
    if read.signature is None:
        return
    for cause in coverage_causes(read, references):
        if cause.facts != ("BinarySecurityToken",) or gate.step:
            yield cause


class _AnyProfile:
    """A registry that lets every known key use one profile."""

    def __init__(self, registry: KeyRegistry) -> None:
        self._registry = registry

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        found = self._registry.registered_key(key_id)
        return None if found is None else replace(found, profile="toolkit")


def _gate_verdict(raw: bytes, now: datetime, trusted: Trusted) -> tuple[GateVerdict, tuple[str, ...]]:
    """Return the gate's verdict, and what in the message only the profile toolkit accepts."""
    bounds = claim_of(raw).bounds
    deviations = _deviations(raw, bounds)
    if not trusted.anchors or trusted.registry is None:
        return _untrusting(raw, bounds, now), deviations
    try:
        Gate(TrustPolicy(trusted.anchors, trusted.registry)).open(raw, bounds=bounds, now=now)
    except MessageRefused as refusal:
        toolkit = None
        if deviations:
            toolkit = _opens(
                Gate(TrustPolicy(trusted.anchors, _AnyProfile(trusted.registry))), raw, bounds, now
            )
        return GateVerdict(refusal.step, refusal.reason, toolkit=toolkit, fault=refusal.fault), deviations
    return GateVerdict(toolkit=True if deviations else None), deviations


def _opens(gate: Gate, raw: bytes, bounds: Bounds, now: datetime) -> bool:
    try:
        gate.open(raw, bounds=bounds, now=now)
    except MessageRefused:
        return False
    return True


def _untrusting(raw: bytes, bounds: Bounds, now: datetime) -> GateVerdict:
    """Return what the gate's steps say that need nobody to be trusted, in their order."""
    try:
        root = parse_unverified(raw, bounds)
        skeleton = read_skeleton(root)
        fresh_validity(skeleton.created, skeleton.expires, now)
        check_own_signature(root)
    except MessageRefused as refusal:
        return GateVerdict(refusal.step, refusal.reason, judged=False, fault=refusal.fault)
    return GateVerdict(judged=False)


def _deviations(raw: bytes, bounds: Bounds) -> tuple[str, ...]:
    try:
        return tuple(sorted(plan_signature(read_skeleton(parse_unverified(raw, bounds))).toolkit_traits))
    except (EdgeRefused, SecurityRefused):
        return ()


def known_keys(keys: Iterable[tuple[PublicKey, str]]) -> tuple[KnownKey, ...]:
    """Return keys with their owners, as `Trusted` wants them."""
    return tuple(KnownKey(key, owner) for key, owner in keys)
