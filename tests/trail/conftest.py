"""One log with one auditor, for every test of the trail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import MetaData

from rse_gateway.trail import EntryMaker, HmacSearchKey, MonthKeys
from rse_gateway.trail.sql import ConsultationLog, sqlite_log_engine, trail_tables


@pytest.fixture(scope="session")
def auditor() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def log(tmp_path: Path) -> ConsultationLog:
    engine = sqlite_log_engine(tmp_path / "log.db")
    tables = trail_tables(MetaData())
    tables.entries.metadata.create_all(engine)
    return ConsultationLog(engine, tables)


@pytest.fixture
def search_key() -> HmacSearchKey:
    return HmacSearchKey("k1", bytes(range(32)))


@pytest.fixture
def maker(log: ConsultationLog, auditor: ec.EllipticCurvePrivateKey, search_key: HmacSearchKey) -> EntryMaker:
    keys = MonthKeys([auditor.public_key()], log.save_month_keys)
    return EntryMaker("hub/1", "test", month_keys=keys, search_key=search_key)


@pytest.fixture
def counting() -> Callable[[int], bytes]:
    """Random bytes that are the same in every run."""
    state = iter(range(10_000))
    return lambda size: bytes(next(state) % 256 for _ in range(size))
