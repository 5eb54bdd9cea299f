"""Reading a world file; certificates and answers that it names stand beside it, or one folder up."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from lxml import etree

from rse_gateway.contract.messages import answer_digest
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.report import check_report
from rse_gateway.diagnosis.world import World
from rse_gateway.domain.access import HeldMandate, Institution, Right
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.decisions import DECISION_YEARS, oldest_told
from rse_gateway.domain.directory import DirectoryLine, OwnLine
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import Leg, LegState
from rse_gateway.domain.quota import NO_BOUND, Quotas, RegisteredQuota
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.errors import EdgeRefused, SetupError, SupplierUnusable
from rse_gateway.ports import BoundConsultation
from rse_gateway.security.keys import load_certificate
from rse_gateway.security.signature import PublicKey
from rse_gateway.security.trust import RegisteredKey, TrustAnchor, key_id_of

FORMAT: Final = "rse-gateway sample world 1"
_NOWHERE: Final = "http://127.0.0.1:9/"


def read_world(file: Path) -> World:
    """Return the world of a file.

    Raises:
        SetupError: it cannot be read, is of another format, or names a file that is not there.
    """
    try:
        read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if read["format"] != FORMAT:
            raise SetupError(f"{file}: a file of the format '{FORMAT}' expected")
        return _WorldFile(file, read).world()
    except OSError as error:
        raise SetupError(f"{error.filename or file}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, EdgeRefused, SupplierUnusable) as error:
        raise SetupError(f"{file}: no world file such as samples/messages/world.json") from error


@dataclass(frozen=True, slots=True, repr=False)
class _WorldFile:
    file: Path
    read: dict[str, Any]

    def world(self) -> World:
        read = self.read
        world = World(read["environment"], date.fromisoformat(read["today"]), read["periodYears"])
        world.anchors = tuple(
            TrustAnchor(self._certificate(one["certificate"]), one["subjectRule"])
            for one in read["authorities"]
        )
        for entry in read["institutions"]:
            self._add_institution(world, entry)
        world.own += [_own_line(at, line) for at, line in enumerate(read["directory"])]
        for one in read.get("replacedNumbers", ()):
            world.replaced[Niss(one["old"])] = None if one["new"] is None else Niss(one["new"])
        for entry in read["boundTickets"]:
            bound = _bound(entry)
            legs = [self._leg(bound, leg) for leg in entry.get("legs", ())]
            world.bound.append(bound)
            legs.sort(key=lambda stored: stored.leg.holding_cpas)
            world.stored[bound.gateway_ticket] = tuple(legs)
        return world

    def _named(self, name: str) -> Path:
        beside, above = self.file.parent / name, self.file.parent.parent / name
        return above if above.is_file() and not beside.is_file() else beside

    def _certificate(self, name: str) -> x509.Certificate:
        return load_certificate(self._named(name))

    def _add_institution(self, world: World, entry: dict[str, Any]) -> None:
        number = CbeNumber(entry["cbeNumber"])
        world.institutions[number] = _institution(number, entry)
        for key in entry["keys"]:
            self._add_key(world, number, key)
        for mandate in entry.get("mandates", ()):
            cpas, dates = (
                CbeNumber(mandate["cpas"]),
                (_day(mandate["validFrom"]), _day(mandate["validUntil"])),
            )
            world.mandates += [HeldMandate(number, cpas, one, *dates) for one in mandate["operations"]]
        world.quotas[number] = Quotas(_quota(entry.get("quota")), _quota(entry.get("registerQuota")))
        if "successor" in entry:
            since = date.fromisoformat(entry["successorSince"])
            world.successors[number] = CbeNumber(entry["successor"]), since

    def _add_key(self, world: World, number: CbeNumber, entry: dict[str, Any]) -> None:
        certificate = self._certificate(entry["certificate"])
        key, until = certificate.public_key(), entry.get("activeUntil")
        if not isinstance(key, PublicKey):
            raise SetupError(f"{entry['certificate']}: the key is neither RSA nor P-256")
        world.public_keys.append((key, number.value))
        world.keys[key_id_of(key)] = RegisteredKey(
            number,
            frozenset(entry["roles"]),
            entry["profile"],
            certificate.not_valid_before_utc,
            None if until is None else datetime.fromisoformat(until),
        )

    def _leg(self, bound: BoundConsultation, entry: dict[str, Any]) -> StoredLeg:
        leg = Leg(
            gateway_ticket=bound.gateway_ticket,
            holding_cpas=CbeNumber(entry["cbeNumber"]),
            accepted_at=bound.accepted_at,
            deadline=bound.accepted_at + timedelta(hours=self.read["deadlineHours"]),
            horizon=bound.accepted_at + timedelta(days=self.read["horizonDays"]),
            state=LegState(entry["state"]),
            since=datetime.fromisoformat(entry["since"]),
            code=entry["code"],
            late=entry["late"],
        )
        stored = StoredLeg(leg, bound.niss, None, (), 0, entry["connected"])
        if "answer" not in entry:
            return stored
        content = self._report(entry["answer"])
        leg = replace(leg, content_digest=answer_digest("DATA_FOUND", "MSG00000", content))
        if not entry["kept"]:
            return replace(stored, leg=leg)
        report = check_report(
            content,
            expected=frozenset({bound.niss.value}),
            period=bound.period,
            oldest=oldest_told(bound.accepted_at, DECISION_YEARS),
        )
        return replace(stored, leg=leg).with_report(report)

    def _report(self, name: str) -> etree._Element:
        found = build_tree(self._named(name).read_bytes()).find(".//socialReport")
        if found is None:
            raise SetupError(f"{self._named(name)}: a socialReport expected")
        return found


def _quota(value: int | str | None) -> RegisteredQuota:
    return NO_BOUND if value == NO_BOUND else None if value is None else int(value)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _institution(number: CbeNumber, entry: dict[str, Any]) -> Institution:
    return Institution(
        cbe_number=number,
        name_fr=entry["nameFr"],
        name_nl=entry["nameNl"],
        telephone=entry.get("telephone"),
        language=entry.get("language"),
        endpoint=_NOWHERE if entry["answers"] else None,
        exempt_from=_day(entry.get("exemptFrom")),
        exempt_until=_day(entry.get("exemptUntil")),
        rights=tuple(
            Right(r["operation"], r["legalContext"], _day(r.get("validFrom")), _day(r.get("validUntil")))
            for r in entry["rights"]
        ),
    )


def _own_line(at: int, entry: dict[str, Any]) -> OwnLine:
    begin = date.fromisoformat(entry["beginDate"])
    changed = entry.get("changedAt")
    line = DirectoryLine(
        Niss(entry["ssin"]),
        CbeNumber(entry["cbeNumber"]),
        entry["qualityCode"],
        begin,
        _day(entry["endDate"]),
    )
    start = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    return OwnLine(str(at), line, start if changed is None else datetime.fromisoformat(changed))


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
