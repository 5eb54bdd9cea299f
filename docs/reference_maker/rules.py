"""The rules as the code keeps them: gate steps, orders of checks, bounds. Nothing of them is copied here."""

from dataclasses import dataclass

from rse_gateway.adapters.holding_cpas import LEG_ORDER, MAX_ANSWER_BYTES
from rse_gateway.contract.parsing import Bounds
from rse_gateway.domain.access import IMPORT_ONLY_QUALITY_CODES, OPERATION_ROLES
from rse_gateway.domain.quota import QUOTA_WINDOW
from rse_gateway.security.freshness import MAX_CLOCK_SKEW_SECONDS, MAX_LIFETIME_SECONDS
from rse_gateway.security.gate import GATE_ORDER
from rse_gateway.soap.edge import UNSIGNED_STATUSES
from rse_gateway.soap.endpoints import DELIVERY_BOUNDS, ENDPOINTS, REQUEST_BOUNDS
from rse_gateway.use_cases import admission
from rse_gateway.use_cases.admission import AccessRules
from rse_gateway.use_cases.results import AGGREGATE_BYTES

BEFORE_THE_GATE = ("G0",)
AFTER_THE_GATE = ("G9", "G10")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bounds by the names that `words.json` uses."""

    request_bytes: int = REQUEST_BOUNDS.max_bytes
    request_elements: int = REQUEST_BOUNDS.max_elements
    delivery_bytes: int = min(DELIVERY_BOUNDS.max_bytes, MAX_ANSWER_BYTES)
    delivery_elements: int = DELIVERY_BOUNDS.max_elements
    aggregate_bytes: int = AGGREGATE_BYTES


def gate_steps() -> tuple[str, ...]:
    """Return the steps that every received message goes through, in order."""
    return (*BEFORE_THE_GATE, *(step.name for step in GATE_ORDER), *AFTER_THE_GATE)


def gate_values() -> dict[str, str]:
    """Return what the sentences about the gate leave open."""
    return {
        "unsigned": ", ".join(str(status) for status in sorted(UNSIGNED_STATUSES)),
        "depth": str(REQUEST_BOUNDS.max_depth),
        "attributes": str(REQUEST_BOUNDS.max_attributes),
    }


def time_values() -> dict[str, str]:
    """Return what the sentences about time leave open."""
    return {
        "lifetime": str(MAX_LIFETIME_SECONDS),
        "skew": str(MAX_CLOCK_SKEW_SECONDS),
        "quota": str(int(QUOTA_WINDOW.total_seconds()) // 60),
    }


def check_values() -> dict[str, str]:
    """Return what the sentences about checks leave open."""
    return {
        "years": str(AccessRules("test").period_years),
        "import_only": ", ".join(str(code) for code in sorted(IMPORT_ONLY_QUALITY_CODES)),
    }


def order_of(constant: str) -> tuple[str, ...]:
    """Return the names of the checks of one list of `use_cases.admission`, in order."""
    return tuple(name for name, _check in getattr(admission, constant))


def leg_order() -> tuple[str, ...]:
    """Return the names of the checks of a holding CPAS's answer, in order."""
    return tuple(name for name, _check in LEG_ORDER)


def roles_of(operation: str) -> tuple[str, ...]:
    """Return the user roles that may use an operation of the gateway; none for operations of a CPAS."""
    return tuple(sorted(OPERATION_ROLES.get(operation, ())))


def bounds_of(service: str) -> Bounds | None:
    """Return how large a request to a service of the gateway may be; None for services of a CPAS."""
    return next((endpoint.bounds for endpoint in ENDPOINTS if endpoint.service == service), None)
