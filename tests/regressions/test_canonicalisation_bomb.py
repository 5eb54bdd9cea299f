"""A captured message cannot be blown up: 255 kB became 435 MiB of canonical bytes before any digest.

Every refusal is cheap: CPU time of the thread, and peak memory of a process that does nothing else.
"""

import resource
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from security.conftest import BOUNDS
from security.forge import TRAIL_HEADER, Forgery
from security.pki import CPAS, NOW, make_test_keys, registry_of

from regressions.bombs import OPERATION_END, bombs, prefixes
from regressions.cpu_of_calm import least_cpu
from rse_gateway.contract.parsing import Bounds
from rse_gateway.errors import MessageRefused
from rse_gateway.security.gate import Gate
from rse_gateway.security.trust import TrustAnchor, TrustPolicy

DELIVERY = Bounds(max_bytes=1024 * 1024, max_elements=25_000)
MAX_CPU_SECONDS = 0.05
MAX_MEMORY_MB = 20
IN_MAKE_TEST = 36
ALL = 200


@pytest.fixture(scope="module")
def pki():
    return make_test_keys.make_pki(institutions=(CPAS,))


@pytest.fixture(scope="module")
def gate(pki):
    return Gate(TrustPolicy([TrustAnchor(pki.ca.certificate, "ou")], registry_of(pki)))


@pytest.fixture(scope="module")
def genuine(pki):
    return Forgery(issued=pki.issued[f"cpas-{CPAS}"], trail=TRAIL_HEADER).raw()


def refusal_of(gate: Gate, raw: bytes, bounds: Bounds) -> tuple[str, float]:
    """Return the step that refuses ``raw`` and the least CPU time that it took in a few tries."""
    steps = []

    def refuse() -> None:
        try:
            gate.open(raw, bounds=bounds, now=NOW)
        except MessageRefused as refusal:
            steps.append(refusal.step)

    least = least_cpu(refuse, MAX_CPU_SECONDS)
    return steps[-1], least


def the_bomb(genuine: bytes, size: int) -> bytes:
    """Return the one that was found: one long declaration, written again by every element."""
    opening = b'<o xmlns:q="urn:%s">' % (b"x" * (size - len(genuine) - 1_500 * 6 - 60))
    return genuine.replace(OPERATION_END, opening + b"<q:a/>" * 1_500 + b"</o>" + OPERATION_END, 1)


def test_many_declarations_are_as_little_canonicalised_as_a_long_one(gate, genuine):
    """The same with namespaces of a usual length: sixteen attributes of every element write one each."""
    opening = b"<o" + prefixes(16, 900) + b">"
    unit = b"<a" + b"".join(b' p%d:a=""' % n for n in range(16)) + b"/>"
    raw = genuine.replace(OPERATION_END, opening + unit * 100 + b"</o>" + OPERATION_END, 1)
    step, seconds = refusal_of(gate, raw, BOUNDS)
    assert step == "G3"
    assert seconds < MAX_CPU_SECONDS


def test_the_bomb_that_was_found_is_refused_before_anything_is_canonicalised(gate, genuine):
    raw = the_bomb(genuine, 255 * 1024)
    assert len(raw) < BOUNDS.max_bytes
    step, seconds = refusal_of(gate, raw, BOUNDS)
    assert step == "G3"
    assert seconds < MAX_CPU_SECONDS


def check_bombs(gate, genuine, number):
    costs = []
    for kind, raw in bombs(genuine, number):
        step, seconds = refusal_of(gate, raw, DELIVERY)
        costs.append((round(seconds * 1000, 1), step, kind, len(raw)))
    print(f"\nthe dearest of {number} bombs (ms, step, kind, bytes): {sorted(costs)[-3:]}")
    assert max(costs)[0] < MAX_CPU_SECONDS * 1000


def test_bombs_of_every_kind_cost_less_than_50_ms(gate, genuine):
    check_bombs(gate, genuine, IN_MAKE_TEST)


@pytest.mark.long
def test_two_hundred_bombs_cost_less_than_50_ms_each(gate, genuine):
    check_bombs(gate, genuine, ALL)


def kilobytes(name: str) -> int:
    """Return a figure of this process; where there is no /proc its peak, which then sees a new peak alone."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text().partition(f"{name}:")[2].split()[0])


def measure(gate: Gate, raws: list[bytes], told: Connection) -> None:
    """Tell by how many MB the highest memory of this process exceeds what it had at its start."""
    before = kilobytes("VmRSS")
    for raw in raws:
        with pytest.raises(MessageRefused):
            gate.open(raw, bounds=DELIVERY, now=NOW)
    told.send((kilobytes("VmHWM") - before) / 1024)


def test_no_bomb_makes_the_process_20_mb_larger(gate, genuine):
    raws = [raw for _, raw in bombs(genuine, IN_MAKE_TEST)] + [the_bomb(genuine, 255 * 1024)]
    with pytest.raises(MessageRefused):  # what is imported and cached once is no part of a message
        gate.open(genuine[:500], bounds=DELIVERY, now=NOW)
    told, tells = get_context("fork").Pipe(duplex=False)
    child = get_context("fork").Process(target=measure, args=(gate, raws, tells))
    child.start()
    child.join()
    assert child.exitcode == 0
    grown = told.recv()
    print(f"\npeak memory over {len(raws)} bombs: + {grown:.1f} MB")
    assert grown < MAX_MEMORY_MB
