"""What one message writes, as rows, and how a batch of messages is written in one transaction.

Guards the order that keeps processes from deadlocking and messages from failing each other: all replay
keys, then the rows of institutions whose quota counts, then all (requester, ticket), then all legs under
their fences, each sorted and each without an error for those who lose; losers leave the batch; then
everything else, table by table. Rules: reliability page (group commit, fence), security page G9.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Delete, Update, bindparam, delete, update

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.leg import FINISHABLE_STATES
from rse_gateway.errors import ReplayRefused
from rse_gateway.ports import (
    FenceLost,
    LegChange,
    NewConsultation,
    QuotaClaim,
    QuotaUsedUp,
    TicketTaken,
    UnitOfWork,
)
from rse_gateway.store.direct import RowInsert
from rse_gateway.store.kept_answers import AnswerChanges, answer_changes, change_answers
from rse_gateway.store.leg_rows import answer_row, new_leg_row, row_of
from rse_gateway.store.line_changes import change_lines, line_change
from rse_gateway.store.log_rows import insert_log_rows
from rse_gateway.store.quotas import Quotas
from rse_gateway.store.tables import answers, consultations, legs, not_connected, replay_keys
from rse_gateway.trail.ids import EntryIds
from rse_gateway.trail.sql.tables import rows_for_all

REPLAY_KEPT = timedelta(hours=24)
Row = dict[str, Any]
Lost = ReplayRefused | TicketTaken | QuotaUsedUp | FenceLost
_line_ids = EntryIds()


@dataclass(slots=True, repr=False)
class PreparedUnit:
    """A unit of work as rows, made before anything waits: building it cannot fail the batch."""

    replay: Row | None = None
    replayed_again: bytes | None = None
    consultation: Row | None = None
    change: Row | None = None
    kept: AnswerChanges = field(default_factory=AnswerChanges)
    line: Row | None = None
    quota: QuotaClaim | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)


def prepare(unit: UnitOfWork, keys: DataKeys) -> PreparedUnit:
    """Return the rows of ``unit``, every number and answer sealed.

    Raises:
        ValueError: the unit both accepts a consultation and changes a leg.
        RecordError: a log entry's record is no canonical record.
    """
    if unit.leg_change is not None and (unit.consultation is not None or unit.legs):
        raise ValueError("a unit accepts a consultation or changes a leg, not both")
    rows = rows_for_all(unit.log)
    rows["legs"] = [new_leg_row(new, keys) for new in unit.legs]
    rows["not_connected"] = [
        {
            "gateway_ticket": str(one.gateway_ticket),
            "holding_cpas": one.holding_cpas.value,
            "since": one.since,
        }
        for one in unit.not_connected
    ]
    if unit.leg_change is not None and unit.leg_change.report is not None and unit.leg_change.report.tells:
        rows["answers"] = [answer_row(unit.leg_change.leg, unit.leg_change.report, keys)]
    line = unit.access
    return PreparedUnit(
        replay=_replay_row(unit.replay_key),
        replayed_again=unit.replayed_again,
        consultation=_consultation_row(unit.consultation, keys),
        change=_change_row(unit.leg_change),
        kept=answer_changes(unit),
        line=None if line is None else line_change(line, keys, lambda: _line_ids(line.at)),
        quota=unit.quota,
        rows=rows,
    )


def _replay_row(replay_key: tuple[bytes, datetime] | None) -> Row | None:
    if replay_key is None:
        return None
    key, at = replay_key
    return {"replay_key": key, "received_at": at, "expires_at": at + REPLAY_KEPT, "hits": 0}


def _consultation_row(new: NewConsultation | None, keys: DataKeys) -> Row | None:
    if new is None:
        return None
    ticket = str(new.gateway_ticket)
    return {
        "gateway_ticket": ticket,
        "requesting_cpas": new.requesting_cpas.value,
        "signing": new.signing.value,
        "ticket": new.ticket.value,
        "niss_enc": keys.encrypt_niss(new.niss, table="consultations", row=ticket),
        "niss_hmac": keys.search_key.hmac(new.niss.value),
        "hmac_key_id": keys.search_key.key_id,
        "period_begin": new.period.begin,
        "period_end": new.period.end,
        "legal_context": new.legal_context,
        "quality_code": new.quality_code,
        "accepted_at": new.accepted_at,
    }


def _change_row(change: LegChange | None) -> Row | None:
    if change is None:
        return None
    row = row_of(change.leg)
    row["this_ticket"], row["this_holder"] = row.pop("gateway_ticket"), row.pop("holding_cpas")
    row["expected_fence"] = change.expected_fence
    return row


_NEW_REPLAY_KEY = RowInsert(replay_keys, once=["replay_key"], returning="replay_key")
_NEW_CONSULTATION = RowInsert(consultations, once=["requesting_cpas", "ticket"], returning="gateway_ticket")
_REPLAYED_AGAIN: Update = (
    update(replay_keys)
    .where(replay_keys.c.replay_key == bindparam("this_key"))
    .values(hits=replay_keys.c.hits + 1)
)
_UNDO_CONSULTATION: Delete = delete(consultations).where(
    consultations.c.gateway_ticket == bindparam("this_ticket")
)
_FREE_REPLAY_KEY: Delete = delete(replay_keys).where(replay_keys.c.replay_key == bindparam("this_key"))
_LEG_KEY = ("gateway_ticket", "holding_cpas")
_CHANGE_LEG: Update = (
    update(legs)
    .where(
        legs.c.gateway_ticket == bindparam("this_ticket"),
        legs.c.holding_cpas == bindparam("this_holder"),
        legs.c.fence == bindparam("expected_fence"),
        legs.c.state.in_(sorted(FINISHABLE_STATES)),
    )
    .values({c.name: bindparam(c.name) for c in legs.c if c.name not in (*_LEG_KEY, "niss_enc")})
)
_INSERTS = tuple((table.name, RowInsert(table)) for table in (legs, not_connected, answers))


def write_batch(connection: Connection, units: Sequence[PreparedUnit]) -> list[Lost | None]:
    """Write the units in the caller's transaction; return, in their order, None or why a unit lost.

    Who lost its ticket or its quota wrote nothing; who lost its fence wrote its replay key only.

    Raises:
        SQLAlchemyError: the database refused something: the transaction must be undone.
        ValueError: a unit ends a line that does not exist: the transaction must be undone.
    """
    lost: dict[int, Lost] = {}
    _claim_replay_keys(connection, units, lost)
    quotas = Quotas(connection, [unit for number, unit in enumerate(units) if number not in lost])
    _claim_tickets(connection, units, lost)
    _take_quotas(connection, quotas, units, lost)
    _change_legs(connection, units, lost)
    winners = [unit for number, unit in enumerate(units) if number not in lost]
    rows: dict[str, list[Row]] = defaultdict(list)
    for unit in winners:
        for name, of_table in unit.rows.items():
            rows[name].extend(of_table)
    for name, inserts in _INSERTS:
        inserts.all(connection, rows[name])
    change_answers(connection, [unit.kept for unit in winners])
    change_lines(connection, [unit.line for unit in winners if unit.line is not None])
    insert_log_rows(connection, rows)
    return [lost.get(number) for number in range(len(units))]


def _claim_replay_keys(connection: Connection, units: Sequence[PreparedUnit], lost: dict[int, Lost]) -> None:
    first: dict[bytes, tuple[int, Row]] = {}
    for number, unit in enumerate(units):
        if unit.replay is not None:
            first.setdefault(unit.replay["replay_key"], (number, unit.replay))
    if first:
        wanted = [first[key][1] for key in sorted(first)]
        new = {bytes(key) for key in _NEW_REPLAY_KEY.new_ones(connection, wanted)}
        for number, unit in enumerate(units):
            if unit.replay is not None:
                key = unit.replay["replay_key"]
                if key not in new or first[key][0] != number:
                    lost[number] = ReplayRefused("G9", "this signed message was received before")
    again = sorted(unit.replayed_again for unit in units if unit.replayed_again is not None)
    if again:
        connection.execute(_REPLAYED_AGAIN, [{"this_key": key} for key in again])


def _claim_tickets(connection: Connection, units: Sequence[PreparedUnit], lost: dict[int, Lost]) -> None:
    wanted = [
        unit.consultation
        for number, unit in enumerate(units)
        if unit.consultation is not None and number not in lost
    ]
    if not wanted:
        return
    wanted.sort(key=lambda row: (row["requesting_cpas"], row["ticket"]))
    new = set(_NEW_CONSULTATION.new_ones(connection, wanted))
    losers: list[PreparedUnit] = []
    for number, unit in enumerate(units):
        if number in lost or unit.consultation is None or unit.consultation["gateway_ticket"] in new:
            continue
        lost[number] = TicketTaken("this ticket is bound already")
        losers.append(unit)
    _free_replay_keys(connection, losers)


def _take_quotas(
    connection: Connection, quotas: Quotas, units: Sequence[PreparedUnit], lost: dict[int, Lost]
) -> None:
    losers: list[PreparedUnit] = []
    for number, unit in enumerate(units):
        if number not in lost and not quotas.take(unit):
            lost[number] = QuotaUsedUp("nothing is left of this hour's quota")
            losers.append(unit)
    undone = [unit.consultation["gateway_ticket"] for unit in losers if unit.consultation is not None]
    if undone:
        connection.execute(_UNDO_CONSULTATION, [{"this_ticket": ticket} for ticket in sorted(undone)])
    _free_replay_keys(connection, losers)


def _free_replay_keys(connection: Connection, losers: Sequence[PreparedUnit]) -> None:
    freed = sorted(unit.replay["replay_key"] for unit in losers if unit.replay is not None)
    if freed:
        connection.execute(_FREE_REPLAY_KEY, [{"this_key": key} for key in freed])


def _change_legs(connection: Connection, units: Sequence[PreparedUnit], lost: dict[int, Lost]) -> None:
    changes = [
        (unit.change, number)
        for number, unit in enumerate(units)
        if unit.change is not None and number not in lost
    ]
    changes.sort(key=lambda one: (one[0]["this_ticket"], one[0]["this_holder"], one[1]))
    for change, number in changes:
        if connection.execute(_CHANGE_LEG, change).rowcount != 1:
            lost[number] = FenceLost("the leg was taken or finished by somebody else")
