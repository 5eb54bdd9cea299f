"""The golden pack as the tests read it: the manifest, the files, and the world in which they are true."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from lxml import etree

from rse_gateway.contract.namespaces import SOAP11
from rse_gateway.contract.parsing import Bounds, build_tree
from rse_gateway.contract.schemas import load_schemas
from rse_gateway.contract.violations import list_violations
from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.message import MessageContext, MessageProof
from rse_gateway.errors import ContentRefused
from rse_gateway.ports import BoundConsultation, StoredLeg
from rse_gateway.security.gate import Gate, SignedMessage
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, TrustPolicy, key_id_of

SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
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


@cache
def world_file() -> dict[str, Any]:
    return json.loads((SAMPLES / "messages" / "world.json").read_text(encoding="utf-8"))


def select(**wanted: object) -> list[Listed]:
    """Return the samples whose fields have the wanted values."""
    return [s for s in samples() if all(getattr(s, name) == value for name, value in wanted.items())]


def by_file(sample: Listed) -> str:
    """Return the name of a sample's test."""
    return sample.file.removeprefix("messages/")


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((SAMPLES / name).read_bytes())


@dataclass
class World:
    """Registry, key registry, directory and stored consultations, as `world.json` describes them."""

    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    keys: dict[str, RegisteredKey] = field(default_factory=dict)
    lines: list[DirectoryLine] = field(default_factory=list)
    bound: list[BoundConsultation] = field(default_factory=list)

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        return self.institutions.get(cbe_number)

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        return self.keys.get(key_id)

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        return tuple(line for line in self.lines if line.niss == niss)

    def replay_seen(self, _key: bytes) -> bool:
        return False

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        wanted = (requesting_cpas, ticket)
        return next((b for b in self.bound if (b.requesting_cpas, b.ticket) == wanted), None)

    def legs_of(self, _gateway_ticket: GatewayTicket) -> tuple[StoredLeg, ...]:
        return ()


@cache
def world() -> World:
    read, built = world_file(), World()
    for entry in read["institutions"]:
        number = CbeNumber(entry["cbeNumber"])
        built.institutions[number] = _institution(number, entry)
        for key in entry["keys"]:
            _register(built, number, key)
    for line in read["directory"]:
        built.lines.append(
            DirectoryLine(
                Niss(line["ssin"]),
                CbeNumber(line["cbeNumber"]),
                line["qualityCode"],
                date.fromisoformat(line["beginDate"]),
                _day(line["endDate"]),
            )
        )
    built.bound.extend(_bound(entry) for entry in read["boundTickets"])
    return built


def _institution(number: CbeNumber, entry: dict[str, Any]) -> Institution:
    rights = tuple(
        Right(r["operation"], r["legalContext"], _day(r.get("validFrom")), _day(r.get("validUntil")))
        for r in entry["rights"]
    )
    return Institution(
        cbe_number=number,
        name_fr=entry["nameFr"],
        name_nl=entry["nameNl"],
        telephone=entry.get("telephone"),
        language=entry["language"],
        endpoint="http://127.0.0.1:9/" if entry["answers"] else None,
        exempt_from=_day(entry.get("exemptFrom")),
        exempt_until=_day(entry.get("exemptUntil")),
        rights=rights,
    )


def _register(built: World, number: CbeNumber, key: dict[str, Any]) -> None:
    certificate = _certificate(key["certificate"])
    until = key.get("activeUntil")
    built.keys[key_id_of(certificate.public_key())] = RegisteredKey(
        number,
        frozenset(key["roles"]),
        key["profile"],
        certificate.not_valid_before_utc,
        None if until is None else datetime.fromisoformat(until),
    )


def _bound(entry: dict[str, Any]) -> BoundConsultation:
    return BoundConsultation(
        gateway_ticket=GatewayTicket.parse(entry["ticketCBSS"]),
        requesting_cpas=CbeNumber(entry["cbeNumber"]),
        ticket=Ticket(entry["ticket"]),
        niss=Niss(entry["ssin"]),
        period=Period(date.fromisoformat(entry["beginDate"]), date.fromisoformat(entry["endDate"])),
        legal_context=entry["legalContext"],
        accepted_at=datetime.fromisoformat(entry["acceptedAt"]),
    )


@cache
def gate() -> Gate:
    anchors = [
        TrustAnchor(_certificate(a["certificate"]), a["subjectRule"]) for a in world_file()["authorities"]
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
