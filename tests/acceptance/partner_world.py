"""A second invented world: many CPAS with one trait each, and persons who bring a question to them.

One process plays all of them (`rse-cpas-stub serve` with a table per CPAS); each fails, promises, hosts or is
merged in its own way, which its entry in `CPAS` says. Nothing runs here.
"""

import json
import runpy
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from invented_world import (
    HUB,
    LEGAL_CONTEXT,
    MAKE_KEYS,
    InventedPerson,
    InventedWorld,
    cbe_number,
    invented_person,
    niss,
    person_file,
)

from rse_cpas_stub.failures import DeliveryVariant, Failure
from rse_cpas_stub.identity import Identity, load_identity

CONSULT, RETRIEVE, LIST = "consultSocialReport", "retrieveSocialReport", "listSocialReports"
DELIVER, ACCESS, PROVIDE = "deliverSocialReport", "manageAccess", "provideSocialReport"
OPERATIONS = (CONSULT, RETRIEVE, LIST, DELIVER, ACCESS)
SLOW_SECONDS = 1.5
PROMISE_SECONDS = 1.0


@dataclass(frozen=True)
class Cpas:
    """One CPAS: what is registered about it, how its stub behaves, and whether it has a server at all."""

    number: str
    registered: Mapping[str, Any] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    served: bool = True
    host: str | None = None


def _every_cpas() -> dict[str, Cpas]:
    failing = {one.value: {"fail": one.value} for one in Failure}
    promising = {
        f"deliver {one.value}": {"promise": PROMISE_SECONDS, "deliver": one.value} for one in DeliveryVariant
    }
    huge = {f"huge {place}": {"fail": "huge"} for place in range(1, 6)}
    slow = {f"slow {place}": {"delay": SLOW_SECONDS} for place in range(1, 5)}
    plain = ("asks", "also asks", "holds", "no data", "after merger", "before merger", "also before merger")
    more = ("merged today", "takes over today", "host", "dutch", "unknown language", "english", "german")
    special = ("quota", "maintenance", "receives", "hosted 1", "hosted 2", "hosted 3", "hosted without")
    behaviour: dict[str, Mapping[str, Any]] = {name: {} for name in (*plain, *more, *special, "unconnected")}
    behaviour |= failing | promising | huge | slow
    numbers = {name: cbe_number(2_999_940 + place) for place, name in enumerate(behaviour)}
    every = {name: Cpas(numbers[name], switches=switches) for name, switches in behaviour.items()}
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    merged = {"successor": numbers["after merger"], "successor_since": yesterday}
    for name in ("before merger", "also before merger"):
        every[name] = replace(every[name], registered=merged, served=False)
    for name, language in (("dutch", "NL"), ("english", "EN"), ("german", "DE")):
        every[name] = replace(every[name], registered={"language": language})
    every["unknown language"] = replace(every["unknown language"], registered={"language": None})
    every["merged today"] = replace(every["merged today"], switches={"fail": Failure.PROMISE.value})
    every["quota"] = replace(every["quota"], registered={"quota": 2})
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6)
    every["maintenance"] = replace(every["maintenance"], registered={"maintenance_until": later})
    every["unconnected"] = replace(every["unconnected"], served=False)
    for name in ("hosted 1", "hosted 2", "hosted 3", "hosted without"):
        every[name] = replace(every[name], host="host")
    return every


CPAS = _every_cpas()
NUMBER = {name: one.number for name, one in CPAS.items()}
ASKS, ALSO_ASKS, HOLDS, HOST = NUMBER["asks"], NUMBER["also asks"], NUMBER["holds"], NUMBER["host"]
HOSTED = tuple(NUMBER[f"hosted {place}"] for place in (1, 2, 3))
WITHOUT_MANDATE = NUMBER["hosted without"]
HUGE = tuple(NUMBER[f"huge {place}"] for place in range(1, 6))
SLOW = tuple(NUMBER[f"slow {place}"] for place in range(1, 5))
PROMISING = {one.value: NUMBER[f"deliver {one.value}"] for one in DeliveryVariant}
LANGUAGES = {"asks": "FR", "dutch": "NL", "german": "DE", "english": "EN", "unknown language": None}

_PERSONS = iter(range(40, 100))
_HOLDERS: dict[str, tuple[str, ...]] = {}
_ASKERS: dict[str, tuple[str, ...]] = {}


def _person(asked_by: tuple[str, ...], held_by: tuple[str, ...]) -> InventedPerson:
    """Return a new person: who has a right on her, and who holds a file."""
    person = invented_person(next(_PERSONS))
    _ASKERS[person.ssin], _HOLDERS[person.ssin] = asked_by, held_by
    return person


