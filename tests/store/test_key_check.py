"""The row that knows the master key, on both databases."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.store.engine import open_engine
from rse_gateway.store.key_check import check_master_key, master_key_fits
from rse_gateway.store.tables import key_checks


def test_the_first_start_of_several_at_once_notes_the_key_and_another_key_is_told(database_url):
    engine, keys = open_engine(database_url), DataKeys(bytes(range(32)))
    assert master_key_fits(engine, keys) is None
    with ThreadPoolExecutor(4) as starts:
        assert list(starts.map(lambda _: check_master_key(engine, keys), range(8))) == [None] * 8
    assert (master_key_fits(engine, keys), master_key_fits(engine, DataKeys(b"w" * 32))) == (True, False)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(key_checks)) == 1
    engine.dispose()
