"""What somebody sees who takes the database: no NISS, no report."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine, LargeBinary, String, text
from store_samples import (
    AT,
    HOLDING,
    MASTER,
    NISS,
    PARTNER,
    REPORT,
    accepted,
    leg,
    new_id,
    received_row,
)

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.consultation import Period
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.leg import Event, Happening, ReminderPlan, step
from rse_gateway.errors import GatewayUnavailable
from rse_gateway.ports import LegChange, UnitOfWork
from rse_gateway.store.consultations import SqlConsultations
from rse_gateway.store.directory import NissReplacement, SqlDirectory
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.tables import metadata
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import EntryMaker
from tests.databases import sqlite_bytes

SECRETS = (NISS.value.encode(), PARTNER.value.encode(), REPORT.canonical, b"socialReport")


def fill(engine: Engine, keys: DataKeys, writer: GroupWriter, maker: EntryMaker) -> None:
    """Write something into every table that concerns persons."""
    begin = Period(AT.date(), AT.date()).begin
    DirectoryImport(engine, keys, new_id, AT).import_lines(
        [DirectoryLine(niss, HOLDING, 2, begin, None) for niss in (NISS, PARTNER)]
    )
    SqlDirectory(engine, keys, new_id=new_id).import_replacements([NissReplacement(PARTNER, NISS, begin)])
    number, unit = accepted("T-1")
    writer.commit(unit)
    answered = step(leg(number), Happening(Event.REPORT, AT), ReminderPlan())
    row = received_row(maker, "T-1", number)
    writer.commit(UnitOfWork(leg_change=LegChange(answered, 1, REPORT), log=(row,)))


def everything_stored(engine: Engine) -> bytes:
    """All bytes of the SQLite database, or all text and binary columns of PostgreSQL."""
    if engine.dialect.name == "sqlite":
        return sqlite_bytes(Path(engine.url.database or ""))
    found: list[bytes] = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                found += [one if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(found)


def test_no_niss_and_no_report_stands_in_the_database(
    engine: Engine, keys: DataKeys, writer: GroupWriter, maker: EntryMaker
) -> None:
    fill(engine, keys, writer, maker)
    stored = everything_stored(engine)
    assert b"PCSA:SOCIAL_INQUIRY" in stored
    assert [secret for secret in SECRETS if secret in stored] == []


def test_every_table_of_persons_was_filled_by_these_tests(
    engine: Engine, keys: DataKeys, writer: GroupWriter, maker: EntryMaker
) -> None:
    fill(engine, keys, writer, maker)
    about_persons = [
        table.name
        for table in metadata.sorted_tables
        if any(column.name.endswith(("_enc", "_hmac")) or column.name == "sealed" for column in table.c)
    ]
    with engine.connect() as connection:
        counts = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608
            for name in about_persons
        }
    assert set(counts) >= {"directory_lines", "niss_replacements", "consultations", "legs", "answers"}
    assert 0 not in counts.values()


def test_numbers_are_kept_only_in_binary_columns() -> None:
    columns = [c for table in metadata.sorted_tables for c in table.c if "niss" in c.name]
    assert columns
    assert all(isinstance(c.type, LargeBinary) and not isinstance(c.type, String) for c in columns)


def test_a_number_moved_to_another_row_does_not_open(
    engine: Engine, keys: DataKeys, writer: GroupWriter, stored: SqlConsultations
) -> None:
    first, unit = accepted("T-1")
    second, other = accepted("T-2")
    writer.commit(unit)
    writer.commit(other)
    move = text(
        "UPDATE legs SET niss_enc ="
        " (SELECT niss_enc FROM legs WHERE gateway_ticket = :a AND holding_cpas = :h)"
        " WHERE gateway_ticket = :b AND holding_cpas = :h"
    )
    with engine.begin() as connection:
        connection.execute(move, {"a": str(first), "b": str(second), "h": HOLDING.value})
    with pytest.raises(GatewayUnavailable, match="does not open"):
        stored.legs_of(second)


def test_neither_errors_nor_the_operators_log_show_a_number(
    engine: Engine,
    writer: GroupWriter,
    maker: EntryMaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    number, unit = accepted("T-1")
    row = received_row(maker, "T-1", number)
    writer.commit(UnitOfWork(log=(row,)))
    with pytest.raises(GatewayUnavailable) as refused:
        writer.commit(UnitOfWork(consultation=unit.consultation, legs=unit.legs, log=(row,)))
    told = caplog.text + str(refused.value) + repr(refused.value.__cause__) + repr(unit)
    assert refused.value.__cause__ is not None
    assert [secret for secret in SECRETS if secret.decode() in told] == []
    assert MASTER.hex() not in told
