"""A database with rows in every table, frozen as a file per released version, and put into any database.

``python tests/store/filled_database.py tests/store/filled/0.1.0.json`` was run at that version, once; a test
upgrades what it wrote to the version of today. Run it again at the next release, with a new file name:
the rows are made by the code of that version, so an old file can never be made again, nor need it be.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Date, Engine, MetaData, delete, insert, inspect, select
from sqlalchemy.types import TypeEngine
from store_samples import (
    ALSO_HOLDING,
    ASKING,
    AT,
    HOLDING,
    MASTER,
    NISS,
    PARTNER,
    REPORT,
    UNCONNECTED,
    accepted,
    consultation,
    leg,
    new_id,
    received_row,
    replay_key,
)

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.domain.access import Institution, Right
from rse_gateway.domain.directory import DirectoryLine
from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.domain.leg import Event, Happening, ReminderPlan, step
from rse_gateway.domain.quota import Quotas
from rse_gateway.ports import LegChange, UnitOfWork
from rse_gateway.store.directory_import import DirectoryImport
from rse_gateway.store.engine import open_engine, write_transaction
from rse_gateway.store.log_rows import save_month_keys
from rse_gateway.store.migrations import upgrade
from rse_gateway.store.registration import InstitutionRecord, KeyRecord, Mandate, import_institutions
from rse_gateway.store.replacements import NissReplacement
from rse_gateway.store.tables import alarms, holders
from rse_gateway.store.writer import GroupWriter
from rse_gateway.trail import EntryMaker, MonthKeys

AUDITOR = ec.derive_private_key(int.from_bytes(b"auditor of the filled database"), ec.SECP256R1())
"""Opens the private parts of every frozen log; worth nothing anywhere else."""
LINE_BEGIN = date(2025, 3, 1)
Tables = Mapping[str, list[dict[str, Any]]]


def fill(engine: Engine) -> None:
    """Write something into every table, as the gateway itself does."""
    keys = DataKeys(MASTER)
    import_institutions(engine, [_institution(one) for one in (ASKING, HOLDING, ALSO_HOLDING)])
    DirectoryImport(engine, keys, new_id, AT).import_lines(
        [
            DirectoryLine(NISS, HOLDING, 2, LINE_BEGIN, None),
            DirectoryLine(PARTNER, ALSO_HOLDING, 3, LINE_BEGIN, date(2026, 1, 31)),
            NissReplacement(PARTNER, NISS, LINE_BEGIN),
        ]
    )
    month_keys = MonthKeys([AUDITOR.public_key()], lambda wrapped: save_month_keys(engine, wrapped))
    maker = EntryMaker("hub/1", "test", month_keys=month_keys, search_key=keys.search_key)
    writer = GroupWriter(engine, keys)
    number, unit = accepted("T-ANSWERED")
    writer.commit(unit)
    answered = step(leg(number), Happening(Event.REPORT, AT), ReminderPlan())
    row = received_row(maker, "T-ANSWERED", number)
    writer.commit(UnitOfWork(leg_change=LegChange(answered, 1, REPORT), log=(row,)))
    alone = consultation("T-NOBODY")
    row = received_row(maker, "T-NOBODY", alone.gateway_ticket)
    writer.commit(UnitOfWork((replay_key("T-NOBODY"), AT), consultation=alone, log=(row,)))
    writer.close()
    with write_transaction(engine) as connection:
        connection.execute(
            insert(holders),
            {"holding_cpas": HOLDING.value, "blocked_until": AT, "failures": 5, "max_calls": 16},
        )
        alarm = {"id": str(new_id()), "raised_at": AT, "kind": "UNANSWERED", "subject": HOLDING.value}
        connection.execute(insert(alarms), alarm | {"explanation": "no answer in 24 h"})


def _institution(cbe_number: CbeNumber) -> InstitutionRecord:
    institution = Institution(
        cbe_number=cbe_number,
        name_fr=f"CPAS {cbe_number.value}",
        name_nl=f"OCMW {cbe_number.value}",
        telephone="+32 2 000 00 00",
        language="fr",
        contact="it@example.be",
        endpoint="https://cpas.example.be/rse",
        receiver_endpoint="https://cpas.example.be/receive",
        exempt_from=date(2026, 1, 1),
        exempt_until=date(2026, 12, 31),
        rights=(Right("consultSocialReport", "PCSA:SOCIAL_INQUIRY", date(2026, 1, 1), None),),
    )
    key = KeyRecord(replay_key(cbe_number.value).hex(), frozenset({"cpas"}), AT, AT + timedelta(days=365))
    mandates = (Mandate(UNCONNECTED, "consultSocialReport"),)
    return InstitutionRecord(
        institution, keys=(key,), mandates=mandates, quotas=Quotas(500), maintenance_until=AT
    )


def stored_tables(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Return every row as the database holds it, by table; tables whose rows others point at come first."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [
                {
                    name: bytes(value) if isinstance(value, memoryview) else value
                    for name, value in row.items()
                }
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


def freeze(engine: Engine, file: Path) -> None:
    """Write the rows, and the revision of the schema that they fit, to ``file``."""
    with engine.connect() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    frozen = {"revision": revision, "tables": stored_tables(engine)}
    file.write_text(json.dumps(frozen, indent=1, default=_as_text) + "\n", encoding="utf-8")


def _as_text(value: object) -> object:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a value of type {type(value).__name__} cannot be frozen")


def thaw(file: Path, engine: Engine) -> None:
    """Make the database of ``file`` in an empty one: its schema at that revision, and all its rows."""
    frozen = json.loads(file.read_text(encoding="utf-8"))
    upgrade(engine, to=frozen["revision"])
    found = MetaData()
    found.reflect(engine)
    with write_transaction(engine) as connection:
        for table in found.sorted_tables:
            rows = [
                {name: _value(value, table.c[name].type) for name, value in row.items()}
                for row in frozen["tables"].get(table.name, ())
            ]
            if rows:
                connection.execute(delete(table))
                connection.execute(insert(table), rows)


def _value(value: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return date.fromisoformat(value) if isinstance(type_, Date) and value is not None else value


def main() -> None:
    """Fill a new database and freeze it."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        engine = open_engine(f"sqlite:///{folder}/filled.sqlite")
        stack.callback(engine.dispose)
        upgrade(engine)
        fill(engine)
        empty = [name for name in inspect(engine).get_table_names() if not stored_tables(engine).get(name)]
        if empty != ["alembic_version"]:
            raise SystemExit(f"not filled: {', '.join(empty)}")
        freeze(engine, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
