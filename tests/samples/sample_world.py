"""The world in which the samples are true, as `messages/world.json` describes it, in memory."""

import json
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from lxml import etree

from rse_gateway.contract.messages import answer_digest
from rse_gateway.contract.parsing import build_tree
from rse_gateway.contract.report import check_report
from rse_gateway.domain.access import HeldMandate, Institution, Right
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.decisions import oldest_told
from rse_gateway.domain.directory import DirectoryLine, OwnLine, PersonNumbers
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss, Ticket
from rse_gateway.domain.leg import OPEN_STATES, Leg, LegState
from rse_gateway.domain.stored import StoredLeg
from rse_gateway.ports import BoundConsultation, UnitOfWork
from rse_gateway.security.trust import RegisteredKey, key_id_of

SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
ENDPOINT: Final = "http://127.0.0.1:9/"
KEPT: Final = timedelta(days=37)


@cache
def world_file() -> dict[str, Any]:
    return json.loads((SAMPLES / "messages" / "world.json").read_text(encoding="utf-8"))


def certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((SAMPLES / name).read_bytes())


@dataclass
class World:
    """Registry, key registry, directory and stored consultations, as `world.json` describes them."""

    institutions: dict[CbeNumber, Institution] = field(default_factory=dict)
    keys: dict[str, RegisteredKey] = field(default_factory=dict)
    mandates: list[HeldMandate] = field(default_factory=list)
    successors: dict[CbeNumber, tuple[CbeNumber, date]] = field(default_factory=dict)
    quotas: dict[CbeNumber, int] = field(default_factory=dict)
    register_quotas: dict[CbeNumber, int] = field(default_factory=dict)
    replaced: dict[Niss, Niss | None] = field(default_factory=dict)
    own: list[OwnLine] = field(default_factory=list)
    bound: list[BoundConsultation] = field(default_factory=list)
    stored: dict[GatewayTicket, list[StoredLeg]] = field(default_factory=dict)
    written: list[UnitOfWork] = field(default_factory=list)

    def copy(self) -> "World":
        """Return a world in which a test may write."""
        return replace(self, stored=deepcopy(self.stored), written=[])

    # ports.Registry
    def institution(self, cbe_number: CbeNumber) -> Institution | None:
        return self.institutions.get(cbe_number)

    def registered_key(self, key_id: str) -> RegisteredKey | None:
        return self.keys.get(key_id)

    def may_sign(self, signing: CbeNumber, cpas: CbeNumber, operation: str, day: date) -> bool:
        wanted = (signing, cpas, operation)
        return any(
            (one.mandatary, one.cpas, one.operation) == wanted
            and (one.valid_from is None or one.valid_from <= day)
            and (one.valid_until is None or day <= one.valid_until)
            for one in self.mandates
        )

    def mandates_of(self, cbe_number: CbeNumber) -> tuple[HeldMandate, ...]:
        return tuple(one for one in self.mandates if cbe_number in (one.mandatary, one.cpas))

    def successor_of(self, cbe_number: CbeNumber, day: date) -> CbeNumber:
        following = self.successors.get(cbe_number)
        if following is None or following[1] > day:
            return cbe_number
        return self.successor_of(following[0], day)

    def predecessors_of(self, cbe_number: CbeNumber, day: date) -> frozenset[CbeNumber]:
        return frozenset(one for one in self.successors if self.successor_of(one, day) == cbe_number)

    def quota_of(self, cbe_number: CbeNumber) -> int | None:
        return self.quotas.get(cbe_number)

    def register_quota_of(self, cbe_number: CbeNumber, _day: date) -> int | None:
        return self.register_quotas.get(cbe_number)

    def maintenance_until(self, _cbe_number: CbeNumber) -> datetime | None:
        return None

    # ports.Directory
    def numbers_of(self, niss: Niss) -> PersonNumbers:
        current: Niss | None = niss
        while current in self.replaced:
            current = self.replaced[current]
        chain = {niss, *([current] if current else [])}
        for _ in self.replaced:
            chain |= {old for old, new in self.replaced.items() if new in chain}
        return PersonNumbers(niss, current, frozenset(chain))

    def lines_of(self, niss: Niss) -> tuple[DirectoryLine, ...]:
        numbers = self.numbers_of(niss).all
        return tuple(one.line for one in self.own if one.line.niss in numbers)

    def own_lines(
        self, numbers: frozenset[CbeNumber], niss: Niss | None, *, offset: int, limit: int
    ) -> tuple[OwnLine, ...]:
        wanted = None if niss is None else self.numbers_of(niss).all
        mine = [
            one
            for one in self.own
            if one.line.cbe_number in numbers and (wanted is None or one.line.niss in wanted)
        ]
        mine.sort(key=lambda one: one.line.begin)
        return tuple(mine[offset : offset + limit])

    def registered_since(self, _cbe_number: CbeNumber, _since: datetime) -> int:
        return 0

    # ports.Consultations
    def replay_seen(self, _key: bytes) -> bool:
        return False

    def bound_to(self, requesting_cpas: CbeNumber, ticket: Ticket) -> BoundConsultation | None:
        wanted = (requesting_cpas, ticket)
        return next((b for b in self.bound if (b.requesting_cpas, b.ticket) == wanted), None)

    def of_ticket(self, gateway_ticket: GatewayTicket) -> BoundConsultation | None:
        return next((b for b in self.bound if b.gateway_ticket == gateway_ticket), None)

    def accepted_since(self, requesting_cpas: CbeNumber, since: datetime) -> int:
        return sum(b.requesting_cpas == requesting_cpas and b.accepted_at > since for b in self.bound)

    def changed_between(
        self, requesting: frozenset[CbeNumber], since: datetime | None, until: datetime, *, limit: int
    ) -> tuple[tuple[BoundConsultation, datetime], ...]:
        begin = until - KEPT if since is None else since
        changed = []
        for one in self.bound:
            moments = [at for at in self._moments(one) if begin <= at <= until]
            if one.requesting_cpas in requesting and moments:
                changed.append((one, max(moments)))
        changed.sort(key=lambda pair: pair[1])
        return tuple(changed[:limit])

    def _moments(self, one: BoundConsultation) -> list[datetime]:
        moments = [one.accepted_at]
        for stored in self.legs_of(one.gateway_ticket):
            leg = stored.leg
            moments.append(leg.since)
            if leg.state in OPEN_STATES or leg.since > leg.deadline:
                moments.append(leg.deadline)
        return moments

    def kept_answers(self, requesting: frozenset[CbeNumber] | None = None) -> tuple[BoundConsultation, ...]:
        own = [b for b in self.bound if requesting is None or b.requesting_cpas in requesting]
        return tuple(b for b in own if any(leg.report for leg in self.legs_of(b.gateway_ticket)))

    def legs_of(
        self,
        gateway_ticket: GatewayTicket,
        *,
        with_reports: bool = True,  # noqa: ARG002 - the port's form
    ) -> tuple[StoredLeg, ...]:
        legs = self.stored.get(gateway_ticket, [])
        return tuple(sorted(legs, key=lambda stored: stored.leg.holding_cpas))

    # ports.Writer
    def commit(self, unit: UnitOfWork) -> None:
        self.written.append(unit)
        if unit.leg_change is None:
            return
        after, report = unit.leg_change.leg, unit.leg_change.report
        legs = self.stored[after.gateway_ticket]
        for at, stored in enumerate(legs):
            if stored.leg.holding_cpas == after.holding_cpas:
                assert stored.leg.fence == unit.leg_change.expected_fence
                legs[at] = replace(stored, leg=after)
                if report is not None:
                    legs[at] = legs[at].with_report(report)


