"""Is this the master key that the database was sealed with? One row of ``key_checks`` knows.

Guards: a wrong master key of the right form is refused before anything is sealed with it. The row holds a
value that is derived from the master key and tells nothing of it. It is made at set-up; in a database that
was filled before there was such a row, once one sealed value was opened. Rules: reliability page.
"""

import hmac
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.store.engine import read_transaction, write_transaction
from rse_gateway.store.tables import consultations, directory_lines, key_checks, niss_replacements

_MASTER = "master"
_OTHER = "the database was sealed with another one: put back the key file that belongs to this database"


def master_key_fits(engine: Engine, keys: DataKeys) -> bool | None:
    """Tell whether the database was sealed with these keys; None where it does not say so yet.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    with read_transaction(engine) as connection:
        return _fits(connection, keys)


def check_master_key(engine: Engine, keys: DataKeys) -> None:
    """Return when the database was sealed with these keys; note it where it does not say so yet.

    Raises:
        SetupError: it was sealed with another master key.
        GatewayUnavailable: the store cannot be read or written.
    """
    fits = master_key_fits(engine, keys)
    if fits is None:
        fits = _note(engine, keys)
    if not fits:
        raise SetupError(f"master key: {_OTHER}")


def _note(engine: Engine, keys: DataKeys) -> bool:
    """Open one sealed value, where there is one, and write the row; another process may have been first."""
    try:
        with write_transaction(engine) as connection:
            fits = _fits(connection, keys)
            if fits is not None:
                return fits
            if not all(_opens(keys, *one) for one in _one_sealed(connection)):
                return False
            connection.execute(insert(key_checks).values(name=_MASTER, value=keys.check_value))
            return True
    except SQLAlchemyError:
        fits = master_key_fits(engine, keys)  # PostgreSQL: another node wrote the row in between
        if fits is None:
            raise GatewayUnavailable("the row of key_checks cannot be written") from None
        return fits


def _fits(connection: Connection, keys: DataKeys) -> bool | None:
    found = connection.execute(select(key_checks.c.value).where(key_checks.c.name == _MASTER)).scalar()
    return None if found is None else hmac.compare_digest(bytes(found), keys.check_value)


def _one_sealed(connection: Connection) -> Iterator[tuple[bytes, str, str]]:
    """Yield one sealed number of each table that has any: the bytes, the table's and the row's name."""
    for query, table in (
        (select(directory_lines.c.niss_enc, directory_lines.c.id), "directory_lines"),
        (select(consultations.c.niss_enc, consultations.c.gateway_ticket), "consultations"),
        (select(niss_replacements.c.old_enc, niss_replacements.c.id), "niss_replacements.old"),
    ):
        row = connection.execute(query.limit(1)).first()
        if row is not None:
            yield bytes(row[0]), table, str(row[1])


def _opens(keys: DataKeys, sealed: bytes, table: str, row: str) -> bool:
    try:
        keys.decrypt_niss(sealed, table=table, row=row)
    except GatewayUnavailable:
        return False
    return True
