"""Migrations of databases with rows: of every released version, and when referenced tables are rebuilt."""

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filled_database import AUDITOR, Tables, fill, stored_tables, thaw
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from store_samples import (
    ALSO_HOLDING,
    ASKING,
    AT,
    HOLDING,
    MASTER,
    NISS,
    PARTNER,
    REPORT,
    FixedClock,
    accepted,
    replay_key,
)

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.identifiers import Ticket
from rse_gateway.errors import RseError, SetupError
from rse_gateway.store import migrations
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.directory import SqlDirectory
from rse_gateway.store.engine import open_engine
from rse_gateway.store.migrations import upgrade
from rse_gateway.store.registry import SqlRegistry
from rse_gateway.store.schema_version import is_current
from rse_gateway.store.tables import TRAIL, metadata
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import PrivateReader
from rse_gateway.trail.ids import EntryIds
from rse_gateway.trail.sql.log import ConsultationLog, Search

RELEASES = sorted((Path(__file__).parent / "filled").glob("*.json"))
KEYS = DataKeys(MASTER)
LOG = (TRAIL.entries.name, TRAIL.private.name, TRAIL.persons.name, TRAIL.month_keys.name)


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    """A database without any table."""
    engine = open_engine(empty_database_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=RELEASES, ids=lambda file: file.stem)
def filled(empty: Engine, request: pytest.FixtureRequest) -> Engine:
    """The filled database of one release as that release left it, on each database."""
    thaw(request.param, empty)
    return empty


@pytest.fixture
def filled_now(engine: Engine) -> Engine:
    """A filled database of this version."""
    fill(engine)
    return engine


def test_the_filled_database_of_a_release_holds_rows_in_every_table(filled: Engine) -> None:
    counts = {name: len(rows) for name, rows in stored_tables(filled).items()}
    assert len(counts) >= 19
    assert [name for name, count in counts.items() if count == 0] == []


def test_the_filled_database_of_a_release_becomes_this_version(filled: Engine) -> None:
    upgrade(filled)
    assert is_current(filled)
    with filled.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_keeps_the_bytes_of_every_row_of_the_log(filled: Engine) -> None:
    before = stored_tables(filled)
    upgrade(filled)
    assert lost_rows(before, stored_tables(filled), LOG) == []


def lost_rows(before: Tables, after: Tables, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of ``before`` that are not there any more, or not with the same value in every column."""
    return [
        row
        for name in names
        for row in before[name]
        if not any(row.items() <= other.items() for other in after[name])
    ]


def test_after_an_upgrade_the_log_is_found_whole_and_its_private_parts_open(filled: Engine) -> None:
    upgrade(filled)
    log = ConsultationLog(filled, TRAIL)
    reader = PrivateReader(log.month_keys(), AUDITOR)
    persons = [{one.niss for one in reader.open(entry).persons} for entry in log.find(Search())]
    assert persons == [{NISS.value, PARTNER.value}] * 2
    assert list(log.verify_index()) == []


def test_after_an_upgrade_every_sealed_value_opens_and_every_bond_stands(filled: Engine) -> None:
    upgrade(filled)
    stored = SqlConsultations(filled, KEYS, FixedClock())
    bound = stored.bound_to(ASKING, Ticket("T-ANSWERED"))
    assert bound is not None
    legs = stored.legs_of(bound.gateway_ticket)
    assert [(one.leg.holding_cpas, one.niss, one.report, one.connected) for one in legs[:2]] == [
        (HOLDING, NISS, REPORT.canonical, True),
        (ALSO_HOLDING, PARTNER, None, True),
    ]
    assert [one.connected for one in legs[2:]] == [False]
    assert (bound.niss, stored.replay_seen(replay_key("T-NOBODY"))) == (NISS, True)
    lines = SqlDirectory(filled, KEYS, new_id=lambda: EntryIds()(AT)).lines_of(NISS)
    assert {(line.niss, line.cbe_number) for line in lines} == {(NISS, HOLDING), (PARTNER, ALSO_HOLDING)}
    registry = SqlRegistry(filled)
    assert registry.registered_key(replay_key(HOLDING.value).hex()) is not None
    assert (registry.quota_of(ASKING), len(registry.mandates_of(ASKING))) == (500, 1)


def test_after_an_upgrade_the_gateway_goes_on_writing(filled: Engine) -> None:
    upgrade(filled)
    writer = GroupWriter(filled, KEYS)
    number, unit = accepted("T-LATER")
    writer.commit(unit)
    writer.close()
    assert len(SqlConsultations(filled, KEYS, FixedClock()).legs_of(number)) == 3


REBUILDING = """
for table in ("institutions", "consultations", "legs", "log_entries"):
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column("toy", sa.Integer(), nullable=False, server_default="7"))
with op.batch_alter_table("consultations") as batch:
    batch.alter_column("legal_context", existing_type=sa.String(64), type_=sa.String(80), nullable=False)
