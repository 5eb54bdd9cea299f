"""What the gateway serves: one address per service and version, and what each operation is called.

The names follow the files under `wsdl/`; a test compares them one by one. Sizes: contract page,
"consultSocialReport" (requests 256 KiB and 2,000 elements; deliveries 1 MiB and 25,000).
"""

from dataclasses import dataclass
from typing import Final

from rse_gateway.contract.namespaces import INTERFACE_PREFIX, MANAGE_ACCESS, REPORT, TEST_CONNECTION
from rse_gateway.contract.parsing import Bounds

REQUEST_BOUNDS: Final = Bounds(max_bytes=256 * 1024, max_elements=2_000)
DELIVERY_BOUNDS: Final = Bounds(max_bytes=1024 * 1024, max_elements=25_000)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the contract names it; element names are in Clark notation.

    Attributes:
        request: the one child of a request's Body.
        soap_action: what a caller may state as SOAPAction, beside nothing.
        fault: the element that stands in the ``detail`` of its faults.
    """

    name: str
    request: str
    soap_action: str
    fault: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address with the operations that are served there.

    Attributes:
        path: path of the address, without query.
        service: contract name, for example ``ElectronicSocialReportService``.
        version: for example ``v1``.
        bounds: how large a request may be; the same for all operations of one address, so that the size
            is known before a byte of the message is.
    """

    path: str
    service: str
    version: str
    bounds: Bounds
    operations: tuple[Operation, ...]

    @property
    def wsdl_file(self) -> str:
        """Return the name of its file under `wsdl/`."""
        return f"{self.service}-{self.version}.wsdl"

    def operation_of(self, request: str) -> Operation | None:
        """Return the operation whose request element this is, None when there is none here."""
        return next((operation for operation in self.operations if operation.request == request), None)

    def knows_action(self, soap_action: str) -> bool:
        """Tell whether that is the SOAPAction of one of its operations."""
        return any(operation.soap_action == soap_action for operation in self.operations)


def _endpoint(
    service: str, types: str, operations: tuple[str, ...], bounds: Bounds = REQUEST_BOUNDS
) -> Endpoint:
    name = service.removesuffix("Service")
    fault = f"{{{types}}}{name[0].lower()}{name[1:]}Fault"
    interface = f"{INTERFACE_PREFIX}{service}:v1"
    return Endpoint(
        path=f"/{service}/v1",
        service=service,
        version="v1",
        bounds=bounds,
        operations=tuple(
            Operation(name, f"{{{types}}}{name}Request", f"{interface}/{name}", fault) for name in operations
        ),
    )


ENDPOINTS: Final = (
    _endpoint(
        "ElectronicSocialReportService",
        REPORT,
        ("consultSocialReport", "retrieveSocialReport", "listSocialReports"),
    ),
    _endpoint("SocialReportDeliveryService", REPORT, ("deliverSocialReport",), DELIVERY_BOUNDS),
    _endpoint("ManageAccessService", MANAGE_ACCESS, ("manageAccess",)),
    _endpoint("TestConnectionService", TEST_CONNECTION, ("sendTestMessage", "listRights")),
)
BY_PATH: Final = {endpoint.path: endpoint for endpoint in ENDPOINTS}


def request_element(operation: str) -> str:
    """Return the request element of a served operation, in Clark notation.

    Raises:
        KeyError: no endpoint serves that operation.
    """
    for endpoint in ENDPOINTS:
        for served in endpoint.operations:
            if served.name == operation:
                return served.request
    raise KeyError(operation)
