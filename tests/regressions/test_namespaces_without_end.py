"""17,500 different namespaces in an answer of 470 kB took 96 ms of CPU before its digest was compared."""

import pytest

from regressions.cpu_of_calm import least_cpu
from rse_gateway.contract.parsing import Bounds, parse_unverified
from rse_gateway.errors import EdgeRefused

BOUNDS = Bounds(max_bytes=1024 * 1024, max_elements=25_000)
LISTED = (
    b'<i:InclusiveNamespaces xmlns:i="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="p0 p1 p2 p3"/>'
)
MAX_CPU_SECONDS = 0.05


def message(units: bytes, *, listed: bytes = b"") -> bytes:
    return b"<e><h>" + listed + b"</h><b><o>" + units + b"</o></b></e>"


@pytest.mark.parametrize("listed", [b"", LISTED])
@pytest.mark.parametrize(
    "unit", [b'<o xmlns:p%d="u:%d"/>', b'<p%d:o xmlns:p%d="u:%d"/>', b'<o xmlns:p%d%d="u:0"/>']
)
def test_namespaces_without_end_are_refused_in_time(unit, listed):
    """Different declarations are bounded, used or not, listed or not, and telling stays cheap."""
    units = [unit % ((number % 64,) * (unit.count(b"%d") - 1) + (number,)) for number in range(17_000)]
    raw = message(b"".join(units), listed=listed)
    steps = []

    def refuse() -> None:
        try:
            parse_unverified(raw, BOUNDS)
        except EdgeRefused as refusal:
            steps.append(refusal.step)

    assert least_cpu(refuse, MAX_CPU_SECONDS) < MAX_CPU_SECONDS
    assert set(steps) == {"G3"}


@pytest.mark.parametrize("listed", [b"", LISTED])
def test_2048_different_declarations_pass(listed):
    """What toolkits declare anew on every element, and names of a few hundred packages, pass."""
    units = b"".join(b'<o xmlns:p%d="u:%d"/>' % (number % 64, number) for number in range(2_047))
    parse_unverified(message(units + b'<p0:o xmlns:p0="u:0"/>' * 8_000, listed=listed), BOUNDS)
