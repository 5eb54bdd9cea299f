"""The words of a signature's explanation, from the data file `signature_words.json`: key → text by language.

A cause says what most likely happened and what to do. Nothing of a message's content ever stands in a text;
what fills it are names of elements, ids, times, algorithms and institutions.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from rse_gateway.errors import SetupError

_FILE: Final = Path(__file__).with_name("signature_words.json")
Words = dict[str, dict[str, str]]


@cache
def load_words() -> dict[str, Words]:
    """Return the groups ``causes``, ``labels`` and ``details``.

    Raises:
        SetupError: the data file is missing or no JSON.
    """
    try:
        read: dict[str, Words] = json.loads(_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError("the words of signatures cannot be read: install the package again") from error
    return read
