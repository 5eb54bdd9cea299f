"""What Linux knows about the processes that have a SQLite database open: their locks and deleted files.

Other systems do not tell; there nothing is found, and what is stopped and started again must show it alone.
"""

import re
import sys
from pathlib import Path

_LOCK = re.compile(r"POSIX\s+ADVISORY\s+\w+\s+([0-9]+)\s+\w+:\w+:([0-9]+)\s")


def _held(pid: int) -> set[int]:
    """Return the inodes that the process has a POSIX lock on."""
    found = _LOCK.findall(Path("/proc/locks").read_text("ascii"))
    return {int(inode) for owner, inode in found if int(owner) == pid}


def _open_files(pid: int) -> list[str]:
    opened: list[str] = []
    if sys.platform != "linux":
        return opened
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            opened.append(str(descriptor.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return opened


def databases_without_lock(pid: int, file: Path) -> list[str]:
    """Return which of the database and its index the process has open and holds no lock on."""
    opened = set(_open_files(pid))
    looked_at = [one for ending in ("", "-shm") if str(one := Path(f"{file.resolve()}{ending}")) in opened]
    return [str(one) for one in looked_at if one.stat().st_ino not in _held(pid)]


def deleted_files(pid: int, file: Path) -> list[str]:
    """Return the deleted database files that the process still has open."""
    return [name for name in _open_files(pid) if name.startswith(str(file.resolve())) and "(deleted)" in name]


def has_open(pid: int, file: Path) -> bool:
    """Tell whether the process has the database open."""
    return str(file.resolve()) in _open_files(pid)
