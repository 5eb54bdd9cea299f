"""Which operation is served where, for those who may not know the SOAP side: read from its endpoints."""

from typing import Final

from rse_gateway.domain.rights import Served, ServedOperation
from rse_gateway.soap.endpoints import ENDPOINTS

SERVED: Final[Served] = {
    operation.name: ServedOperation(endpoint.service, endpoint.version)
    for endpoint in ENDPOINTS
    for operation in endpoint.operations
}
"""Every served operation, in the order of the contract."""
