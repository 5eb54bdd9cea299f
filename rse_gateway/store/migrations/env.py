"""Run by Alembic: applies the revisions on the connection (and in the transaction) that `upgrade` gave.

``render_as_batch``: what autogenerate drafts works on SQLite too, which changes a table by rebuilding it.
"""

from alembic import context

from rse_gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
