"""Opening store and log for a command that changes something or reads the log."""

from dataclasses import dataclass

from rse_gateway.bootstrap.store import HubLog, Store, hub_log, open_store
from rse_gateway.errors import SetupError
from rse_gateway.settings import Settings
from rse_gateway.store.key_check import master_key_fits
from rse_gateway.store.schema_version import is_current


@dataclass(frozen=True, slots=True, repr=False)
class Gateway:
    """What a command works with."""

    settings: Settings
    store: Store
    hub: HubLog


def open_gateway(settings: Settings) -> Gateway:
    """Return store and hub log of a database that is at this version.

    Raises:
        SetupError: keys, certificates or database URL are wrong, or the schema is of another version.
        GatewayUnavailable: the store cannot be read.
    """
    store = open_store(settings)
    if not is_current(store.engine):
        raise SetupError("the database is not at this version: run rse-gateway database upgrade")
    if master_key_fits(store.engine, store.keys) is False:
        raise SetupError(f"master key {settings.master_key}: the database was sealed with another one")
    return Gateway(settings, store, hub_log(settings, store))
