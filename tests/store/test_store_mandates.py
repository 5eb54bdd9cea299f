"""Mandates, mergers, quota and maintenance: what the registry says about them on a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from store_samples import ALSO_HOLDING, ASKING, HOLDING, UNCONNECTED

from rse_gateway.domain.access import HeldMandate, Institution
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.quota import Quotas
from rse_gateway.store.institution_list import ListedMandate, list_institutions
from rse_gateway.store.registration import InstitutionRecord, Mandate, import_institutions
from rse_gateway.store.registry import SqlRegistry

DAY = date(2026, 11, 21)
CPAS = [CbeNumber(f"{number:08d}{97 - number % 97:02d}") for number in range(2_000_000, 2_008_000, 1_000)]


def record(number: CbeNumber, **more: object) -> InstitutionRecord:
    made = InstitutionRecord(Institution(number, f"CPAS {number}", f"OCMW {number}"))
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture
def registry(engine: Engine) -> SqlRegistry:
    return SqlRegistry(engine)


@pytest.mark.parametrize(
    ("day", "may"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_a_mandate_stands_from_its_first_day_to_its_last(
    engine: Engine, registry: SqlRegistry, day: date, may: bool
) -> None:
    held = Mandate(HOLDING, "consultSocialReport", date(2026, 1, 1), date(2026, 6, 30))
    import_institutions(engine, [record(ASKING, mandates=(held,))])
    assert registry.may_sign(ASKING, HOLDING, "consultSocialReport", day) is may


def test_a_mandate_is_for_one_operation_of_one_cpas_and_one_way(
    engine: Engine, registry: SqlRegistry
) -> None:
    import_institutions(engine, [record(ASKING, mandates=(Mandate(HOLDING, "consultSocialReport"),))])
    assert registry.may_sign(ASKING, HOLDING, "consultSocialReport", DAY)
    assert not registry.may_sign(ASKING, HOLDING, "manageAccess", DAY)
    assert not registry.may_sign(ASKING, ALSO_HOLDING, "consultSocialReport", DAY)
    assert not registry.may_sign(HOLDING, ASKING, "consultSocialReport", DAY)
    assert not registry.may_sign(ASKING, ASKING, "consultSocialReport", DAY)


def test_of_two_mandates_for_the_same_either_is_enough(engine: Engine, registry: SqlRegistry) -> None:
    past = Mandate(HOLDING, "manageAccess", None, date(2025, 12, 31))
    coming = Mandate(HOLDING, "manageAccess", date(2026, 11, 1), None)
    import_institutions(engine, [record(ASKING, mandates=(past, coming))])
    days = [date(2025, 6, 1), date(2026, 6, 1), DAY]
    assert [registry.may_sign(ASKING, HOLDING, "manageAccess", day) for day in days] == [True, False, True]


def test_both_sides_of_a_mandate_are_told_of_it_with_its_dates(engine: Engine, registry: SqlRegistry) -> None:
    over = Mandate(HOLDING, "manageAccess", date(2020, 1, 1), date(2020, 12, 31))
    import_institutions(engine, [record(ASKING, mandates=(over,))])
    expected = (HeldMandate(ASKING, HOLDING, "manageAccess", over.valid_from, over.valid_until),)
    assert registry.mandates_of(ASKING) == registry.mandates_of(HOLDING) == expected
    assert registry.mandates_of(UNCONNECTED) == ()


def test_quota_and_maintenance_are_what_was_registered(engine: Engine, registry: SqlRegistry) -> None:
    until = datetime(2026, 12, 1, 6, tzinfo=UTC)
    nobody, unbounded = Quotas(consultations=0), Quotas(consultations="none")
    given = [
        record(ASKING, quotas=nobody, maintenance_until=until),
        record(ALSO_HOLDING, quotas=unbounded),
        record(HOLDING),
    ]
    import_institutions(engine, given)
    asked = (ASKING, ALSO_HOLDING, HOLDING, UNCONNECTED)
    assert [registry.quota_of(one) for one in asked] == [0, None, 120, 120]
    assert [registry.maintenance_until(one) for one in (ASKING, HOLDING, UNCONNECTED)] == [until, None, None]


def test_what_the_registry_says_costs_no_query_within_a_second(engine: Engine) -> None:
    registry = SqlRegistry(engine, monotonic=lambda: 1.0)
    import_institutions(
        engine, [record(ASKING, mandates=(Mandate(HOLDING, "manageAccess"),), quotas=Quotas(5))]
    )
    assert registry.quota_of(ASKING) == 5
    asked: list[object] = []
    event.listen(engine, "checkout", lambda *told: asked.append(told))
    registry.may_sign(ASKING, HOLDING, "manageAccess", DAY)
    registry.successor_of(ASKING, DAY)
    registry.predecessors_of(ASKING, DAY)
    registry.maintenance_until(ASKING)
    assert asked == []


def test_a_successor_stands_for_all_before_it_from_the_day_of_each_merger(
    engine: Engine, registry: SqlRegistry
) -> None:
    first, second = date(2019, 1, 1), date(2025, 1, 1)
    import_institutions(
        engine,
        [
            record(ASKING, successor=HOLDING, successor_since=first),
            record(HOLDING, successor=UNCONNECTED, successor_since=second),
            record(ALSO_HOLDING, successor=UNCONNECTED, successor_since=second),
        ],
    )
    day_before = timedelta(days=1)
    assert registry.predecessors_of(HOLDING, first - day_before) == frozenset()
    assert registry.predecessors_of(HOLDING, second - day_before) == {ASKING}
    assert registry.predecessors_of(HOLDING, second) == frozenset()
    assert registry.predecessors_of(UNCONNECTED, second) == {ASKING, HOLDING, ALSO_HOLDING}


def test_institutions_that_succeed_each_other_in_a_circle_stand_for_themselves(
    engine: Engine, registry: SqlRegistry
) -> None:
    circle = [(ASKING, HOLDING), (HOLDING, ALSO_HOLDING), (ALSO_HOLDING, HOLDING)]
    since = date(2025, 1, 1)
    import_institutions(engine, [record(old, successor=new, successor_since=since) for old, new in circle])
    for one in (ASKING, HOLDING, ALSO_HOLDING):
        assert registry.successor_of(one, DAY) == one
        assert registry.predecessors_of(one, DAY) == frozenset()


_MERGERS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.dates(date(2018, 1, 1), date(2027, 1, 1))),
    max_size=10,
    unique_by=lambda merger: merger[0],
)


@given(mergers=_MERGERS, day=st.dates(date(2017, 1, 1), date(2028, 1, 1)))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_after_any_mergers_everyone_stands_for_itself_or_for_who_took_it_over(
    engine: Engine, mergers: list[tuple[int, int, date]], day: date
) -> None:
    followed = {old: (new, since) for old, new, since in mergers}
    import_institutions(
        engine,
        [
            record(one)
            if place not in followed
            else record(one, successor=CPAS[followed[place][0]], successor_since=followed[place][1])
            for place, one in enumerate(CPAS)
        ],
    )
    registry = SqlRegistry(engine)
    stands = {one: registry.successor_of(one, day) for one in CPAS}
    for one in CPAS:
        assert registry.successor_of(stands[one], day) == stands[one]
        assert registry.predecessors_of(one, day) == {
            old for old, new in stands.items() if new == one and old != one
        }


def test_what_is_registered_is_listed_for_the_operator(engine: Engine) -> None:
    until = datetime(2026, 12, 1, 6, tzinfo=UTC)
    held = Mandate(HOLDING, "consultSocialReport", date(2026, 1, 1))
    merged = record(
        ASKING,
        quotas=Quotas(7, "none", date(2026, 12, 31)),
        maintenance_until=until,
        mandates=(held,),
        successor=HOLDING,
        successor_since=date(2027, 1, 1),
    )
    import_institutions(engine, [merged])
    (listed,) = list_institutions(engine)
    assert (listed.quota, listed.maintenance_until) == (7, until)
    assert (listed.register_quota, listed.register_quota_until) == ("none", date(2026, 12, 31))
    assert (listed.successor, listed.successor_since) == (HOLDING.value, date(2027, 1, 1))
    assert listed.mandates == (ListedMandate(HOLDING.value, "consultSocialReport", date(2026, 1, 1), None),)
