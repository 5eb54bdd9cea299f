"""What is stored of a consultation's legs, as the core reads it again."""

from dataclasses import dataclass, replace
from datetime import date

from rse_gateway.domain.consultation import DisclosedPerson, SocialReport
from rse_gateway.domain.identifiers import Niss
from rse_gateway.domain.leg import Leg


@dataclass(frozen=True, slots=True, repr=False)
class StoredLeg:
    """A leg as stored, with the report where one is kept (decrypted).

    ``omitted``, ``contradictory`` and ``oldest`` are those of its `SocialReport`; ``oldest`` None: it was
    cut by the rules of version 0.1.0.
    """

    leg: Leg
    niss: Niss
    report: bytes | None
    persons: tuple[DisclosedPerson, ...]
    omitted: int
    connected: bool = True
    contradictory: int = 0
    oldest: date | None = None

    def with_report(self, report: SocialReport) -> "StoredLeg":
        """Return the leg with what is kept of a report; of an empty one only the counts are."""
        return replace(
            self,
            report=report.canonical or None,
            persons=report.persons,
            omitted=report.omitted,
            contradictory=report.contradictory,
            oldest=report.oldest,
        )