with op.batch_alter_table("legs") as batch:
    batch.alter_column("code", existing_type=sa.String(16), type_=sa.String(32), nullable=False)
with op.batch_alter_table("institutions") as batch:
    batch.alter_column("name_fr", existing_type=sa.String(256), type_=sa.String(300), nullable=False)
with op.batch_alter_table("log_entries") as batch:
    batch.alter_column("outcome", existing_type=sa.String(32), type_=sa.String(40))
"""


def toy_revision(folder: Path, body: str) -> Path:
    """A folder with one revision more than the gateway has."""
    head = ScriptDirectory.from_config(migrations._config()).get_current_head()
    text_of = "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'toy'\n"
    text_of += f"down_revision = {head!r}\n\n\ndef upgrade():\n{indent(dedent(body), '    ')}"
    (folder / "toy.py").write_text(text_of, encoding="utf-8")
    return folder


def test_a_revision_may_rebuild_tables_that_others_refer_to(filled_now: Engine, tmp_path: Path) -> None:
    before, described = stored_tables(filled_now), schema_of(filled_now)
    upgrade(filled_now, more_versions=[toy_revision(tmp_path, REBUILDING)])
    after = stored_tables(filled_now)
    assert {len(rows) - len(after[name]) for name, rows in before.items()} == {0}
    assert lost_rows(before, after, tuple(before)) == []
    assert {row["toy"] for row in (*after["consultations"], *after["legs"], *after["log_entries"])} == {7}
    assert schema_of(filled_now) == described


def schema_of(engine: Engine) -> dict[str, object]:
    """Keys, bonds and indexes (partial ones with their condition) of every table."""
    inspector = inspect(engine)
    return {
        table: (
            inspector.get_pk_constraint(table),
            sorted(map(str, inspector.get_foreign_keys(table))),
            sorted(map(str, inspector.get_unique_constraints(table))),
            sorted(
                (
                    str(one["name"]),
                    str(one["column_names"]),
                    str(one.get("dialect_options", {}).get(f"{engine.dialect.name}_where")),
                )
                for one in inspector.get_indexes(table)
            ),
        )
        for table in inspector.get_table_names()
    }


@pytest.mark.parametrize("table", ["legs", "consultations", "institutions"])
def test_after_a_rebuild_rows_still_may_not_point_at_nothing(
    filled_now: Engine, tmp_path: Path, table: str
) -> None:
    upgrade(filled_now, more_versions=[toy_revision(tmp_path, REBUILDING)])
    with pytest.raises(IntegrityError), filled_now.begin() as connection:
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608


def test_a_revision_that_leaves_rows_pointing_at_nothing_changes_nothing(
    filled_now: Engine, tmp_path: Path
) -> None:
    before = stored_tables(filled_now)
    with pytest.raises(RseError, match="cannot be brought to this version") as refused:
        upgrade(filled_now, more_versions=[toy_revision(tmp_path, "op.execute('DELETE FROM legs')")])
    assert (stored_tables(filled_now), is_current(filled_now)) == (before, True)
    if filled_now.dialect.name == "sqlite":
        assert isinstance(refused.value, SetupError)
        assert "answers → legs" in str(refused.value)
    with pytest.raises(IntegrityError), filled_now.begin() as connection:
        connection.execute(text("DELETE FROM legs"))
