"""Both databases for the regressions that need one."""

from tests.databases import database_url, empty_database_url, postgresql_server

__all__ = ["database_url", "empty_database_url", "postgresql_server"]