PLAIN = _person((ASKS,), (HOLDS,))
LIMITED = _person((NUMBER["quota"],), (HOLDS,))
SPOKEN = dict(zip(LANGUAGES, (_person((NUMBER[name],), ()) for name in LANGUAGES), strict=True))
KEPT = tuple(_person((ASKS,), (HOLDS,)) for _ in range(6))
EVERY_SWITCH = _person(
    (ASKS,), (*(NUMBER[one.value] for one in Failure), HOLDS, NUMBER["no data"], NUMBER["unconnected"])
)
SWITCHED = {one.value: _person((ASKS,), (NUMBER[one.value],)) for one in (Failure.REFUSE, Failure.DOWN)}
BULKY = _person((ASKS,), HUGE)
SLOWLY = _person((ASKS,), SLOW)
PROMISED = _person((ASKS,), tuple(PROMISING.values()))
PUSHED = _person((NUMBER["receives"],), (PROMISING["once"], PROMISING["twice"]))
BY_HAND = tuple(_person((ASKS,), (NUMBER["promise"],)) for _ in range(6))
MERGED = _person((ASKS,), (NUMBER["before merger"], NUMBER["also before merger"]))
ASKED_BEFORE_MERGER = _person((NUMBER["before merger"],), (HOLDS,))
MERGING = _person((NUMBER["merged today"],), (HOLDS,))
MERGING_HOLDER = _person((ASKS,), (NUMBER["merged today"],))
RENUMBERED = _person((), ())
RENUMBERED_OLD = _person((ASKS,), (HOLDS,))
CANCELLED = _person((ASKS,), (HOLDS,))
IN_MAINTENANCE = _person((ASKS,), (NUMBER["maintenance"],))
HOSTED_PERSONS = tuple(_person((HOSTED[place],), (HOSTED[(place + 1) % 3],)) for place in range(len(HOSTED)))
UNMANDATED = _person((WITHOUT_MANDATE, ASKS), (WITHOUT_MANDATE,))
AGED = _person((NUMBER["receives"],), (HOLDS, PROMISING["once"]))
"""Each holder has one decision of five years to the day, and one a day older: see `aged_file`."""
NEWCOMER = _person((), (HOLDS,))
OUTSIDE = _person((), (HOLDS,))
"""Nobody but HOLDS has a line."""
AGED_SECRETS = ("66613.57", niss("950518", 771))
"""Amount, and a cohabitant, that stand in the decision that is too old only."""
_WITHOUT_FILE = frozenset({NUMBER["no data"]})
_ACTS_FOR = {
    NUMBER["before merger"]: NUMBER["after merger"],
    NUMBER["also before merger"]: NUMBER["after merger"],
    NUMBER["merged today"]: NUMBER["takes over today"],
}


class PartnerWorld(InventedWorld):
    """The folder of this world; a hosted CPAS signs with its host's key."""

    def identity(self, number: str) -> Identity:
        """Return a CPAS as it signs: by itself, or by its host."""
        (cpas,) = [one for one in CPAS.values() if one.number == number]
        host = None if cpas.host is None else NUMBER[cpas.host]
        return load_identity(number, *self.key_files(host or number), host)

    @property
    def received(self) -> Path:
        """The folder of what is pushed to the CPAS with a receiver."""
        return self.folder / "received"


def make_partner_world(folder: Path, today: date, port: int, down_port: int) -> PartnerWorld:
    """Write keys, persons and the import files; the stub's configuration is made when a gateway is known."""
    endpoints = {
        one.number: f"http://127.0.0.1:{port}/{one.number}/SocialReportSupplierService/v1"
        for one in CPAS.values()
        if one.served
    }
    endpoints[NUMBER["down"]] = f"http://127.0.0.1:{down_port}/SocialReportSupplierService/v1"
    world = PartnerWorld(folder, today, endpoints)
    _make_keys(world)
    (folder / "institutions.toml").write_text("\n".join(institution(world, name) for name in CPAS))
    (folder / "directory.csv").write_text("\n".join(_directory(today)) + "\n")
    for one in CPAS.values():
        _write_persons(world, one.number)
    return world


def _make_keys(world: PartnerWorld) -> None:
    """Write the test PKI; a CPAS has a P-256 key only, because so many RSA keys take long to make."""
    maker = runpy.run_path(str(MAKE_KEYS))
    pki = maker["make_pki"](institutions=[])
    for number in NUMBER.values():
        subject = maker["subject_of"](f"RSE TEST CPAS {number}", number)
        pki.issued[f"cpas-{number}"] = maker["issue"](pki.ca, subject, maker["new_key"]("p256"))
    maker["_write"](world.keys, pki)


def institution(world: PartnerWorld, name: str, **changed: Any) -> str:
    """Return a CPAS as the import file of institutions says it; ``changed``: fields that differ."""
    number = NUMBER[name]
    values: dict[str, Any] = {
        "cbe_number": number,
        "name_fr": f"CPAS {number[-4:]}",
        "name_nl": f"OCMW {number[-4:]}",
        "telephone": f"+32 2 000 00 {number[-2:]}",
        "language": "FR",
        "quota": "none",
        "endpoint": world.endpoints.get(number),
        "certificates": [f"keys/test-cpas-{number}.cert.pem"],
    }
    if name == "receives":
        endpoint = world.endpoints[number]
        values["receiver_endpoint"] = endpoint.replace("SocialReportSupplier", "SocialReportReceiver")
    values |= dict(CPAS[name].registered) | changed
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    rights = f"operations = {json.dumps(OPERATIONS)}\nlegal_contexts = [{json.dumps(LEGAL_CONTEXT)}]"
    tables = [f"[[institution.rights]]\n{rights}\n"]
    if name == "host":
        operations = json.dumps([*OPERATIONS, PROVIDE])
        tables += [
            f'[[institution.mandates]]\ncpas = "{cpas}"\noperations = {operations}\n' for cpas in HOSTED
        ]
    return "\n".join(["[[institution]]", *lines, "", *tables])


