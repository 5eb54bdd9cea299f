"""The consultation log in SQL: its tables, the log behind an engine, the file of SQLite.

Imports of ``rse_gateway`` the trail alone; needs SQLAlchemy, which the trail itself does not.
"""

from rse_gateway.trail.sql.log import ConsultationLog, IndexFault, Search, sqlite_log_engine
from rse_gateway.trail.sql.tables import TrailTables, month_key_rows, rows_for, rows_for_all, trail_tables

__all__ = [
    "ConsultationLog",
    "IndexFault",
    "Search",
    "TrailTables",
    "month_key_rows",
    "rows_for",
    "rows_for_all",
    "sqlite_log_engine",
    "trail_tables",
]
