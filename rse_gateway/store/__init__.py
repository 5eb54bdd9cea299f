"""The database: SQLite or PostgreSQL through SQLAlchemy; outside it only the log knows SQL."""
