"""No number, name or amount of a person stands in what the gateway says or stores, at any log level."""

from collections.abc import Iterable, Iterator

from invented_world import AT_FAILING, EVERYBODY, KNOWN, WITHOUT_RIGHT, InventedPerson
from lxml import etree
from running_world import Gateway, contains
from signed_messages import fault_in, new_ticket, post, question, signed
from sqlalchemy import MetaData, select

from rse_gateway.store.engine import open_engine
from tests.databases import sqlite_bytes

SECRETS = [secret for person in EVERYBODY for secret in person.secrets]
MISPRINTED = "70021599912"
"""A number with wrong check digits, which reaches a refusal."""
MISPLACED = "Wolkenbreuker-zz"
"""A name where the contract has no place for one."""


def _provoke_everything(gateway: Gateway, persons: Iterable[InventedPerson]) -> None:
    """Ask in every way that brings persons through the gateway."""
    world = gateway.world
    for person in persons:
        gateway.ask(person, new_ticket("secret"), window=1)
    misprinted = signed(world, question(world, MISPRINTED, ticket=new_ticket("secret")))
    assert post(gateway, misprinted).status == 200
    assert fault_in(world, post(gateway, misprinted)).codes == ("RSE00002",)
    assert fault_in(world, post(gateway, misprinted.replace(b"70021599912", b"70021599913"))).codes == (
        "RSE00001",
    )
    invalid = question(world, KNOWN[0].ssin, ticket=new_ticket("secret"))
    etree.SubElement(invalid.find("criteria"), "lastName").text = MISPLACED
    invalid.find("informationCustomer/userRole").text = MISPLACED
    fault_in(world, post(gateway, signed(world, invalid)))
    junk = f"<{MISPLACED}>{KNOWN[0].ssin}</{MISPLACED}>".encode()
    fault_in(world, post(gateway, junk))
    fault_in(world, post(gateway, junk[:-3], headers={"Content-Type": f"text/{KNOWN[0].ssin}"}))
    fault_in(world, post(gateway, b"", method="GET", service=KNOWN[0].ssin))


def _stored(gateway: Gateway) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the gateway's folder, or every value of its PostgreSQL database, with its place."""
    for file in sorted(gateway.folder.rglob("*")):
        if file.suffix == ".sqlite":
            yield file.name, sqlite_bytes(file)
        elif file.is_file() and "keys" not in file.parts and not file.name.endswith(("-wal", "-shm")):
            yield file.name, file.read_bytes()
    if gateway.database.startswith("sqlite"):
        return
    engine, tables = open_engine(gateway.database), MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    content = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{table.name}.{column}", content
    engine.dispose()


def _found(gateway: Gateway) -> dict[str, list[str]]:
    secrets = [*SECRETS, MISPRINTED, MISPLACED]
    found = ((place, contains(content, secrets)) for place, content in _stored(gateway))
    return {place: secrets for place, secrets in found if secrets}


def test_the_most_talkative_gateway_says_and_stores_nothing_about_persons(own_gateway: Gateway) -> None:
    _provoke_everything(own_gateway, (KNOWN[0], WITHOUT_RIGHT, *AT_FAILING.values()))
    talk = own_gateway.talk()
    assert " DEBUG " in talk
    assert "rse_gateway.security_log" in talk
    assert contains(talk.encode(), [*SECRETS, MISPRINTED, MISPLACED]) == []
    assert _found(own_gateway) == {}


def test_the_search_itself_finds_what_stands_in_a_database(own_gateway: Gateway) -> None:
    ticket = new_ticket("visible")
    own_gateway.ask(KNOWN[0], ticket)
    assert any(contains(content, [ticket]) for _place, content in _stored(own_gateway))


def test_a_gateway_at_the_usual_log_level_says_and_stores_nothing_about_persons(gateway: Gateway) -> None:
    _provoke_everything(gateway, (KNOWN[1], AT_FAILING["wrong-person"]))
    assert " DEBUG " not in gateway.talk()
    assert contains(gateway.talk().encode(), [*SECRETS, MISPRINTED, MISPLACED]) == []
    assert _found(gateway) == {}
