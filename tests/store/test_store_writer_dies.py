"""A process whose writer thread died could acknowledge nothing any more: it ends, and another is started."""

import subprocess
import sys
from pathlib import Path

from rse_gateway.store.writer import EXIT_WRITER_DIED

_DIES = """
import sys
from rse_gateway.adapters.encryption import DataKeys
from rse_gateway.ports import UnitOfWork
from rse_gateway.store import writer
from rse_gateway.store.engine import open_engine

def defect(*_):
    raise AssertionError("a defect")

writer.write_batch = defect
written = writer.GroupWriter(open_engine(sys.argv[1]), DataKeys(bytes(32)))
written.commit(UnitOfWork())
print("lives on")
"""


def test_a_process_whose_writer_thread_died_has_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite'}"
    ended = subprocess.run(
        [sys.executable, "-c", _DIES, url], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (EXIT_WRITER_DIED, "")
    assert "the writer thread died" in ended.stderr
