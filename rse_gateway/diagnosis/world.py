"""A world in a file: who is registered, who holds which file, which tickets are taken.

`samples/messages/world.json` is one. It stands in for store and registry, so that checks 4 to 6 can be made
without a gateway. A ticket that the world does not list may exist elsewhere: see `knows_ticket`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.directory import DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.errors import SetupError
from rse_gateway.ports import BoundConsultation, StoredLeg
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, key_id_of

FORMAT = "rse-gateway sample world 1"
_NOWHERE = "http://127.0.0.1:9/"


@dataclass(slots=True, repr=False)
class World:
    """Implements `ports.Registry`, `ports.Directory`, `ports.Consultations` and `trust.KeyRegistry`.

    Attributes:
        environment: in which all this is true.
        today: the date on which it is true.
        anchors: the CAs that it trusts.
        folder: against which its file names are read.
    """

    environment: str
    today: date
    period_years: int
    folder: Path
    anchors: tuple[TrustAnchor, ...] = ()
    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    keys: dict[str, RegisteredKey] = field(default_factory=dict)
    lines: list[DirectoryLine] = field(default_factory=list)
    bound: list[BoundConsultation] = field(default_factory=list)

    def knows_ticket(self, ticket: GatewayTicket) -> bool:
        """Tell whether the world lists that consultation; if not, nothing can be said about it."""
        return self.of_ticket(ticket) is not None

    def signer_of(self, certificate: x509.Certificate) -> RegisteredKey | None:
        """Return what is registered for the key of a certificate."""
        return self.registered_key(key_id_of(_public_key(certificate)))

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        """Return what is registered for the key with this name."""
        return self.keys.get(key_id)

    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        """Return the institution, or None when nobody has that number."""
        return self.institutions.get(cbe_number)

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, day: date) -> bool:  # noqa: ARG002
        """Return False: a world lists no mandates."""
        return False

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[()]:  # noqa: ARG002
        """Return nothing: a world lists no mandates."""
        return ()

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:  # noqa: ARG002
        """Return the institution itself: a world lists no mergers."""
        return cbe_number

    def predecessors_of(self, cbe_number: CbeNumber, day: date) -> frozenset[CbeNumber]:  # noqa: ARG002
        """Return nobody: a world lists no mergers."""
        return frozenset()

    def quota_of(self, cbe_number: CbeNumber) -> int | None:  # noqa: ARG002
        """Return None: a world lists no quotas."""
        return None

    def maintenance_until(self, cbe_number: CbeNumber) -> datetime | None:  # noqa: ARG002
        """Return None: nobody is in maintenance."""
        return None

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        """Return all lines of that person."""
        return tuple(line for line in self.lines if line.niss == niss)

    def numbers_of(self, niss: Niss) -> PersonNumbers:
        """Return the one number of the person: a world lists no replacements."""
        return PersonNumbers(niss, niss, frozenset({niss}))

    def own_lines(
        self,
        numbers: frozenset[CbeNumber],  # noqa: ARG002
        niss: Niss | None,  # noqa: ARG002
        *,
        offset: int,  # noqa: ARG002
        limit: int,  # noqa: ARG002
    ) -> tuple[OwnLine, ...]:
        """Return nothing: no check reads it."""
        return ()

    def replay_seen(self, key: bytes) -> bool:  # noqa: ARG002
        """Return False: every message is the first."""
        return False

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        """Return what the requester's ticket is bound to."""
        wanted = (requesting_cpas, ticket)
        return next((one for one in self.bound if (one.requesting_cpas, one.ticket) == wanted), None)

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        """Return the consultation with that number."""
        return next((one for one in self.bound if one.gateway_ticket == gateway_ticket), None)

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:  # noqa: ARG002
        """Return 0: nothing was asked yet."""
        return 0

    def changed_between(
        self,
        requesting: frozenset[CbeNumber],  # noqa: ARG002
        since: datetime | None,  # noqa: ARG002
        until: datetime,  # noqa: ARG002
        *,
        limit: int,  # noqa: ARG002
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        """Return nothing: no check reads it."""
        return ()

    def kept_answers(self) -> tuple[BoundConsultation, ...]:
        """Return nothing: a world keeps no answers."""
        return ()

    def legs_of(self, gateway_ticket: GatewayTicket) -> tuple[StoredLeg, ...]:  # noqa: ARG002
        """Return nothing: a world lists no legs."""
        return ()


def read_world(file: Path) -> World:
    """Return the world of a file; certificates are looked for beside it, then one folder up.

    Raises:
        SetupError: it cannot be read, is of another format, or names a file that is not there.
    """
    try:
        read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if read["format"] != FORMAT:
            raise SetupError(f"{file}: a file of the format '{FORMAT}' expected")
        world = World(
            read["environment"], date.fromisoformat(read["today"]), read["periodYears"], file.parent
        )
        world.anchors = tuple(
            TrustAnchor(_certificate(file, one["certificate"]), one["subjectRule"])
            for one in read["authorities"]
        )
        for entry in read["institutions"]:
            _add_institution(world, entry, lambda name: _certificate(file, name))
        world.lines.extend(_line(entry) for entry in read["directory"])
        world.bound.extend(_bound(entry) for entry in read["boundTickets"])
    except OSError as error:
        raise SetupError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetupError(f"{file}: no world file such as samples/messages/world.json") from error
    return world


def _certificate(file: Path, name: str) -> x509.Certificate:
    beside, above = file.parent / name, file.parent.parent / name
    return load_certificate(above if above.is_file() and not beside.is_file() else beside)


def _public_key(certificate: x509.Certificate) -> Any:
    return certificate.public_key()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _add_institution(
    world: World, entry: dict[str, Any], certificate_of: Callable[[str], x509.Certificate]
) -> None:
    number = CbeNumber(entry["cbeNumber"])
    world.institutions[number] = Institution(
        cbe_number=number,
        name_fr=entry["nameFr"],
        name_nl=entry["nameNl"],
        telephone=entry.get("telephone"),
        language=entry.get("language"),
        endpoint=_NOWHERE if entry["answers"] else None,
        exempt_from=_day(entry.get("exemptFrom")),
        exempt_until=_day(entry.get("exemptUntil")),
        rights=tuple(
            Right(
                one["operation"], one["legalContext"], _day(one.get("validFrom")), _day(one.get("validUntil"))
            )
            for one in entry["rights"]
        ),
    )
    for key in entry["keys"]:
        certificate = certificate_of(key["certificate"])
        until = key.get("activeUntil")
        world.keys[key_id_of(_public_key(certificate))] = RegisteredKey(
            number,
            frozenset(key["roles"]),
            key["profile"],
            certificate.not_valid_before_utc,
            None if until is None else datetime.fromisoformat(until),
        )


def _line(entry: dict[str, Any]) -> DirectoryLine:
    return DirectoryLine(
        Niss(entry["ssin"]),
        CbeNumber(entry["cbeNumber"]),
        entry["qualityCode"],
        date.fromisoformat(entry["beginDate"]),
        _day(entry["endDate"]),
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
