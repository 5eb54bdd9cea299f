"""The invented institutions, persons and keys that the acceptance tests live among; nothing runs here.

Every number, name and amount is made up and occurs nowhere else, so that a test can look for it in logs and
databases. Dates move with the calendar: the decisions always lie in the last five years.
"""

import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from rse_cpas_stub.failures import Failure
from rse_cpas_stub.identity import Identity, Trust, key_digest, load_certificates, load_identity
from rse_cpas_stub.period import Period

MAKE_KEYS = Path(__file__).resolve().parents[2] / "samples" / "keys" / "make_test_keys.py"
LEGAL_CONTEXT = "PCSA:SOCIAL_INQUIRY"
SLOW, CLOSED, MISDIRECTED = "slow", "closed", "misdirected"
SLOW_SECONDS = 2.5


def cbe_number(first_eight: int) -> str:
    """Return an enterprise number with its check digits."""
    return f"{first_eight:08d}{97 - first_eight % 97:02d}"


def niss(born: str, serial: int) -> str:
    """Return the national number of somebody born in the 20th century (``YYMMDD``), with check digits."""
    first_nine = int(f"{born}{serial:03d}")
    return f"{first_nine:09d}{97 - first_nine % 97:02d}"


HUB = cbe_number(2_999_900)
ASKING = cbe_number(2_999_901)
HOLDING = cbe_number(2_999_902)
ALSO_ASKING = cbe_number(2_999_903)
NARROW = cbe_number(2_999_904)
"""May retrieve, but not consult."""
UNREACHABLE = cbe_number(2_999_905)
"""Registered without an endpoint: it cannot be asked, so it may not ask."""
FAILURES = (
    SLOW,
    CLOSED,
    MISDIRECTED,
    Failure.FAULT.value,
    Failure.WRONG_XSD.value,
    Failure.WRONG_PERSON.value,
    Failure.WRONG_SIGNER.value,
    Failure.WRONG_TICKET.value,
    Failure.PROMISE.value,
)
FAILING = {failure: cbe_number(2_999_920 + place) for place, failure in enumerate(FAILURES)}
"""Ways to fail → the CPAS that always fails that way (misdirected: at its address another one answers)."""
INSTITUTIONS = (ASKING, HOLDING, ALSO_ASKING, NARROW, UNREACHABLE, *FAILING.values())
OPERATIONS = ("consultSocialReport", "retrieveSocialReport", "listSocialReports", "deliverSocialReport")


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One person with a file: who she is, with whom she lives, and what she gets."""

    ssin: str
    partner: str
    cohabitant: str
    last_name: str
    first_name: str
    aid: str
    income: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything about this person that no log or database may show."""
        return (
            self.ssin,
            self.partner,
            self.cohabitant,
            self.last_name,
            self.first_name,
            self.aid,
            self.income,
        )


def invented_person(number: int) -> InventedPerson:
    """Return the ``number``-th invented person (0 to 99)."""
    letters = f"{chr(97 + number // 10)}{chr(97 + number % 10)}"
    return InventedPerson(
        ssin=niss("700215", 10 + number * 2),
        partner=niss("710316", 11 + number * 2),
        cohabitant=niss("940417", 12 + number * 2),
        last_name=f"Zwartveldemans-{letters}",
        first_name=f"Philomeneke-{letters}",
        aid=f"{71_300 + number}.17",
        income=f"{48_600 + number}.29",
    )


KNOWN = tuple(invented_person(number) for number in range(8))
"""Persons with a file at HOLDING and a right of ASKING."""
ALSO_KNOWN = tuple(invented_person(number) for number in range(10, 14))
"""Persons with a file at HOLDING and a right of ALSO_ASKING."""
NOWHERE = invented_person(20)
"""ASKING has a right; nobody has a file."""
WITHOUT_RIGHT = invented_person(21)
"""HOLDING has a file; ASKING has no right."""
TWICE = invented_person(22)
"""A file at HOLDING, which answers, and at the CPAS that answers with faults."""
AT_FAILING = {failure: invented_person(30 + place) for place, failure in enumerate(FAILURES)}
EVERYBODY = (*KNOWN, *ALSO_KNOWN, NOWHERE, WITHOUT_RIGHT, TWICE, *AT_FAILING.values())
SAMPLE_SSIN = "98472899765"
"""The person of samples/demo/consult-request.xml; known nowhere."""


def files_of(number: str) -> tuple[InventedPerson, ...]:
    """Return the persons of whom a CPAS has a file."""
    if number == HOLDING:
        return (*KNOWN, *ALSO_KNOWN, TWICE, WITHOUT_RIGHT)
    own = tuple(AT_FAILING[failure] for failure, cpas in FAILING.items() if cpas == number)
    return (*own, TWICE) if number == FAILING[Failure.FAULT.value] else own


def person_file(person: InventedPerson, today: date) -> dict[str, Any]:
    """Return a person's file as the stub reads it: two decisions of recent years, with calculation."""
    granted, extended = today - timedelta(days=900), today - timedelta(days=500)
    year = {"value": 12, "unit": "MONTHS"}
    aid = {
        "legislation": "DRI",
        "aidType": {"code": "RIS"},
        "amount": person.aid,
        "paymentFrequency": {"code": "MONTHLY"},
        "period": {"beginDate": extended.isoformat(), "duration": year},
        "effectiveFrom": extended.isoformat(),
        "legalSubrogation": False,
        "calculationElement": [
            {
                "elementType": {"code": "PROFESSIONAL_INCOME"},
                "amount": person.income,
                "unit": "MONTH",
                "cohabitantIncome": [{"ssin": person.cohabitant, "amount": person.income, "unit": "MONTH"}],
            }
        ],
    }
    return {
        "fileReference": "C-2024-007",
        "beneficiary": {
            "ssin": person.ssin,
            "lastName": person.last_name,
            "firstName": person.first_name,
        },
        "partner": {"ssin": person.partner},
        "decision": [
            {
                "decisionType": "REFUSAL",
                "ratificationDate": granted.isoformat(),
                "followsJudgment": False,
                "duration": year,
                "entryIntoForceDate": granted.isoformat(),
            },
            {
                "decisionType": "GRANT",
                "ratificationDate": extended.isoformat(),
                "duration": year,
                "entryIntoForceDate": extended.isoformat(),
                "aid": [aid],
            },
        ],
    }


