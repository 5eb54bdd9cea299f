"""What PostgreSQL gives up on for another's sake (40P01, 40001) is done again, whole; callers see nothing."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from store_samples import AT, HOLDING, NISS, PARTNER, accepted, new_id, replay_key

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.access import Institution
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import UnitOfWork
from rse_gateway.store.conflicts import ATTEMPTS, written
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.engine import open_engine
from rse_gateway.store.log_rows import save_month_keys
from rse_gateway.store.purge import purge_answers, purge_replay_keys
from rse_gateway.store.registration import InstitutionRecord, import_institutions
from rse_gateway.store.replacements import NissReplacement
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail.month_keys import WrappedKey
from tests.databases import PostgresqlServer

INSTITUTION = Institution(
    cbe_number=HOLDING, name_fr="CPAS", name_nl="OCMW", telephone=None, language=None, contact=None,
    endpoint=None, receiver_endpoint=None, exempt_from=None, exempt_until=None, rights=(),
)  # fmt: skip
WRAPPED = WrappedKey(UUID(int=1), "2026-11", "a1" * 32, b"wrapped")


@pytest.fixture
def url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    made = postgresql_server.create(migrated=True)
    yield made
    postgresql_server.drop(made)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


GIVE_UP = "RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'"
HANG_UP = "PERFORM pg_terminate_backend(pg_backend_pid())"


def give_up(engine: Engine, table: str, times: int, how: str = GIVE_UP) -> None:
    """Let the database give up on the next ``times`` statements that change the table."""
    body = f"""
        CREATE SEQUENCE given_up;
        CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('given_up') <= {times} THEN
                {how};
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER give_up BEFORE INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION give_up();
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(body)


def commit(engine: Engine, keys: DataKeys) -> None:
    """Write one unit by a writer."""
    writer = GroupWriter(engine, keys)
    try:
        writer.commit(UnitOfWork(replay_key=(replay_key(uuid4()), AT)))
    finally:
        writer.close()


WRITES: dict[str, tuple[str, Callable[[Engine, DataKeys], object]]] = {
    "a message": ("replay_keys", commit),
    "institutions": (
        "institutions",
        lambda engine, _: import_institutions(engine, [InstitutionRecord(INSTITUTION)]),
    ),
    "a directory file": (
        "directory_lines",
        lambda engine, keys: DirectoryImport(engine, keys, new_id, AT).import_lines(
            [DirectoryLine(NISS, HOLDING, 2, AT.date(), None)]
        ),
    ),
    "replaced numbers": (
        "niss_replacements",
        lambda engine, keys: SqlDirectory(engine, keys, new_id=new_id).import_replacements(
            [NissReplacement(PARTNER, NISS, AT.date())]
        ),
    ),
    "a month's key": ("log_month_keys", lambda engine, _: save_month_keys(engine, [WRAPPED])),
    "the purge of replay keys": ("replay_keys", lambda engine, _: purge_replay_keys(engine, AT)),
}


@pytest.mark.parametrize("write", WRITES)
def test_every_write_is_done_again_when_the_database_gave_up_on_it(
    engine: Engine, keys: DataKeys, write: str
) -> None:
    table, do = WRITES[write]
    give_up(engine, table, ATTEMPTS - 1)
    do(engine, keys)


def test_a_unit_whose_connection_was_cut_midway_is_written_on_another(engine: Engine, keys: DataKeys) -> None:
    give_up(engine, "replay_keys", 2, HANG_UP)
    commit(engine, keys)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM replay_keys")).scalar_one() == 1


def test_a_write_on_which_the_database_always_gives_up_is_told_as_unavailable(
    engine: Engine, keys: DataKeys
) -> None:
    give_up(engine, "replay_keys", 1_000)
    with pytest.raises(GatewayUnavailable):
        commit(engine, keys)
    with pytest.raises(GatewayUnavailable):
        purge_replay_keys(engine, AT)


def test_a_unit_that_met_a_deadlock_is_written(engine: Engine, url: str, keys: DataKeys) -> None:
    """Somebody else holds its ticket and then wants its replay key; the writer's wait is judged first."""
    _, unit = accepted("T-1")
    assert unit.consultation is not None
    writer = GroupWriter(engine, keys)
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("SET deadlock_timeout = '60s'")
        ticket = "INSERT INTO consultations VALUES (%s, %s, %s, %s, '', '', '', %s, %s, '', 2, 1)"
        asking = unit.consultation.requesting_cpas.value
        other.execute(ticket, ["other", asking, asking, "T-1", AT.date(), AT.date()])
        waiting = pool.submit(writer.commit, unit)
        wait_until_blocked(url)
        other.execute("INSERT INTO replay_keys VALUES (%s, 1, 1, 0)", [replay_key("T-1")])
        other.rollback()
        waiting.result(30)
    writer.close()
    assert writer.transactions >= 2


def wait_until_blocked(url: str) -> None:
    """Return when somebody waits for a lock of this database."""
    query = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    query += " WHERE datname = current_database() AND NOT granted"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as looking:
        for _ in range(1_000):
            (blocked,) = looking.execute(query).fetchone() or (0,)
            if blocked:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited for a lock")


def test_what_the_database_refuses_for_another_reason_is_not_done_again(engine: Engine) -> None:
    calls = []

    def refused(connection: object) -> None:
        calls.append(connection)
        raise DBAPIError.instance("", (), psycopg.errors.CheckViolation("no"), psycopg.Error)

    with pytest.raises(DBAPIError):
        written(engine, refused)
    assert len(calls) == 1


def test_kept_answers_are_purged_when_the_database_gave_up_on_it(engine: Engine, keys: DataKeys) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE answers DROP CONSTRAINT fk_answers_gateway_ticket_legs"))
        connection.execute(text("INSERT INTO answers VALUES ('t', 'h', '', '', 1, NULL, 1)"))
    give_up(engine, "answers", 2)
    assert purge_answers(engine, AT) == 1
