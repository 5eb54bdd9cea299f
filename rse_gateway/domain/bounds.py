"""One bound per kind of value: what is stored must be sayable in every message that shows it.

The XSD states the same bounds (`common-v1.xsd`; a test compares them); readers of files, the store and the
use cases ask here. Source: contract page, "Everything an import accepts must be sayable".
"""

from datetime import date

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2099, 12, 31)
OPEN_END = date(9999, 12, 31)
"""How Excel, SQL Server and .NET write "no end": read as an open end, never stored."""
MAX_QUALITY_CODE = 999
MAX_NAME = 128
MAX_TELEPHONE = 30


def is_sayable(day: date) -> bool:
    """Tell whether a message can show that day."""
    return FIRST_DAY <= day <= LAST_DAY