@dataclass(frozen=True)
class InventedWorld:
    """A folder with keys, persons and configurations of all CPAS; ``endpoints`` is where each one answers."""

    folder: Path
    today: date
    endpoints: Mapping[str, str]

    @property
    def period(self) -> Period:
        """The period that is asked: the last four years."""
        return Period(self.today - timedelta(days=4 * 365), self.today)

    @property
    def keys(self) -> Path:
        """The folder of all keys and certificates."""
        return self.folder / "keys"

    @property
    def auditor_key(self) -> Path:
        """The private key that opens private parts."""
        return self.keys / "test-auditor.key.pem"

    def key_files(self, number: str) -> tuple[Path, Path]:
        """Return key and certificate file of a CPAS."""
        stem = f"test-cpas-{number}"
        return self.keys / f"{stem}.key.pem", self.keys / f"{stem}.cert.pem"

    def identity(self, number: str) -> Identity:
        """Return a CPAS as it signs."""
        return load_identity(number, *self.key_files(number))

    @cached_property
    def gateway_trust(self) -> Trust:
        """Whom everybody believes as the gateway."""
        certificate = load_certificates(self.keys / "test-gateway.cert.pem")
        authorities = load_certificates(self.keys / "test-ca.cert.pem")
        return Trust(HUB, authorities, frozenset(key_digest(one) for one in certificate))

    def configuration(self, number: str) -> Path:
        """Return the configuration file of a CPAS."""
        return self.folder / f"cpas-{number}.toml"

    def persons(self, number: str) -> Path:
        """Return the persons file of a CPAS."""
        return self.folder / f"persons-{number}.json"

    def holder_log(self, number: str) -> Path:
        """Return the consultation log that a holding CPAS keeps."""
        return self.folder / f"log-{number}.sqlite"


def make_invented_world(folder: Path, today: date, ports: Mapping[str, int]) -> InventedWorld:
    """Write keys, persons, configurations and the two import files of the gateway; nothing runs yet."""
    endpoints = {
        number: f"http://127.0.0.1:{port}/SocialReportSupplierService/v1" for number, port in ports.items()
    }
    world = InventedWorld(folder, today, endpoints)
    runpy.run_path(str(MAKE_KEYS))["make_pki"](world.keys, institutions=list(INSTITUTIONS))
    for number in INSTITUTIONS:
        _write_configuration(world, number)
        _write_persons(world, number)
    (folder / "institutions.toml").write_text("\n".join(_institution(world, n) for n in INSTITUTIONS))
    lines = ["niss,cbe_number,quality_code,begin,end", *_directory_lines(today)]
    (folder / "directory.csv").write_text("\n".join(lines) + "\n")
    return world


def _directory_lines(today: date) -> list[str]:
    recent, earlier = (today - timedelta(days=60)).isoformat(), (today - timedelta(days=1200)).isoformat()
    asked = [person.ssin for person in (*KNOWN, NOWHERE, TWICE, *AT_FAILING.values())]
    lines = [f"{ssin},{ASKING},1,{recent}," for ssin in [*asked, SAMPLE_SSIN]]
    lines += [f"{person.ssin},{ALSO_ASKING},1,{recent}," for person in ALSO_KNOWN]
    held = [(person.ssin, number) for number in INSTITUTIONS for person in files_of(number)]
    return lines + [f"{ssin},{number},1,{earlier}," for ssin, number in held]


def _institution(world: InventedWorld, number: str) -> str:
    operations = list(OPERATIONS[1:] if number == NARROW else OPERATIONS)
    endpoint = f'endpoint = "{world.endpoints[number]}"\n' if number in world.endpoints else ""
    return f"""[[institution]]
cbe_number = "{number}"
name_fr = "CPAS {number[-4:]}"
name_nl = "OCMW {number[-4:]}"
telephone = "+32 2 000 00 {number[-2:]}"
language = "FR"
quota = "none"
{endpoint}certificates = ["keys/test-cpas-{number}.cert.pem", "keys/test-cpas-{number}-rsa.cert.pem"]

[[institution.rights]]
operations = {json.dumps(operations)}
legal_contexts = ["{LEGAL_CONTEXT}"]
"""


def _write_configuration(world: InventedWorld, number: str) -> None:
    key, certificate = world.key_files(number)
    settings = {
        "cbe_number": number,
        "key": key,
        "certificate": certificate,
        "gateway_certificate": world.keys / "test-gateway.cert.pem",
        "trusted_ca": world.keys / "test-ca.cert.pem",
        "auditor_key": world.keys / "test-auditor.cert.pem",
        "log": world.holder_log(number),
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    world.configuration(number).write_text(text)


def _write_persons(world: InventedWorld, number: str) -> None:
    persons = [person_file(person, world.today) for person in files_of(number)]
    content = {"cbeNumber": number, "nameFr": "CPAS", "nameNl": "OCMW", "persons": persons}
    world.persons(number).write_text(json.dumps(content))
