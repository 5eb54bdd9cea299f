"""Two nodes on a PostgreSQL whose default is SERIALIZABLE: no answer is lost, nobody is turned away."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from store_samples import MASTER, accepted

from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.store.engine import open_engine, read_transaction, write_transaction
from rse_gateway.store.writer import GroupWriter
from tests.databases import PostgresqlServer

CHILD = Path(__file__).with_name("node_child.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def strict_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A database of which every transaction is SERIALIZABLE unless it says otherwise."""
    url = postgresql_server.create(migrated=True)
    name = url.split("/")[3].split("?", maxsplit=1)[0]
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        strict = f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        connection.execute(strict.encode())
    yield url
    postgresql_server.drop(url)


def test_transactions_have_our_isolation_whatever_the_default_of_the_database_is(strict_url: str) -> None:
    engine = open_engine(strict_url)
    with write_transaction(engine) as connection:
        writing = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
    with read_transaction(engine) as connection:
        reading = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
    plain = engine.raw_connection()
    plain.dbapi_connection.autocommit = True  # type: ignore[union-attr, attr-defined]
    cursor = plain.cursor()
    cursor.execute("SHOW transaction_isolation")
    alone = cursor.fetchone()
    plain.close()
    engine.dispose()
    assert (writing, reading, alone) == ("read committed", "repeatable read", ("read committed",))


def race_two_nodes(url: str, go: Path, questions: int) -> Counter[str]:
    """Let two nodes write the same questions and the same answers; return how often what became of them."""
    engine = open_engine(url)
    writer = GroupWriter(engine, DataKeys(MASTER))
    tickets = []
    for number in range(questions):
        ticket, unit = accepted(f"BEFORE-{number}")
        writer.commit(unit)
        tickets.append(str(ticket))
    writer.close()
    engine.dispose()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    nodes = [
        subprocess.Popen([sys.executable, CHILD, url, go], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    for node in nodes:
        assert node.stdout is not None
        assert node.stdout.readline() == "ready\n"
    (go.parent / "made").write_text("\n".join(tickets))
    (go.parent / "made").rename(go)
    lines = [line for node in nodes for line in node.communicate(timeout=120)[0].splitlines()]
    fates: dict[str, list[str]] = {}
    for line in lines:
        name, fate = line.split()
        fates.setdefault(name, []).append(fate)
    return Counter(f"{name.split('-')[0]}: {' '.join(sorted(each))}" for name, each in fates.items())


@pytest.mark.parametrize(
    "questions", [pytest.param(60, id="60"), pytest.param(2_000, id="2000", marks=pytest.mark.long)]
)
def test_of_two_nodes_one_writes_each_answer_and_the_other_is_told_why_not(
    strict_url: str, tmp_path: Path, questions: int
) -> None:
    fates = race_two_nodes(strict_url, tmp_path / "go", questions)
    engine = open_engine(strict_url)
    with engine.connect() as connection:
        answers = connection.exec_driver_sql("SELECT count(*) FROM answers").scalar_one()
        asked = connection.exec_driver_sql("SELECT count(*) FROM consultations").scalar_one()
    engine.dispose()
    assert fates == {"question: TicketTaken written": questions, "answer: FenceLost written": questions}
    assert (answers, asked) == (questions, 2 * questions)
