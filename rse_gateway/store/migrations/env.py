"""Run by Alembic: applies the revisions on the connection (and in the transaction) that `upgrade` gave."""

from alembic import context

from rse_gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=False,
)
context.run_migrations()
