"""A leg and its row; a stored answer and its plain bytes: each direction once."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import DisclosedPerson, SocialReport
from rse_gateway.domain.identifiers import CbeNumber, GatewayTicket, Niss
from rse_gateway.domain.leg import Leg, LegState
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import NewLeg

KEPT_AFTER_DISCLOSURE = timedelta(hours=72)
KEPT_AFTER_HORIZON = timedelta(days=7)
_LENGTH_BYTES = 4


def row_of(leg: Leg) -> dict[str, Any]:
    """Return the columns of ``leg``; the person's number is not among them."""
    return {
        "gateway_ticket": str(leg.gateway_ticket),
        "holding_cpas": leg.holding_cpas.value,
        "accepted_at": leg.accepted_at,
        "deadline": leg.deadline,
        "horizon": leg.horizon,
        "state": leg.state.value,
        "since": leg.since,
        "code": leg.code,
        "attempt": leg.attempt,
        "next_attempt_at": leg.next_attempt_at,
        "lease_owner": leg.lease_owner,
        "lease_until": leg.lease_until,
        "fence": leg.fence,
        "late": leg.late,
        "content_digest": leg.content_digest,
        "unusable_count": leg.unusable_count,
        "unusable_reason": leg.unusable_reason,
        "promised": leg.promised,
    }


def leg_of(row: RowMapping) -> Leg:
    """Return the leg that a row of ``legs`` holds."""
    return Leg(
        gateway_ticket=GatewayTicket.parse(row["gateway_ticket"]),
        holding_cpas=CbeNumber(row["holding_cpas"]),
        accepted_at=row["accepted_at"],
        deadline=row["deadline"],
        horizon=row["horizon"],
        state=LegState(row["state"]),
        since=row["since"],
        code=row["code"],
        attempt=row["attempt"],
        next_attempt_at=row["next_attempt_at"],
        lease_owner=row["lease_owner"],
        lease_until=row["lease_until"],
        fence=row["fence"],
        late=row["late"],
        content_digest=bytes(row["content_digest"]),
        unusable_count=row["unusable_count"],
        unusable_reason=row["unusable_reason"],
        promised=row["promised"],
    )


def unconnected_leg(ticket: GatewayTicket, holding_cpas: CbeNumber, since: datetime) -> Leg:
    """Return what stands for a holder without endpoint: a leg on which nothing ever happens."""
    return Leg(
        gateway_ticket=ticket,
        holding_cpas=holding_cpas,
        accepted_at=since,
        deadline=since,
        horizon=since,
        state=LegState.EXPIRED,
        since=since,
    )


def _place(ticket: str, holding_cpas: str) -> str:
    return f"{ticket}/{holding_cpas}"


def new_leg_row(new: NewLeg, keys: DataKeys) -> dict[str, Any]:
    """Return the row of a leg as accepted, with the number at its holder sealed."""
    row = row_of(new.leg)
    place = _place(row["gateway_ticket"], row["holding_cpas"])
    row["niss_enc"] = keys.encrypt_niss(new.niss, table="legs", row=place)
    return row


def niss_of(row: RowMapping, keys: DataKeys) -> Niss:
    """Return the number under which the holder of this leg knows the person.

    Raises:
        GatewayUnavailable: it does not open.
    """
    place = _place(row["gateway_ticket"], row["holding_cpas"])
    return keys.decrypt_niss(bytes(row["niss_enc"]), table="legs", row=place)


def answer_row(leg: Leg, report: SocialReport, keys: DataKeys) -> dict[str, Any]:
    """Return the row of a stored answer: report, persons and counts in one ciphertext.

    What the cap left out is neither stored nor counted here.
    """
    about = {
        "omitted": report.omitted,
        "contradictory": report.contradictory,
        "oldest": None if report.oldest is None else report.oldest.isoformat(),
        "persons": [[person.niss, person.role] for person in report.persons],
    }
    head = json.dumps(about, separators=(",", ":")).encode("ascii")
    plain = len(head).to_bytes(_LENGTH_BYTES) + head + report.canonical
    return {
        "gateway_ticket": str(leg.gateway_ticket),
        "holding_cpas": leg.holding_cpas.value,
        "sealed": keys.encrypt_answer(plain, leg.gateway_ticket, leg.holding_cpas),
        "content_digest": report.digest,
        "stored_at": leg.since,
        "disclosed_at": None,
        "delete_at": leg.horizon + KEPT_AFTER_HORIZON,
    }


def answer_of(sealed: bytes, leg: Leg, keys: DataKeys) -> SocialReport:
    """Return a stored answer; one that version 0.1.0 stored says no ``oldest``.

    Raises:
        GatewayUnavailable: it does not open.
    """
    plain = keys.decrypt_answer(sealed, leg.gateway_ticket, leg.holding_cpas)
    end = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES])
    try:
        about = json.loads(plain[_LENGTH_BYTES:end])
        persons = tuple(DisclosedPerson(niss, role) for niss, role in about["persons"])
        oldest = about.get("oldest")
        return SocialReport(
            canonical=plain[end:],
            digest=b"",
            persons=persons,
            omitted=about["omitted"],
            contradictory=about.get("contradictory", 0),
            oldest=None if oldest is None else date.fromisoformat(oldest),
        )
    except (ValueError, KeyError, TypeError):
        # not chained: these errors show the value that they stumbled over
        raise GatewayUnavailable("a stored answer has another form") from None
