"""CPU bounds for any machine: what a calm one would take, by a fixed piece of work measured beside each try.

A bound in seconds says nothing on a machine that is slower, or whose other core fights for the same cache.
"""

import gc
import time
from collections.abc import Callable

from lxml import etree

CALM_SECONDS = 0.0007
"""What `_work` takes on the machine, left alone, whose figures the closing notes give."""
TRIES = 12  # a loaded machine may be late several times, but not always
_TEXT = b"<o>" + b"<a>1</a>" * 2_000 + b"</o>"


def least_cpu(act: Callable[[], object], bound: float) -> float:
    """Return the least CPU seconds of ``act`` in a few tries, as a calm machine takes them.

    Ends with the first try below ``bound``. The memory of earlier tests is kept out of garbage collection.
    """
    gc.collect()
    gc.freeze()
    try:
        least = float("inf")
        for _ in range(TRIES):
            least = min(least, _cpu(act) / max(1.0, min(_cpu(_work) for _ in range(5)) / CALM_SECONDS))
            if least < bound:
                break
        return least
    finally:
        gc.unfreeze()


def _cpu(act: Callable[[], object]) -> float:
    started = time.thread_time()
    act()
    return time.thread_time() - started


def _work() -> None:
    seen: dict[str, int] = {}
    for node in etree.fromstring(_TEXT).iter():
        seen[node.tag] = seen.get(node.tag, 0) + len(node.text or "")