@cache
def world() -> World:
    read, built = world_file(), World()
    for entry in read["institutions"]:
        _register_institution(built, entry)
    for at, line in enumerate(read["directory"]):
        niss, number = Niss(line["ssin"]), CbeNumber(line["cbeNumber"])
        begin, end = date.fromisoformat(line["beginDate"]), _day(line["endDate"])
        directory_line = DirectoryLine(niss, number, line["qualityCode"], begin, end)
        built.own.append(OwnLine(str(at), directory_line, datetime.fromisoformat(line["changedAt"])))
    for one in read["replacedNumbers"]:
        built.replaced[Niss(one["old"])] = None if one["new"] is None else Niss(one["new"])
    for entry in read["boundTickets"]:
        bound = _bound(entry)
        built.bound.append(bound)
        built.stored[bound.gateway_ticket] = [_leg(bound, leg) for leg in entry["legs"]]
    return built


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _register_institution(built: World, entry: dict[str, Any]) -> None:
    number = CbeNumber(entry["cbeNumber"])
    built.institutions[number] = _institution(number, entry)
    for key in entry["keys"]:
        _register_key(built, number, key)
    for mandate in entry.get("mandates", ()):
        cpas, dates = CbeNumber(mandate["cpas"]), (_day(mandate["validFrom"]), _day(mandate["validUntil"]))
        built.mandates += [HeldMandate(number, cpas, one, *dates) for one in mandate["operations"]]
    if entry.get("quota", "none") != "none":
        built.quotas[number] = entry["quota"]
    if "registerQuota" in entry:
        built.register_quotas[number] = entry["registerQuota"]
    if "successor" in entry:
        built.successors[number] = (
            CbeNumber(entry["successor"]),
            date.fromisoformat(entry["successorSince"]),
        )


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
        endpoint=ENDPOINT if entry["answers"] else None,
        receiver_endpoint=ENDPOINT if entry.get("receives") else None,
        exempt_from=_day(entry.get("exemptFrom")),
        exempt_until=_day(entry.get("exemptUntil")),
        rights=rights,
    )


def _register_key(built: World, number: CbeNumber, key: dict[str, Any]) -> None:
    registered = certificate(key["certificate"])
    until = key.get("activeUntil")
    built.keys[key_id_of(registered.public_key())] = RegisteredKey(
        number,
        frozenset(key["roles"]),
        key["profile"],
        registered.not_valid_before_utc,
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


def _leg(bound: BoundConsultation, entry: dict[str, Any]) -> StoredLeg:
    read, accepted = world_file(), bound.accepted_at
    leg = Leg(
        gateway_ticket=bound.gateway_ticket,
        holding_cpas=CbeNumber(entry["cbeNumber"]),
        accepted_at=accepted,
        deadline=accepted + timedelta(hours=read["deadlineHours"]),
        horizon=accepted + timedelta(days=read["horizonDays"]),
        state=LegState(entry["state"]),
        since=datetime.fromisoformat(entry["since"]),
        code=entry["code"],
        late=entry["late"],
    )
    stored = StoredLeg(leg, bound.niss, None, (), 0, entry["connected"])
    if "answer" not in entry:
        return stored
    content = _answer_of(entry["answer"])
    leg = replace(leg, content_digest=answer_digest("DATA_FOUND", "MSG00000", content))
    if not entry["kept"]:
        return replace(stored, leg=leg)
    report = check_report(
        content,
        expected=frozenset({bound.niss.value}),
        period=bound.period,
        oldest=oldest_told(bound.accepted_at, 5),
    )
    return replace(stored, leg=leg).with_report(report)


def _answer_of(file: str) -> etree._Element:
    """Return the report that a signed sample carries, exactly as it was signed."""
    found = build_tree((SAMPLES / file).read_bytes()).find(".//socialReport")
    assert found is not None
    return found
