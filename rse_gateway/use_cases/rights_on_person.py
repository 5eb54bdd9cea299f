"""Has this institution a right on this person today? Found out from its own lines and nobody else's.

Who else holds the person is read only by who has the right: a caller without one learns nothing, not even by
the time that it takes. Rules: security page, "Oracle"; domain page §5.
"""

from collections.abc import Collection
from datetime import date

from rse_gateway.domain.directory import DirectoryLine, active_line
from rse_gateway.domain.identifiers import CbeNumber, Niss
from rse_gateway.ports import Directory

MOST_LINES = 500
"""Own lines on one person that are looked at."""


def right_on(
    directory: Directory,
    own_numbers: frozenset[CbeNumber],
    niss: Niss,
    today: date,
    *,
    codes: Collection[int],
) -> DirectoryLine | None:
    """Return a line, under any number of the person, that gives these institutions their right, or None.

    ``codes`` is the setting ``integration_codes``.

    Raises:
        GatewayUnavailable: the directory cannot be read.
    """
    own = directory.own_lines(own_numbers, niss, offset=0, limit=MOST_LINES)
    return active_line((one.line for one in own), own_numbers, today, codes=codes)
