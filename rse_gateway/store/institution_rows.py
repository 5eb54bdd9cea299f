"""How rows of the registry become institutions, with their rights and quotas: one place for both readers.

`registry` reads them for messages, `registered` for operators.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Row, select

from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.quota import Quotas
from rse_gateway.store.quotas import quota_of_column
from rse_gateway.store.tables import rights


def rights_by_institution(connection: Connection) -> dict[str, list[Right]]:
    """Return the rights of everyone, by BCE number, in the order in which they were given."""
    found: dict[str, list[Right]] = defaultdict(list)
    for row in connection.execute(select(rights).order_by(rights.c.id)):
        right = Right(row.operation, row.legal_context, row.valid_from, row.valid_until)
        found[row.cbe_number].append(right)
    return found


def institution_of_row(row: Row[Any], granted: list[Right]) -> Institution:
    """Return the institution that a row of ``institutions`` describes, with the rights it was granted."""
    return Institution(
        cbe_number=CbeNumber(row.cbe_number),
        name_fr=row.name_fr,
        name_nl=row.name_nl,
        telephone=row.telephone,
        language=row.language,
        contact=row.contact,
        endpoint=row.endpoint,
        receiver_endpoint=row.receiver_endpoint,
        exempt_from=row.exempt_from,
        exempt_until=row.exempt_until,
        rights=tuple(granted),
        suspended=row.suspended_at is not None,
    )


def quotas_of_row(row: Row[Any]) -> Quotas:
    """Return the quotas that a row of ``institutions`` holds."""
    return Quotas(quota_of_column(row.quota), quota_of_column(row.register_quota), row.register_quota_until)
