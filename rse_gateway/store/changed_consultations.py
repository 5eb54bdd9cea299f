"""Which consultations of an institution changed in a time: accepted, a leg's outcome, a deadline that passed.

The database finds the moments from the institution's own consultations (index on requester and acceptance),
so the work grows with what that institution asked, not with what everybody did.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all

from rse_gateway.domain.leg import OPEN_STATES
from rse_gateway.store.tables import consultations, legs

CHANGED_AT = "changed_at"


def changed_query(
    requesting: Collection[str],
    since: datetime | None,
    until: datetime,
    *,
    kept: timedelta,
    limit: int,
) -> Select[Any]:
    """Return the query for the consultations with the moment of their last change in [since, until].

    ``kept`` is how long after its acceptance anything may still happen to a consultation; ``since`` None =
    everything accepted in that time. Ordered by that moment, oldest first.
    """
    begin = until - kept if since is None else since
    oldest = begin if since is None else begin - kept
    asked = consultations.c

    def within(moment: ColumnElement[datetime]) -> ColumnElement[bool]:
        return moment.between(begin, until)

    mine = (asked.requesting_cpas.in_(sorted(requesting)), asked.accepted_at.between(oldest, until))
    of_legs = consultations.join(legs, legs.c.gateway_ticket == asked.gateway_ticket)
    outlived = or_(legs.c.state.in_(sorted(OPEN_STATES)), legs.c.since > legs.c.deadline)
    moments = union_all(
        select(asked.gateway_ticket, asked.accepted_at.label("moment")).where(
            *mine, within(asked.accepted_at)
        ),
        select(asked.gateway_ticket, legs.c.since).select_from(of_legs).where(*mine, within(legs.c.since)),
        select(asked.gateway_ticket, legs.c.deadline)
        .select_from(of_legs)
        .where(*mine, within(legs.c.deadline), outlived),
    ).subquery("moments")
    last = (
        select(moments.c.gateway_ticket, func.max(moments.c.moment).label(CHANGED_AT))
        .group_by(moments.c.gateway_ticket)
        .order_by(func.max(moments.c.moment), moments.c.gateway_ticket)
        .limit(limit)
        .subquery("last")
    )
    return (
        select(consultations, last.c[CHANGED_AT])
        .join(last, last.c.gateway_ticket == asked.gateway_ticket)
        .order_by(last.c[CHANGED_AT], asked.gateway_ticket)
    )
