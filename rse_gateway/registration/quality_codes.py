"""What quality codes of directory lines mean: data, because the list is the BCSS's and grows without us.

A code that is not in the data is imported like any other; an import's report counts it. Source: domain page
§5. Nothing decides by these words: which codes count is two settings.
"""

import json
from functools import lru_cache
from pathlib import Path


@lru_cache(1)
def quality_code_meanings() -> dict[int, dict[str, str]]:
    """Return the known codes with their meaning in ``fr``, ``nl`` and ``en``."""
    file = Path(__file__).with_name("quality_codes.json")
    known = json.loads(file.read_text(encoding="utf-8"))
    return {int(code): words for code, words in known.items()}
