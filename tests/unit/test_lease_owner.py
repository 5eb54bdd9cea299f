"""Who holds a lease has a name that fits its column (64 characters), also on a host with the longest name."""

from rse_gateway.bootstrap.server import lease_owner
from rse_gateway.store.tables import legs


def test_the_longest_host_and_process_number_fit_into_the_column_and_the_end_of_the_host_stays() -> None:
    owner = lease_owner("n" * 60 + "-pod", 4_194_304)
    assert len(owner) <= legs.c.lease_owner.type.length  # type: ignore[attr-defined]
    assert owner.endswith("-pod:4194304")


def test_a_short_host_stands_whole() -> None:
    assert lease_owner("gateway", 7) == "gateway:7"
