"""The golden pack as the tests read it: the manifest, the files, and the world in which they are true."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final

from lxml import etree
from sample_world import SAMPLES, World, certificate, world, world_file

from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import Bounds, build_tree
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.contract.violations import list_violations
from rse_gateway.domain.identifiers import GatewayTicket
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import ContentRefused
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.trust import TrustAnchor, TrustPolicy

__all__ = ["SAMPLES", "World", "world", "world_file"]

PLENTY_OF_SECONDS: Final = 30.0
LARGE: Final = Bounds(max_bytes=1024 * 1024, max_elements=25_000)
SMALL: Final = Bounds(max_bytes=256 * 1024, max_elements=2_000)
LARGE_OPERATIONS: Final = frozenset({"provideSocialReport", "deliverSocialReport"})


@dataclass(frozen=True)
class Listed:
    """One sample, as the manifest lists it."""

    entry: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.entry.get(name, "")

    @property
    def raw(self) -> bytes:
        return (SAMPLES / self.file).read_bytes()

    @property
    def bounds(self) -> Bounds:
        return LARGE if self.operation in LARGE_OPERATIONS or self.direction != "request" else SMALL

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.verifiedAt)

    @property
    def payload(self) -> etree._Element:
        """The contract's element: of an unsigned file its root, or what a fault's detail holds."""
        return contract_element(build_tree(self.raw))


def contract_element(root: etree._Element) -> etree._Element:
    """Return the element that the XSD describes: the payload itself, or the one in a fault's detail."""
    return root[-1][0] if root.tag == f"{{{SOAP11}}}Fault" else root


@cache
def samples() -> tuple[Listed, ...]:
    return tuple(Listed(entry) for entry in manifest()["samples"])


@cache
def manifest() -> dict[str, Any]:
    return json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))


def select(**wanted: object) -> list[Listed]:
    """Return the samples whose fields have the wanted values."""
    return [s for s in samples() if all(getattr(s, name) == value for name, value in wanted.items())]


def by_file(sample: Listed) -> str:
    """Return the name of a sample's test."""
    return sample.file.removeprefix("messages/")


@cache
def gate() -> Gate:
    anchors = [
        TrustAnchor(certificate(a["certificate"]), a["subjectRule"]) for a in world_file()["authorities"]
    ]
    return Gate(TrustPolicy(anchors, world()))


def violations_told(payload: etree._Element) -> int | None:
    """Return how many violations a caller is told of, None when the payload follows the XSD.

    A slow machine may run out of the time for the list; then it is made again with plenty of time.
    """
    try:
        load_schemas().check(payload)
    except ContentRefused as refusal:
        if not refusal.truncated:
            return len(refusal.violations)
        namespace = etree.QName(payload).namespace or ""
        return len(list_violations(namespace, payload, budget=PLENTY_OF_SECONDS)[0])
    return None


def opened(sample: Listed) -> SignedMessage:
    """Open a signed sample at its own moment."""
    return gate().open(sample.raw, bounds=sample.bounds, now=sample.moment)


def context_of(sample: Listed, message: SignedMessage) -> MessageContext:
    """Return what the core is told of an opened message."""
    return MessageContext(
        gateway_ticket=GatewayTicket.parse("019aa5c0-7a10-7abc-9123-0123456789ab"),
        received_at=sample.moment,
        service=sample.service,
        operation=sample.operation,
        signing=message.signer.cbe_number,
        roles=message.signer.roles,
        proof=MessageProof(
            message.body_digest,
            message.signed_info,
            message.signature_value,
            sha256(message.certificate_der).hexdigest(),
        ),
        replay_key=message.replay_key,
    )
