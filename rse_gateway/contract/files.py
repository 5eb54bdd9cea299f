"""Where the contract's files are: `xsd/` and `wsdl/`, the one source of truth.

In a source tree they stand at its root; an installed wheel carries the same files as package data beside
this module. Nothing is ever fetched.
"""

from functools import cache
from pathlib import Path
from typing import Final

from rse_gateway.errors import SetupError

_HERE: Final = Path(__file__).resolve().parent
_FOLDERS: Final = ("xsd", "wsdl")
_PLACES: Final = (_HERE / "files", _HERE.parents[1])


@cache
def contract_root() -> Path:
    """Return the folder that holds `xsd/` and `wsdl/`.

    Raises:
        SetupError: the installation has no contract files.
    """
    for place in _PLACES:
        if (place / "xsd" / "common" / "common-v1.xsd").is_file():
            return place
    raise SetupError("the contract files (xsd/, wsdl/) are missing: install the package again")


def contract_path(name: str) -> Path:
    """Return the path of a contract file, for example ``xsd/common/common-v1.xsd``.

    Raises:
        SetupError: no such file in the contract.
    """
    root = contract_root()
    path = (root / name).resolve()
    inside = any(path.is_relative_to(root / folder) for folder in _FOLDERS)
    if not inside or not path.is_file():
        raise SetupError(f"the contract has no file {name}")
    return path
