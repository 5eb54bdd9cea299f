"""How the suite is shared between workers: what shares costly fixtures stays together.

A worker that switches between databases stops one gateway and starts another, so all acceptance tests of one
database are one group; elsewhere the tests of one file are, since fixtures of a module are made once.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.databases import DATABASES
from tests.sqlite_watch import watch_databases

watch_databases()


class ByCostlyFixtures(LoadScopeScheduling):
    """Gives a whole group of tests to one worker, the groups with most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if file.startswith("tests/acceptance/"):
            return next((f"acceptance on {kind}" for kind in DATABASES if kind in test), file)
        return file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Use our groups whatever ``--dist`` says."""
    return ByCostlyFixtures(config, log)
