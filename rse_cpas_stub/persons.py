"""The invented files of one CPAS: a JSON file, read and checked once at the start.

``{"cbeNumber": …, "nameFr": …, "nameNl": …, "persons": [{"fileReference": …, "beneficiary": {…},
"partner": {…}, "decision": [{…}]}]}``; names and values as in ``xsd/report/SocialReport-v1.xsd``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rse_cpas_stub.contract import check_report
from rse_cpas_stub.errors import ContractBroken, SetupRefused
from rse_cpas_stub.period import Cut, Period, cut
from rse_cpas_stub.report import report_of


@dataclass(frozen=True, slots=True, repr=False)
class Extract:
    """What a file holds for one period: the report's content (None: nothing), and what is left out of it."""

    content: Mapping[str, Any] | None
    file_reference: str | None
    cut: Cut


@dataclass(frozen=True, slots=True, repr=False)
class PersonFiles:
    """The files of one CPAS by the beneficiary's number."""

    cbe_number: str
    files: Mapping[str, Mapping[str, Any]]

    def extract(self, ssin: str, period: Period) -> Extract:
        """Return what the CPAS discloses about a person: the decisions of the period, if there are any."""
        file = self.files.get(ssin)
        if file is None:
            return Extract(None, None, Cut())
        found = cut(file.get("decision", []), period)
        if not found.inside:
            return Extract(None, file.get("fileReference"), found)
        content = {
            "beneficiary": file["beneficiary"],
            "partner": file.get("partner"),
            "decision": found.inside,
        }
        return Extract(content, file.get("fileReference"), found)


def load_persons(path: Path, cbe_number: str) -> PersonFiles:
    """Return the files of a CPAS from a JSON file.

    Raises:
        SetupRefused: unreadable, another CPAS's, a file against the XSD, or a person twice. Names no person.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        numbers = [file["beneficiary"]["ssin"] for file in content["persons"]]
        for file in content["persons"]:
            check_report(report_of(file))
        owner = content["cbeNumber"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ContractBroken):
        # not chained: such an error can show a piece of the file
        raise SetupRefused(f"{path} is no file of persons") from None
    if owner != cbe_number:
        raise SetupRefused(f"{path} belongs to {owner}, not to {cbe_number}")
    if len(set(numbers)) != len(numbers):
        raise SetupRefused(f"{path} holds a person twice")
    return PersonFiles(cbe_number, dict(zip(numbers, content["persons"], strict=True)))
