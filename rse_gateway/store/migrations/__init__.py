"""The schema's history, applied by `upgrade`; every revision is fixed once released.

To add one: change `rse_gateway.store.tables`, then write the next file in ``versions`` (Alembic's
autogenerate drafts it); a test compares the migrated schema with the tables on both databases.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.store.engine import read_transaction, without_time_limit, write_transaction

_POSTGRESQL_LOCK = 7_267_001


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to this version, all steps or none; several processes may call it at once.

    Raises:
        SetupError: the database was made by a newer version of the gateway.
        GatewayUnavailable: the store cannot be written.
    """
    config = _config()
    try:
        with write_transaction(engine) as connection:
            without_time_limit(connection)
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise SetupError("the database was made by a newer version of the gateway") from error
    except SQLAlchemyError as error:
        raise GatewayUnavailable("the schema cannot be brought to this version") from error


def is_current(engine: Engine) -> bool:
    """Tell whether the schema is at this version.

    Raises:
        GatewayUnavailable: the store cannot be read.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with read_transaction(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
