"""What kind of thing stood in a cell that cannot be imported, and what its habit is: never the value itself.

People's files come from spreadsheets and databases; the words name the habit and what to write instead.
"""

import re

_DOTTED_DAY = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEPARATORS = re.compile(r"[ ./\-]")


def number_found(cell: str, digits: int) -> str:
    """Say what stood where a number of so many digits, check digits among them, was expected."""
    if common := _odd(cell):
        return common
    bare = _SEPARATORS.sub("", cell)
    if bare.isdigit() and bare != cell:
        return "points, dashes or spaces between the digits: write the digits alone"
    if not cell.isdigit():
        return "letters or other signs among the digits"
    if len(cell) == digits - 1:
        return f"{len(cell)} digits: spreadsheets drop a leading zero; format the column as text"
    if len(cell) != digits:
        return f"{len(cell)} digits"
    return "a number whose check digits are wrong"


def day_found(cell: str) -> str:
    """Say what stood where a day like 2026-11-21 was expected."""
    if common := _odd(cell):
        return common
    if _DOTTED_DAY.fullmatch(cell):
        return "a date written day, month, year: write year-month-day"
    if _MOMENT.fullmatch(cell):
        return "a date with a time: write the date alone"
    if _DAY.fullmatch(cell):
        return "a date that is in no calendar"
    if cell.isdigit():
        return "a bare number (a spreadsheet's day count?): format the column as text"
    return "a date written in another way, or no date"


def code_found(cell: str) -> str:
    """Say what stood where a code of 1 to 3 digits was expected."""
    if common := _odd(cell):
        return common
    if cell.isdigit():
        return f"{len(cell)} digits"
    return "letters or other signs"


def cells_found(text: str, count: int) -> str:
    """Say what stood where a number of values separated by commas was expected."""
    if count == 1 and text.count(";") > 1:
        return "semicolons between the values: save as CSV with commas"
    if count == 1 and "\t" in text:
        return "tabs between the values: save as CSV with commas"
    return f"{count} value(s)"


def _odd(cell: str) -> str:
    if not cell:
        return "nothing"
    if cell != cell.strip():
        return "spaces before or after the value"
    if any(one.isdigit() and not one.isascii() for one in cell):
        return "digits other than 0 to 9"
    return ""
