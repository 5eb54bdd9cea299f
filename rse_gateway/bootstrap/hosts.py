"""From settings to who may be called: one judgement for imports, checks and every connection."""

from rse_gateway.adapters.address_judge import AddressJudge
from rse_gateway.adapters.connecting import Connector
from rse_gateway.security.allowed_hosts import AllowedHosts
from rse_gateway.settings import Settings


def connector(settings: Settings) -> Connector:
    """Return what opens connections to allowed hosts."""
    return Connector(AllowedHosts.of(settings.allowed_hosts, settings.environment))


def address_judge(settings: Settings) -> AddressJudge:
    """Return what judges registered addresses."""
    return AddressJudge(AllowedHosts.of(settings.allowed_hosts, settings.environment))
