"""Whether the database is at this version, read without Alembic: its import costs a process 0.5 s of CPU.

A revision's file bears its name (``r0004_….py``), and the last of them is the head; a test compares the two.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect

from rse_gateway.store.engine import read_transaction

_VERSIONS: Final = Path(__file__).with_name("migrations") / "versions"


def head() -> str:
    """Return the name of the last revision."""
    return max(file.name for file in _VERSIONS.glob("r[0-9]*.py")).split("_")[0]


def is_current(engine: Engine) -> bool:
    """Tell whether the schema is at this version.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    with read_transaction(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    return list(found) == [head()]
