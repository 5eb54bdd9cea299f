"""A holding CPAS that fails again and again for one reason is reachable, and wrong: somebody must hear of it.

Five attempts in a row without an answer, for one reason other than that no connection came about (it signs
nothing, its clock is wrong, it answers with faults), raise an alarm: a line at ERROR in the operator's log.
Counted per process and not kept over a restart: after it five more are needed. Rules: contract page,
"An answer or delivery of a holding CPAS".
"""

import logging
from threading import Lock

from rse_gateway.domain.identifiers import CbeNumber
from rse_gateway.errors import Unheard

ALARM_AFTER = 5
_log = logging.getLogger("rse_gateway.alarms")


class RepeatedFailures:
    """Counts, per holding CPAS, attempts in a row that failed for the same reason; safe between threads."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._lock = Lock()
        self._counts: dict[CbeNumber, tuple[str, int]] = {}

    def heard(self, holding_cpas: CbeNumber) -> None:
        """Note that the holder answered, usably or not: counting starts again."""
        with self._lock:
            self._counts.pop(holding_cpas, None)

    def unheard(self, holding_cpas: CbeNumber, why: str) -> None:
        """Note that nothing came that counts as its answer, and why; the fifth in a row is an alarm."""
        with self._lock:
            before, count = self._counts.get(holding_cpas, ("", 0))
            count = count + 1 if before == why else 1
            self._counts[holding_cpas] = (why, count)
        if count == ALARM_AFTER and why != Unheard.CONNECTION:
            _log.error(
                "alarm: %s is reachable, and %d attempts in a row brought no answer of it: %s",
                holding_cpas, count, why,
            )  # fmt: skip
