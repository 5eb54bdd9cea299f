"""The registry: what is registered is known within two seconds, and nobody is trusted when it is silent."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text
from store_samples import ASKING, AT, HOLDING, UNCONNECTED, Counter, new_ticket, received_row

from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import GatewayUnavailable, SetupError
from rse_gateway.security.trust import RegisteredKey
from rse_gateway.store.registration import (
    InstitutionRecord,
    KeyRecord,
    Mandate,
    import_institutions,
    suspend_institution,
)
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.trail import EntryMaker

INSTITUTION = Institution(
    cbe_number=ASKING,
    name_fr="CPAS de Test",
    name_nl="OCMW Test",
    telephone="+32 2 000 00 00",
    language="fr",
    contact="it@example.be",
    endpoint="https://cpas.example.be/rse",
    receiver_endpoint="https://cpas.example.be/receive",
    exempt_from=date(2026, 1, 1),
    exempt_until=date(2026, 12, 31),
    rights=(
        Right("consultSocialReport", "PCSA:SOCIAL_INQUIRY", date(2026, 1, 1), None),
        Right("manageAccess", "PCSA:SOCIAL_INQUIRY"),
    ),
)
KEY = KeyRecord("a1" * 32, frozenset({"cpas", "statistics"}), AT, AT + timedelta(days=365))
RECORD = InstitutionRecord(INSTITUTION, keys=(KEY,), mandates=(Mandate(HOLDING, "consultSocialReport"),))


class Seconds:
    """A clock of seconds that the test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def registry(engine: Engine, seconds: Seconds) -> SqlRegistry:
    return SqlRegistry(engine, monotonic=seconds)


def test_an_institution_comes_back_as_it_was_registered(engine: Engine, registry: SqlRegistry) -> None:
    import_institutions(engine, [RECORD])
    assert registry.institution(ASKING) == INSTITUTION
    assert registry.institution(HOLDING) is None


def test_a_key_names_its_institution_roles_and_dates(engine: Engine, registry: SqlRegistry) -> None:
    import_institutions(engine, [RECORD])
    expected = RegisteredKey(ASKING, KEY.roles, "strict", KEY.active_from, KEY.active_until)
    assert registry.registered_key(KEY.key_id) == expected
    assert registry.registered_key("b2" * 32) is None


def test_a_key_has_its_own_profile_or_the_institutions(engine: Engine, registry: SqlRegistry) -> None:
    other = replace(KEY, key_id="b2" * 32, profile="strict")
    import_institutions(engine, [replace(RECORD, keys=(KEY, other), profile="toolkit")])
    found = [registry.registered_key(key.key_id) for key in (KEY, other)]
    assert [key.profile for key in found if key is not None] == ["toolkit", "strict"]


def test_a_change_is_known_after_one_second_and_the_store_is_not_asked_before(
    engine: Engine, registry: SqlRegistry, seconds: Seconds
) -> None:
    import_institutions(engine, [RECORD])
    assert registry.institution(ASKING) == INSTITUTION
    import_institutions(engine, [replace(RECORD, keys=())])
    seconds.now += 0.9
    assert registry.registered_key(KEY.key_id) is not None
    seconds.now += 0.2
    assert registry.registered_key(KEY.key_id) is None


def test_a_change_acts_within_two_seconds_of_real_time(engine: Engine) -> None:
    registry = SqlRegistry(engine)
    assert registry.institution(ASKING) is None
    import_institutions(engine, [RECORD])
    changed = time.monotonic()
    while registry.institution(ASKING) is None and time.monotonic() - changed < 5:
        time.sleep(0.02)
    assert time.monotonic() - changed <= 2


def test_a_registry_that_cannot_be_read_trusts_nobody(
    engine: Engine, registry: SqlRegistry, seconds: Seconds
) -> None:
    import_institutions(engine, [RECORD])
    assert registry.institution(ASKING) == INSTITUTION
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE config_generation RENAME TO away"))
    seconds.now += 1.0
    with pytest.raises(GatewayUnavailable):
        registry.institution(ASKING)
    seconds.now += 1.0
    with pytest.raises(GatewayUnavailable):
        registry.institution(ASKING)


