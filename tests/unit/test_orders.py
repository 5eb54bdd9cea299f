"""Of two broken rules the earlier one is told: every operation but the consultation (test_admission)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from gateway_fakes import (
    ASKER,
    CONTEXT,
    NOW,
    ONE,
    PERSON,
    RULES,
    TODAY,
    Content,
    MemoryWorld,
    a_world,
    consult,
    held_by,
    message,
    request,
    sources,
)

from rse_gateway.domain.access import Right
from rse_gateway.domain.consultation import (
    CustomerInformation,
    DeliveryRequest,
    ListRequest,
    RequestOptions,
    RetrieveRequest,
    SupplierReply,
)
from rse_gateway.domain.directory import AccessAction, AccessRequest
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.errors import RequestRefused
from rse_gateway.ports import LegChange, UnitOfWork
from rse_gateway.use_cases import admission as checks

Break = Callable[["Case"], None]


class Case:
    """One message that breaks nothing, to be broken rule by rule."""

    def __init__(self, operation: str, role: str) -> None:
        self.world: MemoryWorld = held_by(a_world(), ONE, SupplierReply.PROMISED)
        consult(self.world)(request(), message())
        self.ticket = self.world.answers[-1].gateway_ticket
        self.caller = ONE if operation == "deliverSocialReport" else ASKER
        self.context = message(operation=operation, signing=self.caller)
        self.customer = CustomerInformation(Ticket("O-1"), self.caller.value, "user", role, "test")
        self.legal_context = CONTEXT
        self.request: Any = None

    def breaks(self, **customer: object) -> None:
        self.customer = replace(self.customer, **customer)  # type: ignore[arg-type]

    def institution(self, **changes: object) -> None:
        known = self.world.institutions[self.caller]
        self.world.institutions[self.caller] = replace(known, **changes)  # type: ignore[arg-type]

    def refused_at(self, order: checks.Sequence[checks.Step], kind: type) -> str:
        admission = kind(
            customer=self.customer,
            legal_context=self.legal_context,
            context=self.context,
            now=NOW,
            today=TODAY,
            rules=RULES,
            sources=sources(self.world),
            **({} if self.request is None else {"request": self.request}),
        )
        for name, check in order:
            try:
                check(admission)
            except RequestRefused:
                return name
        return ""


COMMON: dict[str, Break] = {
    "environment": lambda case: case.breaks(environment="prod"),
    "customerIdentification": lambda case: case.breaks(cbe_number=None),
    "references": lambda case: case.breaks(user_reference="85073003328"),
    "signer": lambda case: setattr(case, "context", replace(case.context, roles=frozenset())),
    "legalContext": lambda case: setattr(case, "legal_context", "PCSA:OTHER"),
    "userRole": lambda case: case.breaks(user_role="AUDITOR"),
    "operation": lambda case: case.institution(
        rights=(Right("none", CONTEXT), Right("none", "PCSA:OTHER")),
    ),
}


def _retrieve() -> Case:
    case = Case("retrieveSocialReport", "SYSTEM")
    case.request = RetrieveRequest(case.customer, CONTEXT, RequestOptions(), case.ticket, None)
    return case


def _list() -> Case:
    case = Case("listSocialReports", "SYSTEM")
    case.request = ListRequest(case.customer, CONTEXT, RequestOptions(), None, ())
    return case


def _no_new_line(case: Case) -> Case:
    case.world.register_quotas[ASKER] = 0
    return _asks(begin=date(2026, 2, 1))(case)


def _access() -> Case:
    case = Case("manageAccess", "ADMINISTRATION")
    line = {"ssin": PERSON.value, "quality_code": 2, "begin": date(2026, 1, 1)}
    options = RequestOptions()
    case.request = AccessRequest(case.customer, CONTEXT, options, AccessAction.REGISTER, **line)  # type: ignore[arg-type]
    return case


def _deliver() -> Case:
    case = Case("deliverSocialReport", "SYSTEM")
    case.request = DeliveryRequest(
        case.customer, CONTEXT, RequestOptions(), case.ticket, PERSON.value, Content()
    )
    return case


def _test() -> Case:
    return Case("sendTestMessage", "SYSTEM")


def _asks(**changes: object) -> Break:
    return lambda case: setattr(case, "request", replace(case.request, **changes))


def _over(case: Case) -> None:
    leg = case.world.legs_of(case.ticket)[0].leg
    case.world.written.append(UnitOfWork(leg_change=LegChange(replace(leg, horizon=NOW), leg.fence)))


OTHER = message().gateway_ticket
ORDERS: dict[str, tuple[Any, type, Callable[[], Case], dict[str, Break]]] = {
    "retrieve": (
        checks.RETRIEVE_ORDER,
        checks.RetrieveAdmission,
        _retrieve,
        COMMON
        | {"ticket": _asks(gateway_ticket=OTHER), "integration": lambda case: case.world.lines.clear()},
    ),
    "list": (
        checks.LIST_ORDER,
        checks.ListAdmission,
        _list,
        COMMON | {"confirmed": _asks(confirmed=(OTHER,))},
    ),
    "access": (
        checks.ACCESS_ORDER,
        checks.AccessAdmission,
        _access,
        COMMON
        | {
            "ssin": _asks(ssin="85073003329"),
            "dates": _asks(end=date(2025, 1, 1)),
            "qualityCode": _asks(quality_code=999),
            "quota": _no_new_line,
        },
    ),
    "delivery": (
        checks.DELIVERY_ORDER,
        checks.DeliveryAdmission,
        _deliver,
        COMMON | {"ticket": _asks(delivered_ticket=OTHER), "horizon": _over},
    ),
    "test": (
        checks.TEST_ORDER,
        checks.Admission,
        _test,
        {name: COMMON[name] for name in COMMON if name not in ("legalContext", "operation")}
        | {"operation": lambda case: case.institution(suspended=True)},
    ),
}
PAIRS = [(order, *pair) for order, (*_, broken) in ORDERS.items() for pair in pairwise(broken)]


@pytest.mark.parametrize("order", ORDERS)
def test_a_message_that_breaks_nothing_passes_every_check_of_its_order(order: str) -> None:
    checked, kind, make, broken = ORDERS[order]
    assert [name for name, _check in checked] == list(broken)
    assert make().refused_at(checked, kind) == ""


@pytest.mark.parametrize(("order", "earlier", "later"), PAIRS)
def test_of_two_broken_rules_of_an_operation_the_earlier_one_is_told(
    order: str, earlier: str, later: str
) -> None:
    checked, kind, make, broken = ORDERS[order]
    for name in (earlier, later):
        alone = make()
        broken[name](alone)
        assert alone.refused_at(checked, kind) == name
    both = make()
    broken[later](both)
    broken[earlier](both)
    assert both.refused_at(checked, kind) == earlier


@pytest.mark.parametrize("order", ORDERS)
def test_whatever_a_suspended_institution_sends_is_refused_at_the_operation(order: str) -> None:
    """A test message and a question for its own rights too, for which it needs no right."""
    checked, kind, make, _broken = ORDERS[order]
    case = make()
    case.institution(suspended=True)
    assert case.refused_at(checked, kind) == "operation"
