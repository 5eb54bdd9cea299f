"""One invented world and its holding CPAS for the whole session, one gateway per database.

`gateway` is shared by tests that leave it running; `own_gateway` is another one, for tests that kill, stop or
starve it, and runs at the most talkative log level.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import psycopg
import pytest
from invented_world import (
    FAILING,
    HOLDING,
    INSTITUTIONS,
    MISDIRECTED,
    UNREACHABLE,
    InventedWorld,
    make_invented_world,
)
from partner_gateway import Fleet
from partner_world import PartnerWorld, make_partner_world
from running_world import Gateway, Holders, PreparedGateway, free_ports

from tests.databases import DATABASES, PostgresqlServer, postgresql_server

__all__ = ["postgresql_server"]

_numbers = count(1)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> InventedWorld:
    numbers = [number for number in INSTITUTIONS if number != UNREACHABLE]
    ports = dict(zip(numbers, free_ports(len(numbers)), strict=True))
    ports[FAILING[MISDIRECTED]] = ports[HOLDING]
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    return make_invented_world(tmp_path_factory.mktemp("world"), today, ports)


@pytest.fixture(scope="session")
def holders(world: InventedWorld) -> Iterator[Holders]:
    started = Holders(world)
    try:
        started.wait()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session", params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def prepared(
    database_kind: str,
    world: InventedWorld,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> PreparedGateway:
    database = None
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        database = server.create(migrated=False)
    return PreparedGateway(world, tmp_path_factory.mktemp(database_kind) / "gateway", database)


@pytest.fixture(scope="session")
def new_gateway(
    prepared: PreparedGateway, world: InventedWorld, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Gateway]:
    """Make gateways on databases of their own; they do not run yet."""

    def make(**changed: str | int) -> Gateway:
        database = None if prepared.database is None else _copied_database(prepared.database)
        settings = prepared.copy(tmp_path_factory.mktemp("copy") / "gateway", database)
        return Gateway(world, settings, **changed)

    return make


@pytest.fixture(scope="session")
def gateway(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    made = new_gateway()
    made.start()
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="session")
def _talkative_gateway(holders: Holders, new_gateway: Callable[..., Gateway]) -> Iterator[Gateway]:
    made = new_gateway(log_level="DEBUG")
    yield made
    assert made.stop() == 0


@pytest.fixture
def own_gateway(_talkative_gateway: Gateway) -> Gateway:
    if not _talkative_gateway.is_running:
        _talkative_gateway.start()
    return _talkative_gateway


@pytest.fixture(scope="session")
def partner_world(tmp_path_factory: pytest.TempPathFactory) -> PartnerWorld:
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    return make_partner_world(tmp_path_factory.mktemp("partners"), today, *free_ports(2))


@pytest.fixture(scope="session")
def _prepared_partners(
    database_kind: str,
    partner_world: PartnerWorld,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> PreparedGateway:
    database = None
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        database = server.create(migrated=False)
    folder = tmp_path_factory.mktemp(f"{database_kind}-partners") / "gateway"
    return PreparedGateway(partner_world, folder, database)


@pytest.fixture(scope="session")
def partners(
    _prepared_partners: PreparedGateway, partner_world: PartnerWorld, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway among all CPAS of the partner world, with the usual deadlines."""
    database = _prepared_partners.database
    copy = tmp_path_factory.mktemp("copy") / "gateway"
    made = Gateway(
        partner_world,
        _prepared_partners.copy(copy, None if database is None else _copied_database(database)),
    )
    fleet = Fleet(partner_world, made.url)
    try:
        made.start()
        fleet.wait()
        yield made
        assert made.stop() == 0
    finally:
        fleet.stop()


@pytest.fixture(scope="session")
def hasty(
    partners: Gateway,
    _prepared_partners: PreparedGateway,
    partner_world: PartnerWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    """Another gateway among the same CPAS, for which 24 hours are 3 seconds and 30 days are 10."""
    database = _prepared_partners.database
    copy = tmp_path_factory.mktemp("copy") / "gateway"
    made = Gateway(
        partner_world,
        _prepared_partners.copy(copy, None if database is None else _copied_database(database)),
        reminder_deadline=3,
        reminder_horizon=10,
    )
    made.start()
    yield made
    assert made.stop() == 0


def _copied_database(url: str) -> str:
    template = url.split("/")[3].split("?", maxsplit=1)[0]
    name = f"{template}_copy_{next(_numbers)}"
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain.replace(f"/{template}", "/postgres", 1), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return url.replace(f"/{template}", f"/{name}", 1)