def test_registering_again_replaces_what_was_registered_and_leaves_others_alone(
    engine: Engine, registry: SqlRegistry, rows: Counter
) -> None:
    other = InstitutionRecord(replace(INSTITUTION, cbe_number=HOLDING, rights=()))
    import_institutions(engine, [RECORD, other])
    import_institutions(engine, [replace(RECORD, institution=replace(INSTITUTION, endpoint=None))])
    found = registry.institution(ASKING)
    assert found is not None
    assert (found.endpoint, len(found.rights)) == (None, 2)
    assert [rows(table) for table in ("institutions", "institution_keys", "rights", "mandates")] == [
        2,
        1,
        2,
        1,
    ]


def test_a_key_of_another_institution_is_refused_and_nothing_changes(
    engine: Engine, registry: SqlRegistry
) -> None:
    import_institutions(engine, [RECORD])
    thief = InstitutionRecord(replace(INSTITUTION, cbe_number=HOLDING), keys=(KEY,))
    with pytest.raises(SetupError, match=f"already registered for {ASKING}"):
        import_institutions(engine, [thief])
    assert registry.institution(HOLDING) is None


def test_a_key_can_move_between_two_institutions_that_are_given_together(
    engine: Engine, registry: SqlRegistry
) -> None:
    import_institutions(engine, [RECORD])
    heir = InstitutionRecord(replace(INSTITUTION, cbe_number=HOLDING), keys=(KEY,))
    import_institutions(engine, [heir, replace(RECORD, keys=())])
    found = registry.registered_key(KEY.key_id)
    assert found is not None
    assert found.cbe_number == HOLDING


@pytest.mark.parametrize(
    "records",
    [
        [RECORD, RECORD],
        [RECORD, InstitutionRecord(replace(INSTITUTION, cbe_number=HOLDING), keys=(KEY,))],
        [replace(RECORD, successor=HOLDING)],
    ],
)
def test_what_stands_twice_or_by_halves_is_refused(
    engine: Engine, rows: Counter, records: list[InstitutionRecord]
) -> None:
    with pytest.raises(SetupError, match=r"twice|together"):
        import_institutions(engine, records)
    assert rows("institutions") == 0


def test_the_row_of_a_change_is_written_with_it(engine: Engine, maker: EntryMaker, rows: Counter) -> None:
    row = received_row(maker, "T-1", new_ticket())
    import_institutions(engine, [RECORD], log=[row])
    with pytest.raises(GatewayUnavailable, match="nothing changed"):
        import_institutions(engine, [replace(RECORD, keys=())], log=[row])
    assert (rows("institution_keys"), rows("log_entries")) == (1, 1)


def test_merged_institutions_are_followed_from_their_first_day(engine: Engine, registry: SqlRegistry) -> None:
    chain = [(ASKING, HOLDING, date(2019, 1, 1)), (HOLDING, UNCONNECTED, date(2025, 1, 1))]
    merged = [
        InstitutionRecord(
            replace(INSTITUTION, cbe_number=old, rights=()), successor=new, successor_since=since
        )
        for old, new, since in chain
    ]
    import_institutions(engine, merged)
    days = [date(2018, 12, 31), date(2019, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    found = [registry.successor_of(ASKING, day) for day in days]
    assert found == [ASKING, HOLDING, HOLDING, UNCONNECTED]
    assert registry.successor_of(CbeNumber("0200000043"), date(2026, 1, 1)) == CbeNumber("0200000043")


def test_nobody_signs_for_who_is_suspended_and_who_is_suspended_signs_for_nobody(
    engine: Engine, registry: SqlRegistry, seconds: Seconds
) -> None:
    """Suspension takes rights from whoever acts for the institution, and from it."""
    other = InstitutionRecord(replace(INSTITUTION, cbe_number=HOLDING, rights=()))
    import_institutions(engine, [RECORD, other])
    day = date(2026, 6, 1)
    for suspended in (ASKING, HOLDING):
        assert registry.may_sign(ASKING, HOLDING, "consultSocialReport", day)
        suspend_institution(engine, suspended, AT)
        seconds.now += 2
        found = registry.institution(suspended)
        assert found is not None
        assert found.suspended
        assert not registry.may_sign(ASKING, HOLDING, "consultSocialReport", day)
        suspend_institution(engine, suspended, None)
        seconds.now += 2
