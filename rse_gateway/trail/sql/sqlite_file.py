"""Make SQLite's files: the one place where a database file is opened by anything but SQLite.

Closing any descriptor of a database file drops every lock that the process holds on it (SQLite, "How To
Corrupt An SQLite Database File", 2.2). The next process that ends then believes itself the last and deletes
the WAL under the others, and what these acknowledge from then on is lost. So a file is made before the first
connection to it, and is never opened beside SQLite again.
"""

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

_making = Lock()


def make_private_file(file: str | Path) -> None:
    """Create a missing database file that its owner alone can read; never open one that is there.

    Its WAL and index take over that mode. Call it before every connection: threads that do so make the file
    one after the other, so none connects while another still has its descriptor. What is wrong with a path is
    told by SQLite.
    """
    with _making, suppress(OSError):  # FileExistsError in nearly every call: then there is nothing to close
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
