"""Many institutions and users at once: everybody gets the answer to the own question, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from invented_world import ALSO_ASKING, ALSO_KNOWN, ASKING, KNOWN, InventedPerson, InventedWorld
from reading_trails import gateway_trail
from running_world import Gateway, utc_now
from signed_messages import new_ticket

from rse_cpas_stub.log import open_log

CLIENTS = [(ASKING, person) for person in KNOWN[:4]] + [(ALSO_ASKING, person) for person in ALSO_KNOWN]


@pytest.mark.parametrize("each", [10, pytest.param(100, marks=pytest.mark.long)])
def test_eight_clients_at_once_get_each_its_own_answers(gateway: Gateway, each: int) -> None:
    def work(client: tuple[str, InventedPerson]) -> list[str]:
        number, person = client
        tickets = [new_ticket("many") for _ in range(each)]
        for ticket in tickets:
            outcome = gateway.ask(person, ticket, number=number)
            assert (outcome.ticket, outcome.status.value) == (ticket, "DATA_FOUND")
            (result,) = outcome.results
            assert result.report is not None
            assert result.report.findtext("beneficiary/ssin") == person.ssin
            assert result.report.findtext("beneficiary/lastName") == person.last_name
        return tickets

    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        tickets = [ticket for done in pool.map(work, CLIENTS) for ticket in done]
    assert len(set(tickets)) == each * len(CLIENTS)
    trail = gateway_trail(gateway)
    complete = ["REQUEST_RECEIVED", "FORWARDED", "SUPPLIER_ANSWERED", "ANSWER_SENT"]
    assert all(trail.kinds(ticket) == complete for ticket in tickets)


def test_programs_that_open_a_new_log_at_once_share_one_search_key(
    world: InventedWorld, tmp_path: Path
) -> None:
    together = Barrier(12)

    def open_it(path: Path) -> None:
        together.wait(30)
        open_log(
            path,
            cbe_number=ASKING,
            environment="test",
            auditor_key=world.keys / "test-auditor.cert.pem",
            clock=utc_now,
        )

    with ThreadPoolExecutor(12) as pool:
        for number in range(10):
            path = tmp_path / f"log-{number}.sqlite"
            for opened in [pool.submit(open_it, path) for _ in range(12)]:
                opened.result()
            assert len(path.with_name(path.name + ".search-key").read_text()) == 64