def _toml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)


def _directory(today: date) -> list[str]:
    recent, earlier = (today - timedelta(days=60)).isoformat(), (today - timedelta(days=1200)).isoformat()
    lines = ["niss,cbe_number,quality_code,begin,end,new_niss"]
    lines += [f"{ssin},{cpas},1,{recent},," for ssin, asking in _ASKERS.items() for cpas in asking]
    lines += [f"{ssin},{cpas},2,{earlier},," for ssin, holding in _HOLDERS.items() for cpas in holding]
    lines.append(f"{RENUMBERED_OLD.ssin},{ALSO_ASKS},999,{recent},,{RENUMBERED.ssin}")
    lines.append(f"{CANCELLED.ssin},{ALSO_ASKS},999,{recent},,")
    return lines


def _write_persons(world: PartnerWorld, number: str) -> None:
    known = {
        ssin for ssin, holding in _HOLDERS.items() for one in holding if _ACTS_FOR.get(one, one) == number
    }
    if number in _WITHOUT_FILE:
        known = set()
    persons = [_file_of(one, world.today) for one in _everybody() if one.ssin in known]
    content = {"cbeNumber": number, "nameFr": "CPAS", "nameNl": "OCMW", "persons": persons}
    world.persons(number).write_text(json.dumps(content))


def _file_of(person: InventedPerson, today: date) -> dict[str, Any]:
    return aged_file(person, today) if person == AGED else person_file(person, today)


def oldest_told(today: date) -> date:
    """Return the first day of ratification that may be told: five years before, 28 for 29 February."""
    try:
        return today.replace(year=today.year - 5)
    except ValueError:
        return today.replace(year=today.year - 5, day=28)


def aged_file(person: InventedPerson, today: date) -> dict[str, Any]:
    """Return a file with two decisions that both reach into the period: the second is too old by a day."""
    file, oldest = person_file(person, today), oldest_told(today)
    told, too_old = deepcopy(file["decision"][1]), deepcopy(file["decision"][1])
    for decision, ratified in ((told, oldest), (too_old, oldest - timedelta(days=1))):
        day = ratified.isoformat()
        decision |= {"ratificationDate": day, "entryIntoForceDate": day}
        (aid,) = decision["aid"]
        length = {"value": 36, "unit": "MONTHS"}
        decision["duration"] = length
        aid |= {"period": {"beginDate": day, "duration": length}, "effectiveFrom": day}
    (aid,) = too_old["aid"]
    aid["amount"] = AGED_SECRETS[0]
    for income in aid["calculationElement"][0]["cohabitantIncome"]:
        income["ssin"] = AGED_SECRETS[1]
    return file | {"decision": [told, too_old]}


def _everybody() -> list[InventedPerson]:
    return [one for one in map(invented_person, range(40, 100)) if one.ssin in _HOLDERS]


def write_stub_configuration(world: PartnerWorld, gateway_url: str) -> Path:
    """Write the one configuration of all CPAS that have a server; return its file."""
    keys = world.keys
    shared = {
        "gateway_url": gateway_url,
        "gateway_number": HUB,
        "gateway_certificate": str(keys / "test-gateway.cert.pem"),
        "trusted_ca": str(keys / "test-ca.cert.pem"),
        "auditor_key": str(keys / "test-auditor.cert.pem"),
    }
    tables = [_stub_table(world, one) for one in CPAS.values() if one.number in world.endpoints]
    text = "\n".join([*(f"{name} = {json.dumps(value)}" for name, value in shared.items()), *tables])
    file = world.folder / "every-cpas.toml"
    file.write_text(text)
    return file


def _stub_table(world: PartnerWorld, cpas: Cpas) -> str:
    key, certificate = world.key_files(NUMBER[cpas.host] if cpas.host else cpas.number)
    values: dict[str, Any] = {
        "cbe_number": cpas.number,
        "key": str(key),
        "certificate": str(certificate),
        "log": str(world.holder_log(cpas.number)),
        "persons": str(world.persons(cpas.number)),
        "port": int(world.endpoints[cpas.number].split(":")[2].split("/")[0]),
    }
    if cpas.host:
        values["signing_number"] = NUMBER[cpas.host]
    if cpas.number == NUMBER["receives"]:
        values["received"] = str(world.received)
    values |= cpas.switches
    return "\n".join(["[[cpas]]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())])
