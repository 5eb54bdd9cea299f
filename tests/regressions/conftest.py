"""Both databases for the regressions that need one, and a running gateway for those that need no less."""

from collections.abc import Iterator

import pytest
from running_world import Gateway

from regressions.silent_town import WordlessHolder, running_town
from tests.databases import database_url, empty_database_url, postgresql_server

__all__ = ["database_url", "empty_database_url", "postgresql_server"]


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, WordlessHolder]]:
    """One gateway for all of them: each asks about persons of its own."""
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running
